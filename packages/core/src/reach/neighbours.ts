import {
  type AddressSet,
  addressSetOf,
  classOf,
  difference,
  type Family,
  FAMILY_ADDRESSES,
  INTERNET,
  intersection,
  NO_ADDRESSES,
  overlaps,
  PRIVATE,
  prefixRange,
  rangeSet,
  sameAddress,
  unionOf,
} from '../network/index.ts'
import { type Interface, type Route, type Shown, show } from '../evidence/index.ts'
import { addressesOf, type HostModel, type NamespaceModel } from './host.ts'
import { routingOf } from './routing.ts'
import { type Port, segmentOf } from './topology.ts'

/** Who can send a packet into an interface. */
export interface Senders {
  /** Its neighbours. */
  readonly private: AddressSet
  readonly internet: AddressSet
  /** Set where it was not seen that anybody sends the internet's packets here. */
  readonly internetBy?: Shown
  /** Sources that the kernel may refuse. */
  readonly doubtful: { readonly addresses: AddressSet; readonly reason: Shown }
}

/** Prefixes shorter than this are not those of a neighbour's network: half of the internet is as good as a default route. */
const WIDE: Readonly<Record<Family, number>> = { 4: 8, 6: 12 }

export function sendersThrough(host: HostModel, port: Port, family: Family): Senders {
  const all = FAMILY_ADDRESSES[family]
  const routes = port.namespace.routes.filter(
    (route) => route.family === family && route.type === 'unicast' && route.device === port.device.name,
  )
  const defaults = routes.filter((route) => isWide(route) && !isOurs(host, port, route))
  // On-link public addresses are neighbours, and so is what is routed here by a longer prefix.
  const routed = rangeSet(routes.filter((route) => !isWide(route)).map(rangeOf))
  const { never, perhaps } = refusedSources(port, family)
  const neighbours = intersection(all, unionOf([PRIVATE, onLink(port.device, family), routed]))
  const internet = difference(intersection(all, INTERNET), never)
  const isPublic = port.device.addresses.some(({ address }) => address.family === family && classOf(address) === 'internet')
  const doubtful = {
    addresses: perhaps,
    reason: show(`the reverse path filter of ${port.device.name} goes by rules of routing that are not followed`),
  }
  if (defaults.length > 0) return { private: difference(neighbours, never), internet, doubtful }
  // Nothing here answers the internet by this interface; whether its packets come by it, others decide.
  return isPublic
    ? {
        private: difference(neighbours, never),
        internet,
        internetBy: show(`the router of the network at ${port.device.name}, by which this machine has no way to the internet`),
        doubtful,
      }
    : { private: difference(neighbours, never), internet: NO_ADDRESSES, doubtful }
}

function isWide(route: Route): boolean {
  return route.destination.prefixLength < WIDE[route.family] && overlaps(INTERNET, rangeSet([rangeOf(route)]))
}

/** Whether the route leads to another namespace of this machine, by which the internet's packets then come forwarded. */
function isOurs(host: HostModel, port: Port, { gateway }: Route): boolean {
  return (
    gateway !== undefined &&
    segmentOf(host, port).ports.some(({ device }) => device.addresses.some((item) => sameAddress(item.address, gateway)))
  )
}

function rangeOf({ destination }: Route): ReturnType<typeof prefixRange> {
  return prefixRange(destination.address, destination.prefixLength)
}

/** The on-link prefixes of an interface. */
function onLink(device: Interface, family: Family): AddressSet {
  return rangeSet(
    device.addresses.filter((item) => item.address.family === family).map((item) => prefixRange(item.address, item.prefixLength)),
  )
}

/** Of an interface, the larger of its own setting and that for all (IN_DEV_MAXCONF of include/linux/inetdevice.h). Absent: 0. */
function largest(namespace: NamespaceModel, device: string, name: string): number {
  return Math.max(...['all', device].map((item) => Number(namespace.settings.get(`net.ipv4.conf.${item}.${name}`) ?? 0)))
}

/** Sources that the kernel refuses on this device, whatever the rules say (fib_validate_source of net/ipv4/fib_frontend.c). IPv6 has no such check. */
export function refusedSources({ namespace, device }: Port, family: Family): { readonly never: AddressSet; readonly perhaps: AddressSet } {
  const own = addressSetOf(
    ...addressesOf(namespace)
      .map(({ address }) => address)
      .filter((address) => address.family === family),
  )
  if (family === 6) return { never: own, perhaps: NO_ADDRESSES }
  const refused = largest(namespace, device.name, 'accept_local') > 0 ? NO_ADDRESSES : own
  const filter = largest(namespace, device.name, 'rp_filter')
  if (filter !== 1 && filter !== 2) return { never: refused, perhaps: NO_ADDRESSES }
  const routing = routingOf(namespace)
  // 1: the way back leads through the same interface. 2: there is one (ip-sysctl.rst).
  const missing = difference(FAMILY_ADDRESSES[4], routing.through(filter === 1 ? device.name : undefined, 4))
  return routing.isPlain(4)
    ? { never: unionOf([refused, missing]), perhaps: NO_ADDRESSES }
    : { never: refused, perhaps: difference(missing, refused) }
}
