import type { Evidence, Socket } from '../evidence/index.ts'
import { countAddresses, difference, isEmpty, type SourceSet, sourceAddresses, unionSources } from '../network/index.ts'
import { oncePerPair } from './pairs.ts'
import type { Blocked, Endpoint, EndpointReach, Part, Way } from './reach.ts'

/** One way as the computation finds it: those that differ only in the rules on the way come one by one. */
export interface Arrival extends Omit<Way, 'entire'> {
  /** All that the sender sends in at this interface. */
  readonly sent: SourceSet
}

interface Result {
  readonly endpoint: Endpoint
  readonly ways: Map<string, Arrival>
  readonly blocked: Map<string, Blocked>
}

/** Gathers what arrives at each endpoint; arrivals of one sender at one address are one way, whose path is that of most of its sources. */
export class Arrivals {
  readonly #results: Result[] = []
  readonly #bySocket = new Map<Evidence<Socket>, Result>()

  expect(endpoint: Endpoint): void {
    const result: Result = { endpoint, ways: new Map(), blocked: new Map() }
    this.#results.push(result)
    for (const socket of endpoint.sockets) this.#bySocket.set(socket, result)
  }

  arrive(socket: Evidence<Socket>, arrival: Arrival): void {
    const ways = this.#bySocket.get(socket)?.ways
    if (ways === undefined) return
    const { sender, certainty, upstream } = arrival
    const place = `${sender} ${certainty} ${upstream ?? ''} ${placeOf(arrival)}`
    const known = ways.get(place)
    ways.set(place, known === undefined ? arrival : together(known, arrival))
  }

  block(socket: Evidence<Socket>, item: Blocked): void {
    const blocked = this.#bySocket.get(socket)?.blocked
    if (blocked === undefined) return
    const { sender, rejected } = item
    const place = `${sender} ${rejected} ${placeOf(item)}`
    const known = blocked.get(place)
    blocked.set(place, known === undefined ? item : together(known, item))
  }

  results(): readonly EndpointReach[] {
    return this.#results.map(({ endpoint, ways, blocked }) => ({
      endpoint,
      ways: told([...ways.values()]).map(wayOf),
      blocked: [...blocked.values()],
    }))
  }
}

/** So many paths of one way are told apart. */
const MOST_PARTS = 64

/** What differs in its path alone. */
function together<T extends Arrival | Blocked>(known: T, more: T): T {
  const parts = known.parts ?? [partOf(known)]
  return {
    ...(larger(known.sources, more.sources) === known.sources ? known : more),
    sources: union(known.sources, more.sources),
    parts: parts.length < MOST_PARTS ? [...parts, partOf(more)] : parts,
  }
}

function partOf(item: Arrival | Blocked): Part {
  return { sources: item.sources, path: item.path, reasons: 'reasons' in item ? item.reasons : [] }
}

const places = new WeakMap<Blocked['at'], string>()

/** By which interface it came, and what it was sent to. An `at` is made for packets of one interface and family. */
function placeOf({ at, entry, family }: Pick<Blocked, 'at' | 'entry' | 'family'>): string {
  const place = places.get(at) ?? `${family} ${at.address.value} ${at.port} ${entry.namespace} ${entry.device}`
  places.set(at, place)
  return place
}

function wayOf(arrival: Arrival): Way {
  const { sent, sources, sender, family, certainty, at, entry, upstream, path, reasons, forGroup, parts } = arrival
  const entire = sent === sources || isEmpty(difference(sourceAddresses(sent), sourceAddresses(sources)))
  return {
    sender,
    family,
    certainty,
    sources,
    at,
    entry,
    ...(upstream === undefined ? {} : { upstream }),
    path,
    reasons,
    ...(forGroup === undefined ? {} : { forGroup }),
    ...(parts === undefined ? {} : { parts }),
    entire,
  }
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

const union = oncePerPair(unionSources)

/** The first where they are equal. */
const larger = oncePerPair((a: SourceSet, b: SourceSet) =>
  countAddresses(sourceAddresses(a)) >= countAddresses(sourceAddresses(b)) ? a : b,
)
