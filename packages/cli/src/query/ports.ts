import {
  type AuditReport,
  LAUNCHED_BY,
  PORT_USES,
  type PortLevel,
  portLevel,
  type PortUse,
  predictedEndpoints,
  type ServiceRow,
} from '@sallyport/core/audit'
import { includesPort, type PortRange, type Protocol } from '@sallyport/core/evidence'
import { processText } from '../report/words.ts'

/** Ports of this machine that are one service's, for one reason. */
export interface UsedPort {
  readonly ports: PortRange
  readonly protocol: Protocol
  readonly service: string
  /** `in use`: something listens. `published`: a container engine hands it on. `configured`: a file starts what will listen. */
  readonly state: 'in use' | 'published' | 'declared' | 'configured'
  /** Who: `node, pid 412`, `container web`, `compose`. */
  readonly by: readonly string[]
  /** Of the first port. */
  readonly level: PortLevel['level']
}

/** Which ports of this machine are taken or spoken for, by number. What a service has in several ways is said by the first of them that holds. */
export function portsInUse(report: AuditReport): readonly UsedPort[] {
  const found = new Map<string, { readonly port: Omit<UsedPort, 'by'>; readonly by: Set<string> }>()
  const add = (ports: PortRange, protocol: Protocol, service: string, state: UsedPort['state'], by: string): void => {
    const key = `${protocol} ${ports.first}-${ports.last} ${service}`
    const item = found.get(key) ?? { port: { ports, protocol, service, state, level: portLevel(ports.first).level }, by: new Set() }
    found.set(key, item)
    if (item.port.state === state && by !== '') item.by.add(by)
  }
  for (const row of report.rows) {
    for (const { endpoint } of row.now)
      if (endpoint.namespace === report.host?.namespace)
        for (const by of holders(
          row,
          endpoint.sockets.flatMap((socket) => socket.claim.processes),
        ))
          add(single(endpoint.port), endpoint.protocol, row.name, 'in use', by)
    for (const { hostPorts, protocol } of row.container?.claim.published ?? [])
      add(hostPorts, protocol, row.name, 'published', `container ${row.container?.claim.name ?? ''}`)
    for (const ports of row.declared?.ports ?? [])
      for (const protocol of row.declared?.protocols ?? []) add(ports, protocol, row.name, 'declared', '')
    for (const item of predictedEndpoints(row))
      if (item.port !== undefined && item.exposure !== 'internal')
        add(single(item.port), item.protocol, row.name, 'configured', startedBy(row))
  }
  return [...found.values()]
    .map(({ port, by }) => ({ ...port, by: [...by] }))
    .toSorted((a, b) => a.ports.first - b.ports.first || a.protocol.localeCompare(b.protocol) || a.service.localeCompare(b.service))
}

/** As `check` says it. */
function startedBy({ launches, planned }: ServiceRow): string {
  const by = launches[0]?.claim.by
  return by === undefined
    ? (planned[0]?.bind?.claim.framework ?? planned[0]?.listener?.proxy.claim.system ?? 'compose service')
    : LAUNCHED_BY[by]
}

function single(port: number): PortRange {
  return { first: port, last: port }
}

/** The processes that hold a socket, each once. */
function holders(row: ServiceRow, pids: readonly number[]): readonly string[] {
  const seen = row.processes.filter(({ claim }) => pids.includes(claim.pid)).map(({ claim }) => `${processText(claim)}, pid ${claim.pid}`)
  if (seen.length > 0) return [...new Set(seen)]
  return [row.container === undefined ? 'a process that was not seen' : `container ${row.container.claim.name}`]
}

/** A port of level 3 or 4 that nothing here uses, declares or will use. */
export interface FreePort {
  readonly use: PortUse['use']
  readonly port: number
  readonly level: PortLevel['level']
}

/** So many are proposed for each use. */
const MOST_FREE = 3

/**
 * Ports to take for a new service, the same each time for the same machine: spread over the range by a fixed step, so that a second project
 * does not land on the neighbours of the first. The step shares no factor with the length of any range, so that all are tried.
 */
export function freePorts(report: AuditReport, used: readonly UsedPort[]): readonly FreePort[] {
  const taken = (port: number): boolean => used.some(({ ports }) => includesPort(ports, port)) || isAnywhere(report, port)
  return PORT_USES.flatMap(({ use, ports }) => {
    const free: FreePort[] = []
    const length = ports.last - ports.first + 1
    for (let index = 1; index <= length && free.length < MOST_FREE; index++) {
      const port = ports.first + ((index * STEP) % length)
      const { level } = portLevel(port)
      if (level >= 3 && !WELL_KNOWN.has(port) && !taken(port)) free.push({ use, port, level })
    }
    return free
  })
}

/** Prime, and no factor of 1,000, 10,000 or 45,536. */
const STEP = 847

/** Of the ranges that are proposed from, what everybody's exporters, databases and tools take (the services' own documentation). */
const WELL_KNOWN: ReadonlySet<number> = new Set([
  9100, 9090, 9091, 9092, 9093, 9094, 9104, 9121, 9187, 9200, 9229, 9300, 9411, 9418, 9443, 9999, 10000, 10050, 10051, 10250, 11211, 11434,
  15672, 16379, 18080, 19999, 25565, 27017, 27018, 27019, 28015, 28017, 32400, 50000, 50051, 51820, 61616,
])

/** Something listens on it in any network namespace: a container's port is often published later. */
function isAnywhere(report: AuditReport, port: number): boolean {
  return report.rows.some((row) => row.now.some(({ endpoint }) => endpoint.port === port))
}
