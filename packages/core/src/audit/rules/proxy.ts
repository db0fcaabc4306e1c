import { isLoopback, sameAddress, spelledAddress } from '../../network/index.ts'
import { includesPort, type PassAction, type PortRange, type ProxyRoute, show } from '../../evidence/index.ts'
import { formatPorts } from '../../policy/ports.ts'
import type { AuditContext } from '../audit.ts'
import { changesFor } from '../cures/changes.ts'
import type { Finding } from '../finding.ts'
import { plansBehind } from '../join/agrees.ts'
import { debuggerOf } from '../join/debugger.ts'
import { type Fronting, frontsOf, isHere, ownAddresses, possibleFrontsOf } from '../join/fronting.ts'
import type { ServiceRow } from '../join/service.ts'
import { isByHand } from './binding.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { isForEverybody } from './meant.ts'
import { causes, decidingRules, endpointWords, finding, holder, whoReaches } from './words.ts'

/** `proxy-bypassed`, `proxy-target`, `proxied-undeclared`, `route-missing`: what proxies forward to, and who comes past them. */
export function checkProxies(context: AuditContext): readonly Finding[] {
  return [
    ...context.rows.flatMap((row) => [...bypassed(row), ...undeclaredRoute(row, context)]),
    ...targets(context),
    ...unservedTargets(context),
    ...chosenByClients(context),
    ...missingRoutes(context),
  ]
}

/** Declared services are judged by their `from`. */
function bypassed(row: ServiceRow): readonly Finding[] {
  const [front] = row.fronts
  if (front === undefined || row.declared !== undefined) return []
  return row.now.flatMap((reach): readonly Finding[] => {
    const ways = fromBeyond(reach.ways).filter((way) => way.certainty === 'open')
    const [way] = ways
    if (way === undefined || severityOf(ways) === undefined || reach.endpoint.port !== front.target.port) return []
    return [
      finding({
        rule: 'proxy-bypassed',
        severity: 'high',
        service: row.name,
        message: `${row.name} stands behind ${front.system}, and ${whoReaches(ways)} can reach it past it on ${endpointWords(reach)}`,
        places: [...causes(plansBehind(row, reach)), ...decidingRules(way), { role: 'forwarded from here', origin: front.origin }],
        fix: `bind ${row.name} to 127.0.0.1`,
        changes: changesFor(row, reach, ways),
        facts: [holder(row, reach)],
        key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
        ofEndpoint: true,
      }),
    ]
  })
}

/** E5: a private service is reached through a proxy only where a route of the policy says so. */
function undeclaredRoute(row: ServiceRow, { policy }: AuditContext): readonly Finding[] {
  const [front] = row.fronts
  if (policy === undefined || row.declared === undefined || front === undefined || isForEverybody(row.declared)) return []
  const routed = [...policy.services.values()].some((service) => service.routes.some((route) => route.service === row.name))
  if (routed) return []
  return [
    finding({
      rule: 'proxied-undeclared',
      severity: 'high',
      service: row.name,
      message: `${front.system} forwards to ${row.name}, and no route of the policy says so`,
      places: [
        ...row.fronts.map((item) => ({ role: 'forwarded from here', origin: item.origin })),
        { role: 'declared here', origin: row.declared.origin },
      ],
      fix: `take the proxy’s route out, or add it to the routes of the service that it comes through`,
      key: 'route',
    }),
  ]
}

/** Every port of this machine where something listens, will, or is declared to. */
function portsOf(rows: readonly ServiceRow[]): ReadonlySet<number> {
  return new Set(
    rows.flatMap((row) => [
      ...row.now.map(({ endpoint }) => endpoint.port),
      ...row.now.flatMap((reach) => reach.ways.map((way) => way.at.port)),
      ...row.planned.flatMap((plan) => plan.port ?? []),
      ...(row.declared?.ports.flatMap((range) => [range.first, range.last]) ?? []),
      ...row.containers.flatMap(({ claim }) => claim.published.flatMap((port) => port.hostPorts?.first ?? [])),
    ]),
  )
}

/** Targets that are an address of this machine other than loopback, or a port where nothing listens and nothing is planned. */
function targets(context: AuditContext): readonly Finding[] {
  const own = ownAddresses(context.host)
  const ports = portsOf(context.rows)
  const seen = new Set<string>()
  return frontsOf(context.evidence, own).flatMap(({ fronting }): readonly Finding[] => {
    const { host, port } = fronting.target
    const key = `${host}:${port} ${fronting.origin.path}:${fronting.origin.span.start.line}`
    if (seen.has(key)) return []
    seen.add(key)
    const address = spelledAddress(host)
    const place = [{ role: 'forwarded from here', origin: fronting.origin }]
    if (
      address !== undefined &&
      !isLoopback(address) &&
      (address.value === 0n || own.some((item) => sameAddress(item, address)) || isMeantForHere(context, fronting))
    )
      return [
        finding({
          rule: 'proxy-target',
          severity: 'medium',
          message:
            own.some((item) => sameAddress(item, address)) || address.value === 0n
              ? `${fronting.system} forwards to ${host}:${port}, an address of this machine that is not loopback`
              : `${fronting.system} forwards to ${host}:${port}, which is not loopback, and the policy has that port on this machine`,
          places: place,
          fix: `forward to 127.0.0.1:${port}, and bind the service there`,
          changes: [{ change: 'value', at: fronting.origin, from: host, to: '127.0.0.1' }],
          key: `${host}:${port}`,
        }),
      ]
    // Only where both the machine and the files were looked at can it be said that nothing is there.
    if (context.host !== undefined && isHere(host) && !ports.has(port) && isServing(context, fronting))
      return [
        finding({
          rule: 'proxy-target',
          severity: 'medium',
          message: `${fronting.system} forwards to port ${port}, where nothing listens`,
          places: place,
          fix: 'start the service, or correct the port',
          key: `${host}:${port}`,
        }),
      ]
    return []
  })
}

/**
 * Targets where nothing of the folder listens, beside services that are kept to this machine and that nothing forwards to. Something else of
 * the machine may listen there: it is a look at both that is asked for. A policy says by its routes what is to be forwarded to.
 */
function unservedTargets({ host, policy, rows, evidence }: AuditContext): readonly Finding[] {
  const plans = rows.flatMap(({ planned }) => planned)
  // A port that is not known may be the one.
  if (host !== undefined || policy !== undefined || plans.some((plan) => plan.port === undefined && !plan.contained)) return []
  const left = rows.flatMap((row) => waitingOn(row).map((port) => ({ row, port })))
  if (left.length === 0) return []
  const ports = portsOf(rows)
  const inContainers = new Set(plans.flatMap(({ listener, contained }) => (contained ? (listener?.proxy ?? []) : [])))
  const found = new Map<string, Finding>()
  for (const { fronting, proxy } of frontsOf(evidence, [])) {
    const { system, target, origin } = fronting
    if (!isHere(target.host) || ports.has(target.port) || inContainers.has(proxy)) continue
    const services = left.map(({ row, port }) => `${row.name} on port ${port}`)
    found.set(
      `${target.host}:${target.port}`,
      finding({
        rule: 'proxy-target',
        severity: 'info',
        message: `${system} forwards to port ${target.port}, where nothing of the folder is known to listen, and nothing forwards to ${services.slice(0, MOST_NAMED).join(', ')}${services.length > MOST_NAMED ? ` and ${services.length - MOST_NAMED} more` : ''}`,
        places: [
          { role: 'forwarded from here', origin },
          ...left.slice(0, MOST_NAMED).flatMap(({ row }) => causes(row.planned.filter((plan) => plan.bind !== undefined)).slice(0, 1)),
        ],
        fix: 'correct the port, if it is one of these that is meant',
        key: `${target.host}:${target.port}`,
      }),
    )
  }
  return [...found.values()]
}

/** A message names so many services. */
const MOST_NAMED = 3

/** The ports on this machine alone of a program that no proxy comes to. */
function waitingOn({ planned, fronts, possibleFronts, containers }: ServiceRow): readonly number[] {
  if (fronts.length + possibleFronts.length + containers.length > 0) return []
  const ports = planned.flatMap((plan) => {
    const isServer = plan.bind !== undefined && plan.protocol === 'tcp' && plan.exposure.kind === 'loopback'
    return isServer && !isByHand(plan) && debuggerOf(plan) === undefined ? (plan.port ?? []) : []
  })
  return [...new Set(ports)]
}

/** Whether the server of this configuration is what listens now, as far as its ports tell. */
function isServing({ host, rows }: AuditContext, { server }: Fronting): boolean {
  if (host === undefined) return false
  const wanted = new Set(server.listeners.flatMap((listener) => (listener.at.kind === 'inet' ? [listener.at.ports.first] : [])))
  return rows.some((row) => row.now.some(({ endpoint }) => wanted.has(endpoint.port)))
}

/** Where the machine was not looked at, its addresses are not known: an address of no other host of the policy, with the port of a private service here. */
function isMeantForHere({ host, policy }: AuditContext, { target }: Fronting): boolean {
  const address = spelledAddress(target.host)
  if (host !== undefined || policy === undefined || address === undefined) return false
  const isOther = [...policy.hosts.values()].some((item) => item.addresses.some(({ value }) => sameAddress(value, address)))
  return !isOther && [...policy.services.values()].some((service) => !isForEverybody(service) && has(service.ports, target.port))
}

/** Whether a proxy reaches the service by an address of this machine that is not known to be one. */
function goesRound(context: AuditContext, { declared }: ServiceRow): boolean {
  return frontsOf(context.evidence, []).some(
    ({ fronting }) => isMeantForHere(context, fronting) && has(declared?.ports ?? [], fronting.target.port),
  )
}

function has(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some((range) => includesPort(range, port))
}

/** Requests that say themselves where they go: whatever listens on loopback and trusts it is open to all who reach the proxy. */
function chosenByClients({ evidence }: AuditContext): readonly Finding[] {
  return possibleFrontsOf(evidence).flatMap((front): readonly Finding[] => {
    const { system, host, port, reason, origin } = front
    if (!front.clientChosen || (host !== undefined && !isHere(host))) return []
    const where =
      host === undefined
        ? port === undefined
          ? 'whatever address and port'
          : `port ${port} of whatever host`
        : `whatever port of ${show(host)}`
    return [
      finding({
        rule: 'proxy-target',
        severity: port === undefined ? 'high' : 'medium',
        message: `${system} forwards to ${where} the client names: ${show(reason)}`,
        places: [{ role: 'forwarded from here', origin }],
        fix: 'name the back ends in the configuration (a map from fixed values), and refuse everything else',
        key: `${origin.path} ${show(reason)} ${host ?? ''}:${port ?? ''}`,
      }),
    ]
  })
}

/** A route that the policy declares and no proxy has. Only where a proxy’s configuration was read at all. */
function missingRoutes(context: AuditContext): readonly Finding[] {
  const { policy, rows, evidence } = context
  if (policy === undefined || !evidence.some((item) => item.claim.claim === 'proxy')) return []
  const ports = portsOf(rows)
  const dead = frontsOf(evidence, ownAddresses(context.host)).filter(
    ({ fronting: { target } }) => isHere(target.host) && !ports.has(target.port),
  )
  return [...policy.services.values()].flatMap((service) =>
    service.routes.flatMap((route): readonly Finding[] => {
      const target = rows.find((row) => row.declared?.name === route.service)
      if (target === undefined || target.fronts.length > 0 || goesRound(context, target)) return []
      const to = target.declared?.ports.map(formatPorts).join(', ') ?? ''
      const elsewhere = dead.find(({ fronting }) => forwards(fronting, route.path))?.fronting
      return [
        finding({
          rule: 'route-missing',
          severity: 'medium',
          service: route.service,
          message:
            elsewhere === undefined
              ? `The policy routes ${route.path} to ${route.service}, and no proxy forwards to it`
              : `The policy routes ${route.path} to ${route.service} on port ${to}, and ${elsewhere.system} forwards it to port ${elsewhere.target.port}, where nothing is known to listen`,
          places: [
            ...(elsewhere === undefined ? [] : [{ role: 'forwarded from here', origin: elsewhere.origin }]),
            { role: 'declared here', origin: route.origin },
          ],
          fix:
            elsewhere === undefined
              ? `forward ${route.path} to 127.0.0.1 and port ${to}`
              : `forward ${route.path} to port ${to}, or start ${route.service} on port ${elsewhere.target.port} and declare it there`,
          key: route.path,
        }),
      ]
    }),
  )
}

/** Whether the route of the proxy that has this target is for the path; what ends in `/` is for the same requests without it. */
function forwards({ server, action }: Fronting, path: string): boolean {
  const visit = (route: ProxyRoute): boolean =>
    ('path' in route.match && withoutSlash(route.match.path) === withoutSlash(path) && handles(route, action)) || route.nested.some(visit)
  return server.routes.some(visit)
}

function handles(route: ProxyRoute, action: PassAction): boolean {
  return route.action === action || route.early.some(({ then }) => then.kind === 'instead' && then.action === action)
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
