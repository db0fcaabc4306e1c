import { includesPort, type ListenAddress, type ProxyServer } from '../../evidence/index.ts'
import {
  type AddressSet,
  INTERNET,
  intersection,
  isEmpty,
  isLoopback,
  isLoopbackName,
  isSubset,
  LOOPBACK,
  PRIVATE,
  rangeSet,
  sourceAddresses,
  spelledAddress,
} from '../../network/index.ts'
import { type SourceRef, THIS_HOST } from '../../policy/index.ts'
import type { EndpointReach, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import { frontsOf, ownAddresses } from '../join/fronting.ts'
import { runsHere } from './intent.ts'

/** Who is meant by a source of the policy, where the sender may be this machine itself, on which no interface is between. */

/** `machine`: its own network namespace. `container`: of this machine, with addresses of its own. `elsewhere`: comes in by an interface. */
type Seat = 'machine' | 'container' | 'elsewhere'

export function seatOf(source: SourceRef, { policy, host, rows }: AuditContext): Seat {
  switch (source.kind) {
    case 'built-in':
      return source.name === 'loopback' ? 'machine' : 'elsewhere'
    case 'source':
    case 'literal':
      return source.addresses.length > 0 && isSubset(rangeSet(source.addresses), LOOPBACK) ? 'machine' : 'elsewhere'
    case 'host':
    case 'service': {
      const hosts = policy?.hosts ?? new Map()
      const isHere = host === undefined ? hosts.size === 1 || source.hosts.includes(THIS_HOST) : runsHere(source, hosts, host)
      if (!isHere) return 'elsewhere'
      const row = source.kind === 'service' ? rows.find(({ declared }) => declared?.name === source.name) : undefined
      if (row === undefined) return 'machine'
      if (row.now.length > 0) return row.now.some(({ endpoint }) => endpoint.namespace === host?.own) ? 'machine' : 'container'
      const isContained = row.container !== undefined || row.containers.some(({ claim }) => claim.networkMode !== 'host')
      return isContained ? 'container' : 'machine'
    }
    default:
      return source satisfies never
  }
}

/** Whether packets of this source surely come to the endpoint without passing an interface: from its own machine. */
export function comesFromWithin(source: SourceRef, { endpoint }: EndpointReach, context: AuditContext): boolean {
  const { host } = context
  if (host === undefined || seatOf(source, context) !== 'machine') return false
  if (endpoint.namespace === host.own) return true
  // The machine itself is on the networks that it makes for containers.
  const devices = host.namespaces.get(endpoint.namespace)?.interfaces ?? []
  return !isLoopback(endpoint.address) && devices.some(({ loopback, up }) => !loopback && up)
}

const CLASSES = { internet: INTERNET, private: PRIVATE } as const

/** Whether packets of this source can be among those of the way, or those that are stopped. */
export function mayCome(source: SourceRef, way: Pick<Way, 'sender' | 'sources'>, context: AuditContext): boolean {
  const addresses = sourceAddresses(way.sources)
  const overlaps = (wanted: AddressSet): boolean => !isEmpty(intersection(addresses, wanted))
  if (source.kind === 'built-in') {
    if (source.name === 'loopback' || source.name !== way.sender) return false
    return source.name !== 'internet' || overlaps(CLASSES.internet)
  }
  if (seatOf(source, context) === 'container') return way.sender === 'host'
  return overlaps(rangeSet(source.addresses))
}

function comesTo(source: SourceRef, reach: EndpointReach, context: AuditContext): boolean {
  return comesFromWithin(source, reach, context) || reach.ways.some((way) => mayCome(source, way, context))
}

/** Whether somebody of this source may come to the proxy, directly or through others. What cannot be told may be. */
export function comesToProxy(source: SourceRef, server: ProxyServer, context: AuditContext, seen = new Set<ProxyServer>()): boolean {
  if (seen.has(server)) return false
  seen.add(server)
  if (server.listeners.length === 0 || server.listeners.some(({ at }) => comesToListener(source, at, context))) return true
  const own = ownAddresses(context.host)
  return frontsOf(context.evidence, own).some(({ fronting, leadsTo }) => {
    const { host, port } = fronting.target
    const isOnPort = server.listeners.some(({ at }) => at.kind !== 'unix' && at.kind !== 'undecided' && isWithin(port, at))
    // A name may be that of the proxy's container.
    const mayLead = leadsTo(NO_ROW, [port], []) || spelledAddress(host) === undefined
    return isOnPort && mayLead && comesToProxy(source, fronting.server, context, seen)
  })
}

const NO_ROW = { name: '', containers: [], container: undefined }

function isWithin(port: number, { ports }: Extract<ListenAddress, { readonly kind: 'inet' | 'name' }>): boolean {
  return includesPort(ports, port)
}

function comesToListener(source: SourceRef, at: ListenAddress, context: AuditContext): boolean {
  if (at.kind === 'unix' || at.kind === 'undecided') return true
  const running = context.rows.flatMap(({ now }) =>
    now.filter(({ endpoint }) => endpoint.protocol === 'tcp' && isWithin(endpoint.port, at)),
  )
  if (running.length > 0) return running.some((reach) => comesTo(source, reach, context))
  const isClosed = at.kind === 'inet' ? isLoopback(at.address) : isLoopbackName(at.name)
  return !isClosed || seatOf(source, context) === 'machine'
}
