import type { LogOptions } from '../options.ts'
import type { Refused } from '../refused.ts'
import { LogFile } from './file.ts'
import { lineOf } from './line.ts'

export const DEFAULT_LOG = 'logs/security.log'

/** The security log: one line for each refusal, and one that counts those beyond the limit. */
export class SecurityLog {
  readonly #file: LogFile
  readonly #perSecond: number
  readonly #now: () => Date
  #second = 0
  #written = 0
  #leftOut = 0

  constructor(options: LogOptions, now: () => Date) {
    this.#file = new LogFile({ file: options.file ?? DEFAULT_LOG, maxBytes: options.maxBytes ?? 10_000_000, files: options.files ?? 5 })
    this.#perSecond = options.perSecond ?? 100
    this.#now = now
  }

  add(event: Refused): void {
    const second = Math.floor(this.#now().getTime() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#written = 0
      this.#tellLeftOut()
    }
    if (this.#written < this.#perSecond && this.#file.append(lineOf(event))) this.#written++
    else this.#leftOut++
  }

  async close(): Promise<void> {
    this.#tellLeftOut()
    await this.#file.close()
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    const line = lineOf({ time: this.#now().toISOString(), code: 'left-out', count: this.#leftOut })
    if (this.#file.append(line)) this.#leftOut = 0
  }
}
