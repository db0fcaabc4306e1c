import type { FileOrigin, PortRange, Protocol } from '../evidence/index.ts'
import { BUILT_IN_SOURCES, THIS_HOST } from '../policy/policy.ts'
import { formatPorts } from '../policy/ports.ts'
import type { SeenService } from '../policy/write.ts'
import type { AuditReport } from './audit.ts'
import { predictedEndpoints } from './join/predicted.ts'
import type { ServiceRow } from './join/service.ts'
import { isClient } from './rules/meant.ts'
import { type Door, doorsOf, isOn, routesOf, type Target } from './seen-routes.ts'

/** A service as a policy would declare it, and what it was seen by. */
export interface Seen {
  readonly service: Omit<SeenService, 'notes'>
  /** `undefined`: a door of a proxy that only its configuration tells of. */
  readonly row: ServiceRow | undefined
  readonly place: FileOrigin | undefined
  /** Why it is taken to be for everybody: one for each port that is. Empty: it is not. */
  readonly meant: readonly string[]
}

/**
 * What a first policy declares: everything that has a port of this machine, running or started by a file. Nothing is taken to be public but
 * what its port is for.
 */
export function seenServices(report: AuditReport): readonly Seen[] {
  const names = new Set<string>()
  const taken = new Set<string>()
  const rows = report.rows.flatMap((row) => {
    const run = runOf(row)
    const ports = isThisMachines(row, report) && !isDoor(row) ? portsOf(row) : []
    // Containers have all ports to themselves, so that a policy may name one twice.
    const free = ports.filter((port) => claim(port, taken) || run?.by === 'compose')
    return free.length === 0 ? [] : [{ row, run, ports: free, name: uniqueName(row.name, names) }]
  })
  const targets = rows.filter(({ ports }) => hasOneTcpPort(ports))
  const seen = rows.flatMap(({ row, run, ports, name }) => {
    const routes = routesOf(targets, (server) => server.listeners.some(({ at }) => listeningPorts(row).some((port) => isOn(at, port))))
    return byProtocol(ports).map(({ protocols, ranges }, index): Seen => {
      const meant = meantFor(row, ranges)
      return {
        row,
        place: (row.now.length > 0 ? undefined : row.compose?.claim.published[0]?.origin) ?? row.planned[0]?.cause,
        meant,
        service: {
          name: index === 0 ? name : uniqueName(`${name}-${protocols.join('-')}`, names),
          ports: ranges,
          protocols,
          from: meant.length > 0 ? 'internet' : 'loopback',
          ...(run === undefined ? {} : { run }),
          ...(routes.length === 0 || index > 0 ? {} : { routes }),
        },
      }
    })
  })
  return [...doorsOf(targets, report.rows).flatMap((door) => seenDoor(door, targets, names, taken)), ...seen]
}

/** Why a first policy does not declare a service that was seen: it declares what has a port of this machine, and each port once. */
export type LeftOut = 'another-namespace' | 'port-taken' | 'container-network' | 'only-calls' | 'no-port'

/** What was seen, and is not among `seenServices`. */
export function leftOut(report: AuditReport): readonly { readonly row: ServiceRow; readonly why: LeftOut }[] {
  const declared = new Set(seenServices(report).map(({ row }) => row))
  return report.rows.flatMap((row) => (declared.has(row) || isDoor(row) ? [] : [{ row, why: whyLeftOut(row, report) }]))
}

function whyLeftOut(row: ServiceRow, report: AuditReport): LeftOut {
  if (!isThisMachines(row, report)) return 'another-namespace'
  if (portsOf(row).length > 0) return 'port-taken'
  if (row.now.length > 0) return 'only-calls'
  return predictedEndpoints(row).some(({ exposure }) => exposure === 'internal') ? 'container-network' : 'no-port'
}

/** A proxy that only files tell of is its ports, one by one. */
function isDoor({ now, planned }: ServiceRow): boolean {
  return now.length === 0 && planned.length > 0 && planned.every(({ listener, contained }) => listener !== undefined && !contained)
}

const WEB_NAMES: ReadonlyMap<number, string> = new Map([
  [80, 'http'],
  [443, 'https'],
])

function seenDoor(door: Door, targets: readonly Target[], names: Set<string>, taken: Set<string>): readonly Seen[] {
  const range = single(door.port)
  if (!claim({ protocol: 'tcp', range }, taken)) return []
  const web = door.forOthers ? MEANT_FOR_ALL.get(door.port) : undefined
  const why = web !== undefined && door.redirects ? `${web}: it only sends on to another address` : web
  const routes = routesOf(targets, (server) => door.servers.includes(server))
  return [
    {
      row: undefined,
      place: door.servers[0]?.origin,
      meant: why === undefined ? [] : [why],
      service: {
        name: uniqueName(WEB_NAMES.get(door.port) ?? `${door.system}-${door.port}`, names),
        ports: [range],
        protocols: ['tcp'],
        from: why === undefined ? 'loopback' : 'internet',
        domains: door.domains,
        routes,
      },
    },
  ]
}

/** Not what runs in a network namespace that is neither the machine's own nor a container's: it has addresses and ports of its own. */
function isThisMachines(row: ServiceRow, report: AuditReport): boolean {
  return (
    row.now.length === 0 || row.container !== undefined || row.now.some(({ endpoint }) => endpoint.namespace === report.host?.namespace)
  )
}

interface SeenPort {
  readonly protocol: Protocol
  readonly range: PortRange
}

/** The ports by which others would come to it, each once: published ones rather than a container's own. */
function portsOf(row: ServiceRow): readonly SeenPort[] {
  return [...new Map(portsIn(row).map((port) => [`${port.protocol} ${formatPorts(port.range)}`, port])).values()]
}

function portsIn(row: ServiceRow): readonly SeenPort[] {
  const live = row.now.flatMap((reach): readonly SeenPort[] => {
    const { endpoint } = reach
    if (isClient(endpoint)) return []
    const published = reach.ways.filter((way) => way.sender !== 'host').map((way) => way.at.port)
    return (published.length > 0 ? published : [endpoint.port]).map((port) => ({ protocol: endpoint.protocol, range: single(port) }))
  })
  if (live.length > 0) return live
  const published = row.containers.flatMap(({ claim }) => claim.published)
  if (published.length > 0)
    return published.flatMap(({ protocol, hostPorts }) => (hostPorts === undefined ? [] : [{ protocol, range: hostPorts }]))
  return predictedEndpoints(row).flatMap(({ protocol, port, exposure }) =>
    port === undefined || exposure === 'internal' ? [] : [{ protocol, range: single(port) }],
  )
}

function single(port: number): PortRange {
  return { first: port, last: port }
}

/** A service has all its ports by all its protocols: what is on TCP alone and what is on UDP alone are two. */
function byProtocol(
  ports: readonly SeenPort[],
): readonly { readonly protocols: readonly Protocol[]; readonly ranges: readonly PortRange[] }[] {
  const found = new Map<string, { readonly range: PortRange; readonly protocols: Set<Protocol> }>()
  for (const { protocol, range } of ports) {
    const known = found.get(formatPorts(range)) ?? { range, protocols: new Set() }
    known.protocols.add(protocol)
    found.set(formatPorts(range), known)
  }
  const groups = new Map<string, { readonly protocols: readonly Protocol[]; readonly ranges: PortRange[] }>()
  for (const { range, protocols } of [...found.values()].toSorted((a, b) => a.range.first - b.range.first)) {
    const ordered = (['tcp', 'udp'] as const).filter((protocol) => protocols.has(protocol))
    const group = groups.get(ordered.join()) ?? { protocols: ordered, ranges: [] }
    group.ranges.push(range)
    groups.set(ordered.join(), group)
  }
  // What is on TCP has the name.
  return [...groups.values()].toSorted((a, b) => a.protocols.join().localeCompare(b.protocols.join()))
}

/** Takes a port, unless another service before has it: two that want one are a mistake in a policy, and one here, which `check` tells. */
function claim({ protocol, range: { first, last } }: SeenPort, taken: Set<string>): boolean {
  const keys = Array.from({ length: last - first + 1 }, (_, index) => `${protocol} ${first + index}`)
  if (keys.some((key) => taken.has(key))) return false
  for (const key of keys) taken.add(key)
  return true
}

function hasOneTcpPort(ports: readonly SeenPort[]): boolean {
  const [group, ...others] = byProtocol(ports)
  const [range, ...more] = group?.ranges ?? []
  return others.length === 0 && more.length === 0 && group?.protocols.includes('tcp') === true && range?.first === range?.last
}

/** Ports that are public by what they are for, and what is to be said of each. */
const MEANT_FOR_ALL: ReadonlyMap<number, string> = new Map([
  [80, 'the web'],
  [443, 'the web'],
  [22, 'SSH: better from the address of those who administer it (sources:), than from everywhere'],
])

/** Only of what others reach now, and only where every port is such a one. */
function meantFor(row: ServiceRow, ranges: readonly PortRange[]): readonly string[] {
  if (!row.now.some((reach) => reach.ways.some((way) => way.sender !== 'host'))) return []
  const reasons = ranges.map(({ first, last }) => (first === last ? MEANT_FOR_ALL.get(first) : undefined))
  return reasons.includes(undefined) ? [] : [...new Set(reasons.flatMap((reason) => reason ?? []))]
}

/** The ports that its own program listens on, in its own namespace. */
function listeningPorts({ now, containers }: ServiceRow): readonly number[] {
  return now.length > 0
    ? now.map(({ endpoint }) => endpoint.port)
    : containers.flatMap(({ claim }) => claim.published.map(({ containerPorts }) => containerPorts.first))
}

/** By what name its manager knows it. Containers need it said: only they may have the port of another service. */
function runOf(row: ServiceRow): SeenService['run'] {
  for (const { claim } of row.launches) if (claim.by === 'pm2' || claim.by === 'systemd') return { by: claim.by, name: claim.name }
  const compose = row.compose?.claim.project === '' ? undefined : row.compose?.claim.name
  const service = compose ?? row.container?.claim.compose?.service
  if (service !== undefined) return { by: 'compose', name: service }
  const manager = row.processes[0]?.claim.manager
  if (manager?.kind === 'pm2') return { by: 'pm2', name: manager.app }
  return manager?.kind === 'systemd' ? { by: 'systemd', name: manager.unit } : undefined
}

/** Names of sources and of this machine, which services share theirs with. */
const RESERVED: ReadonlySet<string> = new Set([...BUILT_IN_SOURCES, THIS_HOST])
/** Names in a policy have at most 63 characters; some are left for a number. */
const LONGEST = 56

function uniqueName(wanted: string, names: Set<string>): string {
  const plain =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[-_]+|-+$/g, '')
      .slice(0, LONGEST) || 'service'
  const named = /^[a-z]/.test(plain) ? plain : `service-${plain}`.slice(0, LONGEST)
  for (let number = 1; ; number++) {
    const name = number === 1 ? named : `${named}-${number}`
    if (names.has(name) || RESERVED.has(name)) continue
    names.add(name)
    return name
  }
}
