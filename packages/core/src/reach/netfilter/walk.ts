import { type Hook, type Ruleset, show } from '../../evidence/index.ts'
import { FAMILY_ADDRESSES, intersectSources, type SourceSet, sourceSet, subtractSources } from '../../network/index.ts'
import { runBaseChain } from './chain.ts'
import { boundFlows, type Flow, mergeFlows, withStep } from './flow.ts'
import { Outcomes } from './outcomes.ts'
import { type AttachedChain, compile, type Program } from './program.ts'
import type { State, Tracking } from './state.ts'
import type { NetfilterHost, Outcome, PacketClass, RouteDecision } from './types.ts'

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const

/** Where the kernel's own hooks stand among the chains (netfilter_ipv4.h, netfilter_ipv6.h). Every nat chain is asked at the second number, whatever its own. */
const TRACKER = -200
const NAT: Readonly<Partial<Record<Hook, number>>> = { prerouting: -100, output: -100, input: 100, postrouting: 100 }

interface Walk {
  readonly program: Program
  readonly host: NetfilterHost
  readonly outcomes: Outcomes
}

/**
 * What becomes of the first packets of new connections that come in on a device: PREROUTING, routing, then INPUT, or FORWARD
 * and POSTROUTING. The outcomes cover every source of `packet` that has its family.
 */
export function walkInbound(filters: readonly Ruleset[], packet: PacketClass, host: NetfilterHost): readonly Outcome[] {
  const walk: Walk = { program: compile(filters), host, outcomes: new Outcomes() }
  const sources = intersectSources(packet.sources, sourceSet(FAMILY_ADDRESSES[packet.family]))
  if (sources.length === 0) return []
  const entering: Flow = { state: initialState(packet), possible: sources, trail: undefined }
  for (const { families, reason } of walk.program.unread) {
    if (families.includes(packet.family)) walk.outcomes.undecided(entering, { text: reason })
  }
  const routed = runHook(walk, 'prerouting', runIngress(walk, [entering], packet), packet).flatMap((flow) => route(walk, flow))
  const local = routed.filter((flow) => flow.state.outbound === '')
  const leaving = routed.filter((flow) => flow.state.outbound !== '')
  for (const flow of runHook(walk, 'input', local, packet)) walk.outcomes.add('delivered', flow)
  for (const flow of runHook(walk, 'postrouting', runHook(walk, 'forward', leaving, packet), packet)) walk.outcomes.add('forwarded', flow)
  return walk.outcomes.finish(sources)
}

function initialState({ inbound, family, protocol, destination, port }: PacketClass): State {
  return {
    family,
    protocol: PROTOCOL_NUMBERS[protocol],
    inbound,
    outbound: '',
    destination,
    port,
    originalDestination: destination,
    originalPort: port,
    packetMark: 0,
    connectionMark: 0,
    tracking: 'before',
    destinationTranslated: false,
    sourceTranslation: undefined,
    plain: true,
  }
}

/** The chains of the device itself, and those of devices that the packets may have passed before: below it, or not named (nft before 1.0.7 leaves it out). */
function runIngress(walk: Walk, entering: readonly Flow[], { inbound }: PacketClass): readonly Flow[] {
  let flows = entering
  for (const attached of walk.program.ingress) {
    const { base, table, chain } = attached
    const surely = base.devices?.includes(inbound) === true
    const lower = walk.host.lowerDevices?.(inbound) ?? []
    if (!surely && base.devices !== undefined && !base.devices.some((device) => lower.includes(device))) continue
    if (flows.length === 0) break
    if (surely) flows = runOne(walk, 'ingress', attached, flows)
    else {
      const where = base.devices === undefined ? 'a device that is not named' : base.devices.join(', ')
      const text = show(`chain ${chain.name} of ${table.name} stands at the ingress of ${where}, by which they may have come`)
      for (const flow of flows) walk.outcomes.uncertain({ text }, flow.possible)
      flows = boundFlows(mergeFlows([...flows, ...runOne(walk, 'ingress', attached, flows)]))
    }
  }
  return flows
}

/** Sends the flows through every base chain of the hook. */
function runHook(walk: Walk, hook: Hook, entering: readonly Flow[], { family }: PacketClass): readonly Flow[] {
  const chains = walk.program.chains(family, hook)
  const filters = chains.filter(({ base }) => base.type !== 'nat')
  const nat = chains.filter(({ base }) => base.type === 'nat')
  const natAt = NAT[hook]
  let flows = boundFlows(entering)
  let translated = natAt === undefined || nat.length === 0
  for (const attached of filters) {
    if (!translated && natAt !== undefined && attached.base.priority >= natAt) {
      flows = runNat(walk, hook, nat, tracked(hook, flows, 'tracked'))
      translated = true
    }
    if (flows.length === 0) break
    flows = runOne(walk, hook, attached, tracked(hook, flows, trackingAt(attached.base.priority)))
  }
  flows = tracked(hook, flows, 'tracked')
  return translated ? flows : runNat(walk, hook, nat, flows)
}

function runOne({ host, outcomes }: Walk, hook: Hook, attached: AttachedChain, flows: readonly Flow[]): readonly Flow[] {
  return runBaseChain({ attached, hook, host, outcomes, accepted: [] }, flows)
}

function trackingAt(priority: number): Tracking {
  return priority < TRACKER ? 'before' : priority === TRACKER ? 'unclear' : 'tracked'
}

/** What the connection tracker has made of the packets by now. It stands in PREROUTING; what a rule exempted stays exempt. */
function tracked(hook: Hook, flows: readonly Flow[], tracking: Tracking): readonly Flow[] {
  if (hook !== 'prerouting') return flows
  return flows.map((flow) => {
    const now = flow.state.tracking
    return now === tracking || now === 'untracked' || now === 'tracked' ? flow : { ...flow, state: { ...flow.state, tracking } }
  })
}

/** The nat chains of a hook, until one of them has translated (nf_nat_inet_fn in nf_nat_core.c). Untracked packets are never translated. */
function runNat(walk: Walk, hook: Hook, chains: readonly AttachedChain[], entering: readonly Flow[]): readonly Flow[] {
  const done: Flow[] = entering.filter(({ state }) => state.tracking !== 'tracked')
  let flows = entering.filter(({ state }) => state.tracking === 'tracked')
  for (const attached of chains) {
    const passed = flows.flatMap((flow) =>
      runOne(walk, hook, attached, [flow]).map((after) => ({ after, translated: isTranslated(flow, after) })),
    )
    done.push(...passed.filter(({ translated }) => translated).map(({ after }) => after))
    flows = passed.filter(({ translated }) => !translated).map(({ after }) => after)
  }
  return [...done, ...flows]
}

/** By a rule of this chain, be it to what it was before. */
function isTranslated(before: Flow, after: Flow): boolean {
  for (let at = after.trail; at !== undefined && at !== before.trail; at = at.before) {
    if ((at.step.kind === 'translate' && at.step.stateless !== true) || (at.step.kind === 'rule' && at.step.effect === 'translate-source'))
      return true
  }
  return false
}

/** Local, forwarded, or not at all. Sources that the kernel refuses end here. */
function route(walk: Walk, flow: Flow): readonly Flow[] {
  const { inbound, family, protocol, destination, packetMark } = flow.state
  return take(walk, walk.host.route({ inbound, family, protocol, destination, sources: flow.possible, mark: packetMark }), flow)
}

function take(walk: Walk, decision: RouteDecision, flow: Flow): readonly Flow[] {
  const { outcomes } = walk
  const refused = decision.martians === undefined ? undefined : sourceSet(decision.martians)
  const martian = refused === undefined ? [] : part(flow, intersectSources(flow.possible, refused))
  for (const one of martian) outcomes.add('dropped', withStep(one, { kind: 'martian' }))
  const accepted = refused === undefined ? [flow] : part(flow, subtractSources(flow.possible, refused))
  return accepted.flatMap((one) => {
    switch (decision.kind) {
      case 'local':
        return [withStep(one, { kind: 'route', to: 'local' })]
      case 'forward':
        return [
          withStep(
            {
              ...one,
              state: { ...one.state, outbound: decision.device, ...(decision.gateway === undefined ? {} : { gateway: decision.gateway }) },
            },
            { kind: 'route', to: 'forward', device: decision.device },
          ),
        ]
      case 'one-of':
        outcomes.uncertain({ text: decision.reason }, one.possible)
        return decision.of.flatMap((each) => take(walk, each, one))
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

function part(flow: Flow, possible: SourceSet): readonly Flow[] {
  return possible.length === 0 ? [] : [{ ...flow, possible }]
}
