import { type ServerName, socketKey } from '../../evidence/index.ts'
import type { Policy } from '../../policy/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { debuggerOf } from '../join/debugger.ts'
import { forwardedTo, isHere } from '../join/fronting.ts'
import { type ConfiguredListener, onlyRedirects } from '../join/listeners.ts'
import type { PlannedBind } from '../join/planned.ts'
import { normalPlans } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { isDoor } from './binding.ts'
import { declaresPort, isForEverybody } from './meant.ts'
import { ignoresPort } from './presence.ts'
import { causes, finding } from './words.ts'

/** `undeclared-listener` and `undecided`: where the configuration of a proxy lets others in, and the policy does not know of it. */
export function checkDoors(context: AuditContext): readonly Finding[] {
  const { rows, policy } = context
  if (policy === undefined || policy.listeners.undeclared !== 'report') return []
  return rows.flatMap((row) => {
    const found = new Map<string, Finding>()
    for (const plan of normalPlans(row)) {
      if (plan.listener === undefined || plan.contained || plan.exposure.kind === 'loopback' || !isDoor(row, plan)) continue
      if (isSeen(row, plan) || isKnown(plan.listener, plan.port, policy) || isIgnored(plan, policy)) continue
      // Told by a rule of its own.
      if (debuggerOf(plan) !== undefined && plan.exposure.kind !== 'undecided') continue
      if (isOfAnotherEnvironment(plan.listener, plan, context)) continue
      const told = plan.port === undefined ? untold(row, plan, rows) : undeclared(row, plan)
      if (told !== undefined && !found.has(told.fingerprint)) found.set(told.fingerprint, told)
    }
    return [...found.values()]
  })
}

/**
 * Of a deployment with several environments: nothing here starts it, and it forwards to ports of this machine that the one which is looked at
 * does not have.
 */
function isOfAnotherEnvironment(
  { proxy }: ConfiguredListener,
  { launch }: PlannedBind,
  { environment, policy, rows }: AuditContext,
): boolean {
  if (launch !== undefined || (environment ?? policy?.environment) === undefined) return false
  const ports = proxy.claim.servers.flatMap((server) => forwardedTo(server).flatMap(({ host, port }) => (isHere(host) ? [port] : [])))
  const isOfHere = (port: number): boolean =>
    rows.some(
      ({ declared, planned, now }) =>
        planned.some((plan) => plan.port === port) ||
        now.some(({ endpoint }) => endpoint.port === port) ||
        (declared !== undefined && declaresPort(declared, port)),
    )
  return ports.length > 0 && !ports.some(isOfHere)
}

/** What listens there already is judged by its packets. */
function isSeen({ now }: ServiceRow, { port, protocol }: PlannedBind): boolean {
  return now.some(({ endpoint }) => endpoint.port === port && endpoint.protocol === protocol)
}

function isIgnored({ port }: PlannedBind, { listeners }: Policy): boolean {
  return port !== undefined && listeners.ignore.some((entry) => ignoresPort(entry, port))
}

/** Of the web: http, and https by TCP and by UDP (QUIC). */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443])

/** The web’s ports of a site that the policy has for everybody under this name, and those that only send clients on to it. */
function isKnown(listener: ConfiguredListener, port: number | undefined, { services }: Policy): boolean {
  if (port === undefined) return false
  if (isBesideTcp(listener) && [...services.values()].some((service) => declaresPort(service, port))) return true
  if (!WEB_PORTS.has(port)) return false
  const open = [...services.values()].filter(isForEverybody)
  const serving = listener.servers.filter((server) => !onlyRedirects([server]))
  if (serving.length === 0) return open.length > 0
  const isQuic = listener.listener.protocol === 'udp' && listener.listener.tls
  if (isQuic && open.some((service) => declaresPort(service, port))) return true
  return serving.every(({ names }) => names.some((name) => open.some(({ domains }) => isOneOf(domains, name))))
}

/** HTTP/3 on the very address where the same servers take TLS by TCP: whoever may come there may come here, and is judged there. */
function isBesideTcp({ listener, servers }: ConfiguredListener): boolean {
  if (listener.protocol !== 'udp' || !listener.tls) return false
  const place = socketKey({ ...listener, protocol: 'tcp' })
  return servers.every(({ listeners }) => listeners.some((other) => other.tls && socketKey(other) === place))
}

function isOneOf(domains: readonly string[], name: ServerName): boolean {
  return name.kind === 'exact' && domains.some((domain) => name.name === domain || name.name === `www.${domain}`)
}

function undeclared(row: ServiceRow, plan: PlannedBind): Finding {
  const system = plan.listener?.proxy.claim.system ?? row.name
  const where = plan.exposure.kind === 'undecided' ? `, on which address cannot be told: ${plan.exposure.reason}` : ''
  return finding({
    rule: plan.exposure.kind === 'undecided' ? 'undecided' : 'undeclared-listener',
    severity: plan.exposure.kind === 'undecided' ? 'info' : 'high',
    service: row.name,
    message: `${system} is configured to listen on ${plan.protocol} ${plan.port}, which the policy does not know${where}`,
    places: causes([plan]),
    fix: 'declare it as a service, with who is meant to come (from), let it listen on 127.0.0.1, or list it under listeners: ignore with a reason',
    key: `${plan.protocol} ${plan.port}`,
    ofEndpoint: true,
  })
}

/** A port that is not told may be that of a way in which the policy has and no file. */
function untold(row: ServiceRow, plan: PlannedBind, rows: readonly ServiceRow[]): Finding | undefined {
  const isMeant = rows.some(
    ({ declared, planned, now, compose }) =>
      declared !== undefined && isForEverybody(declared) && planned.length + now.length === 0 && compose === undefined,
  )
  if (isMeant) return undefined
  const system = plan.listener?.proxy.claim.system ?? row.name
  return finding({
    rule: 'undecided',
    severity: 'info',
    service: row.name,
    message: `It cannot be told on which port ${system} listens when it is started`,
    places: causes([plan]),
    fix: 'write the port, or set its variable where it is started',
    key: 'port of a proxy',
  })
}
