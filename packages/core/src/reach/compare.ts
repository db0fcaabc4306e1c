import type { Family } from '../network/index.ts'
import { intersectSources, isEmpty, NO_SOURCES, type SourceSet, subtractSources, unionSources } from '../network/index.ts'
import type { Protocol } from '../evidence/index.ts'
import type { Endpoint, EndpointReach, Sender, Way } from './reach.ts'

export type Verdict = 'closed' | 'maybe' | 'open'

/** Packets of one sender and family, to one address and port by one interface, that do not fare as they did. */
export interface Difference {
  readonly was: Verdict
  readonly is: Verdict
  readonly sender: Sender
  readonly family: Family
  readonly protocol: Protocol
  readonly sources: SourceSet
  /** How they arrive, now or (`is` closed) before. */
  readonly way: Way
  /** Who takes them, now or before. */
  readonly endpoint: Endpoint
}

/** All that is sent to one address and port by one interface, by one sender, and arrives or may. */
interface Received {
  open: SourceSet
  maybe: SourceSet
  readonly ways: { readonly way: Way; readonly endpoint: Endpoint }[]
}

/**
 * Which packets arrive in one reach and not in the other: of two looks at one machine, by what its packets are addressed to and come in by.
 * That another socket takes them, or another rule lets them in, is no difference.
 * By port: the order of sockets is that of the kernel's hash, another each time.
 */
export function compareReach(before: readonly EndpointReach[], after: readonly EndpointReach[]): readonly Difference[] {
  const old = received(before)
  const now = received(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .flatMap((key) => differences(old.get(key) ?? NOTHING, now.get(key) ?? NOTHING))
    .toSorted((a, b) => a.endpoint.port - b.endpoint.port || (a.protocol < b.protocol ? -1 : Number(a.protocol > b.protocol)))
}

const NOTHING: Received = { open: NO_SOURCES, maybe: NO_SOURCES, ways: [] }

function received(reach: readonly EndpointReach[]): ReadonlyMap<string, Received> {
  const found = new Map<string, Received>()
  for (const { endpoint, ways } of reach)
    for (const way of ways) {
      const { at, entry, sender, family, certainty, sources } = way
      const key = [endpoint.protocol, family, at.address.value, at.port, entry.device, sender].join(' ')
      const item = found.get(key) ?? { open: NO_SOURCES, maybe: NO_SOURCES, ways: [] }
      found.set(key, item)
      item[certainty] = unionSources(item[certainty], sources)
      item.ways.push({ way, endpoint })
    }
  for (const item of found.values()) item.maybe = subtractSources(item.maybe, item.open)
  return found
}

function differences(old: Received, now: Received): readonly Difference[] {
  const change = (was: Verdict, is: Verdict, sources: SourceSet): readonly Difference[] => {
    if (isEmpty(sources)) return []
    const { ways } = is === 'closed' ? old : now
    const taken = ways.find(({ way }) => way.certainty === (is === 'closed' ? was : is) && !isEmpty(intersectSources(way.sources, sources)))
    if (taken === undefined) return []
    const { way, endpoint } = taken
    return [{ was, is, sources, way, endpoint, sender: way.sender, family: way.family, protocol: endpoint.protocol }]
  }
  const closedOf = ({ open, maybe }: Received, sources: SourceSet): SourceSet => subtractSources(subtractSources(sources, open), maybe)
  return [
    ...change('closed', 'open', closedOf(old, now.open)),
    ...change('maybe', 'open', intersectSources(old.maybe, now.open)),
    ...change('closed', 'maybe', closedOf(old, now.maybe)),
    ...change('open', 'maybe', intersectSources(old.open, now.maybe)),
    ...change('open', 'closed', closedOf(now, old.open)),
    ...change('maybe', 'closed', closedOf(now, old.maybe)),
  ]
}
