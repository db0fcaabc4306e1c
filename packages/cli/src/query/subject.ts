import { type AuditReport, type PredictedEndpoint, predictedEndpoints, type ServiceRow } from '@sallyport/core/audit'
import type { PortRange, Protocol } from '@sallyport/core/evidence'
import { parseAddress } from '@sallyport/core/network'
import type { EndpointReach } from '@sallyport/core/reach'
import { endpointText } from '../report/words.ts'

/** What is to be explained of one row. */
export interface Subject {
  readonly row: ServiceRow
  /** Of those that listen now; empty where none does. */
  readonly endpoints: readonly EndpointReach[]
  /** What its files say that it will listen on. */
  readonly predicted: readonly PredictedEndpoint[]
  /** The only one that is asked about; `undefined`: all. */
  readonly protocol: Protocol | undefined
}

/** Every service that goes by the name, listens on the port or at `address:port`, or is said to by the files or the policy. */
export function subjectsOf(report: AuditReport, text: string, protocol: Protocol | undefined): readonly Subject[] {
  const fits = ({ endpoint }: EndpointReach): boolean => protocol === undefined || endpoint.protocol === protocol
  const named = report.rows.filter((row) => namesOf(row).has(text))
  const of = (row: ServiceRow, endpoints: readonly EndpointReach[]): Subject => ({
    row,
    endpoints,
    predicted: predictedEndpoints(row).filter((item) => protocol === undefined || item.protocol === protocol),
    protocol,
  })
  if (named.length > 0) return named.map((row) => of(row, row.now.filter(fits)))
  const port = /^\d{1,5}$/.test(text) ? Number(text) : undefined
  const said = port ?? portOfAddress(text)
  return report.rows.flatMap((row): readonly Subject[] => {
    const endpoints = row.now.filter((reach) => fits(reach) && (endpointText(reach.endpoint) === text || isAtPort(row, reach, port)))
    if (endpoints.length > 0) return [of(row, endpoints)]
    return said !== undefined && row.now.length === 0 && isSaid(row, said, protocol) ? [of(row, [])] : []
  })
}

/** Of `address:port`, with IPv6 in brackets and `*` for every address. */
function portOfAddress(text: string): number | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const address = six ?? four ?? ''
  return address === '*' || parseAddress(address) !== undefined ? Number(port) : undefined
}

/** What a person may call a row. */
function namesOf(row: ServiceRow): ReadonlySet<string> {
  return new Set([
    row.name,
    ...(row.declared === undefined ? [] : [row.declared.name]),
    ...(row.container === undefined ? [] : [row.container.claim.name]),
    ...(row.compose === undefined ? [] : [row.compose.claim.name]),
    ...row.launches.filter(({ claim }) => MANAGED.has(claim.by)).map(({ claim }) => claim.name),
    ...row.processes.flatMap(({ claim }) => (claim.manager?.kind === 'pm2' ? [claim.manager.app] : [])),
  ])
}

/** Managers that know a service by a name of its own. */
const MANAGED: ReadonlySet<string> = new Set(['pm2', 'compose', 'docker-run', 'systemd'])

function isAtPort(row: ServiceRow, reach: EndpointReach, port: number | undefined): boolean {
  if (port === undefined) return false
  return (
    reach.endpoint.port === port ||
    [...reach.ways, ...reach.blocked].some((item) => item.at.port === port) ||
    row.container?.claim.published.some(({ hostPorts }) => within(hostPorts, port)) === true
  )
}

function isSaid({ declared, ...row }: ServiceRow, port: number, protocol: Protocol | undefined): boolean {
  const fits = (each: Protocol): boolean => protocol === undefined || each === protocol
  return (
    (declared?.protocols.some(fits) === true && declared.ports.some((range) => within(range, port))) ||
    predictedEndpoints({ declared, ...row }).some((item) => item.port === port && fits(item.protocol))
  )
}

function within({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last
}
