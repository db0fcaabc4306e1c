import { evidenceOf, type FileOrigin, HIDES_LISTENERS, includesPort, type PortRange, show } from '../../evidence/index.ts'
import type { IgnoredListener, Policy } from '../../policy/index.ts'
import { hasAddress, rangeSet } from '../../network/index.ts'
import type { EndpointReach } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Severity } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { declaredEndpoints, fromBeyond, isDeclared, runsElsewhere, runsHere } from './intent.ts'
import { isClient } from './meant.ts'
import { canReach, endpointWords, finding, holder } from './words.ts'

/** `service-missing` and `undeclared-listener`: the policy's services against what runs here. */
export function checkPresence(context: AuditContext): readonly Finding[] {
  const { evidence, host, policy, rows } = context
  if (host === undefined || policy === undefined) return []
  const isAllSeen = !evidenceOf(evidence, 'gap').some(({ claim }) => HIDES_LISTENERS.includes(claim.affects.kind))
  const missing = rows.flatMap((row): readonly Finding[] => {
    const service = row.declared
    // Ports of a range are opened as calls come in.
    if (service === undefined || service.ports.every((range) => range.first !== range.last) || !runsHere(service, policy.hosts, host))
      return []
    if (declaredEndpoints(row).length > 0) return []
    const ports = service.ports
      .map((range) => (range.first === range.last ? String(range.first) : `${range.first}-${range.last}`))
      .join(', ')
    const elsewhere = row.now.map((reach) => endpointWords(reach))
    const holders = rows.filter(
      (other) => other !== row && other.now.some(({ endpoint }) => service.ports.some((range) => range.first === endpoint.port)),
    )
    return [
      finding({
        rule: 'service-missing',
        severity: 'medium',
        service: row.name,
        message:
          elsewhere.length > 0
            ? `${row.name} is declared on port ${ports} and listens on ${elsewhere.join(', ')}`
            : `${row.name} is declared on port ${ports} and ${isAllSeen ? 'is not running' : 'was not seen to run, and not everything that listens was seen'}`,
        places: [
          { role: 'declared here', origin: service.origins.port },
          ...claimsOf(service.name, policy).map((origin) => ({ role: 'a test that tells nothing meanwhile', origin })),
        ],
        fix:
          elsewhere.length > 0
            ? 'correct the port in the policy, or where the service is started'
            : `${isAllSeen ? '' : 'run as root to see whether it runs; if not, '}start it, or take it out of the policy`,
        facts: holders.map((other) =>
          show(`port ${ports} is held by ${other.name}${other.processes[0] === undefined ? '' : `, pid ${other.processes[0].claim.pid}`}`),
        ),
        key: ports,
      }),
    ]
  })
  if (policy.listeners.undeclared === 'ignore') return missing
  return [
    ...missing,
    ...rows.flatMap((row) => {
      const ofAnother = row.declared !== undefined && runsElsewhere(row.declared, policy.hosts, host)
      return row.now.filter((reach) => ofAnother || !isDeclared(row, reach)).flatMap((reach) => undeclared(row, reach, policy, ofAnother))
    }),
  ]
}

/** Where tests of the policy name the service, of which there is nothing to try them on. */
function claimsOf(name: string, { tests }: Policy): readonly FileOrigin[] {
  return tests.flatMap(({ accept, deny, denyThrough }) =>
    [...accept, ...deny, ...denyThrough].flatMap(({ value, origin }) => (value === name ? [origin] : [])),
  )
}

/** `ofAnother`: what is declared on the port is a service of another machine. */
function undeclared(row: ServiceRow, reach: EndpointReach, policy: Policy, ofAnother: boolean): readonly Finding[] {
  if (policy.listeners.ignore.some((entry) => ignores(entry, row, reach))) return []
  const { endpoint } = reach
  const beyond = fromBeyond(reach.ways)
  if (isClient(endpoint)) return []
  const severity: Severity = beyond.some((way) => way.certainty === 'open')
    ? 'high'
    : beyond.length > 0 || reach.ways.length > 0
      ? 'low'
      : 'info'
  const also = row.declared === undefined || ofAnother ? '' : ' beside its declared ports'
  const unknown = ofAnother ? 'which the policy knows of another host only' : 'which the policy does not know'
  return [
    finding({
      rule: 'undeclared-listener',
      severity,
      service: row.name,
      message: `${row.name} listens on ${endpointWords(reach)}${also}, ${unknown}${reach.ways.length === 0 ? '' : `; ${canReach(beyond.length > 0 ? beyond : reach.ways)} it`}`,
      places: endpoint.sockets.slice(0, 1).map((socket) => ({ role: 'seen here', origin: socket.origin })),
      fix: 'stop it, declare it as a service, or list it under listeners: ignore with a reason',
      facts: [holder(row, reach)],
      key: `${endpoint.protocol} ${endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

function ignores(entry: IgnoredListener, row: ServiceRow, { endpoint }: EndpointReach): boolean {
  if (entry.process !== undefined && !row.processes.some((process) => process.claim.name === entry.process)) return false
  if (entry.ports !== undefined && !isAmong(entry.ports, endpoint.port)) return false
  return entry.address === undefined || hasAddress(rangeSet([entry.address]), endpoint.address)
}

/** Whether an entry is for the port alone, so that it holds whatever has it. */
export function ignoresPort({ process, address, ports }: IgnoredListener, port: number): boolean {
  return process === undefined && address === undefined && ports !== undefined && isAmong(ports, port)
}

function isAmong(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some((range) => includesPort(range, port))
}
