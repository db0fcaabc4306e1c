import type { ConfiguredPort, PortRange } from '../../evidence/index.ts'
import type { Service } from '../../policy/index.ts'
import { formatPorts } from '../../policy/ports.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { debuggerOf } from '../join/debugger.ts'
import { isHere } from '../join/fronting.ts'
import type { PlannedBind } from '../join/planned.ts'
import { normalPlans } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { declaredEndpoints } from './intent.ts'
import { declaresPort, isMeantBeyond } from './meant.ts'
import { ignoresPort } from './presence.ts'
import { causes, finding, portPlaces } from './words.ts'

/** `port-differs` and `undeclared-listener`: the ports on which files start a declared service, against those that it declares. */
export function checkDeclaredPorts(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) => [...elsewhere(row, context), ...beside(row, context)])
}

/** V4, V7: the files start it, and on none of its ports. */
function elsewhere(row: ServiceRow, { environment }: AuditContext): readonly Finding[] {
  const service = row.declared
  // What listens elsewhere already is told as it is: `service-missing`.
  if (service === undefined || (row.now.length > 0 && declaredEndpoints(row).length === 0)) return []
  const plans = normalPlans(row).filter((plan) => service.protocols.includes(plan.protocol) && isOf(plan, environment))
  const published = publishedPorts(row)
  const hostPorts = published.flatMap((port) => port.hostPorts ?? [])
  // A proxy of this machine comes by what is published, and to the container's own port no more than anybody else.
  const forwarded =
    hostPorts.length === 0 ? [] : row.fronts.filter(({ target }) => isHere(target.host) && declaresPort(service, target.port))
  const bound = [...new Set(plans.filter((plan) => forwarded.length === 0 || !plan.contained).map((plan) => plan.port ?? 0))]
  // A port that is not told, or that the system chooses, contradicts nothing.
  if (bound.includes(0) || hostPorts.length < published.length || bound.length + hostPorts.length === 0) return []
  if (bound.some((port) => declaresPort(service, port))) return []
  const inside = forwarded.length > 0 ? [] : published.map(({ containerPorts }) => containerPorts)
  if ([...hostPorts, ...inside].some((range) => overlaps(service, range))) return []
  const found = hostPorts.length > 0 ? hostPorts.map(formatPorts) : bound.map(String)
  const variables = plans.every((plan) => plan.portVariables.length > 0) ? [...new Set(plans.flatMap((plan) => plan.portVariables))] : []
  const where = environment === undefined ? '' : ` in ${environment}`
  return [
    finding({
      rule: 'port-differs',
      // A default that each environment is expected to replace says little of this one.
      severity: environment !== undefined && variables.length > 0 ? 'low' : 'medium',
      service: row.name,
      message: `${row.name} is declared on port ${service.ports.map(formatPorts).join(', ')}${where}, and the files ${published.length > 0 ? 'publish' : 'start'} it on ${found.join(', ')}${variables.length === 0 ? '' : `, unless ${variables.join(' or ')} is set`}`,
      places: [
        ...published.map(({ origin }) => ({ role: 'published here', origin })),
        ...(published.length > 0 && forwarded.length > 0 ? [] : portPlaces(plans)),
        ...forwarded.slice(0, 1).map(({ origin }) => ({ role: 'forwarded from here', origin })),
        { role: 'declared here', origin: service.origins.port },
      ],
      fix: 'correct the port where it is set, or in the policy',
      key: found.join(),
    }),
  ]
}

/** E1: what is meant for others is bound for them, and so is what the same program opens beside it. Of a private service every open port is told by its host. */
function beside(row: ServiceRow, { environment, policy }: AuditContext): readonly Finding[] {
  const service = row.declared
  if (service === undefined || row.now.length > 0 || !isMeantBeyond(row) || policy?.listeners.undeclared !== 'report') return []
  const plans = normalPlans(row).filter((plan) => !plan.contained && isOf(plan, environment))
  const isDeclared = ({ port, protocol }: PlannedBind): boolean =>
    port === undefined || (service.protocols.includes(protocol) && declaresPort(service, port))
  if (!plans.some(isDeclared)) return []
  return plans.flatMap((plan): readonly Finding[] => {
    const { port, exposure, protocol } = plan
    if (
      port === undefined ||
      port === 0 ||
      isDeclared(plan) ||
      plan.listener !== undefined ||
      debuggerOf(plan) !== undefined ||
      (exposure.kind !== 'every-interface' && exposure.kind !== 'address')
    )
      return []
    if (policy.listeners.ignore.some((entry) => ignoresPort(entry, port))) return []
    return [
      finding({
        rule: 'undeclared-listener',
        severity: 'high',
        service: row.name,
        message: `${row.name} opens ${protocol} ${port} beside its declared ports, which the policy does not know`,
        places: [...causes([plan]), { role: 'declared here', origin: service.origins.port }],
        fix: 'bind it to 127.0.0.1, declare it as a service, or list it under listeners: ignore with a reason',
        key: `${protocol} ${port}`,
        ofEndpoint: true,
      }),
    ]
  })
}

/** Of the environment that is looked at, as far as the file says which one it is for. */
function isOf({ launch }: PlannedBind, environment: string | undefined): boolean {
  if (environment === undefined || launch === undefined) return true
  const said = launch.claim.environmentName ?? launch.environment
  return said === undefined || said === environment
}

/** What compose publishes whenever it starts the service. */
function publishedPorts({ containers }: ServiceRow): readonly ConfiguredPort[] {
  return containers.flatMap(({ claim }) => (claim.profiles.length > 0 ? [] : claim.published))
}

function overlaps(service: Service, range: PortRange): boolean {
  return service.ports.some(({ first, last }) => first <= range.last && range.first <= last)
}
