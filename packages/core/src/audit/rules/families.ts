import { countAddresses, sourceAddresses, unionOf } from '../../network/index.ts'
import type { Blocked, EndpointReach, PathStep, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { endpointWords, finding, holder, whoReaches } from './words.ts'

/** `ipv6-unfiltered`: open by IPv6, while a rule stops the same senders, or most of them, by IPv4. */
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
  const let4 = siblings.flatMap((other) => fromBeyond(other.ways)).filter((item) => item.family === 4 && item.sender === way.sender)
  const blocked = siblings
    .flatMap((other) => other.blocked)
    .filter((item) => item.family === 4 && item.sender === way.sender && byRule(item))
  const [stopped] = blocked
  if (stopped === undefined || !(let4.length === 0 || (way.entire && areFew(let4, blocked)))) return []
  const by4 = let4.length === 0 ? 'closed by IPv4' : `open to ${whoReaches(let4)} alone`
  return [
    finding({
      rule: 'ipv6-unfiltered',
      severity: 'high',
      service: row.name,
      message: `${row.name} on ${endpointWords(reach)} is ${by4} and open by IPv6: ${whoReaches(open)} can reach it`,
      places: stopped.path.flatMap(placeOf),
      fix: 'write the rule for IPv6 too (ufw: IPV6=yes in /etc/default/ufw; nftables: a table of family inet)',
      facts: [holder(row, reach)],
      key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

/** Whether of all who send some are let in, and not all but some are kept out. */
function areFew(ways: readonly Way[], blocked: readonly Blocked[]): boolean {
  const count = (all: readonly (Way | Blocked)[]): bigint => countAddresses(unionOf(all.map((item) => sourceAddresses(item.sources))))
  return count(ways) * 2n < count(blocked)
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
