import { addressSetOf, classOf, type Family, LOOPBACK, prefixRange, rangeSet, unionOf } from '../network/index.ts'
import { show } from '../evidence/index.ts'
import { addressesOf, type NamespaceModel } from './host.ts'
import type { NetfilterHost, RouteDecision } from './netfilter/index.ts'
import { type Port, route, routedThrough } from './topology.ts'

/** 127.0.0.0/8 is taken from outside only where route_localnet says so (ip-sysctl.rst). */
export function routesLoopback({ namespace, device }: Port): boolean {
  return [device.name, 'all'].some((name) => namespace.settings.get(`net.ipv4.conf.${name}.route_localnet`) === '1')
}

/** What the packet filter may ask of its namespace. */
export function describeNamespace(namespace: NamespaceModel): NetfilterHost {
  const own = addressesOf(namespace)
  const localAddresses = unionOf([
    LOOPBACK,
    addressSetOf(...own.map(({ address }) => address)),
    rangeSet(
      namespace.routes
        .filter((item) => item.type === 'local')
        .map((item) => prefixRange(item.destination.address, item.destination.prefixLength)),
    ),
  ])
  const broadcastAddresses = rangeSet(
    namespace.routes
      .filter((item) => item.type === 'broadcast')
      .map((item) => prefixRange(item.destination.address, item.destination.prefixLength)),
  )
  const forwards = (family: Family): boolean =>
    namespace.settings.get(family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') !== '0'
  return {
    localAddresses,
    broadcastAddresses,
    route: ({ inbound, destination, family }): RouteDecision => {
      const martian = (reason: string): RouteDecision => ({ kind: 'discard', reason: show(reason) })
      const found = route(namespace, destination)
      const isLocal = found?.type === 'local' || own.some(({ address }) => address.family === family && address.value === destination.value)
      if (classOf(destination) === 'loopback') {
        const device = namespace.interfaces.find((item) => item.name === inbound)
        if (device !== undefined && !device.loopback && !(family === 4 && routesLoopback({ namespace, device })))
          return martian('loopback addresses are not taken from outside')
        return { kind: 'local' }
      }
      if (isLocal) return { kind: 'local' }
      if (!forwards(family)) return martian('this namespace does not forward')
      if (found === undefined || found.type === 'unreachable' || found.type === 'blackhole' || found.type === 'prohibit')
        return martian('no route to the destination')
      return found.device === undefined
        ? { kind: 'unknown', reason: show('a route without a device') }
        : { kind: 'forward', device: found.device }
    },
    deviceAddress: (device, family) => own.find((item) => item.device.name === device && item.address.family === family)?.address,
    reversePath: (device, family) => {
      const found = namespace.interfaces.filter((item) => !item.loopback && (device === undefined || item.name === device))
      return unionOf(found.map((item) => routedThrough({ namespace, device: item }, family)))
    },
    deviceAddresses: (device) => addressSetOf(...own.filter((item) => item.device.name === device).map(({ address }) => address)),
  }
}
