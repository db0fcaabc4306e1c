import type { Blocked, EndpointReach, PathStep } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { endpointWords, finding, holder, whoReaches } from './words.ts'

/** `ipv6-unfiltered`: open by IPv6, while a rule stops the same senders by IPv4. */
export function checkFamilies(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) => row.now.flatMap((reach) => unfiltered(row, reach)))
}

function unfiltered(row: ServiceRow, reach: EndpointReach): readonly Finding[] {
  const open = fromBeyond(reach.ways).filter((way) => way.family === 6 && way.certainty === 'open')
  const [way] = open
  if (way === undefined || severityOf(open) === undefined) return []
  const siblings = row.now.filter(
    (other) => other.endpoint.port === reach.endpoint.port && other.endpoint.protocol === reach.endpoint.protocol,
  )
  if (siblings.some((other) => fromBeyond(other.ways).some((item) => item.family === 4))) return []
  const stopped = siblings.flatMap((other) => other.blocked).find((item) => item.family === 4 && item.sender === way.sender && byRule(item))
  if (stopped === undefined) return []
  return [
    finding({
      rule: 'ipv6-unfiltered',
      severity: 'high',
      service: row.name,
      message: `${row.name} on ${endpointWords(reach)} is closed by IPv4 and open by IPv6: ${whoReaches(open)} can reach it`,
      places: stopped.path.flatMap(placeOf),
      fix: 'write the rule for IPv6 too (ufw: IPV6=yes in /etc/default/ufw; nftables: a table of family inet)',
      facts: [holder(row, reach)],
      key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

function byRule(blocked: Blocked): boolean {
  const last = blocked.path.at(-1)
  return (
    last?.kind === 'netfilter' &&
    (last.step.kind === 'policy' || (last.step.kind === 'rule' && (last.step.effect === 'drop' || last.step.effect === 'reject')))
  )
}

function placeOf(step: PathStep): readonly Place[] {
  return step.kind === 'netfilter' && step.step.kind === 'rule' && step.step.effect !== 'jump' && step.step.effect !== 'goto'
    ? [{ role: 'stops IPv4', origin: step.step.origin }]
    : []
}
