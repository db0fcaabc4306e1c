import { filteredDevices, hasFilters, parseIpJson } from '@sallyport/core/systems'
import type { SeenNamespace } from './namespaces.ts'

/** So many devices of one namespace are asked about; of the rest every one is taken to have filters. */
const MOST_DEVICES = 64

/** The devices where tc asks filters of what comes in. Programs that are attached past it (tcx) it does not know. */
export async function trafficControl({ shell }: SeenNamespace): Promise<ReadonlySet<string>> {
  const queues = await shell.run('tc', ['-j', 'qdisc', 'show'])
  if (queues.kind !== 'ok') return new Set()
  const devices = filteredDevices(parseIpJson(queues.stdout))
  const asked = await Promise.all(
    devices.map(async (device, index) => {
      if (index >= MOST_DEVICES) return device
      const filters = await shell.run('tc', ['-j', 'filter', 'show', 'dev', device, 'ingress'])
      return filters.kind === 'ok' && !hasFilters(parseIpJson(filters.stdout)) ? [] : device
    }),
  )
  return new Set(asked.flat())
}
