import {
  type Address,
  type AddressSet,
  addressSetOf,
  FAMILIES,
  type Family,
  intersectSources,
  isEmpty,
  NO_ADDRESSES,
  portSet,
  positionOf,
  sameAddress,
  sameSet,
  sameSources,
  type SourceSet,
} from '../network/index.ts'
import { type Evidence, type Protocol, type Shown, show, type Socket } from '../evidence/index.ts'
import { Arrivals } from './arrivals.ts'
import { behind, type Destination, Questions, takesAddress } from './asked.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { type Senders, sendersThrough } from './neighbours.ts'
import { type Elsewhere, type Outcome, type PortClasses, portClasses, type Reason, type Step } from './netfilter/index.ts'
import { rulesetsOf, walksOf } from './netfilter-host.ts'
import { oncePerPair } from './pairs.ts'
import type { EndpointReach, PathStep } from './reach.ts'
import { isGroup } from './routing.ts'
import { endpointsOf, receiving, receivingGroup } from './sockets.ts'
import {
  asksRules,
  besideOf,
  blindness,
  bridgeReasons,
  isExternal,
  isLinkBound,
  nextHop,
  type Port,
  segmentOf,
  takesPackets,
} from './topology.ts'
import { mayReceive, NOBODY, type Packet, reasonsKey, SendersTo, type Travel } from './travel.ts'
import { translatedTo } from './translated-source.ts'
import { unreadArrivals } from './unread.ts'
import { fromInternet, type Upstream } from './upstream.ts'
import { proxiedTo } from './userland-proxy.ts'

/** A packet crosses at most this many namespaces; more would be a loop. */
const MOST_HOPS = 4

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp']

const NO_REASONS: readonly Reason[] = []
const UNDECIDED: Reason = { text: show('a step on the way could not be decided') }
const TOO_FAR: Reason = { text: show(`it would cross more than ${MOST_HOPS} namespaces`) }
const TOO_MANY_ADDRESSES: Reason = { text: show('rules tell more addresses of a local prefix apart than are asked about') }
const MIXED: Reason = { text: show('its source was translated on the way, and rules behind that tell sources apart') }

/** For every endpoint of the machine, who can reach it, by which path. `ports`: only what is sent to these, and to what rules translate. */
export function computeReach(host: HostModel, upstream: Upstream, ports?: ReadonlySet<number>): readonly EndpointReach[] {
  return new ReachComputation(host, upstream, ports).run()
}

/** Those who come in at a port by one family. */
interface Comers {
  readonly family: Family
  readonly senders: Senders
  readonly containers: AddressSet
  /** What may keep them out before any rule is asked. */
  readonly reasons: readonly Reason[]
  /** Which of their packets are followed from this port. */
  readonly sends: 'routed' | 'bridged too' | 'link-local'
}

/** Whether what a bridge passes on between its own ports is followed as what is routed from it back to it, which comes to the same. */
function followed(bridge: Port, family: Family): boolean {
  const { settings } = bridge.namespace
  return asksRules(bridge, family) && settings.get(family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') !== '0'
}

class ReachComputation {
  readonly #host: HostModel
  readonly #upstream: Upstream
  readonly #wanted: ReadonlySet<number> | undefined
  readonly #arrivals = new Arrivals()
  #classes: PortClasses | undefined
  /** What has been spread over all that it may have been sent to. */
  readonly #told = new Set<string>()
  /** The namespaces behind the port that is being entered. */
  #behind: readonly NamespaceModel[] = []
  /** Of these, by address, those that have it. */
  readonly #known = new Map<bigint, readonly NamespaceModel[]>()

  constructor(host: HostModel, upstream: Upstream, wanted: ReadonlySet<number> | undefined) {
    this.#wanted = wanted
    this.#host = host
    this.#upstream = upstream
  }

  run(): readonly EndpointReach[] {
    for (const namespace of this.#host.namespaces.values()) for (const endpoint of endpointsOf(namespace)) this.#arrivals.expect(endpoint)
    for (const namespace of this.#host.namespaces.values()) for (const device of namespace.interfaces) this.#enter({ namespace, device })
    for (const [socket, arrival] of unreadArrivals(this.#host, this.#upstream)) this.#arrivals.arrive(socket, arrival)
    return this.#arrivals.results()
  }

  /** Every packet class that could come in at this interface and matter. */
  #enter(port: Port): void {
    const comers = takesPackets(port) ? FAMILIES.flatMap((family) => this.#comers(port, family)) : []
    if (comers.length === 0) return
    const routed = behind(this.#host, port)
    this.#behind = [...new Set([...routed, ...this.#bridgedBy(port)])]
    this.#known.clear()
    const questions = new Questions(port, this.#behind, rulesetsOf, () => this.#portClasses(), this.#wanted)
    const entry = { namespace: port.namespace.id, device: port.device.name }
    const portClass = (number: number): number => questions.classOf(number)
    const isUpstream = port.namespace.kind === 'upstream'
    const isRouted = ({ owners }: Destination): boolean => owners.some((owner) => owner === port.namespace || routed.includes(owner))
    for (const { family, senders, containers, reasons, sends } of comers) {
      const sendersTo = new SendersTo(senders, containers)
      for (const destination of questions.destinations(family)) {
        const { address, cast, rest } = destination
        if (!(sends === 'bridged too' || (isRouted(destination) && (sends === 'routed' || isLinkBound(address))))) continue
        const way = fromInternet(address, port.device, this.#host.boundary, isUpstream ? 'none' : this.#upstream)
        for (const { parties, sources, doubts } of sendersTo.of(destination, way)) {
          for (const protocol of cast === 'unicast' ? PROTOCOLS : (['udp'] as const)) {
            for (const number of questions.ports(protocol, destination)) {
              const at = { address, port: number }
              const travel = { parties, family, protocol, at, entry, cast, portClass }
              this.#send(port, travel, sources, joined(reasons, doubts), rest === true)
            }
          }
        }
      }
    }
  }

  /** Who comes in at a port: from outside the machine, or from the containers on it; both where it is not known whether it leads out. */
  #comers(port: Port, family: Family): readonly Comers[] {
    const { outside } = segmentOf(this.#host, port)
    const filtered = bridgeReasons(this.#host, port, family)
    const unseen = outside === 'perhaps' ? [show(`${port.device.name} leads to a device whose other end is not known`)] : []
    const reasons = (texts: readonly Shown[]): readonly Reason[] => texts.map((text) => ({ text }))
    const strangers: Comers = {
      family,
      senders: isExternal(this.#host, port) ? sendersThrough(this.#host, port, family) : NOBODY,
      containers: NO_ADDRESSES,
      reasons: reasons([...unseen, ...filtered]),
      sends: 'routed',
    }
    const addresses =
      outside === 'yes' ? [] : besideOf(this.#host, port).flatMap(({ device }) => device.addresses.map((item) => item.address))
    const containers: Comers = {
      family,
      senders: NOBODY,
      containers: addressSetOf(...addresses.filter((address) => address.family === family)),
      reasons: reasons(filtered),
      // What comes through a bridge that asks rules is followed from there; its link-local packets are not.
      sends: followed(port, family) ? 'bridged too' : this.#comesBridged(port, family) ? 'link-local' : 'routed',
    }
    return [strangers, containers].filter((comers) => comers.senders !== NOBODY || !isEmpty(comers.containers))
  }

  /** Those on a bridge, where frames between them meet the rules for what is forwarded. */
  #bridgedBy(port: Port): readonly NamespaceModel[] {
    return FAMILIES.some((family) => followed(port, family)) ? besideOf(this.#host, port).map(({ namespace }) => namespace) : []
  }

  #comesBridged(port: Port, family: Family): boolean {
    return segmentOf(this.#host, port).bridges.some((bridge) => bridge.device !== port.device && followed(bridge, family))
  }

  #send(port: Port, travel: Travel, sources: SourceSet, reasons: readonly Reason[], unwalked: boolean): void {
    const { address, port: number } = travel.at
    const start: PathStep = { kind: 'enter', device: port.device.name, address, port: number }
    const packet: Packet = { sources, senders: undefined, address, port: number, path: [start], reasons, certain: reasons.length === 0 }
    if (unwalked) this.#spread(port, travel, { ...packet, reasons: [...reasons, TOO_MANY_ADDRESSES], certain: false }, undefined, MOST_HOPS)
    else this.#walk(port, travel, packet, MOST_HOPS)
  }

  #walk(port: Port, travel: Travel, packet: Packet, hops: number): void {
    if (hops === 0) {
      this.#spread(port, travel, { ...packet, reasons: [...packet.reasons, TOO_FAR], certain: false }, undefined, 1)
      return
    }
    const outcomes = walksOf(port.namespace).inbound({
      inbound: port.device.name,
      family: travel.family,
      protocol: travel.protocol,
      destination: packet.address,
      port: packet.port,
      sources: packet.sources,
    })
    for (const outcome of outcomes) this.#follow(port, travel, packet, outcome, hops)
  }

  #follow(port: Port, travel: Travel, before: Packet, outcome: Outcome, hops: number): void {
    const { namespace } = port
    const blind = blindness(port)
    // Behind a translation of the source it cannot be told which senders the rules of the next namespace take apart.
    const mixed = before.senders !== undefined && !sameSources(outcome.sources, before.sources)
    const packet: Packet = {
      sources: outcome.sources,
      address: outcome.destination.address,
      port: outcome.destination.port,
      path: [...before.path, ...stepsOf(namespace, outcome.trail)],
      senders: before.senders,
      reasons: joined(before.reasons, outcome.reasons, blind, mixed ? [MIXED] : NO_REASONS),
      certain: before.certain && outcome.certainty === 'sure' && blind.length === 0 && !mixed,
    }
    switch (outcome.verdict) {
      case 'delivered':
        for (const item of this.#receiving(port, travel, packet)) this.#arrive(namespace, travel, packet, item, hops)
        return
      case 'undecided':
        this.#spread(port, travel, packet, outcome.elsewhere, hops)
        return
      case 'forwarded': {
        const device = namespace.interfaces.find((item) => item.name === outcome.device)
        const next = device === undefined ? undefined : nextHop(this.#host, { namespace, device }, outcome.gateway ?? packet.address)
        if (next === undefined) return
        const step: PathStep = { kind: 'cross', namespace: next.namespace.id, label: next.namespace.label, device: device?.name ?? '' }
        this.#walk(next, travel, { ...this.#translated(namespace, outcome, packet), path: [...packet.path, step] }, hops - 1)
        return
      }
      case 'dropped':
      case 'rejected':
        for (const item of this.#wouldReceive(port, travel, packet))
          this.#block(item.namespace, travel, packet, item.socket, outcome.verdict === 'rejected')
        return
      default:
        return outcome.verdict satisfies never
    }
  }

  /** What the receiver sees as source after SNAT or MASQUERADE, for the rules of its own namespace. */
  #translated(namespace: NamespaceModel, outcome: Outcome, packet: Packet): Packet {
    const change = outcome.sourceTranslation
    if (change === undefined) return packet
    const senders = packet.senders ?? packet.sources
    return { ...packet, senders, sources: translatedTo(change, namespace, packet.address.family) ?? packet.sources }
  }

  #arrive(namespace: NamespaceModel, travel: Travel, packet: Packet, socket: Evidence<Socket>, hops: number): void {
    const target = proxiedTo(this.#host, namespace, socket)
    if (target === undefined) {
      const reasons = packet.certain ? NO_REASONS : packet.reasons.length > 0 ? packet.reasons : [UNDECIDED]
      for (const { sender, upstream, sources: sent } of travel.parties) {
        const sources = common(packet.senders ?? packet.sources, sent)
        if (isEmpty(sources)) continue
        this.#arrivals.arrive(socket, {
          sent,
          sender,
          family: travel.family,
          certainty: packet.certain ? 'open' : 'maybe',
          sources,
          at: travel.at,
          entry: travel.entry,
          ...(upstream === undefined ? {} : { upstream }),
          path: [...packet.path, { kind: 'socket', socket }],
          reasons,
          ...(isGroup(travel.cast) ? { forGroup: true } : {}),
        })
      }
      return
    }
    // The proxy is not the service: it opens a connection of its own from this machine, which no inbound rule of it meets.
    if (hops <= 1) return
    const { address, port, next } = target
    const step: PathStep = { kind: 'userland-proxy', socket, address, port }
    for (const item of receiving(next.namespace, travel.protocol, address, port, next.device.name))
      this.#arrive(next.namespace, travel, { ...packet, address, port, path: [...packet.path, step] }, item, hops - 1)
  }

  #receiving({ namespace, device }: Port, { protocol, cast }: Travel, { address, port }: Packet): readonly Evidence<Socket>[] {
    return isGroup(cast)
      ? receivingGroup(namespace, protocol, address, port, device.name)
      : receiving(namespace, protocol, address, port, device.name)
  }

  /** Every socket that the packet may have been meant for, as it stands, or sent to by what could not be followed. */
  #spread(port: Port, travel: Travel, packet: Packet, elsewhere: Elsewhere | undefined, hops: number): void {
    const unsure: Packet = { ...packet, certain: false }
    const meant = this.#wouldReceive(port, travel, packet)
    for (const { namespace, socket } of meant) this.#arrive(namespace, travel, unsure, socket, hops)
    if (elsewhere === undefined) return
    // What becomes of one port becomes of all that rules do not tell from it, unless it is kept.
    const kept = sameSet(elsewhere.ports, portSet(packet.port))
    const { entry, family, protocol, at, portClass } = travel
    const told = [
      entry.namespace,
      entry.device,
      family,
      protocol,
      at.address.value,
      portClass(at.port),
      kept ? at.port : '',
      reasonsKey(packet.reasons),
    ].join(' ')
    if (this.#told.has(told)) return
    this.#told.add(told)
    for (const namespace of [port.namespace, ...this.#behind])
      for (const socket of namespace.sockets)
        if (mayReceive(port, namespace, socket.claim, travel, elsewhere) && !meant.some((item) => item.socket === socket))
          this.#arrive(namespace, travel, unsure, socket, hops)
  }

  /** The sockets that the packet was meant for, as it stood when it was stopped. */
  #wouldReceive(
    port: Port,
    travel: Travel,
    packet: Packet,
  ): readonly { readonly namespace: NamespaceModel; readonly socket: Evidence<Socket> }[] {
    const here = this.#receiving(port, travel, packet).map((socket) => ({ namespace: port.namespace, socket }))
    if (here.length > 0) return here
    return this.#takers(packet.address).flatMap((namespace) =>
      receiving(namespace, travel.protocol, packet.address, packet.port, '').map((socket) => ({ namespace, socket })),
    )
  }

  /** Of the namespaces behind, those that have the address. */
  #takers(address: Address): readonly NamespaceModel[] {
    const position = positionOf(address)
    const found = this.#known.get(position) ?? this.#behind.filter((namespace) => takesAddress(namespace, address))
    this.#known.set(position, found)
    return found
  }

  #block(namespace: NamespaceModel, travel: Travel, packet: Packet, socket: Evidence<Socket>, rejected: boolean): void {
    const target = proxiedTo(this.#host, namespace, socket)
    if (target !== undefined) {
      for (const item of receiving(target.next.namespace, travel.protocol, target.address, target.port, target.next.device.name))
        this.#block(target.next.namespace, travel, packet, item, rejected)
      return
    }
    const { family, at, entry, cast } = travel
    // Who is kept from a wildcard socket by one broadcast address or another is no news.
    if (isGroup(cast) && !sameAddress(socket.claim.address, at.address)) return
    for (const { sender, sources: sent } of travel.parties) {
      const sources = common(packet.senders ?? packet.sources, sent)
      if (isEmpty(sources)) continue
      this.#arrivals.block(socket, { sender, family, at, entry, sources, rejected, path: packet.path })
    }
  }

  #portClasses(): PortClasses {
    this.#classes ??= portClasses([...this.#host.namespaces.values()].flatMap(rulesetsOf))
    return this.#classes
  }
}

function joined(...all: readonly (readonly Reason[])[]): readonly Reason[] {
  return all.every((reasons) => reasons.length === 0) ? NO_REASONS : all.flat()
}

const common = oncePerPair(intersectSources)

const known = new WeakMap<readonly Step[], readonly PathStep[]>()

/** The steps of one trail in the namespace that it was walked in: shared by all who took it. */
function stepsOf(namespace: NamespaceModel, trail: readonly Step[]): readonly PathStep[] {
  const found = known.get(trail) ?? trail.map((step): PathStep => ({ kind: 'netfilter', namespace: namespace.id, step }))
  known.set(trail, found)
  return found
}
