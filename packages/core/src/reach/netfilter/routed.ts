import { intersectSources, type SourceSet, sourceSet, subtractSources } from '../../network/index.ts'
import { show } from '../../evidence/index.ts'
import { type Flow, withStep } from './flow.ts'
import type { Walk } from './hooks.ts'
import type { RouteDecision } from './types.ts'
import { LOOP, type State } from './state.ts'

/** What came in: local, forwarded, or not at all. Sources that the kernel refuses end here. */
export function routeReceived(walk: Walk, flow: Flow): readonly Flow[] {
  const { inbound, family, protocol, destination, packetMark } = flow.state
  return take(walk, walk.host.route({ inbound, family, protocol, destination, sources: flow.possible, mark: packetMark }), flow, 'received')
}

/** Which packets are routed: those that came in, those of the namespace's own, and these once more. */
type Routed = 'received' | 'own' | 'own again'

/** What the namespace sends itself: by lo, by another device, or not at all. `again`: another way than at first, once OUTPUT is left. */
export function routeOwn(walk: Walk, flow: Flow, again = false): readonly Flow[] {
  const { family, protocol, destination, packetMark } = flow.state
  const decision = walk.host.routeOwn?.({ family, protocol, destination, sources: flow.possible, mark: packetMark }) ?? UNKNOWN
  return take(walk, decision, flow, again ? 'own again' : 'own')
}

const UNKNOWN: RouteDecision = { kind: 'unknown', reason: show('the routes of what the machine itself sends were not read') }

function take(walk: Walk, decision: RouteDecision, flow: Flow, which: Routed): readonly Flow[] {
  const { outcomes } = walk
  const own = which !== 'received'
  const refused = decision.martians === undefined ? undefined : sourceSet(decision.martians)
  const martian = refused === undefined ? [] : part(flow, intersectSources(flow.possible, refused))
  for (const one of martian) outcomes.add('dropped', withStep(one, own ? { kind: 'martian', own } : { kind: 'martian' }))
  const accepted = refused === undefined ? [flow] : part(flow, subtractSources(flow.possible, refused))
  return accepted.flatMap((one) => {
    switch (decision.kind) {
      case 'local':
        return own
          ? [withStep(leaving(one, which, LOOP), { kind: 'route', to: 'out', device: LOOP })]
          : [withStep(one, { kind: 'route', to: 'local' })]
      case 'forward': {
        const { device, gateway } = decision
        return [withStep(leaving(one, which, device, gateway), { kind: 'route', to: own ? 'out' : 'forward', device })]
      }
      case 'one-of':
        outcomes.uncertain({ text: decision.reason }, one.possible)
        return decision.of.flatMap((each) => take(walk, each, one, which))
      case 'discard':
        outcomes.add('dropped', withStep(one, { kind: 'route', to: 'discard', reason: decision.reason }))
        return []
      case 'unknown':
        outcomes.undecided(withStep(one, { kind: 'route', to: 'unknown', reason: decision.reason }), { text: decision.reason })
        return []
      default:
        return decision satisfies never
    }
  })
}

function leaving(flow: Flow, which: Routed, outbound: string, gateway?: State['gateway']): Flow {
  const way = { outbound, ...(gateway === undefined ? {} : { gateway }) }
  return { ...flow, state: which === 'own again' ? { ...flow.state, rerouted: way } : { ...flow.state, ...way } }
}

/** OUTPUT is left, by the way that was found last. */
export function leaveOutput(flow: Flow): Flow {
  if (flow.state.rerouted === undefined) return flow
  const { rerouted, gateway: _before, ...state } = flow.state
  return { ...flow, state: { ...state, ...rerouted } }
}

function part(flow: Flow, possible: SourceSet): readonly Flow[] {
  return possible.length === 0 ? [] : [{ ...flow, possible }]
}
