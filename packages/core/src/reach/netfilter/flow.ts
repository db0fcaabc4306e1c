import { type SourceSet, unionOfSources } from '../../network/index.ts'
import { type State, stateKey } from './state.ts'
import type { Step } from './types.ts'

/** Steps so far, newest first: shared between flows, turned into a list at the end. */
export interface Trail {
  readonly step: Step
  readonly before: Trail | undefined
}

/** Packets that are alike in all but their source, on the same way. `possible` holds every source that may be here, and perhaps more. */
export interface Flow {
  readonly state: State
  readonly possible: SourceSet
  readonly trail: Trail | undefined
}

/** The most ways that are followed apart from each other. */
export const MOST_FLOWS = 48

export function steps(trail: Trail | undefined): readonly Step[] {
  const result: Step[] = []
  for (let at = trail; at !== undefined; at = at.before) result.push(at.step)
  return result.reverse()
}

export function withStep(flow: Flow, step: Step): Flow {
  return { ...flow, trail: { step, before: flow.trail } }
}

/** Flows in the same state that came the same way become one again. */
export function mergeFlows(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows
  const ways = new Map<Trail | undefined, Flow[]>()
  for (const flow of flows) {
    const way = ways.get(flow.trail)
    if (way === undefined) ways.set(flow.trail, [flow])
    else way.push(flow)
  }
  return ways.size === flows.length ? flows : [...ways.values()].flatMap(mergeStates)
}

/** Flows in the same state become one; the trail of the first stands for all. */
function mergeStates(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows
  const merged = joined(flows, ({ state }) => state)
  return merged.length === 1 ? merged : joined(merged, ({ state }) => stateKey(state))
}

function joined<K>(flows: readonly Flow[], keyOf: (flow: Flow) => K): readonly Flow[] {
  const groups = new Map<K, [Flow, ...Flow[]]>()
  for (const flow of flows) {
    const key = keyOf(flow)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [flow])
    else group.push(flow)
  }
  return Array.from(groups.values(), ([first, ...others]) =>
    others.length === 0 ? first : { ...first, possible: unionOfSources([first, ...others].map(({ possible }) => possible)) },
  )
}

/** Beyond `MOST_FLOWS`, the ways by which packets came and then their marks are forgotten, which can only make answers less sure. */
export function boundFlows(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length <= MOST_FLOWS) return flows
  const merged = mergeStates(flows)
  if (merged.length <= MOST_FLOWS) return merged
  return mergeStates(merged.map((flow) => ({ ...flow, state: { ...flow.state, packetMark: undefined, connectionMark: undefined } })))
}
