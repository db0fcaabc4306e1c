import { type SourceSet, unionSources, widen } from '../../network/index.ts'
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

/** Flows in the same state become one; the trail of the first stands for both. */
function mergeStates(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows
  const byState = new Map<State, Flow>()
  for (const flow of flows) join(byState, flow.state, flow)
  if (byState.size === 1) return [...byState.values()]
  const byKey = new Map<string, Flow>()
  for (const flow of byState.values()) join(byKey, stateKey(flow.state), flow)
  return [...byKey.values()]
}

function join<K>(flows: Map<K, Flow>, key: K, flow: Flow): void {
  const other = flows.get(key)
  flows.set(key, other === undefined ? flow : { ...other, possible: widen(unionSources(other.possible, flow.possible)) })
}

/** Beyond `MOST_FLOWS`, the ways by which packets came and then their marks are forgotten, which can only make answers less sure. */
export function boundFlows(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length <= MOST_FLOWS) return flows
  const merged = mergeStates(flows)
  if (merged.length <= MOST_FLOWS) return merged
  return mergeStates(merged.map((flow) => ({ ...flow, state: { ...flow.state, packetMark: undefined, connectionMark: undefined } })))
}
