import type { Ruleset } from '../../evidence/index.ts'
import { type Family, FAMILY_ADDRESSES, intersectSources, sameAddress, type SourceSet, sourceSet } from '../../network/index.ts'
import { oncePerPair } from '../pairs.ts'
import type { Flow } from './flow.ts'
import { type OwnHook, runAtDevice, runHook, type Walk } from './hooks.ts'
import { Outcomes } from './outcomes.ts'
import { compile } from './program.ts'
import { leaveOutput, routeOwn, routeReceived } from './routed.ts'
import { LOOP, type State } from './state.ts'
import type { NetfilterHost, Outcome, OwnPackets, PacketClass } from './types.ts'

const FAMILY_SOURCES: Readonly<Record<Family, SourceSet>> = { 4: sourceSet(FAMILY_ADDRESSES[4]), 6: sourceSet(FAMILY_ADDRESSES[6]) }

/** One set for all packets of the same senders, so that what is known of some is found for the others. */
const ofFamily = oncePerPair(intersectSources)

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const

/**
 * What becomes of the first packets of new connections that come in on a device: PREROUTING, routing, then INPUT, or FORWARD
 * and POSTROUTING. The outcomes cover every source of `packet` that has its family.
 */
export function walkInbound(filters: readonly Ruleset[], packet: PacketClass, host: NetfilterHost): readonly Outcome[] {
  return begin(filters, packet, packet.inbound, host, (walk, entering) => {
    const routed = runHook(walk, 'prerouting', runAtDevice(walk, 'ingress', [entering], packet.inbound)).flatMap((flow) =>
      routeReceived(walk, flow),
    )
    const local = routed.filter((flow) => flow.state.outbound === '')
    const leaving = routed.filter((flow) => flow.state.outbound !== '')
    for (const flow of runHook(walk, 'input', local)) walk.outcomes.add('delivered', flow)
    for (const flow of runHook(walk, 'postrouting', runHook(walk, 'forward', leaving))) walk.outcomes.add('forwarded', flow)
  })
}

/**
 * What becomes of the first packets of new connections that the namespace itself sends: routing, OUTPUT, routing again where that changed
 * them, POSTROUTING. What is for the namespace itself comes back by lo, where PREROUTING and INPUT are asked, and nat no more.
 * `delivered` is what came back, `forwarded` what left.
 */
export function walkOutbound(filters: readonly Ruleset[], packet: OwnPackets, host: NetfilterHost): readonly Outcome[] {
  return begin(filters, packet, '', host, (walk, entering) => {
    const passed = runHook(walk, 'output', routeOwn(walk, entering), { rerouted: rerouting(walk) })
    const leaving = runHook(walk, 'postrouting', passed.map(leaveOutput))
    for (const device of new Set(leaving.map(({ state }) => state.outbound))) {
      const left = runAtDevice(
        walk,
        'egress',
        leaving.filter(({ state }) => state.outbound === device),
        device,
      )
      if (device === LOOP) comeBack(walk, left)
      else for (const flow of left) walk.outcomes.add('forwarded', flow)
    }
  })
}

function comeBack(walk: Walk, left: readonly Flow[]): void {
  const back = left.map((flow): Flow => ({ ...flow, state: { ...flow.state, inbound: LOOP, outbound: '' } }))
  const settled: OwnHook = { settled: true }
  const entered = runHook(walk, 'prerouting', runAtDevice(walk, 'ingress', back, LOOP), settled)
  for (const flow of runHook(walk, 'input', entered, settled)) walk.outcomes.add('delivered', flow)
}

/** ip_route_me_harder of net/ipv4/netfilter.c, ip6_route_me_harder of net/ipv6/netfilter.c. */
function rerouting(walk: Walk): NonNullable<OwnHook['rerouted']> {
  return (before, after, by) => {
    const moved = !sameAddress(before.state.destination, after.state.destination)
    const marked = before.state.packetMark !== after.state.packetMark
    return moved || (marked && by === 'destination or mark') ? routeOwn(walk, after, true) : [after]
  }
}

function begin(
  filters: readonly Ruleset[],
  packet: OwnPackets,
  inbound: string,
  host: NetfilterHost,
  run: (walk: Walk, entering: Flow) => void,
): readonly Outcome[] {
  const walk: Walk = { family: packet.family, program: compile(filters), host, outcomes: new Outcomes() }
  const sources = ofFamily(packet.sources, FAMILY_SOURCES[packet.family])
  if (sources.length === 0) return []
  const entering: Flow = { state: initialState(packet, inbound), possible: sources, trail: undefined }
  for (const { families, reason } of walk.program.unread) {
    if (families.includes(packet.family)) walk.outcomes.undecided(entering, { text: reason })
  }
  run(walk, entering)
  return walk.outcomes.finish(sources)
}

function initialState({ family, protocol, destination, port }: OwnPackets, inbound: string): State {
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
