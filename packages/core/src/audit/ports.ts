import { includesPort, type PortRange } from '../evidence/index.ts'

/** How well a port number keeps out of the way of strangers who scan for services (V1). A number is no protection; it is noise that is saved. */
export interface PortLevel {
  readonly level: 1 | 2 | 3 | 4
  readonly title: 'minimal' | 'basic' | 'good' | 'high'
  readonly risk: 'high' | 'medium' | 'low' | 'minimal'
  readonly scanProbability: string
  readonly ports: readonly PortRange[]
  /** Ranges that the owners' table leaves out, put here by the same reasoning. */
  readonly added: readonly PortRange[]
  readonly why: string
}

const single = (port: number): PortRange => ({ first: port, last: port })
const range = (first: number, last: number): PortRange => ({ first, last })

/** Level 1 wins where ranges overlap, since it stands first: 8080 is in 8001–8999 too. */
export const PORT_LEVELS: readonly PortLevel[] = [
  {
    level: 1,
    title: 'minimal',
    risk: 'high',
    scanProbability: 'very likely',
    ports: [80, 443, 8000, 8080, 3000, 5000].map(single),
    added: [range(0, 79), range(81, 442), range(444, 1023)],
    why: 'heavily scanned, predictable: frameworks’ defaults, and the ports below 1024 that every scanner tries first',
  },
  {
    level: 2,
    title: 'basic',
    risk: 'medium',
    scanProbability: 'likely',
    ports: [range(8001, 8999), range(9000, 9099)],
    added: [range(1024, 2999), range(3001, 4999), range(5001, 7999)],
    why: 'registered services and their usual alternatives: in the lists that scanners try after the common ones',
  },
  {
    level: 3,
    title: 'good',
    risk: 'low',
    scanProbability: 'unlikely',
    ports: [range(9100, 9999), range(10000, 19999)],
    added: [],
    why: 'few services are expected here; only full scans come by',
  },
  {
    level: 4,
    title: 'high',
    risk: 'minimal',
    scanProbability: 'very unlikely',
    ports: [range(20000, 65535)],
    added: [],
    why: 'reached by scans of every port only',
  },
]

export interface PortUse {
  readonly use: 'development' | 'internal' | 'production'
  readonly ports: PortRange
}

export const PORT_USES: readonly PortUse[] = [
  { use: 'development', ports: range(9000, 9999) },
  { use: 'internal', ports: range(10000, 19999) },
  { use: 'production', ports: range(20000, 65535) },
]

export interface AvoidedPort {
  readonly port: number
  readonly service: string
  readonly reason: string
}

/** Never for an application of one's own. */
export const PORTS_TO_AVOID: readonly AvoidedPort[] = [
  { port: 21, service: 'FTP', reason: 'high-value target' },
  { port: 22, service: 'SSH', reason: 'high-value target' },
  { port: 23, service: 'Telnet', reason: 'high-value target' },
  { port: 25, service: 'SMTP', reason: 'filtered by many networks' },
  { port: 53, service: 'DNS', reason: 'filtered by many networks' },
  { port: 110, service: 'POP3', reason: 'filtered by many networks' },
]

/** The ports that cost the score (V2): the predictable ones. */
export const COMMON_PORTS: readonly number[] = [80, 443, 8000, 8080, 3000, 5000]

/** Ports that need elevated access to bind (ip(7), net.ipv4.ip_unprivileged_port_start). */
export const FIRST_UNPRIVILEGED_PORT = 1024

/** `port` is 0 to 65535. */
export function portLevel(port: number): PortLevel {
  const named = PORT_LEVELS.find((level) => level.ports.some((ports) => includesPort(ports, port)))
  const level = named ?? PORT_LEVELS.find((candidate) => candidate.added.some((ports) => includesPort(ports, port)))
  if (level === undefined) throw new RangeError(`not a port: ${port}`)
  return level
}

export function portUse(port: number): PortUse['use'] | undefined {
  return PORT_USES.find(({ ports }) => includesPort(ports, port))?.use
}
