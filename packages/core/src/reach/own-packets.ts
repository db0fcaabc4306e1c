import {
  type Address,
  addressSetOf,
  type AddressSet,
  difference,
  type Family,
  FAMILY_ADDRESSES,
  hasAddress,
  inRange,
  intersection,
  isEmpty,
  LINK_LOCAL,
  LOOPBACK,
  prefixRange,
  rangeSet,
  type SourceSet,
  sourceSet,
  union,
} from '../network/index.ts'
import type { Interface } from '../evidence/index.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { refusedSources } from './neighbours.ts'
import { LOOP, type Reason } from './netfilter/index.ts'
import { routesLoopback } from './netfilter-host.ts'
import { routingOf } from './routing.ts'
import { blindness, bridgeReasons, type Port } from './topology.ts'

/** Stands for the loopback device where it was not read. */
const UNREAD_LOOPBACK: Interface = {
  claim: 'interface',
  index: 1,
  name: LOOP,
  up: true,
  loopback: true,
  kind: 'loopback',
  addresses: [],
  programs: [],
}

export function loopbackOf({ interfaces }: NamespaceModel): Interface {
  return interfaces.find((device) => device.loopback) ?? UNREAD_LOOPBACK
}

/** What decides about packets on their way out by a device, and is not followed. */
export function exitReasons(host: HostModel, port: Port, family: Family): readonly Reason[] {
  return [...blindness(port), ...bridgeReasons(host, port, family).map((text): Reason => ({ text }))]
}

/** Sources of the machine's packets that another namespace refuses, surely or perhaps; loopback ones as martians (ip_route_input_slow, ip6_rcv_core). */
export function refusedAt(port: Port, family: Family): { readonly never: AddressSet; readonly perhaps: AddressSet } {
  const { never, perhaps } = refusedSources(port, family)
  return { never: family === 4 && routesLoopback(port) ? never : union(never, LOOPBACK), perhaps }
}

/**
 * The addresses that the namespace's own packets for a destination may have as source: every one that it has, whichever routing would
 * choose. 127.0.0.0/8 and ::1 only for such a destination. Link-local addresses of IPv6 are left out: by them one link alone is reached.
 */
export function ownAddresses(namespace: NamespaceModel, destination: Address): AddressSet {
  const { family } = destination
  const own = intersection(routingOf(namespace).locals('local'), FAMILY_ADDRESSES[family])
  const routed = family === 6 ? difference(own, LINK_LOCAL) : own
  return hasAddress(LOOPBACK, destination) ? routed : difference(routed, LOOPBACK)
}

/** The same, taken apart where rules of routing may tell them from each other. */
export function ownSources(namespace: NamespaceModel, destination: Address): readonly SourceSet[] {
  let parts: readonly AddressSet[] = [ownAddresses(namespace, destination)]
  for (const { family, from } of namespace.rules) {
    if (family !== destination.family || from === undefined) continue
    const named = rangeSet([prefixRange(from.address, from.prefixLength)])
    parts = parts.flatMap((part) => [intersection(part, named), difference(part, named)]).filter((part) => !isEmpty(part))
  }
  return parts.filter((part) => !isEmpty(part)).map((part) => sourceSet(part))
}

/**
 * The source that routing chooses for a sender who names none: that of the route, an own address for itself, else the device's own
 * (`inet_select_addr` of net/ipv4/devinet.c). `undefined`: not told, as where IPv6 chooses among several (RFC 6724).
 */
export function chosenSource(namespace: NamespaceModel, destination: Address): Address | undefined {
  const { family } = destination
  const nobody = sourceSet(addressSetOf({ family, value: 0n }))
  const { answers, doubt } = routingOf(namespace).route({ inbound: LOOP, destination, sources: nobody, mark: 0 })
  const [route, ...others] = answers.flat()
  if (route === undefined || others.length > 0 || doubt !== undefined) return undefined
  if (route.source !== undefined) return route.source
  if (route.type === 'local') return destination
  const device = namespace.interfaces.find(({ name }) => name === route.device)
  const own = (device?.addresses ?? []).filter(({ address, scope }) => address.family === family && scope === 'global')
  const hop = route.gateway ?? destination
  const near = own.find(({ address, prefixLength }) => inRange(prefixRange(address, prefixLength), hop))
  return family === 4 ? (near ?? own[0])?.address : own.length === 1 ? own[0]?.address : undefined
}

/** The source of a program that names none. */
export function sourcesToward(namespace: NamespaceModel, destination: Address): SourceSet {
  const chosen = chosenSource(namespace, destination)
  return sourceSet(chosen === undefined ? ownAddresses(namespace, destination) : addressSetOf(chosen))
}
