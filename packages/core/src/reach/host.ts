import { type Address, isLoopback } from '../network/index.ts'
import {
  type Boundary,
  type Container,
  type ContainerNetwork,
  type Evidence,
  evidenceOf,
  type Gap,
  type GapEffect,
  type Interface,
  type NamespaceId,
  type Netfilter,
  type Process,
  type Route,
  type RoutingRule,
  type Socket,
} from '../evidence/index.ts'
import { behindFilters } from './upstream-filter.ts'

/** One network namespace with everything in it that decides reach. */
export interface NamespaceModel {
  readonly id: NamespaceId
  /** `upstream`: what stands before the machine, as a namespace of its own that forwards to it. */
  readonly kind: 'host' | 'container' | 'other' | 'upstream'
  /** For people: a container's name. */
  readonly label: string
  readonly container: Evidence<Container> | undefined
  readonly interfaces: readonly Interface[]
  readonly routes: readonly Route[]
  /** Empty: none was read, and those hold that every namespace begins with. */
  readonly rules: readonly RoutingRule[]
  readonly filters: readonly Evidence<Netfilter>[]
  /** By name: `net.ipv4.ip_forward`. Absent: not read. */
  readonly settings: ReadonlyMap<string, string>
  readonly sockets: readonly Evidence<Socket>[]
  /** What of this namespace could not be seen and could change a verdict. */
  readonly gaps: readonly Evidence<Gap>[]
}

/** One machine: its namespaces, and what stands before it. */
export interface HostModel {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly capturedAt: number
  readonly own: NamespaceId
  readonly namespaces: ReadonlyMap<NamespaceId, NamespaceModel>
  readonly boundary: Boundary
  readonly processes: ReadonlyMap<number, Evidence<Process>>
  readonly containers: readonly Evidence<Container>[]
  readonly networks: readonly Evidence<ContainerNetwork>[]
}

/** What of a gap decides about a whole namespace. */
const NAMESPACE_EFFECTS: ReadonlySet<GapEffect['kind']> = new Set(['netfilter', 'network', 'sockets'])

const UNKNOWN_BOUNDARY: Boundary = { claim: 'boundary', kind: 'unknown', label: 'not known' }

/** Puts the running evidence of one machine together. `undefined` when there is none: only a folder was looked at. */
export function buildHost(evidence: readonly Evidence[]): HostModel | undefined {
  const running = evidence.filter((item) => item.standing === 'running')
  const seen = evidenceOf(running, 'namespace')
  const own = seen.find((item) => item.claim.kind === 'host')
  if (own === undefined) return undefined
  const containers = evidenceOf(running, 'container')
  const namespaces = new Map(
    seen.map((item): [NamespaceId, NamespaceModel] => {
      const inside = running.filter((other) => other.namespace === item.claim.id)
      const container = containers.find((other) => other.claim.namespace === item.claim.id && !sharesAnother(other.claim))
      return [
        item.claim.id,
        {
          id: item.claim.id,
          kind: item.claim.kind === 'other' && container !== undefined ? 'container' : item.claim.kind,
          label: container?.claim.name ?? item.claim.label,
          container: item.claim.kind === 'host' ? undefined : container,
          interfaces: evidenceOf(inside, 'interface').map((other) => other.claim),
          routes: evidenceOf(inside, 'route').map((other) => other.claim),
          rules: evidenceOf(inside, 'routing-rule').map((other) => other.claim),
          filters: evidenceOf(inside, 'netfilter'),
          settings: new Map(evidenceOf(inside, 'sysctl').map((other) => [other.claim.name, other.claim.value])),
          sockets: evidenceOf(inside, 'socket'),
          gaps: evidenceOf(inside, 'gap').filter((other) => NAMESPACE_EFFECTS.has(other.claim.affects.kind)),
        },
      ]
    }),
  )
  return {
    name: own.host,
    capturedAt: own.capturedAt,
    own: own.claim.id,
    namespaces: behindFilters(namespaces, evidenceOf(running, 'upstream-filter')),
    boundary: evidenceOf(running, 'boundary')[0]?.claim ?? UNKNOWN_BOUNDARY,
    processes: new Map(evidenceOf(running, 'process').map((item) => [item.claim.pid, item])),
    containers,
    networks: evidenceOf(running, 'container-network'),
  }
}

/** `network_mode: container:ID`: the namespace is named after the container that made it. */
function sharesAnother(container: Container): boolean {
  return container.networkMode.startsWith('container:')
}

/** The addresses of its interfaces that are up. Which of them it takes packets for, its routes say. */
export function addressesOf(namespace: NamespaceModel): readonly { readonly address: Address; readonly device: Interface }[] {
  return namespace.interfaces.flatMap((device) => (device.up ? device.addresses.map((item) => ({ address: item.address, device })) : []))
}

const named = new WeakMap<NamespaceModel, ReadonlyMap<string, Interface>>()

/** The interface of that name. */
export function deviceNamed(namespace: NamespaceModel, name: string | undefined): Interface | undefined {
  if (name === undefined) return undefined
  // Of several, the first.
  const found = named.get(namespace) ?? new Map(namespace.interfaces.toReversed().map((device) => [device.name, device]))
  named.set(namespace, found)
  return found.get(name)
}

const members = new WeakMap<NamespaceModel, ReadonlyMap<string, readonly Interface[]>>()

/** The interfaces that have this one as their master. */
export function membersOf(namespace: NamespaceModel, { name }: Interface): readonly Interface[] {
  const found = members.get(namespace) ?? byMaster(namespace)
  members.set(namespace, found)
  return found.get(name) ?? []
}

function byMaster({ interfaces }: NamespaceModel): ReadonlyMap<string, readonly Interface[]> {
  const found = new Map<string, Interface[]>()
  for (const device of interfaces) {
    if (device.master === undefined) continue
    const others = found.get(device.master)
    if (others === undefined) found.set(device.master, [device])
    else others.push(device)
  }
  return found
}

export function hasLoopbackOnly(namespace: NamespaceModel): boolean {
  return addressesOf(namespace).every(({ address }) => isLoopback(address))
}
