import type { Branch, Condition, Rule } from '../../evidence/index.ts'
import { includes, type Interval, type NumberSet, positionOf, sameAddress } from '../../network/index.ts'
import type { Flow } from './flow.ts'
import { type PlainRule, plainRule } from './plain.ts'
import type { State } from './state.ts'
import { Stretch } from './stretch.ts'

/** What asks for more ports or addresses than this is looked at for every one, so that the index stays as small as the rules are. */
const MOST_VALUES = 64

/** One port, destination or device: `port 80`, `to 3221225985`, `inbound eth0`. */
type Key = string

/** So many rules that follow each other have to ask for the source alone that it pays to look at them together. */
export const FEWEST_TOGETHER = 8

/** Rules of a stretch, from one position in the chain up to another. */
export interface Part {
  readonly stretch: Stretch
  readonly from: number
  readonly to: number
}

/** What is run next. */
export type Turn = Rule | Part

/** The rules of one chain, or the branches of one map, by what they ask first, for one protocol. */
interface Index {
  /** Positions of those for any packet, ascending. */
  readonly general: readonly number[]
  /** Of the rules of a chain: these, those that ask for the source alone as stretches. Absent: there are none such. */
  readonly together?: readonly (number | Stretch)[]
  /** Positions of those for packets of one key, or few, ascending. */
  readonly byKey: ReadonlyMap<Key, readonly number[]>
}

/**
 * The rules of a chain that could do anything to these flows, in their order: without those that ask for another protocol,
 * destination, port or device before anything else could happen. What is left out would have let every flow pass unchanged.
 */
export function relevantRules(rules: readonly Rule[], flows: readonly Flow[]): readonly Turn[] {
  const index = indexFor(rules, flows, leading, stretchesOf)
  if (index === undefined) return rules
  const keyed = keyedPositions(index, flows)
  return index.together === undefined ? itemsAt(rules, index, keyed) : turns(rules, index.together, keyed)
}

function leading({ expressions }: Rule): readonly Condition[] {
  const end = expressions.findIndex(({ kind }) => kind !== 'match' && kind !== 'no-effect')
  return expressions.slice(0, end < 0 ? undefined : end).flatMap((one) => (one.kind === 'match' ? [one.when] : []))
}

/** The branches of a map that could hold for the flow, likewise. */
export function relevantBranches(branches: Branch['branches'], flow: Flow): Branch['branches'] {
  const index = indexFor(branches, [flow], ({ when }) => [when])
  return index === undefined ? branches : itemsAt(branches, index, keyedPositions(index, [flow]))
}

const indexes = new WeakMap<readonly unknown[], Map<number, Index>>()

/** `undefined`: none of the items can be left out before it is looked at. */
function indexFor<T>(
  items: readonly T[],
  flows: readonly Flow[],
  conditions: (item: T) => readonly Condition[],
  together?: (items: readonly T[], positions: readonly number[]) => Index['together'],
): Index | undefined {
  const state = flows[0]?.state
  if (state === undefined || items.length < 2 || !flows.every(isDecided)) return undefined
  const known = indexes.get(items) ?? new Map<number, Index>()
  indexes.set(items, known)
  const found = known.get(state.protocol)
  if (found !== undefined) return found
  const built = build(items.map(conditions), state.protocol)
  const stretches = together?.(items, built.general)
  const index: Index = stretches === undefined ? built : { ...built, together: stretches }
  known.set(state.protocol, index)
  return index
}

function keyedPositions({ byKey }: Index, flows: readonly Flow[]): readonly number[] {
  let positions: readonly number[] = []
  if (byKey.size > 0) for (const key of keysOf(flows)) positions = inOrder(positions, byKey.get(key) ?? [])
  return positions
}

function itemsAt<T>(items: readonly T[], { general }: Index, keyed: readonly number[]): readonly T[] {
  if (general.length === items.length) return items
  return inOrder(general, keyed).map((position) => items[position] as T)
}

/** `undefined`: nowhere do enough rules that ask for the source alone follow each other, those for other packets left out. */
function stretchesOf(rules: readonly Rule[], general: readonly number[]): Index['together'] {
  if (general.length < FEWEST_TOGETHER) return undefined
  const found: (number | Stretch)[] = []
  let open: PlainRule[] = []
  let any = false
  const close = (): void => {
    if (open.length < FEWEST_TOGETHER) for (const { position } of open) found.push(position)
    else found.push(new Stretch(open))
    any ||= open.length >= FEWEST_TOGETHER
    open = []
  }
  for (const position of general) {
    const plain = plainRule(rules[position] as Rule, position)
    if (plain !== undefined) open.push(plain)
    else {
      close()
      found.push(position)
    }
  }
  close()
  return any ? found : undefined
}

/** Stretches are taken apart where a rule for these packets stands among theirs. */
function turns(rules: readonly Rule[], together: readonly (number | Stretch)[], keyed: readonly number[]): readonly Turn[] {
  const found: Turn[] = []
  let at = 0
  let from = 0
  const upTo = (position: number): void => {
    for (let one = together[at]; one !== undefined; one = together[++at]) {
      const [start, end] = typeof one === 'number' ? [one, one + 1] : [Math.max(one.start, from), one.end]
      if (start >= position) return
      if (typeof one === 'number') found.push(rules[one] as Rule)
      else if (start < end) found.push({ stretch: one, from: start, to: Math.min(end, position) })
      if (end > position) return
    }
  }
  for (const position of keyed) {
    upTo(position)
    found.push(rules[position] as Rule)
    from = position + 1
  }
  upTo(rules.length)
  return found
}

/** `EXACT` conditions are decided. */
function isDecided({ state }: Flow): boolean {
  return state.sourceTranslation === undefined && state.tracking !== 'unclear'
}

/** Whether flows ask for nothing that the others did not: what was relevant to those is all that is to these. */
export function isForeseen(flows: readonly Flow[], others: readonly Flow[]): boolean {
  return flows.every(({ state }) =>
    others.some((other) => other.state.port === state.port && sameAddress(other.state.destination, state.destination)),
  )
}

function keysOf(flows: readonly Flow[]): ReadonlySet<Key> {
  const keys = new Set<Key>()
  let before: State | undefined
  for (const { state } of flows) {
    const { port, destination, inbound, outbound } = state
    if (before?.port === port && before.destination === destination && before.outbound === outbound) continue
    before = state
    keys
      .add(`port ${port}`)
      .add(`to ${positionOf(destination)}`)
      .add(`inbound ${inbound}`)
      .add(`outbound ${outbound}`)
  }
  return keys
}

function build(all: readonly (readonly Condition[])[], protocol: number): Index {
  const choices = all.map((conditions) => {
    const { protocols, keys } = asked(conditions)
    return protocols.some((set) => !includes(set, protocol)) ? undefined : keys
  })
  const counts = new Map<Key, number>()
  for (const key of choices.flat(2)) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  const crowd = (keys: readonly Key[]): number => Math.max(0, ...keys.map((key) => counts.get(key) ?? 0))
  const general: number[] = []
  const byKey = new Map<Key, number[]>()
  for (const [position, choice] of choices.entries()) {
    if (choice === undefined) continue
    const [first, ...others] = choice
    if (first === undefined) {
      general.push(position)
      continue
    }
    // Any of them finds it; the one that fewest others share says most.
    const keys = others.reduce((best, one) => (crowd(one) < crowd(best) ? one : best), first)
    for (const key of new Set(keys)) {
      const positions = byKey.get(key)
      if (positions === undefined) byKey.set(key, [position])
      else positions.push(position)
    }
  }
  return { general, byKey }
}

interface Asked {
  readonly protocols: NumberSet[]
  /** For each condition that asks for few: the keys of what it holds for. */
  readonly keys: (readonly Key[])[]
}

/** What is asked of protocol, destination, port and devices before anything that could leave a trace. */
function asked(conditions: readonly Condition[]): Asked {
  const found: Asked = { protocols: [], keys: [] }
  for (const condition of conditions) if (!gather(condition, found)) break
  return found
}

/** Whether the condition is certain to be decided, so that what stands after it may be asked first. */
function gather(condition: Condition, found: Asked): boolean {
  if (condition.kind === 'all') return condition.of.every((member) => gather(member, found))
  if (condition.kind === 'protocol') found.protocols.push(condition.protocols)
  const keys = few(condition)
  if (keys !== undefined) found.keys.push(keys)
  return EXACT.has(condition.kind) || (condition.kind === 'not' && EXACT.has(condition.of.kind))
}

/** Of a packet that is tracked or known not to be, and whose source has not been translated. */
const EXACT: ReadonlySet<Condition['kind']> = new Set([
  'family',
  'source',
  'source-port',
  'destination',
  'destination-port',
  'original-source',
  'original-source-port',
  'original-destination',
  'original-destination-port',
  'protocol',
  'device',
  'ct-state',
  'tracked',
])

/** The keys of all that the condition holds for. `undefined`: it asks for something else, or for too many. */
function few(condition: Condition): readonly Key[] | undefined {
  switch (condition.kind) {
    case 'destination-port':
      return valuesIn(condition.ports, (port, at) => port + at)?.map((port) => `port ${port}`)
    case 'destination':
      return valuesIn(condition.addresses, (position, at) => position + BigInt(at))?.map((position) => `to ${position}`)
    case 'device':
      return condition.names.some(({ prefix }) => prefix) ? undefined : condition.names.map(({ name }) => `${condition.of} ${name}`)
    default:
      return undefined
  }
}

/** `undefined`: more than `MOST_VALUES`. */
function valuesIn<T extends number | bigint>(set: readonly Interval<T>[], next: (first: T, at: number) => T): readonly T[] | undefined {
  const counts = set.map(({ first, last }) => Number(last - first) + 1)
  if (counts.reduce((sum, count) => sum + count, 0) > MOST_VALUES) return undefined
  return set.flatMap(({ first }, index) => Array.from({ length: counts[index] ?? 0 }, (_, at) => next(first, at)))
}

/** Two ascending lists as one. */
function inOrder(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a
  if (a.length === 0) return b
  const result: number[] = []
  let at = 0
  for (const one of a) {
    for (let other = b[at]; other !== undefined && other <= one; other = b[++at]) if (other < one) result.push(other)
    result.push(one)
  }
  for (; at < b.length; at++) result.push(b[at] as number)
  return result
}
