import type { Branch, Condition, Rule } from '../../evidence/index.ts'
import { includes, type NumberSet, type PortSet } from '../../network/index.ts'
import type { Flow } from './flow.ts'

/** What asks for more ports than this is looked at for every port, so that the index stays as small as the rules are. */
const MOST_PORTS = 64

/** The rules of one chain, or the branches of one map, by what they ask first, for one protocol. */
interface Index {
  /** Positions of those for any port, ascending. */
  readonly general: readonly number[]
  /** Positions of those for one port, or few, ascending. */
  readonly byPort: ReadonlyMap<number, readonly number[]>
}

/**
 * The rules of a chain that could do anything to these flows, in their order: without those that ask for another protocol or
 * destination port before anything else could happen. What is left out would have let every flow pass unchanged.
 */
export function relevantRules(rules: readonly Rule[], flows: readonly Flow[]): readonly Rule[] {
  return relevant(rules, flows, leading)
}

function leading({ expressions }: Rule): readonly Condition[] {
  const end = expressions.findIndex(({ kind }) => kind !== 'match' && kind !== 'no-effect')
  return expressions.slice(0, end < 0 ? undefined : end).flatMap((one) => (one.kind === 'match' ? [one.when] : []))
}

/** The branches of a map that could hold for the flow, likewise. */
export function relevantBranches(branches: Branch['branches'], flow: Flow): Branch['branches'] {
  return relevant(branches, [flow], ({ when }) => [when])
}

const indexes = new WeakMap<readonly unknown[], Map<number, Index>>()

function relevant<T>(items: readonly T[], flows: readonly Flow[], conditions: (item: T) => readonly Condition[]): readonly T[] {
  const state = flows[0]?.state
  if (state === undefined || items.length < 2 || !flows.every((flow) => isForeseeable(flow, state.port))) return items
  const known = indexes.get(items) ?? new Map<number, Index>()
  indexes.set(items, known)
  const index = known.get(state.protocol) ?? build(items.map(conditions), state.protocol)
  known.set(state.protocol, index)
  if (index.general.length === items.length) return items
  return inOrder(index.general, index.byPort.get(state.port) ?? []).map((position) => items[position] as T)
}

/** All at one port, and `EXACT` conditions are decided. */
function isForeseeable({ state }: Flow, port: number): boolean {
  return state.port === port && state.sourceTranslation === undefined && state.tracking !== 'unclear'
}

function build(all: readonly (readonly Condition[])[], protocol: number): Index {
  const general: number[] = []
  const byPort = new Map<number, number[]>()
  for (const [position, conditions] of all.entries()) {
    const { protocols, ports } = asked(conditions)
    if (protocols.some((set) => !includes(set, protocol))) continue
    const numbers = few(ports)
    if (numbers === undefined) general.push(position)
    for (const port of numbers ?? []) {
      const positions = byPort.get(port)
      if (positions === undefined) byPort.set(port, [position])
      else positions.push(position)
    }
  }
  return { general, byPort }
}

interface Asked {
  readonly protocols: NumberSet[]
  readonly ports: PortSet[]
}

/** What is asked of protocol and destination port before anything that could leave a trace. */
function asked(conditions: readonly Condition[]): Asked {
  const found: Asked = { protocols: [], ports: [] }
  for (const condition of conditions) if (!gather(condition, found)) break
  return found
}

/** Whether the condition is certain to be decided, so that what stands after it may be asked first. */
function gather(condition: Condition, found: Asked): boolean {
  if (condition.kind === 'all') return condition.of.every((member) => gather(member, found))
  if (condition.kind === 'protocol') found.protocols.push(condition.protocols)
  if (condition.kind === 'destination-port') found.ports.push(condition.ports)
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

/** The ports of the first set that is small; what asks twice is found by either. `undefined`: any, or too many. */
function few(sets: readonly PortSet[]): readonly number[] | undefined {
  for (const set of sets) {
    const count = set.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    if (count <= MOST_PORTS) return set.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, at) => first + at))
  }
  return undefined
}

/** Two ascending lists without a number in common as one. */
function inOrder(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a
  const result: number[] = []
  let at = 0
  for (const one of a) {
    for (let other = b[at]; other !== undefined && other < one; other = b[++at]) result.push(other)
    result.push(one)
  }
  for (; at < b.length; at++) result.push(b[at] as number)
  return result
}
