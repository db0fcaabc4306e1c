import type { ConfiguredPort } from '../../evidence/index.ts'
import type { AuditContext } from '../audit.ts'
import { bindingChanges, publishChanges } from '../cures/changes.ts'
import type { Finding, Severity } from '../finding.ts'
import { isOfContainer } from '../join/contained.ts'
import { administrationOf, debuggerOf, statisticsOf } from '../join/debugger.ts'
import type { PlannedBind } from '../join/planned.ts'
import { predictedEndpoints } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { isByHand, isDeployedInContainer, severityIfExposed } from './binding.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { declaresPort } from './meant.ts'
import { extentOf, publishingSeverity } from './published.ts'
import { canReach, causes, finding, type FindingParts } from './words.ts'

/** `debugger-reachable`: the debuggers that the files open to others, as long as they are not seen running. A debugger that the policy declares is a service. */
export function checkDebuggers(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) => {
    const found = row.planned.flatMap((plan) => {
      const isDeclared = row.declared !== undefined && plan.port !== undefined && declaresPort(row.declared, plan.port)
      const isRunning = row.now.some(({ endpoint }) => endpoint.protocol === plan.protocol && endpoint.port === plan.port)
      return isDeclared || isRunning ? [] : planned(row, plan, context)
    })
    return [...new Map(found.toReversed().map((item) => [item.fingerprint, item])).values()]
  })
}

function planned(row: ServiceRow, plan: PlannedBind, context: AuditContext): readonly Finding[] {
  const statistics = debuggerOf(plan) === undefined ? statisticsOf(plan) : undefined
  const title = statistics ?? debuggerOf(plan)
  const { port, protocol, exposure, contained } = plan
  if (title === undefined || port === undefined || (exposure.kind !== 'every-interface' && exposure.kind !== 'address')) return []
  const isAdministration = statistics !== undefined || administrationOf(plan) !== undefined
  const danger = statistics !== undefined ? SEES : isAdministration ? 'decides what it does' : 'runs code'
  const weighed = (severity: Severity): Severity => (statistics !== undefined && severity === 'high' ? 'medium' : severity)
  const what = isAdministration ? title : `${title} of ${row.name}`
  const parts = {
    rule: 'debugger-reachable',
    service: row.name,
    key: `${protocol} ${port}`,
  } satisfies Partial<FindingParts>
  if (contained) {
    const isOpen = ({ containerPorts: { first, last }, ...rest }: ConfiguredPort): boolean =>
      first <= port && port <= last && extentOf(rest) === 'others'
    const [container] = row.containers.filter(({ claim }) => claim.published.some(isOpen))
    const published = container?.claim.published.find(isOpen)
    if (container === undefined || published === undefined) return []
    return [
      finding({
        ...parts,
        severity: weighed(publishingSeverity(container)),
        message: `${what} is published on every interface: whoever reaches it ${danger}`,
        places: [{ role: 'published here', origin: published.origin }, ...causes([plan])],
        fix: statistics === undefined ? 'publish it on 127.0.0.1, and come by an SSH tunnel' : ASK,
        changes: publishChanges(row, [published]),
      }),
    ]
  }
  const next = row.next.find((item) => item.plan === plan)
  const ways = next?.kind === 'reach' ? fromBeyond(next.reach.ways) : undefined
  const severity = ways === undefined ? severityOfFiles(row, plan, context) : severityAtStart(ways)
  if (severity === undefined) return []
  const where = exposure.kind === 'address' ? 'an address that others reach' : 'every interface'
  return [
    finding({
      ...parts,
      severity: weighed(severity),
      message: `${what} will listen on port ${port} of ${where}${ways === undefined ? '' : `, where ${canReach(ways)} it`}: whoever reaches it ${danger}`,
      places: causes([plan]),
      fix: statistics === undefined ? 'bind it to 127.0.0.1, and come by an SSH tunnel' : ASK,
      changes: bindingChanges([plan]),
    }),
  ]
}

const SEES = 'sees what is behind it, by name and address'
const ASK = 'have it ask for a password (stats auth), or give it a socket of its own on 127.0.0.1'

/**
 * That its code may run in a container is no excuse for a debugger that is told among what the service opens, nor for one that is started
 * without the container.
 */
function severityOfFiles(row: ServiceRow, plan: PlannedBind, context: AuditContext): Severity | undefined {
  const isExcused = plan.launch === undefined ? severityIfExposed(row, [plan], context) === undefined : isOfContainer(row, plan)
  if (isExcused && !isListed(row, plan)) return undefined
  if (!isByHand(plan)) return 'high'
  return isDeployedInContainer(row, [plan]) ? 'low' : 'medium'
}

function isListed(row: ServiceRow, { protocol, port }: PlannedBind): boolean {
  return predictedEndpoints(row).some(
    (item) =>
      item.protocol === protocol &&
      item.port === port &&
      !item.contained &&
      (item.exposure === 'every-interface' || item.exposure === 'address'),
  )
}

/** Nobody comes before it is started. */
function severityAtStart(ways: Parameters<typeof severityOf>[0]): Severity | undefined {
  if (ways.length === 0) return undefined
  return severityOf(ways) === undefined ? 'medium' : 'high'
}
