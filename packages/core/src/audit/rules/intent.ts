import { includesPort } from '../../evidence/index.ts'
import {
  ALL_ADDRESSES,
  type AddressSet,
  addressSetOf,
  difference,
  isEmpty,
  PRIVATE,
  prefixRange,
  rangeSet,
  sourceAddresses,
  union,
  unionOf,
} from '../../network/index.ts'
import type { Service, SourceRef } from '../../policy/index.ts'
import { besideOf, type EndpointReach, type HostModel, type Way } from '../../reach/index.ts'
import type { Severity } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'

/** Who a declared service is meant for, as addresses and as senders that share the machine. */
interface Intent {
  readonly addresses: AddressSet
  /** This machine's containers may. */
  readonly machine: boolean
}

function intentOf(service: Service, host: HostModel): Intent {
  const intents = service.from.map((source) => intentOfSource(source, host))
  return { addresses: unionOf(intents.map((item) => item.addresses)), machine: intents.some((item) => item.machine) }
}

const NOBODY: AddressSet = unionOf([])

function intentOfSource(source: SourceRef, host: HostModel): Intent {
  switch (source.kind) {
    case 'built-in':
      switch (source.name) {
        case 'loopback':
          return { addresses: NOBODY, machine: false }
        case 'host':
          return { addresses: NOBODY, machine: true }
        case 'private':
          return { addresses: union(PRIVATE, onLinkOf(host)), machine: true }
        case 'internet':
          return { addresses: ALL_ADDRESSES, machine: true }
        default:
          return source satisfies never
      }
    case 'source':
    case 'literal':
      return { addresses: rangeSet(source.addresses), machine: false }
    // A host or a service stands for everything that shares its address; this machine's own has no address to be given.
    case 'host':
    case 'service':
      return { addresses: rangeSet(source.addresses), machine: source.addresses.length === 0 }
    default:
      return source satisfies never
  }
}

/** Public addresses on the links of this machine are neighbours too. */
function onLinkOf(host: HostModel): AddressSet {
  const own = host.namespaces.get(host.own)?.interfaces ?? []
  return rangeSet(
    own
      .filter((device) => !device.loopback)
      .flatMap((device) => device.addresses.map((item) => prefixRange(item.address, item.prefixLength))),
  )
}

/** The ways by which somebody comes whom the policy does not name. */
export function unmeant(service: Service, reach: EndpointReach, host: HostModel): readonly Way[] {
  const intent = intentOf(service, host)
  return reach.ways.filter((way) =>
    way.sender === 'host'
      ? !intent.machine && !coversContainers(intent, way) && !isBeside(way, reach, host)
      : !isEmpty(difference(sourceAddresses(way.sources), intent.addresses)),
  )
}

/** Those on a container's own network are there to reach it: what joins the two says so. */
function isBeside(way: Way, { endpoint }: EndpointReach, host: HostModel): boolean {
  const namespace = host.namespaces.get(endpoint.namespace)
  if (namespace === undefined || namespace.kind === 'host') return false
  const beside = namespace.interfaces.flatMap((device) => besideOf(host, { namespace, device }))
  const addresses = addressSetOf(...beside.flatMap(({ device }) => device.addresses.map(({ address }) => address)))
  return isEmpty(difference(sourceAddresses(way.sources), addresses))
}

function coversContainers(intent: Intent, way: Way): boolean {
  return isEmpty(difference(sourceAddresses(way.sources), intent.addresses))
}

/** Endpoints of a row that are on the ports that its service declares, or are addressed by one of them. */
export function declaredEndpoints(row: ServiceRow): readonly EndpointReach[] {
  return row.now.filter((reach) => isDeclared(row, reach))
}

export function isDeclared(row: ServiceRow, reach: EndpointReach): boolean {
  const service = row.declared
  if (service === undefined) return false
  if (!service.protocols.includes(reach.endpoint.protocol)) return false
  const ports = [reach.endpoint.port, ...reach.ways.map((way) => way.at.port), ...reach.blocked.map((item) => item.at.port)]
  return ports.some((port) => service.ports.some((range) => includesPort(range, port)))
}

/** Ways from beyond the machine, the widest first. */
export function fromBeyond(ways: readonly Way[]): readonly Way[] {
  return [...ways.filter((way) => way.sender === 'internet'), ...ways.filter((way) => way.sender === 'private')]
}

/**
 * How bad it is that these ways exist. Only open ways count; `undefined`: none is open. What must first pass something unseen is high,
 * not critical; containers of the same machine are medium.
 */
export function severityOf(ways: readonly Way[]): Severity | undefined {
  const open = ways.filter((way) => way.certainty === 'open')
  if (open.length === 0) return undefined
  const beyond = fromBeyond(open)
  if (beyond.some((way) => way.upstream === undefined)) return 'critical'
  return beyond.length > 0 ? 'high' : 'medium'
}

type PolicyHosts = ReadonlyMap<
  string,
  { readonly addresses: readonly { readonly value: { readonly family: 4 | 6; readonly value: bigint } }[] }
>

/** Whether the service is one of this machine. */
export function runsHere(service: Pick<Service, 'hosts'>, hosts: PolicyHosts, host: HostModel): boolean {
  const own = addressSetOf(
    ...[...(host.namespaces.get(host.own)?.interfaces ?? [])].flatMap((device) => device.addresses.map((item) => item.address)),
  )
  return service.hosts.some((name) => {
    const addresses = hosts.get(name)?.addresses ?? []
    // A host without an address is this machine, unless the policy names another that has one of ours.
    return addresses.length === 0
      ? hosts.size === 1 || name === 'localhost'
      : addresses.some((item) => isEmpty(difference(addressSetOf(item.value), own)))
  })
}

/**
 * Whether it is surely one of another machine: some host of the policy is this one, and none of the service's. Where none is, any may be:
 * a public address is on no interface where it is translated on the way (a cloud, a home router).
 */
export function runsElsewhere(service: Pick<Service, 'hosts'>, hosts: PolicyHosts, host: HostModel): boolean {
  return !runsHere(service, hosts, host) && runsHere({ hosts: [...hosts.keys()] }, hosts, host)
}
