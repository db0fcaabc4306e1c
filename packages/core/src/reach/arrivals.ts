import type { Evidence, Socket } from '../evidence/index.ts'
import { countAddresses, difference, isSubset, type SourceSet, sourceAddresses, unionSources } from '../network/index.ts'
import type { Blocked, Endpoint, EndpointReach, Part, Way } from './reach.ts'

/** One way as the computation finds it: those that differ only in the rules on the way come one by one. */
export interface Arrival extends Omit<Way, 'entire'> {
  /** All that the sender sends in at this interface. */
  readonly sent: SourceSet
}

/** By sender and place: all that differ in their path alone. */
type Gathered<T> = Map<string, [T, ...T[]]>

interface Result {
  readonly endpoint: Endpoint
  readonly ways: Gathered<Arrival>
  readonly blocked: Gathered<Blocked>
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
    gather(ways, `${sender} ${certainty} ${upstream ?? ''} ${placeOf(arrival)}`, arrival)
  }

  block(socket: Evidence<Socket>, item: Blocked): void {
    const blocked = this.#bySocket.get(socket)?.blocked
    if (blocked === undefined) return
    const { sender, rejected } = item
    gather(blocked, `${sender} ${rejected} ${placeOf(item)}`, item)
  }

  results(): readonly EndpointReach[] {
    return this.#results.map(({ endpoint, ways, blocked }) => ({
      endpoint,
      ways: told(Array.from(ways.values(), together)).map(wayOf),
      blocked: Array.from(blocked.values(), together),
    }))
  }
}

/** So many paths of one way are told apart. */
const MOST_PARTS = 64

/** So many are kept one by one; what comes after them is put together at once. */
const MOST_KEPT = 1024

function gather<T extends Arrival | Blocked>(found: Gathered<T>, place: string, item: T): void {
  const known = found.get(place)
  const last = known?.at(-1)
  if (known === undefined || last === undefined) found.set(place, [item])
  else if (known.length < MOST_KEPT) known.push(item)
  else known[known.length - 1] = { ...last, sources: unionSources(last.sources, item.sources) }
}

/** What differs in its path alone. */
function together<T extends Arrival | Blocked>(items: readonly [T, ...T[]]): T {
  if (items.length === 1) return items[0]
  const { sources, largest } = sumOf(items.map((item) => item.sources))
  return { ...(items[largest] as T), sources, parts: items.slice(0, MOST_PARTS).map(partOf) }
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
  const entire = sent === sources || isSubset(sourceAddresses(sent), sourceAddresses(sources))
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
          isSubset(sourceAddresses(way.sources), sourceAddresses(other.sources)),
      ),
  )
}

interface Sum {
  readonly parts: readonly SourceSet[]
  readonly sources: SourceSet
  /** Which of the parts was, when it came, larger than all before it together; the last that was. */
  readonly largest: number
}

const sums = new WeakMap<SourceSet, Sum[]>()

/** The ports that rules do not tell apart have the very same parts, which are put together once. */
function sumOf(parts: readonly SourceSet[]): Sum {
  const first = parts[0] as SourceSet
  // Ports that are told apart mostly differ in their last part: the one for all that is not told one by one.
  const last = parts.at(-1) as SourceSet
  const known = sums.get(last) ?? []
  sums.set(last, known)
  const found = known.find((sum) => sum.parts.length === parts.length && sum.parts.every((part, index) => part === parts[index]))
  if (found !== undefined) return found
  let sources = first
  let largest = 0
  let size = sizeOf(first)
  for (const [index, part] of parts.entries()) {
    if (sizeOf(part) > size) largest = index
    size += furtherIn(part, sources)
    sources = unionSources(sources, part)
  }
  const sum = { parts, sources, largest }
  known.push(sum)
  return sum
}

/** How many addresses a part brings: to count again all that there were before it would be quadratic. */
function furtherIn(part: SourceSet, before: SourceSet): bigint {
  const addresses = sourceAddresses(part)
  const further = difference(addresses, sourceAddresses(before))
  return further === addresses ? sizeOf(part) : countAddresses(further)
}

const sizes = new WeakMap<SourceSet, bigint>()

function sizeOf(set: SourceSet): bigint {
  const size = sizes.get(set) ?? countAddresses(sourceAddresses(set))
  sizes.set(set, size)
  return size
}
