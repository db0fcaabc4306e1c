import { countAddresses, difference, isEmpty, type SourceSet, sourceAddresses, unionSources } from '../network/index.ts'
import type { Blocked, Endpoint, EndpointReach, Way } from './reach.ts'
import { endpointKey } from './sockets.ts'

/** One way as the computation finds it: those that differ only in the rules on the way come one by one. */
export interface Arrival extends Omit<Way, 'entire'> {
  /** All that the sender sends in at this interface. */
  readonly sent: SourceSet
}

/** Gathers what arrives at each endpoint; arrivals of one sender at one address are one way, whose path is that of most of its sources. */
export class Arrivals {
  readonly #results = new Map<
    string,
    { readonly endpoint: Endpoint; readonly ways: Map<string, Arrival>; readonly blocked: Map<string, Blocked> }
  >()

  expect(endpoint: Endpoint): void {
    this.#results.set(endpointKey(endpoint), { endpoint, ways: new Map(), blocked: new Map() })
  }

  arrive(key: string, arrival: Arrival): void {
    const ways = this.#results.get(key)?.ways
    if (ways === undefined) return
    const { sender, family, certainty, upstream, at, entry, sources } = arrival
    const place = `${sender} ${family} ${certainty} ${upstream ?? ''} ${at.address.value} ${at.port} ${entry.namespace} ${entry.device}`
    const known = ways.get(place)
    if (known === undefined) ways.set(place, arrival)
    else ways.set(place, { ...(larger(known.sources, sources) ? known : arrival), sources: unionSources(known.sources, sources) })
  }

  block(key: string, item: Blocked): void {
    const blocked = this.#results.get(key)?.blocked
    if (blocked === undefined) return
    const { sender, family, rejected, at, entry, sources } = item
    const place = `${sender} ${family} ${rejected} ${at.address.value} ${at.port} ${entry.namespace} ${entry.device}`
    const known = blocked.get(place)
    if (known === undefined) blocked.set(place, item)
    else blocked.set(place, { ...(larger(known.sources, sources) ? known : item), sources: unionSources(known.sources, sources) })
  }

  results(): readonly EndpointReach[] {
    return [...this.#results.values()].map(({ endpoint, ways, blocked }) => ({
      endpoint,
      ways: told([...ways.values()]).map(wayOf),
      blocked: [...blocked.values()],
    }))
  }
}

function wayOf({ sent, ...way }: Arrival): Way {
  return { ...way, entire: isEmpty(difference(sourceAddresses(sent), sourceAddresses(way.sources))) }
}

/** Without broadcasts and groups by which nobody comes who does not by an address of the machine's own. */
function told(ways: readonly Arrival[]): readonly Arrival[] {
  return ways.filter(
    (way) =>
      way.forGroup === undefined ||
      !ways.some(
        (other) =>
          other.forGroup === undefined &&
          other.sender === way.sender &&
          other.family === way.family &&
          other.entry.device === way.entry.device &&
          (other.certainty === 'open' || way.certainty === 'maybe') &&
          isEmpty(difference(sourceAddresses(way.sources), sourceAddresses(other.sources))),
      ),
  )
}

function larger(a: SourceSet, b: SourceSet): boolean {
  return countAddresses(sourceAddresses(a)) >= countAddresses(sourceAddresses(b))
}
