import {
  type Address,
  intersectSources,
  isEmpty,
  isSubset,
  overlaps,
  portSet,
  positionOf,
  sameAddress,
  sameSet,
  sameSources,
  sourceAddresses,
  sourceSet,
  subtractSources,
  union,
} from '../network/index.ts'
import { type Evidence, show, type Socket } from '../evidence/index.ts'
import type { Arrivals } from './arrivals.ts'
import { takesAddress } from './asked.ts'
import { deviceNamed, type HostModel, type NamespaceModel } from './host.ts'
import type { Elsewhere, Outcome, Reason, Step } from './netfilter/index.ts'
import { walksOf } from './netfilter-host.ts'
import { exitReasons, loopbackOf, refusedAt, sourcesToward } from './own-packets.ts'
import { oncePerPair } from './pairs.ts'
import type { PathStep } from './reach.ts'
import { isGroup } from './routing.ts'
import { receiving, receivingGroup } from './sockets.ts'
import { Spreads } from './spreads.ts'
import { blindness, nextHop, type Port } from './topology.ts'
import { mayReceive, type Packet, type Travel } from './travel.ts'
import { translatedTo } from './translated-source.ts'
import { proxiedTo } from './userland-proxy.ts'

/** A packet crosses at most this many namespaces; more would be a loop. */
const MOST_HOPS = 4

const NO_REASONS: readonly Reason[] = []
const UNDECIDED: Reason = { text: show('a step on the way could not be decided') }
const TOO_FAR: Reason = { text: show(`it would cross more than ${MOST_HOPS} namespaces`) }
const TOO_MANY_ADDRESSES: Reason = { text: show('rules tell more addresses of a local prefix apart than are asked about') }
const MIXED: Reason = { text: show('its source was translated on the way, and rules behind that tell sources apart') }

/** Follows packets from namespace to namespace, and tells `arrivals` where they end. */
export class Journeys {
  readonly #host: HostModel
  readonly #arrivals: Arrivals
  readonly #spreads = new Spreads()
  /** The namespaces behind the port where the packets begin. */
  #behind: readonly NamespaceModel[] = []
  /** Of these, by address, those that have it. */
  readonly #known = new Map<bigint, readonly NamespaceModel[]>()

  constructor(host: HostModel, arrivals: Arrivals) {
    this.#host = host
    this.#arrivals = arrivals
  }

  /** What follows begins at another port, with these namespaces behind it. */
  begin(behind: readonly NamespaceModel[]): void {
    this.#behind = behind
    this.#known.clear()
  }

  /** Packets that come in at a port. */
  enter(port: Port, travel: Travel, packet: Packet): void {
    this.#walk(port, travel, packet, MOST_HOPS)
  }

  /** Packets for one of more addresses than are asked about. */
  ofMany(port: Port, travel: Travel, packet: Packet): void {
    const unsure = { ...packet, reasons: [...packet.reasons, TOO_MANY_ADDRESSES], certain: false }
    this.#spread(port, travel, unsure, undefined, MOST_HOPS)
  }

  /** Packets that the machine sends itself, addressed as `packet` is. */
  send(own: NamespaceModel, travel: Travel, packet: Packet): void {
    this.#send(own, travel, packet, MOST_HOPS)
  }

  #send(own: NamespaceModel, travel: Travel, packet: Packet, hops: number): void {
    const { address, port, sources } = packet
    const { family } = address
    const loop: Port = { namespace: own, device: loopbackOf(own) }
    const outcomes = walksOf(own).outbound({ family, protocol: travel.protocol, destination: address, port, sources })
    for (const outcome of outcomes) {
      const device = deviceNamed(own, outcome.device)
      const exit = device === undefined ? [] : exitReasons(this.#host, { namespace: own, device }, family)
      const before = exit.length === 0 ? packet : { ...packet, reasons: [...packet.reasons, ...exit], certain: false }
      this.#follow(loop, travel, before, outcome, hops)
    }
  }

  #walk(port: Port, travel: Travel, packet: Packet, hops: number): void {
    if (hops === 0) {
      this.#spread(port, travel, { ...packet, reasons: [...packet.reasons, TOO_FAR], certain: false }, undefined, 1)
      return
    }
    const outcomes = walksOf(port.namespace).inbound({
      inbound: port.device.name,
      family: packet.address.family,
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
        const device = deviceNamed(namespace, outcome.device)
        const next = device === undefined ? undefined : nextHop(this.#host, { namespace, device }, outcome.gateway ?? packet.address)
        if (next === undefined) return
        const step: PathStep = { kind: 'cross', namespace: next.namespace.id, label: next.namespace.label, device: device?.name ?? '' }
        const crossed = { ...this.#translated(namespace, outcome, packet), path: [...packet.path, step] }
        if (travel.own === true) this.#admit(next, travel, crossed, hops - 1)
        else this.#walk(next, travel, crossed, hops - 1)
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

  /** What the machine sends comes in elsewhere, where the kernel may refuse its source. */
  #admit(next: Port, travel: Travel, packet: Packet, hops: number): void {
    const { never, perhaps } = refusedAt(next, packet.address.family)
    const asked = sourceAddresses(packet.sources)
    if (!overlaps(asked, union(never, perhaps))) {
      this.#walk(next, travel, packet, hops)
      return
    }
    if (packet.senders !== undefined && !isSubset(asked, never)) {
      this.#walk(next, travel, { ...packet, reasons: [...packet.reasons, MIXED], certain: false }, hops)
      return
    }
    const refused = intersectSources(packet.sources, sourceSet(never))
    const martian: PathStep = { kind: 'netfilter', namespace: next.namespace.id, step: { kind: 'martian' } }
    if (!isEmpty(refused)) {
      const stopped = { ...packet, sources: refused, path: [...packet.path, martian] }
      for (const item of this.#wouldReceive(next, travel, stopped)) this.#block(item.namespace, travel, stopped, item.socket, false)
    }
    const doubtful = { text: show(`the reverse path filter of ${next.device.name} goes by rules of routing that are not followed`) }
    const unsure = intersectSources(packet.sources, sourceSet(perhaps))
    if (!isEmpty(unsure))
      this.#walk(next, travel, { ...packet, sources: unsure, reasons: [...packet.reasons, doubtful], certain: false }, hops)
    const sure = subtractSources(packet.sources, sourceSet(union(never, perhaps)))
    if (!isEmpty(sure)) this.#walk(next, travel, { ...packet, sources: sure }, hops)
  }

  #arrive(namespace: NamespaceModel, travel: Travel, packet: Packet, socket: Evidence<Socket>, hops: number): void {
    const target = proxiedTo(this.#host, namespace, socket)
    if (target === undefined) {
      const programs = programsBefore(socket)
      if (packet.certain && programs.length > 0) {
        this.#arrive(namespace, travel, { ...packet, certain: false, reasons: joined(packet.reasons, programs) }, socket, hops)
        return
      }
      const reasons = packet.certain ? NO_REASONS : packet.reasons.length > 0 ? packet.reasons : [UNDECIDED]
      for (const { sender, upstream, sources: sent } of travel.parties) {
        const sources = common(sent, packet.senders ?? packet.sources)
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
    if (travel.own === true && namespace.id === this.#host.own) {
      // Whoever asked, it sends from the address that routing chooses.
      const sources = sourcesToward(namespace, address)
      const senders = packet.senders ?? packet.sources
      this.#send(namespace, travel, { ...packet, sources, senders, address, port, path: [...packet.path, step] }, hops - 1)
      return
    }
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
    const kept = sameSet(elsewhere.ports, portSet(packet.port))
    if (!this.#spreads.isNews(port, travel, packet, elsewhere, kept)) return
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
      const sources = common(sent, packet.senders ?? packet.sources)
      if (isEmpty(sources)) continue
      this.#arrivals.block(socket, { sender, family, at, entry, sources, rejected, path: packet.path })
    }
  }
}

export function joined(...all: readonly (readonly Reason[])[]): readonly Reason[] {
  const [first, ...others] = all.filter((reasons) => reasons.length > 0)
  if (first === undefined) return NO_REASONS
  return others.length === 0 ? first : [first, ...others].flat()
}

/** Asked with those who sent first, of whom there are few. */
const common = oncePerPair(intersectSources)

/** What may drop a packet between the rules and the socket, and is not followed. */
function programsBefore({ claim }: Evidence<Socket>): readonly Reason[] {
  return (claim.programs ?? []).map((path) => ({ text: show(`a BPF program of the control group ${path} may drop the packet`) }))
}

const known = new WeakMap<readonly Step[], readonly PathStep[]>()

/** The steps of one trail in the namespace that it was walked in: shared by all who took it. */
function stepsOf(namespace: NamespaceModel, trail: readonly Step[]): readonly PathStep[] {
  const found = known.get(trail) ?? trail.map((step): PathStep => ({ kind: 'netfilter', namespace: namespace.id, step }))
  known.set(trail, found)
  return found
}
