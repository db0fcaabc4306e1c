import {
  type AddressSet,
  FAMILIES,
  FAMILY_ADDRESSES,
  INTERNET,
  intersection,
  isLoopback,
  PRIVATE,
  sourceSet,
  unmap,
} from '../network/index.ts'
import { type Evidence, type Interface, show, type Socket } from '../evidence/index.ts'
import type { Arrival } from './arrivals.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import type { Reason } from './netfilter/index.ts'
import type { Endpoint, Sender } from './reach.ts'
import { endpointsOf, takesFamily } from './sockets.ts'
import { fromInternet, type Upstream } from './upstream.ts'
import { userlandProxyTarget } from './userland-proxy.ts'

/** Stands for interfaces that are there and could not be read. */
const UNREAD: Interface = {
  claim: 'interface',
  index: 0,
  name: 'an interface that was not seen',
  up: true,
  loopback: false,
  kind: 'unknown',
  addresses: [],
  programs: [],
}

const SENDERS: readonly (readonly [Sender, AddressSet])[] = [
  ['private', PRIVATE],
  ['internet', INTERNET],
]

/**
 * What may come in where interfaces, addresses or routes could not be read: anybody, to every socket that is not on loopback. No
 * rule keeps it out for certain, since rules tell interfaces apart by names and addresses that are not known. What the machine's
 * own namespace could forward, it could forward to any other.
 */
export function unreadArrivals(host: HostModel, upstream: Upstream): readonly (readonly [Evidence<Socket>, Arrival])[] {
  const own = reasonsOf(host.namespaces.get(host.own))
  return [...host.namespaces.values()].flatMap((namespace) => {
    const reasons = own.length > 0 ? own : reasonsOf(namespace)
    return reasons.length === 0
      ? []
      : endpointsOf(namespace).flatMap((endpoint) => arrivalsAt(endpoint, namespace, reasons, host, upstream))
  })
}

function reasonsOf(namespace: NamespaceModel | undefined): readonly Reason[] {
  return (namespace?.gaps ?? []).filter(({ claim }) => claim.affects.kind === 'network').map(({ claim }) => ({ text: show(claim.what) }))
}

function arrivalsAt(
  endpoint: Endpoint,
  namespace: NamespaceModel,
  reasons: readonly Reason[],
  host: HostModel,
  upstream: Upstream,
): readonly (readonly [Evidence<Socket>, Arrival])[] {
  const address = unmap(endpoint.address)
  const [socket] = endpoint.sockets
  if (socket === undefined || userlandProxyTarget(host, socket) !== undefined || (isLoopback(address) && !routesLoopback(namespace)))
    return []
  return FAMILIES.filter((family) => takesFamily(socket.claim, family)).flatMap((family) =>
    SENDERS.flatMap(([sender, all]) => {
      const at = { address: address.family === family ? address : { family, value: 0n }, port: endpoint.port }
      const way = address.value === 0n ? undefined : fromInternet(address, UNREAD, host.boundary, upstream)
      const by = sender === 'internet' && way?.kind === 'conditional' ? way.by : undefined
      const sources = sourceSet(intersection(FAMILY_ADDRESSES[family], all))
      const arrival: Arrival = {
        sender,
        family,
        certainty: 'maybe',
        sent: sources,
        sources,
        at,
        entry: { namespace: namespace.id, device: UNREAD.name },
        ...(by === undefined ? {} : { upstream: by }),
        path: [
          { kind: 'enter', device: UNREAD.name, ...at },
          { kind: 'socket', socket },
        ],
        reasons,
      }
      return [[socket, arrival] as const]
    }),
  )
}

/** ip-sysctl.rst, route_localnet: of an interface that is not known it is not known either. */
function routesLoopback({ settings }: NamespaceModel): boolean {
  return [...settings].some(([name, value]) => name.endsWith('.route_localnet') && value === '1')
}
