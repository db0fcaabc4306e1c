import { type FileOrigin, includesPort, type PortRange, type Protocol } from '../evidence/index.ts'
import { BUILT_IN_SOURCES, THIS_HOST } from '../policy/policy.ts'
import { formatPorts } from '../policy/ports.ts'
import type { SeenService } from '../policy/write.ts'
import type { AuditReport } from './audit.ts'
import { predictedEndpoints } from './join/predicted.ts'
import { debuggerOf } from './join/debugger.ts'
import type { Fronting } from './join/fronting.ts'
import { imageName, WEB_SERVERS } from './join/images.ts'
import type { PlannedBind } from './join/planned.ts'
import type { ServiceRow } from './join/service.ts'
import { debuggerOn } from './rules/debuggers.ts'
import { isClient } from './rules/meant.ts'
import { extentOf } from './rules/published.ts'
import { type Door, domainsOf, doorsOf, isOn, routesOf, type Target } from './seen-routes.ts'

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
  const free = freePorts(report, taken)
  const rows = report.rows.flatMap((row) => {
    const ports = free.get(row) ?? []
    const parts = partsOf(row, ports).map((part, index) => ({ ...part, name: partName(row, part, index, names) }))
    return parts.length === 0 ? [] : [{ row, run: runOf(row), parts }]
  })
  const targets = rows.flatMap(({ parts }) => parts.filter(({ fronts }) => fronts.length > 0))
  const seen = rows.flatMap(({ row, run, parts }) => {
    const routes = routesOf(targets, (server) => server.listeners.some(({ at }) => listeningPorts(row).some((port) => isOn(at, port))))
    return parts.map(({ name, protocols, ranges, meant }, index): Seen => {
      const domains = meant.length > 0 ? ownDomains(row) : []
      return {
        row,
        place: placeOf(row, ranges),
        meant,
        service: {
          name,
          ports: ranges,
          protocols,
          from: meant.length > 0 ? 'internet' : 'loopback',
          ...(domains.length === 0 ? {} : { domains }),
          ...(run === undefined ? {} : { run }),
          ...(routes.length === 0 || index > 0 ? {} : { routes }),
        },
      }
    })
  })
  return [...doorsOf(targets, report.rows).flatMap((door) => seenDoor(door, targets, names, taken)), ...seen]
}

/** Where these ports are published, or bound. */
function placeOf({ now, containers, planned }: ServiceRow, ranges: readonly PortRange[]): FileOrigin | undefined {
  const has = (port: number | undefined): boolean => port !== undefined && ranges.some((range) => includesPort(range, port))
  const published = now.length > 0 ? [] : containers.flatMap(({ claim }) => claim.published)
  const own = published.find(({ hostPorts }) => has(hostPorts?.first)) ?? published[0]
  return own?.origin ?? (planned.find(({ port }) => has(port)) ?? planned[0])?.cause
}

/** The ports of each row that no other has before it. What is published has its port before an image of which nobody knows how it is run. */
function freePorts(report: AuditReport, taken: Set<string>): ReadonlyMap<ServiceRow, readonly SeenPort[]> {
  const rows = report.rows.filter((row) => isThisMachines(row, report) && !isDoor(row))
  return new Map(
    [...rows.filter((row) => !isImage(row)), ...rows.filter(isImage)].map((row) => [
      row,
      // Containers have all ports to themselves, so that a policy may name one twice.
      portsOf(row).filter((port) => claim(port, taken) || runOf(row)?.by === 'compose'),
    ]),
  )
}

/** Nothing that was read runs it. */
function isImage({ now, containers, planned }: ServiceRow): boolean {
  return now.length === 0 && containers.length === 0 && planned.every(({ contained }) => contained)
}

/** Why a first policy does not declare a service that was seen: it declares what has a port of this machine, and each port once. */
export type LeftOut = 'another-namespace' | 'port-taken' | 'container-network' | 'only-calls' | 'no-port' | 'debugger'

/** What was seen, and is not among `seenServices`: of a service that is, a port. */
export function leftOut(report: AuditReport): readonly { readonly row: ServiceRow; readonly why: LeftOut; readonly port?: number }[] {
  const declared = new Set(seenServices(report).map(({ row }) => row))
  return report.rows.flatMap((row) => {
    if (isDoor(row)) return []
    if (!declared.has(row)) return [{ row, why: whyLeftOut(row, report) }]
    return debuggerPorts(row).map((port) => ({ row, why: 'debugger' as const, port }))
  })
}

function whyLeftOut(row: ServiceRow, report: AuditReport): LeftOut {
  if (!isThisMachines(row, report)) return 'another-namespace'
  if (portsOf(row).length > 0) return 'port-taken'
  if (debuggerPorts(row).length > 0) return 'debugger'
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

/** The ports by which others would come to it, each once: published ones rather than a container's own. A debugger is no service. */
function portsOf(row: ServiceRow): readonly SeenPort[] {
  const debuggers = debuggerPorts(row)
  const isDebugger = ({ protocol, range }: SeenPort): boolean =>
    protocol === 'tcp' && range.first === range.last && debuggers.includes(range.first)
  return [
    ...new Map(
      portsIn(row).flatMap((port) => (isDebugger(port) ? [] : [[`${port.protocol} ${formatPorts(port.range)}`, port] as const])),
    ).values(),
  ]
}

/** The ports, as others would come to them, on which a debugger of the row listens and nothing else of it: what is declared is no longer told as one. */
function debuggerPorts({ now, planned, processes, containers }: ServiceRow): readonly number[] {
  const live = now.flatMap(({ endpoint: { port } }) => (processes.some(({ claim }) => debuggerOn(claim, port) !== undefined) ? [port] : []))
  const isDebugger = (plan: PlannedBind): boolean => plan.listener === undefined && debuggerOf(plan) !== undefined
  const others = new Set(planned.flatMap((plan) => (isDebugger(plan) ? [] : [plan.port])))
  const told = planned.flatMap((plan) => (isDebugger(plan) && plan.port !== undefined && !others.has(plan.port) ? [plan] : []))
  const outside = told.flatMap(({ port = 0, contained }) => {
    const published = contained ? containers.flatMap(({ claim }) => claim.published) : []
    const ports = published.flatMap(({ containerPorts, hostPorts }) => (containerPorts.first === port ? (hostPorts?.first ?? []) : []))
    return ports.length > 0 ? ports : [port]
  })
  return [...new Set([...live, ...outside])]
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

/** Ports of a row that a policy has as one service. */
interface Part {
  readonly protocols: readonly Protocol[]
  readonly ranges: readonly PortRange[]
  /** Of those with these protocols. */
  readonly isFirst: boolean
  readonly meant: readonly string[]
  /** The routes of proxies that lead to it: it has one port then. */
  readonly fronts: readonly Fronting[]
}

/**
 * A route of a policy leads to a service of one TCP port, so that each port which a proxy forwards to is a service of its own; what is meant
 * for everybody is told from what is not.
 */
function partsOf(row: ServiceRow, ports: readonly SeenPort[]): readonly Part[] {
  const groups = byProtocol(ports)
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp')
  const isOnly =
    tcp.length === 1 &&
    ports.every(({ protocol, range }) => protocol === 'tcp' || formatPorts(range) === formatPorts(tcp[0]?.range ?? range))
  return groups.flatMap(({ protocols, ranges }) => {
    const frontsTo = ({ first, last }: PortRange): readonly Fronting[] => {
      if (!protocols.includes('tcp') || first !== last) return []
      return isOnly ? row.fronts : row.fronts.filter(({ target }) => hostPort(row, target.port) === first)
    }
    const fronted = ranges.filter((range) => frontsTo(range).length > 0)
    const rest = ranges.filter((range) => !fronted.includes(range))
    const web = rest.filter((range) => meantFor(row, [range]).length > 0)
    const others = rest.filter((range) => !web.includes(range))
    return [...fronted.map((range) => [range]), web, others]
      .filter((own) => own.length > 0)
      .map((own, index) => ({
        protocols,
        ranges: own,
        isFirst: index === 0,
        meant: meantFor(row, own),
        fronts: own.flatMap(frontsTo),
      }))
  })
}

/** The port of the machine by which others would come to what a proxy forwards to, maybe in the container's own network. */
function hostPort({ now, containers }: ServiceRow, port: number): number {
  const published = containers
    .flatMap(({ claim }) => claim.published)
    .filter(({ protocol, hostPorts }) => protocol === 'tcp' && hostPorts !== undefined)
  if (published.some(({ hostPorts }) => hostPorts?.first === port)) return port
  const behind = now.find(({ endpoint }) => endpoint.protocol === 'tcp' && endpoint.port === port)
  const way = behind?.ways.find(({ sender }) => sender !== 'host')
  return way?.at.port ?? published.find(({ containerPorts }) => containerPorts.first === port)?.hostPorts?.first ?? port
}

/** The first has the row's name; the others are told by what makes them others. */
function partName(row: ServiceRow, { protocols, ranges, isFirst }: Part, index: number, names: Set<string>): string {
  return uniqueName(index === 0 ? row.name : `${row.name}-${isFirst ? protocols.join('-') : ranges[0]?.first}`, names)
}

/** The names by which the servers of a proxy know themselves. */
function ownDomains({ now, planned }: ServiceRow): readonly string[] {
  return now.length > 0 ? [] : [...new Set(planned.flatMap(({ listener }) => listener?.servers.flatMap(domainsOf) ?? []))]
}

/** Ports that are public by what they are for, and what is to be said of each. */
const MEANT_FOR_ALL: ReadonlyMap<number, string> = new Map([
  [80, 'the web'],
  [443, 'the web'],
  [22, 'SSH: better from the address of those who administer it (sources:), than from everywhere'],
])

/** Only of what others reach now, or what a proxy's container is published for, and only where every port is such a one. */
function meantFor(row: ServiceRow, ranges: readonly PortRange[]): readonly string[] {
  const isReached = row.now.some((reach) => reach.ways.some((way) => way.sender !== 'host'))
  if (!isReached && !(row.now.length === 0 && isPublishedDoor(row, ranges))) return []
  const reasons = ranges.map(({ first, last }) => (first === last ? MEANT_FOR_ALL.get(first) : undefined))
  return reasons.includes(undefined) ? [] : [...new Set(reasons.flatMap((reason) => reason ?? []))]
}

/** A web server that compose publishes to others on these ports. */
function isPublishedDoor({ containers, planned }: ServiceRow, ranges: readonly PortRange[]): boolean {
  const isProxy =
    planned.some(({ listener }) => listener !== undefined) ||
    containers.some(({ claim }) => claim.image !== undefined && WEB_SERVERS.has(imageName(claim.image)))
  const open = containers.flatMap(({ claim }) => claim.published.filter((port) => extentOf(port) === 'others'))
  return isProxy && ranges.every(({ first }) => WEB_NAMES.has(first) && open.some(({ hostPorts }) => hostPorts?.first === first))
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
