import { evidenceOf, type Origin, type RuleOrigin, type Ruleset, show } from '../../evidence/index.ts'
import { type AddressSet, difference, isEmpty, sameSet, sourceAddresses, sourceSet, unionOf } from '../../network/index.ts'
import { computeReach, endpointKey, type EndpointReach, rebooted, type Rebooted, type Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond, unmeant } from './intent.ts'
import { endpointWords, finding, whoReaches } from './words.ts'

/** So many of the rules, and of the services, are named. */
const MOST_SHOWN = 5

/** `firewall-not-persistent`: rules that protect a service now, and that nothing loads when the machine starts. */
export function checkPersistence(context: AuditContext): readonly Finding[] {
  const { host, upstream, evidence, rows } = context
  const [start] = evidenceOf(evidence, 'filter-start')
  if (host === undefined || start === undefined || host.boundary.kind === 'container') return []
  const ports = protectedPorts(rows)
  if (ports.size === 0) return []
  const after = rebooted(host, start.claim, configuredUfw(context), savedRules(context))
  if (after === undefined) return []
  const reach = new Map(computeReach(after.host, upstream, ports).map((item) => [endpointKey(item.endpoint), item]))
  const opened = rows.flatMap((row) =>
    row.now.flatMap((now) => {
      const next = reach.get(endpointKey(now.endpoint))
      const ways = next === undefined ? [] : gained(row, now, next, context)
      return ways.length === 0 ? [] : [{ row, now, ways }]
    }),
  )
  const [first] = opened
  if (first === undefined) return []
  const lost = closing(
    opened.map(({ now }) => now),
    new Set<Origin>(after.lost),
  )
  const services = [...new Set(opened.map(({ row, now }) => `${row.name} (${endpointWords(now)})`))]
  const ways = opened.flatMap((item) => item.ways)
  return [
    finding({
      rule: 'firewall-not-persistent',
      severity: 'medium',
      ...(opened.every(({ row }) => row === first.row) ? { service: first.row.name } : {}),
      message: `${changeWords(after)}: then ${whoReaches(ways)} can reach ${services.slice(0, MOST_SHOWN).join(', ')}${services.length > MOST_SHOWN ? ` and ${services.length - MOST_SHOWN} more` : ''}`,
      places: [
        ...lost.slice(0, MOST_SHOWN).map((origin): Place => ({ role: 'gone after a reboot', origin })),
        ...after.gained
          .slice(0, MOST_SHOWN)
          .map((origin): Place => ({ role: 'loaded at boot, and not running', origin: origin.file ?? origin })),
      ],
      fix: 'save the rules where a unit that is enabled loads them (netfilter-persistent save; or nft list ruleset into /etc/nftables.conf, and systemctl enable nftables), or make them with ufw',
      facts: [
        ...after.policies
          .slice(0, MOST_SHOWN)
          .map(({ tool, table, chain }) => show(`the policy of ${tool} ${table} ${chain} is drop now, and accept after a reboot`)),
        ...start.claim.loaders.map(({ program, loads }) =>
          show(`at boot, ${program} loads ${loads.length === 0 ? 'its own rules' : `rules of ${loads.join(', ')}`}`),
        ),
      ],
      key: [...new Set(opened.map(({ now }) => `${now.endpoint.protocol} ${now.endpoint.port}`))].toSorted().join(),
    }),
  ]
}

/** Ports at which a rule stops somebody now. */
function protectedPorts(rows: readonly ServiceRow[]): ReadonlySet<number> {
  return new Set(
    rows.flatMap(({ now }) =>
      now.flatMap(({ endpoint, blocked }) =>
        blocked.some(({ path }) => path.at(-1)?.kind === 'netfilter') ? [endpoint.port, ...blocked.map((item) => item.at.port)] : [],
      ),
    ),
  )
}

/** The files of rules of this machine, by their paths. */
function savedRules({ evidence }: AuditContext): ReadonlyMap<string, Ruleset> {
  return new Map(
    evidenceOf(evidence, 'netfilter').flatMap(({ claim, standing, origin }) =>
      standing === 'configured' && origin.kind === 'file' && origin.path.startsWith('/') ? [[origin.path, claim.ruleset] as const] : [],
    ),
  )
}

/** What the files of ufw load at boot. */
function configuredUfw({ evidence }: AuditContext): Ruleset | undefined {
  const found = evidenceOf(evidence, 'netfilter').find(({ claim, standing }) => standing === 'configured' && claim.ruleset.tool === 'ufw')
    ?.claim.ruleset
  return found === undefined || found.tables.length + found.unread.length === 0 ? undefined : found
}

/** Ways from beyond that are open then, and that nobody has now. */
function gained(row: ServiceRow, now: EndpointReach, next: EndpointReach, { host }: AuditContext): readonly Way[] {
  const ways = fromBeyond(row.declared === undefined || host === undefined ? next.ways : unmeant(row.declared, next, host))
  return ways.flatMap((way): readonly Way[] => {
    const sources = difference(sourceAddresses(way.sources), reaching(now, way))
    if (way.certainty !== 'open' || isEmpty(sources)) return []
    return [sameSet(sources, sourceAddresses(way.sources)) ? way : { ...way, sources: sourceSet(sources), entire: false }]
  })
}

/** Who comes already, or may. */
function reaching({ ways }: EndpointReach, { sender, family }: Way): AddressSet {
  return unionOf(ways.filter((way) => way.sender === sender && way.family === family).map((way) => sourceAddresses(way.sources)))
}

/** The rules among these that stop somebody at the endpoints now. */
function closing(endpoints: readonly EndpointReach[], lost: ReadonlySet<Origin>): readonly RuleOrigin[] {
  return [
    ...new Set(
      endpoints.flatMap(({ blocked }) =>
        blocked.flatMap(({ path }) => {
          const last = path.at(-1)
          return last?.kind === 'netfilter' && last.step.kind === 'rule' && lost.has(last.step.origin) ? [last.step.origin] : []
        }),
      ),
    ),
  ]
}

function changeWords({ lost, gained, policies }: Rebooted): string {
  if (lost.length + policies.length > 0)
    return `Nothing loads ${countWords(lost.length, policies.length)} of the packet filter when this machine starts again`
  return `When this machine starts again, ${countWords(gained.length, 0)} of the packet filter ${gained.length === 1 ? 'is' : 'are'} loaded that ${gained.length === 1 ? 'does' : 'do'} not run now`
}

function countWords(rules: number, policies: number): string {
  const parts = [
    ...(rules === 0 ? [] : [rules === 1 ? 'one rule' : `${rules} rules`]),
    ...(policies === 0 ? [] : [policies === 1 ? 'the policy of one chain' : `the policies of ${policies} chains`]),
  ]
  return parts.join(' and ')
}
