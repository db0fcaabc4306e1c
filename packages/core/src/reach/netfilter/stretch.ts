import type { Condition, Rule } from '../../evidence/index.ts'
import {
  type AddressSet,
  type Family,
  firstMatch,
  type Interval,
  intervalSet,
  isEmpty,
  NO_SET,
  type PortSet,
  type Shares,
  sharesIn,
  sourceAddresses,
  type SourceSet,
  sourceSet,
  subtractSources,
  unionOfSources,
  valuesIn,
  valuesOf,
} from '../../network/index.ts'
import type { Flow } from './flow.ts'
import { type End, type EndAction, type PlainRule, type Read, readPlain } from './plain.ts'
import type { State } from './state.ts'
import type { NetfilterHost } from './types.ts'

/** As many ends of one kind are told with a rule of their own: more than are told apart later. */
const MOST_TOLD = 64

/** As many intervals are kept of who is in doubt at one rule. */
const MOST_KEPT = 16

/** What one rule of a stretch does to a flow. */
export interface Event {
  /** Where the rule stands in its chain. */
  readonly position: number
  readonly rule: Rule
  /** What cannot be decided, and for whom. */
  readonly doubts: readonly { readonly condition: Condition; readonly sources: SourceSet }[]
  /** Who ends here, perhaps nobody. */
  readonly ending: SourceSet
  /** Absent: nobody ends here. */
  readonly action?: EndAction
}

interface Reading {
  /** Those with doubts, in their order. */
  readonly doubtful: readonly Read[]
  /** Who surely ends at which position. */
  readonly taken: Shares<bigint>
  /** The rules at which they do. */
  readonly taking: ReadonlyMap<number, Read>
}

/** What becomes of one set of sources. */
interface Known {
  readonly shares: Shares<bigint>
  /** Where some of them surely end, in the order of the rules. */
  readonly endings: readonly Event[]
  /** What rules with doubts do to them, where those are few. */
  readonly doubted: Map<number, readonly Event[]>
  /** Who goes on behind the rules that were asked for last. */
  latest: { readonly from: number; readonly to: number; readonly left: SourceSet } | undefined
}

/**
 * Rules of a chain that follow each other, for packets of one protocol, and ask for the source alone: who ends at which of them is found for all at once, where to
 * take the sources of one rule after the other away from what is left would be quadratic. Those that ask in addition what nobody knows are
 * among them: they take nothing away. What is found for one set of sources is found for every port.
 */
export class Stretch {
  /** Positions in the chain: of the first rule, and after the last. */
  readonly start: number
  readonly end: number
  readonly #plain: readonly PlainRule[]
  readonly #readings = new Map<Family, Reading>()
  readonly #known = new WeakMap<SourceSet, Known>()

  constructor(rules: readonly PlainRule[]) {
    this.#plain = rules
    this.start = rules[0]?.position ?? 0
    this.end = (rules.at(-1)?.position ?? -1) + 1
  }

  /** The rules from one position up to another. */
  rules(from: number, to: number): readonly Rule[] {
    return inPlaces(this.#plain, from, to).map(({ rule }) => rule)
  }

  /** What the rules from one position up to another do to a flow whose sources are one box and not translated. In the order of the rules. */
  events(from: number, to: number, { state, possible }: Flow, host: NetfilterHost): readonly Event[] {
    const { doubtful, taking } = this.#read(state, host)
    const known = this.#of(possible, state, host)
    const ports = portsOf(possible)
    const told: Event[] = []
    const counts = new Map<End, number>()
    for (const event of inPlaces(known.endings, from, to)) {
      const kind = event.action?.kind ?? 'return'
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      if (count < MOST_TOLD) told.push(event)
      else if (count === MOST_TOLD) {
        const { position } = event
        const addresses = valuesOf(known.shares, (number) => number >= position && number < to && taking.get(number)?.action?.kind === kind)
        told.push({ ...event, ending: sourceSet(addresses, ports) })
      }
    }
    const doubted = inPlaces(doubtful, from, to).flatMap((read) => doubtsOf(read, known, ports))
    return doubted.length === 0 ? told : inOrder(told, doubted)
  }

  /** The sources that go on behind these rules, the very same set where all do. */
  left(from: number, to: number, { state, possible }: Flow, host: NetfilterHost): SourceSet {
    const known = this.#of(possible, state, host)
    const { shares, endings, latest } = known
    // Ports are asked about one after the other, and their rules mostly stand in that order.
    const before = latest !== undefined && latest.from === from && latest.to <= to ? latest : { from, to: from, left: possible }
    const between = inPlaces(endings, before.to, to)
    if (between.length === 0) return before.left
    const isFew = between.length * 4 < endings.length
    const left = isFew
      ? subtractSources(before.left, unionOfSources(between.map(({ ending }) => ending)))
      : sourceSet(
          valuesOf(shares, (number) => number < from || number >= to),
          portsOf(possible),
        )
    known.latest = { from, to, left }
    return left
  }

  #read(state: State, host: NetfilterHost): Reading {
    const found = this.#readings.get(state.family) ?? readingOf(this.#plain, state, host)
    this.#readings.set(state.family, found)
    return found
  }

  #of(possible: SourceSet, state: State, host: NetfilterHost): Known {
    const known = this.#known.get(possible)
    if (known !== undefined) return known
    const { taken, taking } = this.#read(state, host)
    const shares = sharesIn(sourceAddresses(possible), taken)
    const found: Known = { shares, endings: endingsOf(shares, taking, portsOf(possible)), doubted: new Map(), latest: undefined }
    this.#known.set(possible, found)
    return found
  }
}

const NONE: readonly never[] = []

function readingOf(plain: readonly PlainRule[], state: State, host: NetfilterHost): Reading {
  const rules = plain.map((one) => readPlain(one, state, host))
  const taking = rules.filter(({ doubts, action, addresses }) => doubts.length === 0 && action !== undefined && !isEmpty(addresses))
  return {
    doubtful: rules.filter(({ doubts }) => doubts.length > 0),
    taken: firstMatch(taking.map(({ position, addresses }) => ({ number: position, set: addresses }))),
    taking: new Map(taking.map((one) => [one.position, one])),
  }
}

function endingsOf({ intervals, by }: Shares<bigint>, taking: Reading['taking'], ports: PortSet): readonly Event[] {
  const found = new Map<number, Interval<bigint>[]>()
  for (const [at, interval] of intervals.entries()) {
    const number = by[at] as number
    const others = found.get(number)
    if (others === undefined) found.set(number, [interval])
    else others.push(interval)
  }
  found.delete(NO_SET)
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([position, ending]) => {
      const { rule, action } = taking.get(position) as Read
      return { position, rule, doubts: NONE, ending: sourceSet(intervalSet(ending), ports), ...(action === undefined ? {} : { action }) }
    })
}

function doubtsOf(read: Read, { shares, doubted }: Known, ports: PortSet): readonly Event[] {
  const found = doubted.get(read.position)
  if (found !== undefined) return found
  const { position, rule, addresses, doubts, action } = read
  const asked = doubts.map((doubt) => ({ condition: doubt.condition, sources: goingOn(doubt.addresses, position, shares, ports) }))
  const ending = goingOn(addresses, position, shares, ports)
  const event: Event = { position, rule, doubts: asked, ending, ...(action === undefined || ending.length === 0 ? {} : { action }) }
  const events = asked.every(({ sources }) => sources.length === 0) ? NONE : [event]
  // Of each rule about all that is left, to keep it would be quadratic.
  if (asked.every(({ sources }) => sourceAddresses(sources).length <= MOST_KEPT)) doubted.set(position, events)
  return events
}

/** Those of the addresses that no rule before has taken. */
function goingOn(addresses: AddressSet, position: number, shares: Shares<bigint>, ports: PortSet): SourceSet {
  const left = valuesIn(addresses, shares, (number) => number > position)
  return sourceSet(left, ports)
}

/** Two lists that are in order as one. */
function inOrder(a: readonly Event[], b: readonly Event[]): readonly Event[] {
  const result: Event[] = []
  let at = 0
  for (const one of a) {
    for (let other = b[at]; other !== undefined && other.position < one.position; other = b[++at]) result.push(other)
    result.push(one)
  }
  for (; at < b.length; at++) result.push(b[at] as Event)
  return result
}

/** Of a list that is in order, those from one position up to another. */
function inPlaces<T extends { readonly position: number }>(list: readonly T[], from: number, to: number): readonly T[] {
  return list.slice(firstAt(list, from), firstAt(list, to))
}

function firstAt(list: readonly { readonly position: number }[], position: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle]?.position ?? 0) < position) low = middle + 1
    else high = middle
  }
  return low
}

/** Of a set that is one box. */
function portsOf([box]: SourceSet): PortSet {
  return (box as NonNullable<typeof box>).ports
}
