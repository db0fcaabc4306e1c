import {
  type Address,
  type AddressSet,
  difference,
  type Family,
  FAMILY_ADDRESSES,
  hasAddress,
  INTERNET,
  intersection,
  LINK_LOCAL,
  PRIVATE,
  prefixRange,
  rangeSet,
  sameAddress,
  union,
} from '../network/index.ts'
import type { Interface, Route } from '../evidence/index.ts'
import type { HostModel, NamespaceModel } from './host.ts'

/** An interface of one of the machine's namespaces. */
export interface Port {
  readonly namespace: NamespaceModel
  readonly device: Interface
}

/** The other ends that a packet leaving through `device` can come out of: the peer of a veth, or of every veth in a bridge. */
export function attachedTo(host: HostModel, from: Port): readonly Port[] {
  const members =
    from.device.kind === 'bridge' ? from.namespace.interfaces.filter((item) => item.master === from.device.name) : [from.device]
  return members.flatMap((member) => peersOf(host, from.namespace, member))
}

/** A veth names its peer by index; that the peer names it back makes the pair sure, since indexes repeat between namespaces. */
function peersOf(host: HostModel, namespace: NamespaceModel, member: Interface): readonly Port[] {
  const peer = member.peer
  if (member.kind !== 'veth' || peer === undefined) return []
  const candidates = peer.elsewhere ? [...host.namespaces.values()].filter((other) => other.id !== namespace.id) : [namespace]
  return candidates.flatMap((other) =>
    other.interfaces
      .filter((item) => item.kind === 'veth' && item.index === peer.index && item.peer?.index === member.index)
      .map((device) => ({ namespace: other, device })),
  )
}

/** A way into the machine from outside it: an interface that does not merely lead to another of its own namespaces. */
export function isExternal(host: HostModel, port: Port): boolean {
  const { device, namespace } = port
  if (!device.up || device.loopback || device.master !== undefined) return false
  if (device.kind === 'bridge') {
    const members = namespace.interfaces.filter((item) => item.master === device.name)
    // A bridge without members is a container network that nobody is on.
    return members.some((member) => peersOf(host, namespace, member).length === 0)
  }
  if (device.kind === 'dummy' || device.kind === 'ifb') return false
  return peersOf(host, namespace, device).length === 0
}

/** The on-link prefixes of an interface. */
export function onLink(device: Interface, family: Family): AddressSet {
  return rangeSet(
    device.addresses.filter((item) => item.address.family === family).map((item) => prefixRange(item.address, item.prefixLength)),
  )
}

export function hasDefaultRoute(namespace: NamespaceModel, device: Interface, family: Family): boolean {
  return namespace.routes.some(
    (route) => route.family === family && route.destination.prefixLength === 0 && route.type === 'unicast' && route.device === device.name,
  )
}

/** The addresses that this namespace would answer through the device: the longest prefix of all routes decides. */
export function routedThrough({ namespace, device }: Port, family: Family): AddressSet {
  let taken: AddressSet = rangeSet([])
  let found: AddressSet = rangeSet([])
  const routes = namespace.routes.filter((item) => item.family === family && item.type === 'unicast')
  for (const item of routes.toSorted((a, b) => (better(a, b) ? -1 : 1))) {
    const range = rangeSet([prefixRange(item.destination.address, item.destination.prefixLength)])
    if (item.device === device.name) found = union(found, difference(range, taken))
    taken = union(taken, range)
  }
  return found
}

/** Sources that the kernel refuses on this device, whatever the rules say: its own addresses (fib_validate_source), and by the reverse path filter. */
function refusedSources(port: Port, family: Family): AddressSet {
  const { namespace, device } = port
  const own = rangeSet(
    namespace.interfaces.flatMap((item) =>
      item.addresses.filter(({ address }) => address.family === family).map(({ address }) => ({ first: address, last: address })),
    ),
  )
  // The stricter of the two settings holds (ip-sysctl.rst, rp_filter); IPv6 has none.
  const strict =
    family === 4 &&
    ['all', device.name].map((name) => Number(namespace.settings.get(`net.ipv4.conf.${name}.rp_filter`) ?? 0)).some((value) => value === 1)
  return strict ? union(own, difference(FAMILY_ADDRESSES[family], routedThrough(port, family))) : own
}

/** Who can send a packet into this interface: `private` are its neighbours, `internet` everybody beyond a default route. */
export function sendersThrough(port: Port, family: Family): { readonly private: AddressSet; readonly internet: AddressSet } {
  const all = FAMILY_ADDRESSES[family]
  // On-link public addresses are neighbours, and so is what is routed here by a longer prefix.
  const routed = rangeSet(
    port.namespace.routes
      .filter(
        (route) =>
          route.family === family && route.device === port.device.name && route.type === 'unicast' && route.destination.prefixLength > 0,
      )
      .map((route) => prefixRange(route.destination.address, route.destination.prefixLength)),
  )
  const refused = refusedSources(port, family)
  const neighbours = intersection(all, union(PRIVATE, union(onLink(port.device, family), routed)))
  return {
    private: difference(neighbours, refused),
    internet: hasDefaultRoute(port.namespace, port.device, family) ? difference(intersection(all, INTERNET), refused) : rangeSet([]),
  }
}

/** What the kernel does with a packet for `destination`, by the longest matching route (ip-route(8)). Policy routing is detected elsewhere. */
export function route(namespace: NamespaceModel, destination: Address): Route | undefined {
  let best: Route | undefined
  for (const candidate of namespace.routes) {
    if (candidate.family !== destination.family) continue
    const { address, prefixLength } = candidate.destination
    const range = prefixRange(address, prefixLength)
    if (destination.value < range.first.value || destination.value > range.last.value) continue
    if (best === undefined || better(candidate, best)) best = candidate
  }
  return best
}

/** The local table is asked first (ip-rule(8)), then the longer prefix, then the lower metric. */
function better(a: Route, b: Route): boolean {
  const local = Number(b.table === 'local') - Number(a.table === 'local')
  if (local !== 0) return local < 0
  if (a.destination.prefixLength !== b.destination.prefixLength) return a.destination.prefixLength > b.destination.prefixLength
  return a.metric < b.metric
}

/** Where a packet for `destination` arrives when it leaves through `device`: the namespace on that link that has the address. */
export function nextHop(host: HostModel, from: Port, destination: Address): Port | undefined {
  return attachedTo(host, from).find(({ device }) => device.addresses.some((item) => sameAddress(item.address, destination)))
}

export function isLinkLocal(address: Address): boolean {
  return hasAddress(LINK_LOCAL, address)
}
