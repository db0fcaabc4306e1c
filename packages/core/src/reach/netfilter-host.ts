import {
  type Address,
  addressSetOf,
  ALL_SOURCES,
  classOf,
  FAMILIES,
  type Family,
  hasAddress,
  LOOPBACK,
  sameAddress,
} from '../network/index.ts'
import { type Route, type Ruleset, show } from '../evidence/index.ts'
import { addressesOf, deviceNamed, type NamespaceModel } from './host.ts'
import { LOOP, type NetfilterHost, type RoutedPacket, type RouteDecision, Walks } from './netfilter/index.ts'
import { castOf, EVERYBODY, type Routed, routingOf, takesGroup, isLinkBound } from './routing.ts'
import { type Port } from './topology.ts'

/** 127.0.0.0/8 is taken from outside only where route_localnet says so (ip-sysctl.rst). */
export function routesLoopback({ namespace, device }: Port): boolean {
  return [device.name, 'all'].some((name) => namespace.settings.get(`net.ipv4.conf.${name}.route_localnet`) === '1')
}

const NUMBERS = { tcp: 6, udp: 17 } as const

const rulesets = new WeakMap<NamespaceModel, readonly Ruleset[]>()

/** The packet filter of a namespace, one and the same list each time; what could not be read of it is a ruleset that decides nothing. */
export function rulesetsOf(namespace: NamespaceModel): readonly Ruleset[] {
  const known = rulesets.get(namespace)
  if (known !== undefined) return known
  const unread = namespace.gaps.flatMap(({ claim }) =>
    claim.affects.kind === 'netfilter'
      ? [{ families: claim.affects.family === undefined ? FAMILIES : [claim.affects.family], reason: show(claim.what) }]
      : [],
  )
  const found = [
    ...namespace.filters.map((item) => item.claim.ruleset),
    ...(unread.length === 0 ? [] : [{ tool: 'unread', tables: [], unread }]),
  ]
  rulesets.set(namespace, found)
  return found
}

const walks = new WeakMap<NamespaceModel, Walks>()

/** What becomes of packets in the packet filter of a namespace; what was asked before is known. */
export function walksOf(namespace: NamespaceModel): Walks {
  const found = walks.get(namespace) ?? new Walks(rulesetsOf(namespace), describeNamespace(namespace))
  walks.set(namespace, found)
  return found
}

/** What the packet filter may ask of its namespace. */
export function describeNamespace(namespace: NamespaceModel): NetfilterHost {
  const own = addressesOf(namespace)
  const routing = routingOf(namespace)
  let last: { readonly packet: RoutedPacket; readonly decision: RouteDecision } | undefined
  return {
    localAddresses: routing.locals('local'),
    broadcastAddresses: routing.locals('broadcast'),
    route: (packet) => {
      // The ports of one destination are asked about one after the other.
      if (last === undefined || !areRoutedAlike(last.packet, packet)) last = { packet, decision: decide(namespace, packet) }
      return last.decision
    },
    routeOwn: (packet) => routeOwn(namespace, packet),
    takes: ({ inbound, protocol, destination }) => {
      const { family } = destination
      // By rules that ask for nothing but the destination, a mark and a sender are as good as any other.
      const packet = { inbound, family, destination, protocol: NUMBERS[protocol], sources: ALL_SOURCES, mark: 0 }
      return routing.isPlain(family) && decide(namespace, packet).kind === 'local'
    },
    deviceAddress: (device, family) => own.find((item) => item.device.name === device && item.address.family === family)?.address,
    reversePath: (device, family) => (routing.isPlain(family) ? routing.through(device, family) : undefined),
    deviceAddresses: (device) => addressSetOf(...own.filter((item) => item.device.name === device).map(({ address }) => address)),
    lowerDevices: (device) => lowerDevices(namespace, device),
  }
}

function areRoutedAlike(a: RoutedPacket, b: RoutedPacket): boolean {
  return (
    a.destination === b.destination && a.sources === b.sources && a.inbound === b.inbound && a.protocol === b.protocol && a.mark === b.mark
  )
}

/** ip_route_input_slow of net/ipv4/route.c, ip6_route_input and ip6_forward of net/ipv6. */
function decide(namespace: NamespaceModel, packet: RoutedPacket): RouteDecision {
  const { inbound, destination, protocol } = packet
  const device = deviceNamed(namespace, inbound)
  if (classOf(destination) === 'loopback' && device !== undefined && !device.loopback && !routesLoopback({ namespace, device }))
    return discard('loopback addresses are not taken from outside')
  const cast = castOf(namespace, destination)
  if (cast !== 'unicast' && protocol !== NUMBERS.udp) return discard(`TCP takes no packet for a ${cast} address`)
  if (cast === 'multicast') return takeGroup(namespace, inbound, destination)
  if (hasAddress(EVERYBODY, destination)) return { kind: 'local' }
  return oneOf(routingOf(namespace).route(packet), (route) => along(namespace, packet, route))
}

/** `ip_route_output_key_hash_rcu` of net/ipv4/route.c, `ip6_route_output_flags` of net/ipv6/route.c: the rules of routing see such a packet come in by lo. */
export function routeOwn(namespace: NamespaceModel, packet: Omit<RoutedPacket, 'inbound'>): RouteDecision {
  return oneOf(routingOf(namespace).route({ ...packet, inbound: LOOP }), (route) => ownAlong(namespace, packet, route))
}

function oneOf({ answers, doubt }: Routed, along: (route: Route) => RouteDecision): RouteDecision {
  const [answer, ...others] = answers
  const [route, ...beside] = answer ?? []
  if (route !== undefined && others.length === 0 && beside.length === 0 && doubt === undefined) return along(route)
  const choices = answers.flatMap((routes) => (routes.length === 0 ? [NO_ROUTE] : routes.map(along)))
  const distinct = [...new Map(choices.map((choice) => [keyOf(choice), choice])).values()]
  const [first] = distinct
  if (first === undefined) return NO_ROUTE
  if (distinct.length === 1 && doubt === undefined) return first
  if (doubt !== undefined) distinct.push({ kind: 'unknown', reason: doubt })
  return { kind: 'one-of', of: distinct, reason: doubt ?? show('the kernel chooses among several next hops') }
}

function discard(reason: string): RouteDecision {
  return { kind: 'discard', reason: show(reason) }
}

const NO_ROUTE = discard('no route to the destination')

function takeGroup(namespace: NamespaceModel, inbound: string, group: Address): RouteDecision {
  const takes = takesGroup(namespace, inbound, group)
  const stranger = discard(`${inbound} has not joined the group`)
  if (takes === undefined)
    return { kind: 'one-of', of: [{ kind: 'local' }, stranger], reason: show('which multicast groups it has joined was not read') }
  return takes ? { kind: 'local' } : stranger
}

function along(namespace: NamespaceModel, { inbound, family, destination }: RoutedPacket, route: Route): RouteDecision {
  switch (route.type) {
    case 'local':
    case 'broadcast':
    case 'anycast':
      // A link-local address is taken at its own interface only (rt6_need_strict of net/ipv6/route.c).
      return isLinkBound(destination) && route.device !== undefined && route.device !== inbound
        ? discard('a link-local address of another interface')
        : { kind: 'local' }
    case 'unicast': {
      if (!forwards(namespace, inbound, family)) return discard('this namespace does not forward')
      const { device, gateway } = route
      if (device === undefined) return { kind: 'unknown', reason: show('a route without a device') }
      return { kind: 'forward', device, ...(gateway === undefined || sameAddress(gateway, destination) ? {} : { gateway }) }
    }
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'throw':
      return NO_ROUTE
    case 'multicast':
    case 'other':
      return { kind: 'unknown', reason: show('a route of a kind that is not known') }
    default:
      return route.type satisfies never
  }
}

function ownAlong(namespace: NamespaceModel, { family, destination }: Omit<RoutedPacket, 'inbound'>, route: Route): RouteDecision {
  switch (route.type) {
    case 'local':
    case 'anycast':
      return { kind: 'local' }
    case 'unicast': {
      const { gateway } = route
      const device = deviceNamed(namespace, route.device)
      if (device === undefined || device.loopback) return { kind: 'unknown', reason: show('a route by a device that is not followed') }
      // 127.0.0.0/8 leaves the machine only where route_localnet says so (__mkroute_output).
      const refused = family === 4 && !routesLoopback({ namespace, device }) ? { martians: LOOPBACK } : {}
      return {
        kind: 'forward',
        device: device.name,
        ...(gateway === undefined || sameAddress(gateway, destination) ? {} : { gateway }),
        ...refused,
      }
    }
    case 'broadcast':
    case 'multicast':
    case 'other':
      return { kind: 'unknown', reason: show('a route of a kind that is not followed') }
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'throw':
      return NO_ROUTE
    default:
      return route.type satisfies never
  }
}

/** Of IPv4 the interface that a packet came in by decides, of IPv6 the namespace or that interface (ip6_forward). What was not read forwards. */
function forwards({ settings }: NamespaceModel, inbound: string, family: Family): boolean {
  return family === 4
    ? (settings.get(`net.ipv4.conf.${inbound}.forwarding`) ?? settings.get('net.ipv4.ip_forward')) !== '0'
    : settings.get('net.ipv6.conf.all.forwarding') !== '0' || (settings.get(`net.ipv6.conf.${inbound}.force_forwarding`) ?? '0') !== '0'
}

function keyOf(decision: RouteDecision): string {
  return decision.kind === 'forward' ? `${decision.device} ${decision.gateway?.value ?? ''}` : `${decision.kind}`
}

/** Members of a bridge or bond, and what a VLAN or macvlan lies on. */
function lowerDevices(namespace: NamespaceModel, name: string): readonly string[] {
  const { interfaces } = namespace
  const device = deviceNamed(namespace, name)
  const below = device?.kind !== 'veth' && device?.peer?.elsewhere === false ? device.peer.index : undefined
  return interfaces.filter((item) => (item.master === name && device?.kind !== 'vrf') || item.index === below).map((item) => item.name)
}
