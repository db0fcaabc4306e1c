import { field, items, type Json, textField } from '../json.ts'

/** The queueing disciplines that ask filters of what comes in, before the packet filter is asked (tc(8)). */
const ASKS_INCOMING: ReadonlySet<string> = new Set(['clsact', 'ingress'])

/** The devices where filters may be asked of what comes in, out of what `tc -j qdisc show` prints. */
export function filteredDevices(qdiscs: Json | undefined): readonly string[] {
  const named = items(qdiscs).flatMap((item) => (ASKS_INCOMING.has(textField(item, 'kind') ?? '') ? (textField(item, 'dev') ?? []) : []))
  return [...new Set(named)]
}

/** Whether `tc -j filter show dev DEVICE ingress` names a filter at all: what it does with packets is not followed. */
export function hasFilters(filters: Json | undefined): boolean {
  return items(filters).some((item) => field(item, 'protocol') !== undefined || field(item, 'kind') !== undefined)
}
