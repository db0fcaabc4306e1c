import { type ConfiguredPort, includesPort, type PortRange, type Protocol } from '../../evidence/index.ts'
import type { Policy, Service } from '../../policy/index.ts'
import type { EndpointReach } from '../../reach/index.ts'
import type { PlannedService } from './groups.ts'
import type { LiveService } from './live.ts'
import type { PlannedBind } from './planned.ts'

/** One program may be several declared services: nginx on 80 and on 443. Ports that no service declares stay with the first. */
export function splitLive(live: LiveService, policy: Policy | undefined): readonly LiveService[] {
  const parts = new Map<string, EndpointReach[]>()
  const rest: EndpointReach[] = []
  for (const reach of live.endpoints) {
    const ports = [reach.endpoint.port, ...reach.ways.map((way) => way.at.port)]
    const service = [...(policy?.services.values() ?? [])].find(
      (item) => item.protocols.includes(reach.endpoint.protocol) && ports.some((port) => within(item.ports, port)),
    )
    if (service === undefined) rest.push(reach)
    else parts.set(service.name, [...(parts.get(service.name) ?? []), reach])
  }
  if (parts.size < 2) return [live]
  return [...parts.values()].map((endpoints, index) => ({
    ...live,
    endpoints: index === 0 ? [...endpoints, ...rest] : endpoints,
    isPart: true,
  }))
}

/** The same of what files start. A service that is known by the name of another one’s files is that one. */
export function splitPlanned(services: readonly PlannedService[], policy: Policy | undefined): readonly PlannedService[] {
  const declared = [...(policy?.services.values() ?? [])]
  if (declared.length < 2) return services
  const named = new Map<string, Set<PlannedService>>()
  for (const service of services) for (const name of plannedNames(service)) named.set(name, (named.get(name) ?? new Set()).add(service))
  return services.flatMap((service) =>
    split(
      service,
      declared.filter(({ run }) => named.get(run.name)?.has(service) ?? true),
    ),
  )
}

function split(service: PlannedService, declared: readonly Service[]): readonly PlannedService[] {
  const ownerOf = (protocol: Protocol, ports: readonly PortRange[]): Service | undefined =>
    declared.find((item) => item.protocols.includes(protocol) && ports.some((range) => overlaps(item.ports, range)))
  const binds = new Map<Service | undefined, PlannedBind[]>()
  for (const plan of service.planned)
    add(binds, plan.port === undefined ? undefined : ownerOf(plan.protocol, [{ first: plan.port, last: plan.port }]), plan)
  const published = new Map<Service | undefined, ConfiguredPort[]>()
  for (const port of service.containers.flatMap(({ claim }) => claim.published))
    add(published, ownerOf(port.protocol, [...(port.hostPorts === undefined ? [] : [port.hostPorts]), port.containerPorts]), port)
  const owners = declared.filter((item) => binds.has(item) || published.has(item))
  // One line that may bind one port or another is one server.
  if (owners.length < 2 || !areOtherLines(owners.map((owner) => binds.get(owner) ?? []))) return [service]
  return owners.map((owner, index) => {
    const own = <T>(of: ReadonlyMap<Service | undefined, readonly T[]>): readonly T[] => [
      ...(of.get(owner) ?? []),
      ...(index === 0 ? (of.get(undefined) ?? []) : []),
    ]
    const ports = new Set(own(published))
    return {
      ...service,
      planned: own(binds),
      containers: service.containers.map((item) => ({
        ...item,
        claim: { ...item.claim, published: item.claim.published.filter((port) => ports.has(port)) },
      })),
    }
  })
}

function add<T>(to: Map<Service | undefined, T[]>, owner: Service | undefined, item: T): void {
  to.set(owner, [...(to.get(owner) ?? []), item])
}

function areOtherLines(parts: readonly (readonly PlannedBind[])[]): boolean {
  // Every socket of a proxy is one of its own.
  const lines = parts.map((plans) => new Set<unknown>(plans.map(({ bind, launch, listener }) => listener ?? bind ?? launch)))
  return lines.every((own, index) => lines.every((other, at) => at <= index || [...own].every((line) => !other.has(line))))
}

/** The names by which a manager knows what files start. */
export function plannedNames({ name, launches, containers }: PlannedService): ReadonlySet<string> {
  return new Set([name, ...launches.map((launch) => launch.claim.name), ...containers.map(({ claim }) => claim.name)])
}

function overlaps(ranges: readonly PortRange[], { first, last }: PortRange): boolean {
  return ranges.some((range) => range.first <= last && first <= range.last)
}

export function within(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some((range) => includesPort(range, port))
}
