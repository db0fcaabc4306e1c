import { show } from '../../evidence/index.ts'
import { formatAddressSet, rangeSet } from '../../network/index.ts'
import type { Service, SourceRef } from '../../policy/index.ts'
import type { EndpointReach, HostModel, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import { bindingChanges, changesFor } from '../cures/changes.ts'
import type { Finding } from '../finding.ts'
import { plansBehind } from '../join/agrees.ts'
import type { ServiceRow } from '../join/service.ts'
import { declaredEndpoints, isDeclared, runsElsewhere, runsHere, severityOf, unmeant } from './intent.ts'
import { isForThisMachine } from './meant.ts'
import { causes, decidingRules, endpointWords, finding, holder, undecidedReach, whoReaches } from './words.ts'

/** `private-reachable`, `opens-on-restart`, `undecided`: declared services against who can reach them, now and after the next start. */
export function checkReachable(context: AuditContext): readonly Finding[] {
  const { host, policy } = context
  if (host === undefined || policy === undefined) return []
  return context.rows.flatMap((row) => {
    if (row.declared === undefined || runsElsewhere(row.declared, policy.hosts, host)) return []
    // What listens on its ports is taken for it wherever it is not told to be another machine's.
    if (declaredEndpoints(row).length === 0 && !runsHere(row.declared, policy.hosts, host)) return []
    const now = declaredEndpoints(row).flatMap((reach) => reachable(row, reach, host))
    return [
      ...now,
      ...nextStart(
        row,
        host,
        now.some((item) => item.rule === 'private-reachable'),
      ),
    ]
  })
}

function reachable(row: ServiceRow, reach: EndpointReach, host: HostModel): readonly Finding[] {
  const service = row.declared
  if (service === undefined) return []
  const ways = unmeant(service, reach, host)
  const severity = severityOf(ways)
  if (severity === undefined) return undecided(row, reach, ways, host)
  const open = ways.filter((way) => way.certainty === 'open')
  const cured = row.next.find(
    (item) => item.kind === 'reach' && item.replaces === reach && severityOf(unmeant(service, item.reach, host)) === undefined,
  )
  const deciding = open[0] === undefined ? [] : decidingRules(open[0])
  return [
    finding({
      rule: 'private-reachable',
      severity,
      service: row.name,
      message: `${row.name} is meant for ${service.from.map(sourceName).join(', ')}, and ${whoReaches(open)} can reach it`,
      places: [...causes(plansBehind(row, reach)), ...deciding, { role: 'declared here', origin: service.origins.from }],
      fix:
        cured === undefined
          ? fixFor(row, service, open)
          : `restart ${row.name}: the files are right already, and what runs was started before they were`,
      changes: isForThisMachine(service) ? changesFor(row, reach, open) : [],
      facts: [holder(row, reach)],
      key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

export function sourceName(source: { readonly kind: string; readonly name?: string; readonly text?: string }): string {
  return source.name ?? source.text ?? source.kind
}

/** What is meant for others as well is not to be bound to loopback: the rule that lets in whom it is not meant for is to be closed. */
function fixFor(row: ServiceRow, service: Service, ways: readonly Way[]): string {
  if (!isForThisMachine(service))
    return `let only ${service.from.map(sourceText).join(', ')} through the firewall, or bind ${row.name} to an address that only they come to`
  if (row.container !== undefined || ways.some((way) => way.path.some((step) => step.kind === 'cross' || step.kind === 'userland-proxy')))
    return 'publish it on 127.0.0.1, or not at all when only other containers need it'
  return `bind ${row.name} to 127.0.0.1`
}

/** A named source with its addresses, which a firewall rule needs. */
function sourceText(source: SourceRef): string {
  if (source.kind === 'built-in' || source.kind === 'literal' || source.addresses.length === 0) return sourceName(source)
  return `${source.name} (${formatAddressSet(rangeSet(source.addresses)).join(', ')})`
}

function undecided(row: ServiceRow, reach: EndpointReach, ways: readonly Way[], host: HostModel): readonly Finding[] {
  const remedy = ways[0] === undefined ? undefined : remedyFor(ways[0], host)
  return undecidedReach(row, reach, row.name, ways, remedy ?? 'make the named part visible, or take it away')
}

/** What to do so that what was not seen is: `run as root`. */
function remedyFor(way: Way, host: HostModel): string | undefined {
  const reasons = new Set<string>(way.reasons.map((reason) => reason.text))
  const gaps = [...host.namespaces.values()].flatMap((namespace) => namespace.gaps).filter(({ claim }) => reasons.has(show(claim.what)))
  const remedies = new Set(gaps.flatMap(({ claim }) => claim.remedy ?? []))
  return remedies.size === 0 ? undefined : [...remedies].join(', ')
}

function nextStart(row: ServiceRow, host: HostModel, alreadyOpen: boolean): readonly Finding[] {
  const service = row.declared
  if (service === undefined) return []
  return row.next.flatMap((next): readonly Finding[] => {
    if (next.kind === 'undecided') {
      if (service.from.some((source) => source.kind === 'built-in' && source.name === 'internet')) return []
      return [
        finding({
          rule: 'undecided',
          severity: 'info',
          service: row.name,
          message: `It cannot be told what ${row.name} will bind when it is started: ${next.reason}`,
          places: causes([next.plan]),
          fix: 'give the host where it listens, or set its variable where it is started',
          key: 'next start',
        }),
      ]
    }
    const ways = unmeant(service, next.reach, host)
    const severity = severityOf(ways)
    if (severity === undefined || alreadyOpen || (!isDeclared(row, next.reach) && next.replaces === undefined)) return []
    return [
      finding({
        rule: 'opens-on-restart',
        severity: severity === 'medium' ? 'medium' : 'high',
        service: row.name,
        message: `${row.name} will be open to ${whoReaches(ways)} when it is started ${row.now.length > 0 ? 'again' : ''}`.trim(),
        places: [...causes([next.plan]), { role: 'declared here', origin: service.origins.from }],
        fix: isForThisMachine(service)
          ? 'make it bind 127.0.0.1 before it is started'
          : `${fixFor(row, service, ways)}, before it is started`,
        changes: isForThisMachine(service) ? bindingChanges([next.plan]) : [],
        facts: [show(`it would listen on ${endpointWords(next.reach)}`)],
        key: `next ${next.reach.endpoint.protocol} ${next.reach.endpoint.port}`,
      }),
    ]
  })
}
