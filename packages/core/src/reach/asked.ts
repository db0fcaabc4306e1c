import {
  type Address,
  type AddressRange,
  addressAt,
  type AddressSet,
  classOf,
  type Family,
  FAMILY_ADDRESSES,
  hasAddress,
  includes,
  inRange,
  someAddress,
  rangeSet,
  rangesOf,
  PRIVATE,
  LOOPBACK,
  isUnspecified,
  intersection,
  INTERNET,
  positionOf,
  type PortSet,
  unionOf,
} from '../network/index.ts'
import type { Protocol, Ruleset } from '../evidence/index.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { destinationSets, type PortClasses } from './netfilter/index.ts'
import { routesLoopback } from './netfilter-host.ts'
import { type Cast, castOf, EVERY_GROUP, EVERYBODY, isGroup, routingOf, isLinkBound, type Taken } from './routing.ts'
import { oncePerPair } from './pairs.ts'
import { portsAt } from './sockets.ts'
import { type Port, segmentOf, takesPackets } from './topology.ts'
import { mappedOnto, rewrites, translatedBy } from './translated.ts'

/** Of a prefix that is local as a whole, as many addresses are asked about as rules can tell apart, up to this. */
const MOST_OF_PREFIX = 16
const MOST_CUTS = 256

const NONE: readonly number[] = []

/** Of 127.0.0.0/8, on which nothing else is routed, the one that everybody uses, and another. */
const LOCALHOST: Address = { family: 4, value: 0x7f00_0001n }
const NEXT_TO_IT: Address = { family: 4, value: 0x7f00_0002n }

/** An address that packets may be sent to. */
export interface Destination {
  readonly address: Address
  readonly cast: Cast
  /** The namespaces that have it. */
  readonly owners: readonly NamespaceModel[]
  /** It stands for others, of which rules tell more apart than are asked about. */
  readonly rest?: true
}

/** The other namespaces that packets coming in at a port could be forwarded to, however many lie between. */
export function behind(host: HostModel, port: Port): readonly NamespaceModel[] {
  const found = new Set<NamespaceModel>([port.namespace])
  const waiting: Port[] = [port]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { namespace, device } = at
    for (const other of namespace.interfaces) {
      if (other.name === device.name || !takesPackets({ namespace, device: other })) continue
      for (const next of segmentOf(host, { namespace, device: other }).ports) {
        if (found.has(next.namespace)) continue
        found.add(next.namespace)
        waiting.push(next)
      }
    }
  }
  found.delete(port.namespace)
  return [...found]
}

/**
 * What is asked about packets that come in at one port, or, at the loopback device, of those that its namespace sends: finitely many
 * destinations and ports, so that every socket that they could reach is met.
 */
export class Questions {
  readonly #port: Port
  readonly #others: readonly NamespaceModel[]
  readonly #own: readonly Ruleset[]
  /** Rules may have sent a packet elsewhere before they ask whether to translate it. */
  readonly #rewritten: boolean
  /** Of the namespaces behind. */
  readonly #further: readonly Ruleset[]
  readonly #wanted: ReadonlySet<number> | undefined
  readonly #classes: () => PortClasses
  readonly #translated: Readonly<Record<Protocol, WeakMap<PortSet, readonly number[]>>> = { tcp: new WeakMap(), udp: new WeakMap() }
  readonly #translatedFurther = new Map<Protocol, PortSet>()

  /** `classes`: of the ports that the rules of all these namespaces, and perhaps of more, can tell apart. */
  constructor(
    port: Port,
    others: readonly NamespaceModel[],
    rulesetsOf: (namespace: NamespaceModel) => readonly Ruleset[],
    classes: () => PortClasses,
    wanted?: ReadonlySet<number>,
  ) {
    this.#port = port
    this.#others = others
    this.#wanted = wanted
    this.#own = rulesetsOf(port.namespace)
    this.#rewritten = this.#own.some(rewrites)
    this.#further = others.flatMap(rulesetsOf)
    this.#classes = classes
  }

  /** The namespace's own addresses, whichever interface has them (Linux takes a packet for any of them at any interface), and those of namespaces behind it. */
  destinations(family: Family): readonly Destination[] {
    const { namespace } = this.#port
    const found = new Map<bigint, Destination>()
    const rest: Destination[] = []
    for (const owner of [namespace, ...this.#others]) {
      for (const range of this.#localsOf(owner, family)) {
        const some = this.#someOf(range, owner)
        for (const address of some.slice(0, MOST_OF_PREFIX)) {
          const owners = [...(found.get(address.value)?.owners ?? []), owner]
          found.set(address.value, { address, cast: castOf(owner, address), owners: [...new Set(owners)] })
        }
        if (some.length > MOST_OF_PREFIX) rest.push({ address: range.first, cast: 'unicast', owners: [owner], rest: true })
      }
    }
    const groups = this.#groups(family).map((address): Destination => ({ address, cast: castOf(namespace, address), owners: [namespace] }))
    return [...found.values(), ...rest, ...groups]
  }

  /** Addresses that are nobody's here and that rules name, who may send what is for them to somebody. */
  named(family: Family): readonly Destination[] {
    const { namespace } = this.#port
    const known = [namespace, ...this.#others]
    const some = destinationSets(this.#own).flatMap((set) =>
      rangesOf(intersection(set, FAMILY_ADDRESSES[family])).map(({ first, last }) =>
        first.value === last.value ? first : { family, value: first.value + 1n },
      ),
    )
    const found = new Map(some.map((address) => [address.value, { address, cast: castOf(namespace, address), owners: [] } as const]))
    return [...found.values()]
      .filter(({ address }) => classOf(address) !== 'special' && classOf(address) !== 'loopback' && !isLinkBound(address))
      .filter(({ address }) => !known.some((owner) => takesAddress(owner, address)))
      .slice(0, MOST_CUTS)
  }

  #localsOf(owner: NamespaceModel, family: Family): readonly AddressRange[] {
    const own = owner === this.#port.namespace
    const { device } = this.#port
    const loopback = own && (device.loopback || (family === 4 && routesLoopback(this.#port)))
    const isAsked = ({ scope, device: of }: Taken): boolean =>
      scope === 'wider' || (scope === 'loopback' ? loopback : own && (of === undefined || of === device.name))
    return routingOf(owner)
      .taken(family)
      .filter(isAsked)
      .map(({ range }) => range)
  }

  /** One address for each way in which rules tell those of the range apart, and those that sockets are bound to. */
  #someOf(range: AddressRange, owner: NamespaceModel): readonly Address[] {
    if (range.first.value === range.last.value) return [range.first]
    const bound = owner.sockets.map(({ claim }) => claim.address).filter((address) => !isUnspecified(address) && inRange(range, address))
    const cuts = this.#cuts().filter((cut) => inRange(range, cut))
    const told = new Map<string, Address>()
    // More are not looked at than could be told apart by their first ones.
    for (const address of [...this.#firstOf(range), ...cuts.slice(0, MOST_CUTS)]) {
      const key = this.#told(address)
      if (!told.has(key)) told.set(key, address)
    }
    const some = [...told.values(), ...bound]
    return cuts.length > MOST_CUTS ? [...some, ...cuts] : some
  }

  /** One address of each class that packets may be sent to. */
  #firstOf(range: AddressRange): readonly Address[] {
    const some = [INTERNET, PRIVATE, LOOPBACK].flatMap((all) => someAddress(intersection(all, rangeSet([range]))) ?? [])
    return this.#port.device.loopback && inRange(range, LOCALHOST) ? [LOCALHOST, NEXT_TO_IT] : some
  }

  /** Equal for addresses that are in the same sets of destinations. */
  #told(address: Address): string {
    return this.#sets()
      .flatMap((set, index) => (hasAddress(set, address) ? [index] : []))
      .join(' ')
  }

  /** Broadcast addresses and groups: one of those that rules do not tell apart, and those that sockets are bound to. */
  #groups(family: Family): readonly Address[] {
    const { namespace, device } = this.#port
    const routing = routingOf(namespace)
    const broadcast = routing
      .routes(family)
      .filter((route) => route.type === 'broadcast' && classOf(route.destination.address) !== 'loopback')
    const own = broadcast
      .toSorted((a, b) => Number(b.device === device.name) - Number(a.device === device.name))
      .map((route) => route.destination.address)
    const bound = namespace.sockets
      .filter(({ claim }) => claim.protocol === 'udp' && claim.address.family === family)
      .map(({ claim }) => claim.address)
      .filter((address) => isGroup(castOf(namespace, address)))
    const joined = [...(device.groups ?? []), ...addressesIn(EVERY_GROUP)].filter((address) => address.family === family)
    const told = new Map<string, Address>()
    for (const address of [...bound, ...own, ...addressesIn(EVERYBODY).filter((one) => one.family === family), ...joined]) {
      const exact = bound.some((one) => one.value === address.value) ? `${address.value}` : ''
      const key = `${castOf(namespace, address)} ${this.#told(address)} ${exact}`
      if (!told.has(key)) told.set(key, address)
    }
    return [...told.values()]
  }

  #named: readonly AddressSet[] | undefined

  /** The sets of destinations that rules ask for. */
  #sets(): readonly AddressSet[] {
    this.#named ??= destinationSets([...this.#own, ...this.#further])
    return this.#named
  }

  /** The addresses at which these sets begin, and those after which they end. */
  #cuts(): readonly Address[] {
    const all = new Set(this.#sets().flatMap((set) => set.flatMap(({ first, last }) => [first, last + 1n])))
    const last = positionOf({ family: 6, value: (1n << 128n) - 1n })
    return [...all].filter((position) => position <= last).map(addressAt)
  }

  /** Ports of sockets that could receive, and such that a rule may send to another. */
  ports(protocol: Protocol, { address, owners }: Destination): ReadonlySet<number> {
    const [first = NONE, ...rest] = owners.map((owner) => portsAt(owner, protocol, address))
    return this.#together(rest.length === 0 ? first : [...first, ...rest.flat()], this.#sentOn(protocol, address))
  }

  readonly #together = oncePerPair(
    (bound: readonly number[], sent: readonly number[]): ReadonlySet<number> =>
      new Set([...bound.filter((port) => this.#wanted?.has(port) !== false), ...sent]),
  )

  /** Equal for ports that rules do not tell apart. */
  classOf(port: number): number {
    return this.#classes().of(port)
  }

  /** Ports that rules send elsewhere: one for each way in which rules tell them apart, and those that become a port with a socket. */
  #sentOn(protocol: Protocol, address: Address): readonly number[] {
    // What is translated here is asked about by what it is sent to; behind, it may have another address.
    const to = { address, local: hasAddress(routingOf(this.#port.namespace).locals('local'), address) }
    const begun = this.#port.device.loopback ? 'sent' : 'received'
    const sets = this.#own.map((ruleset) => translatedBy(ruleset, protocol, this.#rewritten ? undefined : to, begun).ports)
    const [first, ...rest] = [...sets, this.#portsFurther(protocol)].filter((set) => set.length > 0)
    if (first === undefined) return NONE
    const ports = rest.length === 0 ? first : unionOf([first, ...rest])
    const known = this.#translated[protocol].get(ports)
    if (known !== undefined) return known
    const bound = [this.#port.namespace, ...this.#others].flatMap((owner) => portsOf(owner, protocol))
    const asked = mappedOnto(
      new Set([...this.#classes().someOf(ports), ...bound]),
      [...this.#own, ...this.#further].flatMap((ruleset) => translatedBy(ruleset, protocol).shifts),
    )
    const found = [...asked].filter((port) => includes(ports, port))
    this.#translated[protocol].set(ports, found)
    return found
  }

  /** Ports that rules of the namespaces behind send elsewhere. */
  #portsFurther(protocol: Protocol): PortSet {
    const found = this.#translatedFurther.get(protocol) ?? unionOf(this.#further.map((ruleset) => translatedBy(ruleset, protocol).ports))
    this.#translatedFurther.set(protocol, found)
    return found
  }
}

function portsOf({ sockets }: NamespaceModel, protocol: Protocol): readonly number[] {
  return sockets.flatMap(({ claim }) => (claim.protocol === protocol ? [claim.port] : []))
}

function addressesIn(set: AddressSet): readonly Address[] {
  return set.map(({ first }) => addressAt(first))
}

/** Whether an address is one of those that the namespace takes packets for. */
export function takesAddress(namespace: NamespaceModel, address: Address): boolean {
  const routing = routingOf(namespace)
  return hasAddress(routing.locals('local'), address) || hasAddress(routing.locals('anycast'), address)
}
