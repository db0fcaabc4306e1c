import { type AddressSet, addressSetOf, FAMILIES, type Family, isEmpty, NO_ADDRESSES, type SourceSet } from '../network/index.ts'
import { type Protocol, type Shown, show } from '../evidence/index.ts'
import { Arrivals } from './arrivals.ts'
import { behind, type Destination, Questions } from './asked.ts'
import { machineToEndpoints } from './from-machine.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { joined, Journeys } from './journeys.ts'
import { type Senders, sendersThrough } from './neighbours.ts'
import { type PortClasses, portClasses, type Reason } from './netfilter/index.ts'
import { rulesetsOf } from './netfilter-host.ts'
import type { EndpointReach, PathStep } from './reach.ts'
import { endpointsOf } from './sockets.ts'
import { asksRules, besideOf, bridgeReasons, isExternal, type Port, segmentOf, takesPackets } from './topology.ts'
import { isLinkBound } from './routing.ts'
import { NOBODY, type Packet, SendersTo, type Travel } from './travel.ts'
import { unreadArrivals } from './unread.ts'
import { fromInternet, type Upstream } from './upstream.ts'

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp']

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
  readonly #journeys: Journeys
  #classes: PortClasses | undefined

  constructor(host: HostModel, upstream: Upstream, wanted: ReadonlySet<number> | undefined) {
    this.#wanted = wanted
    this.#host = host
    this.#upstream = upstream
    this.#journeys = new Journeys(host, this.#arrivals)
  }

  run(): readonly EndpointReach[] {
    for (const namespace of this.#host.namespaces.values()) for (const endpoint of endpointsOf(namespace)) this.#arrivals.expect(endpoint)
    for (const namespace of this.#host.namespaces.values()) for (const device of namespace.interfaces) this.#enter({ namespace, device })
    for (const [socket, arrival] of unreadArrivals(this.#host, this.#upstream)) this.#arrivals.arrive(socket, arrival)
    const fromMachine = machineToEndpoints(this.#host)
    return this.#arrivals
      .results()
      .map((reach) => (reach.endpoint.namespace === this.#host.own ? reach : { ...reach, fromMachine: () => fromMachine(reach.endpoint) }))
  }

  /** Every packet class that could come in at this interface and matter. */
  #enter(port: Port): void {
    const comers = takesPackets(port) ? FAMILIES.flatMap((family) => this.#comers(port, family)) : []
    if (comers.length === 0) return
    const routed = behind(this.#host, port)
    const reached = [...new Set([...routed, ...this.#bridgedBy(port)])]
    this.#journeys.begin(reached)
    const questions = new Questions(port, reached, rulesetsOf, () => this.#portClasses(), this.#wanted)
    const entry = { namespace: port.namespace.id, device: port.device.name }
    const portClass = (number: number): number => questions.classOf(number)
    const isUpstream = port.namespace.kind === 'upstream'
    const own = new Set([port.namespace, ...routed])
    const isRouted = ({ owners }: Destination): boolean => owners.some((owner) => own.has(owner))
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
    if (unwalked) this.#journeys.ofMany(port, travel, packet)
    else this.#journeys.enter(port, travel, packet)
  }

  #portClasses(): PortClasses {
    this.#classes ??= portClasses([...this.#host.namespaces.values()].flatMap(rulesetsOf))
    return this.#classes
  }
}
