import { type AuditReport, type PredictedEndpoint, predictedEndpoints, type ServiceRow } from '@sallyport/core/audit'
import type { PortRange, Protocol } from '@sallyport/core/evidence'
import { type Address, isLoopback, isUnspecified, parseAddress, sameAddress } from '@sallyport/core/network'
import { addressesOf, type EndpointReach } from '@sallyport/core/reach'
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
  const place = placeOf(text)
  const said = port ?? place?.port
  return report.rows.flatMap((row): readonly Subject[] => {
    const endpoints = row.now.filter(
      (reach) => fits(reach) && (endpointText(reach.endpoint) === text || isAtPort(row, reach, port) || isAtPlace(report, reach, place)),
    )
    if (endpoints.length > 0) return [of(row, endpoints)]
    return said !== undefined && row.now.length === 0 && isSaid(row, said, protocol) ? [of(row, [])] : []
  })
}

/** What has the port of `text`, a port or `address:port`, by whatever protocol and address. */
export function subjectsAtPort(report: AuditReport, text: string): readonly Subject[] {
  const port = placeOf(text)?.port
  const found = subjectsOf(report, text, undefined)
  return found.length > 0 || port === undefined ? found : subjectsOf(report, String(port), undefined)
}

/** `address:port`, with IPv6 in brackets and `*` for every address. */
interface Place {
  /** `undefined`: every address. */
  readonly address: Address | undefined
  readonly port: number
}

function placeOf(text: string): Place | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const written = six ?? four ?? ''
  const address = parseAddress(written)
  return written === '*' || address !== undefined ? { address, port: Number(port) } : undefined
}

/** What is sent to that address and port is the endpoint's: it is bound there, on every address where this is one of them, or gets it by a translation. */
function isAtPlace(report: AuditReport, { endpoint, ways, blocked }: EndpointReach, place: Place | undefined): boolean {
  const { address, port } = place ?? {}
  if (address === undefined) return false
  const isThere = (at: { readonly address: Address; readonly port: number }): boolean =>
    at.port === port && sameAddress(at.address, address)
  if (isThere(endpoint) || [...ways, ...blocked].some(({ at }) => isThere(at))) return true
  return endpoint.port === port && isUnspecified(endpoint.address) && takes(endpoint, address) && isOwn(report, endpoint, address)
}

/** Whether a socket on every address is one for addresses of this family. */
function takes({ address: bound, sockets }: EndpointReach['endpoint'], { family }: Address): boolean {
  return bound.family === family || (bound.family === 6 && sockets.some(({ claim }) => claim.accepts !== 'ipv6'))
}

/** Loopback is the machine's own: a container's goes by the container's name. */
function isOwn({ model }: AuditReport, { namespace }: EndpointReach['endpoint'], address: Address): boolean {
  if (model === undefined) return false
  if (isLoopback(address)) return namespace === model.host.own
  const here = model.host.namespaces.get(namespace)
  return here !== undefined && addressesOf(here).some((own) => sameAddress(own.address, address))
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
