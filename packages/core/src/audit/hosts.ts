import { evidenceOf, type ProxyServer } from '../evidence/index.ts'
import { addressSetOf, isLoopback, overlaps, sameAddress, sourceAddresses, spelledAddress } from '../network/index.ts'
import { type AuditContext, type AuditInput, type AuditReport, contextOf, reportOf } from './audit.ts'
import { type Fronting, frontsOf, mayLeadTo, ownAddresses, type PossibleFronting, possibleFrontsOf } from './join/fronting.ts'
import type { ServiceRow } from './join/service.ts'

/** The hosts of one deployment, each with what is seen of it alone and what proxies of the others pass on to its services. */
export function auditHosts(inputs: readonly AuditInput[]): readonly AuditReport[] {
  const contexts = inputs.map(contextOf)
  const reports = contexts.map((context) => reportOf(contexts.filter((other) => other !== context).reduce(withProxiesOf, context)))
  return reports.map((report) => withoutElsewhere(report, reports))
}

/** What runs on another host that is looked at is told there. */
function withoutElsewhere(report: AuditReport, reports: readonly AuditReport[]): AuditReport {
  const told = (name: string): boolean => reports.some(({ elsewhere }) => !elsewhere.has(name))
  return {
    ...report,
    rows: report.rows.filter(({ declared }) => declared === undefined || !report.elsewhere.has(declared.name) || !told(declared.name)),
    elsewhere: new Set([...report.elsewhere].filter((name) => !told(name))),
  }
}

/** `other`: another host, whose packets come to this one by the network between them. */
function withProxiesOf(context: AuditContext, other: AuditContext): AuditContext {
  const name = other.host?.name
  if (name === undefined || context.host === undefined) return context
  const on = <T extends Fronting | PossibleFronting>(front: T): T => ({ ...front, system: `${front.system} on ${name}` })
  const certain = frontsOf(other.evidence, []).map(({ fronting }) => on(fronting))
  const possible = possibleFrontsOf(other.evidence).map(on)
  const rows = context.rows.map((row): ServiceRow => {
    const ports = row.now.flatMap(({ ways }) => ways.filter((way) => comesFrom(way, other)).map(({ at }) => at.port))
    return {
      ...row,
      fronts: [...row.fronts, ...certain.filter((front) => leadsTo(front, row, other))],
      possibleFronts: [...row.possibleFronts, ...possible.filter((front) => ports.length > 0 && mayLeadTo(front, ports))],
    }
  })
  const servers = evidenceOf(other.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
  return {
    ...context,
    rows,
    proxiesOn: new Map([...context.proxiesOn, ...servers.map((server): [ProxyServer, AuditContext] => [server, other])]),
  }
}

/** Whether what the proxy sends to its target arrives at the service. */
function leadsTo({ target }: Fronting, { now }: ServiceRow, other: AuditContext): boolean {
  const address = spelledAddress(target.host)
  return (
    address !== undefined &&
    now.some(({ endpoint, ways }) =>
      ways.some(
        ({ at, ...way }) =>
          endpoint.protocol === 'tcp' && at.port === target.port && sameAddress(at.address, address) && comesFrom(way, other),
      ),
    )
  )
}

function comesFrom({ sources }: Pick<ServiceRow['now'][number]['ways'][number], 'sources'>, { host }: AuditContext): boolean {
  const senders = addressSetOf(...ownAddresses(host).filter((address) => !isLoopback(address)))
  return overlaps(sourceAddresses(sources), senders)
}
