import type { RuleOrigin } from '../../evidence/index.ts'
import { overlaps, type PortSet, type SourceSet, sourcesOverlap } from '../../network/index.ts'
import type { Reason } from './types.ts'

interface Doubt {
  readonly reason: Reason
  readonly sources: SourceSet[]
}

/** Addresses that a doubt is about. */
interface Place {
  readonly first: bigint
  readonly last: bigint
  readonly ports: PortSet
  /** Which of the doubts. */
  readonly doubt: number
}

interface Index {
  readonly doubts: readonly Doubt[]
  /** By their first address. */
  readonly places: readonly Place[]
  /** For each, the last address of all up to it. */
  readonly highest: readonly bigint[]
}

/** Sets of more intervals than this are compared with those of each doubt. */
const MOST_LOOKED_UP = 4

const NO_REASONS: readonly Reason[] = []

/** What could not be decided about whom, each said once for a rule. */
export class Doubts {
  readonly #said = new Map<RuleOrigin | undefined, Map<string, Doubt>>()
  #index: Index | undefined

  add(reason: Reason, sources: SourceSet): void {
    if (sources.length === 0) return
    this.#index = undefined
    const { origin, text } = reason
    const said = this.#said.get(origin) ?? new Map<string, Doubt>()
    this.#said.set(origin, said)
    const known = said.get(text)
    if (known === undefined) said.set(text, { reason, sources: [sources] })
    else known.sources.push(sources)
  }

  /** The reasons that are about any of these, rule by rule in the order in which the rules were met. */
  about(sources: SourceSet): readonly Reason[] {
    if (sources.length === 0 || this.#said.size === 0) return NO_REASONS
    this.#index ??= indexOf(this.#said)
    const { doubts } = this.#index
    if (sources.some(({ addresses }) => addresses.length > MOST_LOOKED_UP))
      return doubts.filter((doubt) => doubt.sources.some((some) => sourcesOverlap(some, sources))).map(({ reason }) => reason)
    const found = [...lookUp(this.#index, sources)].sort((a, b) => a - b)
    return found.map((number) => (doubts[number] as Doubt).reason)
  }
}

function indexOf(said: ReadonlyMap<RuleOrigin | undefined, ReadonlyMap<string, Doubt>>): Index {
  const doubts: Doubt[] = []
  const places: Place[] = []
  for (const ofRule of said.values()) {
    for (const doubt of ofRule.values()) {
      for (const set of doubt.sources)
        for (const { addresses, ports } of set)
          for (const { first, last } of addresses) places.push({ first, last, ports, doubt: doubts.length })
      doubts.push(doubt)
    }
  }
  places.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const highest: bigint[] = []
  for (const { last } of places) {
    const before = highest.at(-1)
    highest.push(before !== undefined && before > last ? before : last)
  }
  return { doubts, places, highest }
}

function lookUp({ places, highest }: Index, sources: SourceSet): ReadonlySet<number> {
  const found = new Set<number>()
  for (const box of sources) {
    for (const { first, last } of box.addresses) {
      for (let at = countUpTo(places, last) - 1; at >= 0 && (highest[at] as bigint) >= first; at--) {
        const place = places[at] as Place
        if (place.last >= first && overlaps(place.ports, box.ports)) found.add(place.doubt)
      }
    }
  }
  return found
}

/** How many begin at the value or before it. */
function countUpTo(places: readonly Place[], value: bigint): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] as Place).first <= value) low = middle + 1
    else high = middle
  }
  return low
}
