import {
  type Address,
  type AddressSet,
  addressSetOf,
  classOf,
  type Family,
  FAMILIES,
  isEmpty,
  intersectSources,
  sameSources,
  type SourceSet,
  sourceSet,
  unionOf,
  unionSources,
  rangeSet,
} from '../network/index.ts'
import { type Evidence, type Protocol, type Ruleset, type Shown, show, type Socket } from '../evidence/index.ts'
import { addressesOf, type HostModel, type NamespaceModel } from './host.ts'
import { type Outcome, type Reason, Walks } from './netfilter/index.ts'
import { describeNamespace, routesLoopback } from './netfilter-host.ts'
import { Arrivals } from './arrivals.ts'
import type { Endpoint, EndpointReach, Entry, PathStep, Sender } from './reach.ts'
import { endpointKey, endpointsOf, receiving } from './sockets.ts'
import { attachedTo, isExternal, isLinkLocal, nextHop, type Port, route, sendersThrough } from './topology.ts'
import { translatedPorts } from './translated.ts'
import { unreadArrivals } from './unread.ts'
import { fromInternet, type Upstream } from './upstream.ts'
import { userlandProxyTarget } from './userland-proxy.ts'

/** A packet crosses at most this many namespaces; more would be a loop. */
const MOST_HOPS = 4

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp']

/** Some first packets on their way: alike in all but their source. */
interface Travel {
  /** Who sends them; walked together, and told apart where they end. A public address on the link is a neighbour and of the internet. */
  readonly parties: readonly Party[]
  readonly family: Family
  readonly protocol: Protocol
  readonly at: { readonly address: Address; readonly port: number }
  readonly entry: Entry
}

interface Party {
  readonly sender: Sender
  readonly upstream: Shown | undefined
  readonly sources: SourceSet
}

interface Packet {
  /** As the rules of the present namespace see them. */
  readonly sources: SourceSet
  /** Who sent them, where a translation of the source has hidden it. */
  readonly senders?: SourceSet
  readonly address: Address
  readonly port: number
  readonly path: readonly PathStep[]
  readonly reasons: readonly Reason[]
  readonly certain: boolean
}

/** For every endpoint of the machine, who can reach it, by which path. `ports`: only what is sent to these, and to what rules translate. */
export function computeReach(host: HostModel, upstream: Upstream, ports?: ReadonlySet<number>): readonly EndpointReach[] {
  return new ReachComputation(host, upstream, ports).run()
}

class ReachComputation {
  readonly #host: HostModel
  readonly #upstream: Upstream
  readonly #wanted: ReadonlySet<number> | undefined
  readonly #arrivals = new Arrivals()
  readonly #filters = new Map<string, readonly Ruleset[]>()
  readonly #walks = new Map<string, Walks>()

  constructor(host: HostModel, upstream: Upstream, wanted: ReadonlySet<number> | undefined) {
    this.#wanted = wanted
    this.#host = host
    this.#upstream = upstream
  }

  run(): readonly EndpointReach[] {
    for (const namespace of this.#host.namespaces.values()) for (const endpoint of endpointsOf(namespace)) this.#arrivals.expect(endpoint)
    for (const namespace of this.#host.namespaces.values()) for (const device of namespace.interfaces) this.#enter({ namespace, device })
    for (const [endpoint, arrival] of unreadArrivals(this.#host, this.#upstream)) this.#arrivals.arrive(endpointKey(endpoint), arrival)
    return this.#arrivals.results()
  }

  /** Every packet class that could come in at this interface and matter. */
  #enter(port: Port): void {
    const external = isExternal(this.#host, port)
    const inner =
      !external && port.device.up && !port.device.loopback && port.device.master === undefined ? attachedTo(this.#host, port) : []
    if (!external && inner.length === 0) return
    for (const family of FAMILIES) {
      const senders = external ? sendersThrough(port, family) : { private: NOBODY, internet: NOBODY }
      const containers = addressSetOf(
        ...inner.flatMap(({ device }) => device.addresses.filter((item) => item.address.family === family).map((item) => item.address)),
      )
      for (const destination of this.#destinations(port, family)) {
        const way = fromInternet(destination, port.device, this.#host.boundary, this.#upstream)
        const parties = [
          party('private', senders.private),
          party('host', containers),
          ...(way.kind === 'unroutable' ? [] : [party('internet', senders.internet, way.kind === 'conditional' ? way.by : undefined)]),
        ].filter(({ sources }) => !isEmpty(sources))
        if (parties.length === 0) continue
        // One set for all ports, so that what is known of one is found for the others.
        const sources = parties.map((item) => item.sources).reduce(unionSources)
        const entry = { namespace: port.namespace.id, device: port.device.name }
        for (const protocol of PROTOCOLS) {
          for (const number of this.#ports(port, protocol, destination)) {
            const at = { address: destination, port: number }
            this.#send(port, { parties, family, protocol, at, entry }, sources)
          }
        }
      }
    }
  }

  /** The machine's own addresses, whichever interface has them (Linux takes a packet for any of them at any interface), and those of namespaces behind it. */
  #destinations(port: Port, family: Family): readonly Address[] {
    const own = addressesOf(port.namespace)
      .filter(({ address, device }) => address.family === family && (!isLinkLocal(address) || device.name === port.device.name))
      .map(({ address }) => address)
      .filter((address) => classOf(address) !== 'loopback')
    const loopback = family === 4 && routesLoopback(port) ? [{ family, value: 0x7f000001n } as const] : []
    return [...own, ...loopback, ...this.#behind(port).filter((address) => address.family === family)]
  }

  /** Addresses of other namespaces that this one could forward to. */
  #behind(port: Port): readonly Address[] {
    return port.namespace.interfaces
      .filter((device) => device.name !== port.device.name && device.up && device.master === undefined)
      .flatMap((device) => attachedTo(this.#host, { namespace: port.namespace, device }))
      .flatMap(({ device }) => device.addresses.map((item) => item.address))
      .filter((address) => !isLinkLocal(address))
  }

  /** Ports worth asking about: those of sockets that could receive, and those that a rule translates. */
  #ports(port: Port, protocol: Protocol, destination: Address): ReadonlySet<number> {
    const local = addressesOf(port.namespace).some(
      ({ address }) => address.family === destination.family && address.value === destination.value,
    )
    const receiver = local ? port.namespace : this.#namespaceOf(port, destination)
    const ports = new Set(
      (receiver?.sockets ?? [])
        .map((item) => item.claim)
        .filter((socket) => socket.protocol === protocol && this.#wanted?.has(socket.port) !== false)
        .map((socket) => socket.port),
    )
    for (const filter of this.#rulesets(port.namespace)) for (const translated of translatedPorts(filter, protocol)) ports.add(translated)
    return ports
  }

  #namespaceOf(port: Port, destination: Address): NamespaceModel | undefined {
    const device = route(port.namespace, destination)?.device
    const through = port.namespace.interfaces.find((item) => item.name === device)
    return through === undefined ? undefined : nextHop(this.#host, { namespace: port.namespace, device: through }, destination)?.namespace
  }

  #send(port: Port, travel: Travel, sources: SourceSet): void {
    const { address, port: number } = travel.at
    const start: PathStep = { kind: 'enter', device: port.device.name, address, port: number }
    this.#walk(port, travel, { sources, address, port: number, path: [start], reasons: [], certain: true }, MOST_HOPS)
  }

  #walk(port: Port, travel: Travel, packet: Packet, hops: number): void {
    if (hops === 0) return
    const outcomes = this.#walksOf(port.namespace).inbound({
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
    // Behind a translation of the source it cannot be told which senders the rules of the next namespace take apart.
    const mixed = before.senders !== undefined && !sameSources(outcome.sources, before.sources)
    const packet: Packet = {
      sources: outcome.sources,
      address: outcome.destination.address,
      port: outcome.destination.port,
      path: [...before.path, ...outcome.trail.map((step): PathStep => ({ kind: 'netfilter', namespace: namespace.id, step }))],
      ...(before.senders === undefined ? {} : { senders: before.senders }),
      reasons: [...before.reasons, ...outcome.reasons, ...blindness(port), ...(mixed ? [MIXED] : [])],
      certain: before.certain && outcome.certainty === 'sure' && blindness(port).length === 0 && !mixed,
    }
    switch (outcome.verdict) {
      case 'delivered':
      case 'undecided':
        for (const item of receiving(namespace, travel.protocol, packet.address, packet.port, port.device.name))
          this.#arrive(namespace, travel, packet, item, hops)
        return
      case 'forwarded': {
        const device = namespace.interfaces.find((item) => item.name === outcome.device)
        const next = device === undefined ? undefined : nextHop(this.#host, { namespace, device }, packet.address)
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
    const addresses =
      change.kind === 'snat'
        ? change.addresses && rangeSet([change.addresses])
        : addressSetOf(
            ...addressesOf(namespace)
              .filter(({ device, address }) => device.name === change.device && address.family === packet.address.family)
              .map(({ address }) => address),
          )
    const senders = packet.senders ?? packet.sources
    return addresses === undefined || isEmpty(addresses) ? { ...packet, senders } : { ...packet, senders, sources: sourceSet(addresses) }
  }

  /** Where docker-proxy, if it holds the socket, passes connections on to. */
  #proxied(
    namespace: NamespaceModel,
    socket: Evidence<Socket>,
  ): { readonly address: Address; readonly port: number; readonly next: Port } | undefined {
    const target = userlandProxyTarget(this.#host, socket)
    if (target === undefined) return undefined
    const device = namespace.interfaces.find((item) => item.name === route(namespace, target.address)?.device)
    const next = device === undefined ? undefined : nextHop(this.#host, { namespace, device }, target.address)
    return next && { ...target, next }
  }

  #arrive(namespace: NamespaceModel, travel: Travel, packet: Packet, socket: Evidence<Socket>, hops: number): void {
    const target = this.#proxied(namespace, socket)
    if (target === undefined) {
      const key = endpointKey({ namespace: namespace.id, ...socketPlace(socket) })
      const reasons = packet.certain ? [] : packet.reasons.length > 0 ? packet.reasons : [UNDECIDED]
      for (const { sender, upstream, sources: sent } of travel.parties) {
        const sources = intersectSources(packet.senders ?? packet.sources, sent)
        if (isEmpty(sources)) continue
        this.#arrivals.arrive(key, {
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

  /** The sockets that the packet was meant for, as it stood when it was stopped. */
  #wouldReceive(
    port: Port,
    travel: Travel,
    packet: Packet,
  ): readonly { readonly namespace: NamespaceModel; readonly socket: Evidence<Socket> }[] {
    const here = receiving(port.namespace, travel.protocol, packet.address, packet.port, port.device.name)
    const namespace = here.length > 0 ? port.namespace : this.#namespaceOf(port, packet.address)
    if (namespace === undefined) return []
    const sockets = here.length > 0 ? here : receiving(namespace, travel.protocol, packet.address, packet.port, '')
    return sockets.map((socket) => ({ namespace, socket }))
  }

  #block(namespace: NamespaceModel, travel: Travel, packet: Packet, socket: Evidence<Socket>, rejected: boolean): void {
    const target = this.#proxied(namespace, socket)
    if (target !== undefined) {
      for (const item of receiving(target.next.namespace, travel.protocol, target.address, target.port, target.next.device.name))
        this.#block(target.next.namespace, travel, packet, item, rejected)
      return
    }
    const { family, at, entry } = travel
    for (const { sender, sources: sent } of travel.parties) {
      const sources = intersectSources(packet.senders ?? packet.sources, sent)
      if (isEmpty(sources)) continue
      const key = endpointKey({ namespace: namespace.id, ...socketPlace(socket) })
      this.#arrivals.block(key, { sender, family, at, entry, sources, rejected, path: packet.path })
    }
  }

  #rulesets(namespace: NamespaceModel): readonly Ruleset[] {
    let found = this.#filters.get(namespace.id)
    if (found === undefined) {
      const unread = namespace.gaps.flatMap(({ claim }) =>
        claim.affects.kind === 'netfilter'
          ? [{ families: claim.affects.family === undefined ? FAMILIES : [claim.affects.family], reason: show(claim.what) }]
          : [],
      )
      found = [
        ...namespace.filters.map((item) => item.claim.ruleset),
        ...(unread.length === 0 ? [] : [{ tool: 'unread', tables: [], unread }]),
      ]
      this.#filters.set(namespace.id, found)
    }
    return found
  }

  #walksOf(namespace: NamespaceModel): Walks {
    let found = this.#walks.get(namespace.id)
    if (found === undefined) {
      found = new Walks(this.#rulesets(namespace), describeNamespace(namespace))
      this.#walks.set(namespace.id, found)
    }
    return found
  }
}

function party(sender: Sender, addresses: AddressSet, upstream?: Shown): Party {
  return { sender, upstream, sources: sourceSet(addresses) }
}

const NOBODY: AddressSet = unionOf([])

const UNDECIDED: Reason = { text: show('a step on the way could not be decided') }
const MIXED: Reason = { text: show('its source was translated on the way, and rules behind that tell sources apart') }

function socketPlace(socket: Evidence<Socket>): Pick<Endpoint, 'protocol' | 'address' | 'port'> {
  const { protocol, address, port } = socket.claim
  return { protocol, address, port }
}

/** Programs that may decide before netfilter does. */
function blindness({ device }: Port): readonly Reason[] {
  return device.programs.map((program) => ({ text: show(`a ${program} program on ${device.name} may drop or redirect the packet first`) }))
}
