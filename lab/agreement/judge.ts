import type { Ruleset } from '@sallyport/core/evidence'
import {
  type Address,
  addressSetOf,
  FAMILIES,
  formatAddress,
  hasAddress,
  includes,
  parseAddress,
  portSet,
  sourceSet,
} from '@sallyport/core/network'
import { parseJson } from '../../packages/core/src/systems/json.ts'
import { readInterfaces, readRoutes } from '../../packages/core/src/systems/linux/ip.ts'
import { joinRulesets, type NetfilterGap, readIptablesSave, readNftJson } from '../../packages/core/src/systems/netfilter/index.ts'
import { type NetfilterHost, type Outcome, walkInbound, walkOutbound } from '../../packages/core/src/reach/netfilter/index.ts'
import { describeNamespace } from '../../packages/core/src/reach/netfilter-host.ts'
import { LOOPBACK, PORTS, type Shot } from './network.ts'

/** What the server's own tools print of its packet filter, addresses and routes. */
export interface Printed {
  readonly nft: string
  readonly ipsets: string
  readonly interfaces: string
  readonly routes: readonly string[]
  /** Of iptables-save and ip6tables-save, in the order of `SAVES`. */
  readonly saves: readonly string[]
}

export const SAVES = FAMILIES.flatMap((family) => (['nft', 'legacy'] as const).map((backend) => ({ family, backend })))

/** Who stands where, which the packet filter does not tell. */
export interface Surroundings {
  /** Who listens behind the server, by address. */
  readonly behind: ReadonlyMap<string, string>
  /** Those of them who have no way back to who asks: containers of an internal network have no gateway. */
  readonly mute: ReadonlySet<string>
  /** Ports of the server that docker-proxy holds. */
  readonly proxied: ReadonlySet<number>
  /** Rates are lower than what is sent. */
  readonly ratesUsedUp: boolean
}

/** What Sallyport knows of the server at one moment. */
export interface Capture extends Surroundings {
  readonly rulesets: readonly Ruleset[]
  readonly gaps: readonly NetfilterGap[]
  readonly facts: NetfilterHost
}

export function readCapture({ nft, ipsets, interfaces, routes, saves }: Printed, surroundings: Surroundings): Capture {
  const iptables = SAVES.map(({ family, backend }, index) => {
    return { family, backend, reading: readIptablesSave(saves[index] ?? '', { family, backend, ipsets }) }
  })
  const facts = describeNamespace({
    id: 'server',
    kind: 'host',
    label: 'server',
    container: undefined,
    interfaces: readInterfaces(parseJson(interfaces)).interfaces,
    routes: routes.flatMap((text) => readRoutes(parseJson(text)).routes),
    rules: [],
    filters: [],
    settings: new Map([
      ['net.ipv4.ip_forward', '1'],
      ['net.ipv6.conf.all.forwarding', '1'],
    ]),
    sockets: [],
    gaps: [],
  })
  return { ...joinRulesets({ nft: readNftJson(nft), iptables }), facts, ...surroundings }
}

/** `sure`: one answer, with nothing assumed. `by a rate`: sure while no rate is used up. `maybe`: several answers. */
export type Certainty = 'sure' | 'by a rate' | 'maybe'

export interface Judgement {
  readonly certainty: Certainty
  /**
   * What a sender may notice: `dropped`, `refused`, `anything`, or `delivered server 80 from 192.0.2.7`: who has it, and whom it takes for
   * the sender; `delivered` where who has it does not tell.
   */
  readonly said: readonly string[]
  readonly outcomes: readonly Outcome[]
}

/** What is computed of a packet, and what its sender then has to see. */
export function judge(capture: Capture, shot: Shot): Judgement {
  const outcomes = outcomesOf(capture.rulesets, capture.facts, shot)
  const sure = outcomes.filter((outcome) => outcome.certainty === 'sure')
  const told = sure.length > 0 ? sure : outcomes
  const rate = sure.some(({ assumes }) => assumes.length > 0)
  const said = told.flatMap((outcome) => (rate && capture.ratesUsedUp ? ['anything'] : expected(capture, outcome, shot)))
  return { certainty: sure.length === 0 ? 'maybe' : rate ? 'by a rate' : 'sure', said, outcomes }
}

export function agrees({ said }: Judgement, seen: string): boolean {
  return said.some((one) => one === 'anything' || one === seen || (one === ANYBODY && seen.startsWith('delivered')))
}

/** Whoever has it. */
const ANYBODY = 'delivered *'

/** What a sender notices of an outcome. */
function expected({ behind, mute, proxied, facts }: Capture, outcome: Outcome, { zone, protocol, source }: Shot): readonly string[] {
  const { verdict, destination, sourceTranslation } = outcome
  const { port } = destination
  if (verdict === 'undecided') return ['anything']
  if (verdict === 'dropped') return ['dropped']
  // An ICMP error speaks of the packet as it was rewritten, in which its sender does not know its own again.
  const rewritten = outcome.trail.some((step) => step.kind === 'translate' && step.stateless === true)
  // What says no to the server's own packets has to pass its rules as well.
  const refused = rewritten || zone === 'own' ? ['refused', 'dropped'] : ['refused']
  // So has what says no to a packet that was not tracked: it belongs to no connection, and rules for those do not let it out (nf_ct_attach).
  const untracked = outcome.trail.some((step) => step.kind === 'rule' && step.effect === 'notrack')
  if (verdict === 'rejected') return untracked ? ['refused', 'dropped'] : refused
  // Whether docker-proxy holds this port for the protocol, family and address is no matter of the packet filter.
  if (verdict === 'delivered' && proxied.has(port)) return [ANYBODY, 'refused']
  const who = verdict === 'delivered' ? 'server' : behind.get(formatAddress(destination.address))
  if (who === undefined) return ['dropped']
  if (mute.has(who) && (protocol === 'tcp' || !PORTS.includes(port))) return ['dropped']
  if (!PORTS.includes(port)) return refused
  // Nobody takes packets from a loopback address that came from elsewhere (ip6_rcv_core).
  if (verdict === 'forwarded' && sourceTranslation === undefined && source === LOOPBACK[destination.address.family]) return ['dropped']
  if (sourceTranslation?.kind === 'masquerade' && sourceTranslation.device === 'lo') return [ANYBODY]
  const now =
    sourceTranslation?.kind === 'masquerade'
      ? facts.deviceAddress?.(sourceTranslation.device, destination.address.family)
      : sourceTranslation?.addresses?.first
  const from = now === undefined ? source : formatAddress(now)
  // Answers to ::1 are refused where they come back in.
  const unanswered = protocol === 'tcp' && source === LOOPBACK[6] && verdict === 'forwarded'
  return [`delivered ${who} ${port} from ${from}`, ...(protocol === 'tcp' ? ['delivered'] : []), ...(unanswered ? ['dropped'] : [])]
}

export function outcomesOf(rulesets: readonly Ruleset[], facts: NetfilterHost, shot: Shot): readonly Outcome[] {
  const { zone, family, protocol, sourcePort, port } = shot
  const from = addressOf(shot.source)
  const sources = sourceSet(addressSetOf(from), portSet(sourcePort))
  const packet = { family, protocol, destination: addressOf(shot.destination), port, sources }
  const outcomes = zone === 'own' ? walkOutbound(rulesets, packet, facts) : walkInbound(rulesets, { ...packet, inbound: zone }, facts)
  return outcomes.filter((one) => one.sources.some(({ addresses, ports }) => hasAddress(addresses, from) && includes(ports, sourcePort)))
}

/** The rules and policies that decided, as the computed way names them. */
export function wayOf({ trail }: Outcome): readonly string[] {
  return trail.map((step) => {
    if (step.kind === 'rule' || step.kind === 'translate')
      return `${step.origin.table} ${step.origin.chain} ${step.origin.index}: ${step.origin.text}`
    return step.kind === 'policy' ? `${step.table} ${step.chain}: policy ${step.policy}` : step.kind
  })
}

const parsed = new Map<string, Address>()

function addressOf(text: string): Address {
  const known = parsed.get(text) ?? parseAddress(text)
  if (known === undefined) throw new RangeError(text)
  parsed.set(text, known)
  return known
}
