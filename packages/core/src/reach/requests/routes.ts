import type {
  EarlyStep,
  FileOrigin,
  Handling,
  InternalRedirect,
  PassScheme,
  ProxyAction,
  ProxyGuard,
  ProxyListener,
  ProxyRoute,
  ProxyServer,
  ProxyTarget,
  RedirectTarget,
  RouteMatch,
  ServerName,
  Shown,
} from '../../evidence/index.ts'
import { socketKey } from '../../evidence/index.ts'
import { NameTable } from './names.ts'

/** One class of requests and where it ends. The classes of a listener together are every request that it can get. */
export interface RequestRoute {
  readonly server: ProxyServer
  readonly listener: ProxyListener
  /** The names that lead here on this listener; those that an earlier server has taken are left out. */
  readonly serverNames: readonly ServerName[]
  /** So does every name that no server of the listener has, and none at all. */
  readonly otherNames: boolean
  /** The outermost first; none: paths that no route takes. The most specific class of a path is its own. */
  readonly location: readonly RouteMatch[]
  /** A regex or a value from outside decides which requests these are. */
  readonly opaque: boolean
  /** Holds for some of the requests only, in the configuration's words. */
  readonly condition?: Shown
  readonly guards: readonly ProxyGuard[]
  readonly satisfy: 'all' | 'any'
  /** How requests come here that no client can send here: the redirections that lead to a named or internal route. */
  readonly via: readonly InternalRedirect[]
  readonly target: RequestTarget
  /** The line that decides. */
  readonly origin: FileOrigin
}

export type RequestTarget =
  | { readonly kind: 'upstream'; readonly scheme: PassScheme; readonly target: ProxyTarget; readonly upstream?: string }
  /** The path changes, and the request is one of another class. */
  | { readonly kind: 'elsewhere' }
  | Exclude<ProxyAction, { readonly kind: 'pass' }>

/** More classes than this are not listed; a last one says so. */
export const MOST_ROUTES = 100_000

/** Which requests go where, with what in the way: for each listener, server and location, one entry for each target. */
export function proxyRoutes(servers: readonly ProxyServer[]): readonly RequestRoute[] {
  const routes: RequestRoute[] = []
  for (const { listener, members } of sockets(servers)) {
    const table = new NameTable(members, listener)
    for (const server of members) {
      const serverNames = table.namesOf(server)
      const otherNames = server === table.defaultServer
      if (serverNames.length === 0 && !otherNames) continue
      const own = server.listeners.find((candidate) => socketKey(candidate) === socketKey(listener)) ?? listener
      const collector = new Collector({ server, listener: own, serverNames, otherNames }, MOST_ROUTES - routes.length)
      for (const route of collector.collect()) routes.push(route)
      if (routes.length >= MOST_ROUTES) return routes
    }
  }
  return routes
}

function sockets(
  servers: readonly ProxyServer[],
): readonly { readonly listener: ProxyListener; readonly members: readonly ProxyServer[] }[] {
  const found = new Map<string, { listener: ProxyListener; members: Set<ProxyServer> }>()
  for (const server of servers) {
    for (const listener of server.listeners) {
      const key = `${server.layer} ${socketKey(listener)}`
      const group = found.get(key)
      if (group === undefined) found.set(key, { listener, members: new Set([server]) })
      else group.members.add(server)
    }
  }
  return [...found.values()].map(({ listener, members }) => ({ listener, members: [...members] }))
}

type Where = Pick<RequestRoute, 'server' | 'listener' | 'serverNames' | 'otherNames'>

/** The classes of one server on one listener. */
class Collector {
  readonly #where: Where
  readonly #room: number
  readonly #found: RequestRoute[] = []
  /** Hold before all else: TLS and client certificates. */
  readonly #always: readonly ProxyGuard[]
  readonly #opaqueNames: boolean
  /** Each line that sends requests on inside the server, once, however many locations inherit it. */
  readonly #redirects: readonly InternalRedirect[]

  constructor(where: Where, room: number) {
    this.#where = where
    this.#room = room
    const { listener, server } = where
    const redirects = [server.rest, ...flatten(server.routes)].flatMap((handling) => handling.redirects)
    this.#redirects = [
      ...new Map(
        redirects.map((redirect) => [
          JSON.stringify([redirect.cause, redirect.to, redirect.origin.path, redirect.origin.span.start.offset]),
          redirect,
        ]),
      ).values(),
    ]
    this.#opaqueNames = where.serverNames.some((name) => name.kind === 'regex' || name.kind === 'undecided')
    this.#always = [...(listener.tls ? [{ guard: 'tls', origin: listener.origin } as const] : []), ...server.guards]
  }

  collect(): readonly RequestRoute[] {
    const { server } = this.#where
    const place: Place = { location: [], via: [], opaque: this.#opaqueNames }
    // An answer that every request gets leaves nothing for the locations.
    if (this.#steps(server.first, { early: [], guards: [], satisfy: 'all' }, place)) return this.#found
    for (const route of server.routes) this.#route(route, [])
    this.#handling(server.rest, place)
    return this.#found
  }

  #route(route: ProxyRoute, outer: readonly RouteMatch[]): void {
    const location = [...outer, route.match]
    const hidden = route.match.kind === 'named' || route.guards.some((guard) => guard.guard === 'internal')
    const opaque = this.#opaqueNames || location.some((match) => match.kind === 'regex' || match.kind === 'undecided')
    this.#handling(route, { location, opaque, via: hidden ? this.#redirects.filter(({ to }) => leadsTo(to, route.match)) : [] })
    for (const nested of route.nested) this.#route(nested, location)
  }

  #handling(handling: Handling, place: Place): void {
    if (this.#steps(handling.early, handling, place)) return
    this.#action(handling.action, [...this.#always, ...handling.guards], handling.satisfy, place)
  }

  /** True where a step leaves nothing for what follows. */
  #steps(steps: readonly EarlyStep[], handling: Pick<Handling, 'early' | 'guards' | 'satisfy'>, place: Place): boolean {
    const before = [...this.#always, ...handling.guards.filter(({ guard }) => guard === 'internal')]
    for (const step of steps) {
      const here = step.condition === undefined ? place : { ...place, condition: step.condition }
      const { then } = step
      // These come before the guards, `internal` apart: everyone gets them.
      if (then.kind === 'return') this.#add(then, before, 'all', here, step.origin)
      if (then.kind === 'reroute') this.#add({ kind: 'elsewhere' }, before, 'all', here, step.origin)
      if (then.kind === 'unknown')
        this.#add({ kind: 'unknown', reason: then.reason, origin: step.origin }, before, 'all', here, step.origin)
      if (then.kind === 'instead') this.#action(then.action, [...this.#always, ...handling.guards], handling.satisfy, here)
      if (step.condition !== undefined) continue
      if (then.kind === 'stop' || then.kind === 'rewrite') return false
      if (then.kind !== 'unknown') return true
    }
    return false
  }

  #action(action: ProxyAction, guards: readonly ProxyGuard[], satisfy: 'all' | 'any', place: Place): void {
    if (action.kind !== 'pass') {
      this.#add(action, guards, satisfy, place, action.origin)
      return
    }
    const { scheme, upstream } = action
    for (const target of action.targets) {
      const to = { kind: 'upstream', scheme, target, ...(upstream === undefined ? {} : { upstream }) } as const
      this.#add(to, guards, satisfy, place, action.origin)
    }
  }

  #add(target: RequestTarget, guards: readonly ProxyGuard[], satisfy: 'all' | 'any', place: Place, origin: FileOrigin): void {
    if (this.#found.length >= this.#room) return
    const full = this.#found.length === this.#room - 1
    const reason = `more than ${MOST_ROUTES} classes of requests: the others are not listed`
    this.#found.push({ ...this.#where, ...place, guards, satisfy, target: full ? { kind: 'unknown', reason, origin } : target, origin })
  }
}

type Place = Pick<RequestRoute, 'location' | 'via' | 'opaque' | 'condition'>

/** Whether a redirection inside the server can lead to this route. */
function leadsTo(to: RedirectTarget, match: RouteMatch): boolean {
  if (to.kind === 'named') return match.kind === 'named' && match.name === to.name
  if (to.kind === 'unknown') return match.kind !== 'named'
  if (to.kind !== 'path' || match.kind === 'named') return false
  if (match.kind === 'exact') return match.path === to.path
  return match.kind === 'regex' || match.kind === 'undecided' || to.path.startsWith(match.path)
}

function flatten(routes: readonly ProxyRoute[]): readonly ProxyRoute[] {
  return routes.flatMap((route) => [route, ...flatten(route.nested)])
}
