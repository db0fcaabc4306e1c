import { createBus } from './index.js'

const LOG_CHANNEL = 4000

export const bus = createBus()

export function attachLogger(write = console.log) {
  return bus.listen(LOG_CHANNEL, (entry) => write(`[${entry.level}] ${entry.text}`))
}

export const log = (level, text) => bus.emit(LOG_CHANNEL, { level, text })
