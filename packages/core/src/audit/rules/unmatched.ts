import { evidenceOf, type Launch } from '../../evidence/index.ts'
import { type Service, THIS_HOST } from '../../policy/policy.ts'
import { formatPorts } from '../../policy/ports.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import type { PlannedBind } from '../join/planned.ts'
import { normalPlans } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { isDoor } from './binding.ts'
import { runsHere } from './intent.ts'
import { dataStoreAt } from './known.ts'
import { isMeantBeyond } from './meant.ts'
import { causes, finding } from './words.ts'

/** `undecided`: private services that nothing in the files is known to be, where something that they start may be it. */
export function checkUnmatched(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row): readonly Finding[] => {
    const service = row.declared
    if (service === undefined || !isUnseen(row) || isMeantBeyond(row) || !isHere(service, context)) return []
    const named = startsOfName(service, context)
    const may = named.length > 0 ? named : mayBe(service, context.rows)
    if (may.length === 0) return []
    return [
      finding({
        rule: 'undecided',
        severity: 'info',
        service: row.name,
        message: `It cannot be told whether ${may.map(({ what }) => what).join(' or ')} is ${row.name}, on port ${service.ports.map(formatPorts).join(', ')}, and who reaches it then`,
        places: [...may.flatMap(({ places }) => places), { role: 'declared here', origin: service.origins.port }],
        fix: 'give the port and the host where it listens or is started, or say in the policy by what name it is started (run)',
        key: 'unmatched',
      }),
    ]
  })
}

/** What may be a service, and where it is started. */
interface Candidate {
  readonly what: string
  readonly places: readonly Place[]
}

function isUnseen({ now, planned, launches, containers }: ServiceRow): boolean {
  return now.length + planned.length + launches.length + containers.length === 0
}

/** Files that name no host may be of any machine. */
function isHere(service: Service, { policy, host }: AuditContext): boolean {
  if (policy === undefined) return false
  return host === undefined ? policy.hosts.size === 1 || service.hosts.includes(THIS_HOST) : runsHere(service, policy.hosts, host)
}

const MANAGERS: ReadonlySet<Launch['by']> = new Set(['systemd', 'supervisor', 'procfile'])

/** What a manager starts by the service's name, and of which nothing is known but that. */
function startsOfName({ run }: Service, { evidence }: AuditContext): readonly Candidate[] {
  const found = evidenceOf(evidence, 'launch').filter(
    ({ claim }) => MANAGERS.has(claim.by) && claim.name.replace(/\.service$/, '') === run.name && (run.by === 'any' || run.by === claim.by),
  )
  return found
    .slice(0, 1)
    .map(({ claim, origin }) => ({ what: `what ${claim.by} starts as ${claim.name}`, places: [{ role: 'started here', origin }] }))
}

/** So many are named. */
const MOST_NAMED = 3

/** Of a service that its manager knows by another name, nothing else is it; on the port of a data store is that store, of the machine or elsewhere. */
function mayBe({ run, protocols, ports }: Service, rows: readonly ServiceRow[]): readonly Candidate[] {
  if ((run.by !== 'any' && run.by !== 'command') || ports.every(({ first }) => dataStoreAt(first) !== undefined)) return []
  return rows
    .flatMap((row): readonly Candidate[] => {
      if (row.declared !== undefined || row.now.length > 0) return []
      const open = normalPlans(row).filter((plan) => protocols.includes(plan.protocol) && mayBeOpenAnywhere(row, plan))
      return open.length === 0 ? [] : [{ what: row.name, places: causes(open) }]
    })
    .slice(0, MOST_NAMED)
}

/** Its port is not told, and others may come to it. */
function mayBeOpenAnywhere(row: ServiceRow, plan: PlannedBind): boolean {
  return plan.port === undefined && !plan.contained && plan.exposure.kind !== 'loopback' && !isDoor(row, plan)
}
