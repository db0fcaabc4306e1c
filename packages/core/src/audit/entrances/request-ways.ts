import type { Evidence, FileOrigin, Handling, Proxy, ProxyListener, ProxyRoute, ProxyServer } from '../../evidence/index.ts'
import { isUnspecified, sameAddress } from '../../network/index.ts'
import type { EndpointReach } from '../../reach/index.ts'
import { proxyRoutes, type RequestRoute } from '../../reach/requests/routes.ts'
import type { AuditReport } from '../audit.ts'
import type { Fronting } from '../join/fronting.ts'
import type { ServiceRow } from '../join/service.ts'
import { type Demand, demandOf, weaker } from './demand.ts'

/** Requests of one class that a proxy passes on to a service, from the listener that takes them to the target. */
export interface RequestWay {
  readonly system: string
  /** Those that differ in nothing but the listener. */
  readonly listeners: readonly ProxyListener[]
  readonly route: RequestRoute
  /** The line of the location; absent: for paths that no location takes. */
  readonly location: FileOrigin | undefined
  readonly demand: Demand
  /** What is listened on now where the requests are taken, with who comes there. Empty: nothing that was seen. */
  readonly doors: readonly EndpointReach[]
  /** A server of another host, whose listeners are seen there. */
  readonly elsewhere: boolean
  readonly front: Fronting
}

/** Every class of requests that certainly ends at the service, and what is asked on the way. */
export function requestWaysOf(report: AuditReport, row: ServiceRow): readonly RequestWay[] {
  return inForce(row.fronts, report).flatMap((front) => waysThrough(front, report))
}

/** What the machine's own proxy is configured to do is what counts there; a file of the folder may be a copy that is not in use. */
function inForce(fronts: readonly Fronting[], { host }: AuditReport): readonly Fronting[] {
  const machines = fronts.filter(({ origin }) => origin.path.startsWith('/'))
  return host === undefined || machines.length === 0 ? fronts : machines
}

function waysThrough(front: Fronting, report: AuditReport): readonly RequestWay[] {
  const proxy = report.proxies.find(({ claim }) => routesOf(claim).has(front.server))
  // Of a proxy on another host nothing but the server itself is here.
  const routes = proxy === undefined ? proxyRoutes([front.server]) : routesOf(proxy.claim).get(front.server)
  const found = new Map<string, RequestWay>()
  for (const route of routes ?? []) {
    if (route.target.kind !== 'upstream' || route.target.target.origin !== front.origin) continue
    const location = locationOf(route)
    const key = JSON.stringify([location?.span.start.offset, route.origin.span.start.offset, route.condition])
    const doors = proxy === undefined ? [] : doorsAt(route.listener, proxy, report)
    const known = found.get(key)
    found.set(key, {
      system: front.system,
      route,
      location,
      front,
      demand: known?.demand ?? demandOn(route),
      listeners: [...(known?.listeners ?? []), route.listener],
      doors: [...new Set([...(known?.doors ?? []), ...doors])],
      elsewhere: proxy === undefined,
    })
  }
  return [...found.values()]
}

const ROUTES = new WeakMap<Proxy, ReadonlyMap<ProxyServer, readonly RequestRoute[]>>()

/** By the server that takes the requests; each server has an entry. */
function routesOf(proxy: Proxy): ReadonlyMap<ProxyServer, readonly RequestRoute[]> {
  const before = ROUTES.get(proxy)
  if (before !== undefined) return before
  const routes = new Map(proxy.servers.map((server): [ProxyServer, RequestRoute[]] => [server, []]))
  for (const route of proxyRoutes(proxy.servers)) routes.get(route.server)?.push(route)
  ROUTES.set(proxy, routes)
  return routes
}

/** To a named or internal location requests come from others, past the guards of those. */
function demandOn(route: RequestRoute): Demand {
  const { server, via } = route
  const own = demandOf({ guards: route.guards.filter(({ guard }) => guard !== 'internal'), satisfy: route.satisfy }, server)
  const isHidden = route.location.at(-1)?.kind === 'named' || route.guards.some(({ guard }) => guard === 'internal')
  if (!isHidden) return own
  const always = route.guards.filter(({ guard }) => guard === 'tls' || guard === 'client-certificate')
  const ways = handlingsOf(server).flatMap((handling): readonly Demand[] =>
    handling.redirects.flatMap((redirect) => {
      if (!via.some(({ origin }) => origin === redirect.origin)) return []
      const before = (guards: Handling['guards']): Demand => demandOf({ guards: [...always, ...guards], satisfy: handling.satisfy }, server)
      // Of a copy that the proxy asks for itself the target's guards are not asked (`ngx_http_core_access_phase`).
      if (redirect.cause === 'auth-request' || redirect.cause === 'mirror') return [before([])]
      // A page for a refusal is given to those who are refused.
      const isForRefused = redirect.cause === 'error-page' && redirect.statuses.some((status) => status === 401 || status === 403)
      return [stricter(before(isForRefused ? [] : handling.guards), own)]
    }),
  )
  const [first, ...others] = ways
  return first === undefined ? { ...own, asked: 'refused' } : others.reduce(weaker, first)
}

/** Both are met, one after the other: whoever gets past the stricter gets past both. */
function stricter(outer: Demand, inner: Demand): Demand {
  const limits = [...new Set([...outer.limits, ...inner.limits])]
  return { ...(weaker(outer, inner) === outer ? inner : outer), limits }
}

function handlingsOf(server: ProxyServer): readonly Handling[] {
  const flat = (routes: readonly ProxyRoute[]): readonly ProxyRoute[] => routes.flatMap((route) => [route, ...flat(route.nested)])
  return [server.rest, ...flat(server.routes)]
}

function locationOf({ server, location }: RequestRoute): FileOrigin | undefined {
  const match = location.at(-1)
  const find = (routes: readonly ProxyRoute[]): ProxyRoute | undefined => {
    for (const route of routes) {
      const found = route.match === match ? route : find(route.nested)
      if (found !== undefined) return found
    }
    return undefined
  }
  return match === undefined ? undefined : find(server.routes)?.origin
}

function isMachines({ origin }: Evidence<Proxy>): boolean {
  return origin.kind === 'file' && origin.path.startsWith('/')
}

/** The endpoints that take the listener's connections: of the proxy's program, in the machine's own namespace or, of a container's file, in the container's. */
function doorsAt({ at, protocol }: ProxyListener, proxy: Evidence<Proxy>, { host, rows, proxies }: AuditReport): readonly EndpointReach[] {
  // What listens there does what the machine's own files say, and a file of the folder may say otherwise.
  const isCopy = !isMachines(proxy) && proxies.some((other) => other.claim.system === proxy.claim.system && isMachines(other))
  if (host === undefined || isCopy || at.kind !== 'inet' || protocol === 'unix') return []
  const isContainers = proxy.origin.kind === 'file' && proxy.origin.root !== undefined
  const there = rows.flatMap(({ now, processes }) =>
    now
      .filter(
        ({ endpoint }) =>
          endpoint.protocol === protocol &&
          at.ports.first <= endpoint.port &&
          endpoint.port <= at.ports.last &&
          (isContainers ? endpoint.namespace !== host.namespace : endpoint.namespace === host.namespace) &&
          (sameAddress(endpoint.address, at.address) || isUnspecified(endpoint.address)),
      )
      .map((reach) => ({ reach, isProxys: processes.some(({ claim }) => claim.name === proxy.claim.system) })),
  )
  // Who listens cannot always be seen; where it can, a stranger on the port is not the proxy.
  const known = there.filter(({ isProxys }) => isProxys)
  const exact = (known.length > 0 ? known : there).map(({ reach }) => reach)
  const same = exact.filter(({ endpoint }) => sameAddress(endpoint.address, at.address))
  return same.length > 0 ? same : exact
}
