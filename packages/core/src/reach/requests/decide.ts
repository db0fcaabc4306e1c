import type { EarlyStep, Handling, ProxyAction, ProxyListener, ProxyRoute, ProxyServer, RedirectTarget } from '../../evidence/index.ts'
import { admission, type Requester } from './access.ts'
import { selectLocation } from './location.ts'
import { selectServer } from './names.ts'
import { requestPath } from './path.ts'
import { OPAQUE, type RegexMatcher } from './regex.ts'

/** One request that comes to a listener of an `http` server. */
export interface ProxyRequest extends Requester {
  /** `undefined`: none is sent. */
  readonly host: string | undefined
  /** The request target: path and query, or an absolute URL. */
  readonly target: string
}

export type Outcome =
  | { readonly kind: 'action'; readonly action: ProxyAction; readonly route: readonly ProxyRoute[] }
  | { readonly kind: 'answer'; readonly status: number; readonly location?: string; readonly route: readonly ProxyRoute[] }
  | { readonly kind: 'undecided'; readonly reason: string }

/** Redirections inside nginx before it gives up (NGX_HTTP_MAX_URI_CHANGES). */
const MOST_REDIRECTS = 10

/** What the proxy does with a request, step by step as nginx does it. Whatever depends on more than the configuration and the request is `undecided`. */
export function decideRequest(
  servers: readonly ProxyServer[],
  listener: ProxyListener,
  request: ProxyRequest,
  regex: RegexMatcher = OPAQUE,
): Outcome {
  const path = requestPath(request.target)
  if (path === undefined) return { kind: 'answer', status: 400, route: [] }
  // Of an absolute URL its own host counts, and `Host` is not looked at (RFC 9112 §3.2.2).
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(request.target) ?? []
  const server = selectServer(servers, listener, authority ?? request.host, regex)
  if (server === undefined) return { kind: 'answer', status: 400, route: [] }
  if (server.kind === 'several') return { kind: 'undecided', reason: server.reason }
  return new Journey(server.chosen, request, regex).start(path)
}

/** One request inside one server, with the redirections that it goes through. */
class Journey {
  readonly #server: ProxyServer
  readonly #request: ProxyRequest
  readonly #regex: RegexMatcher
  #redirects = 0
  #fromOutside = true

  constructor(server: ProxyServer, request: ProxyRequest, regex: RegexMatcher) {
    this.#server = server
    this.#request = request
    this.#regex = regex
  }

  start(path: string): Outcome {
    const early = runSteps(this.#server.first)
    if (early.kind === 'answer') return { ...early, route: [] }
    if (early.kind === 'undecided') return early
    return early.kind === 'reroute' || early.kind === 'rewrite' ? this.#reroute(early.to) : this.#locate(path)
  }

  #locate(path: string): Outcome {
    const found = selectLocation(this.#server.routes, path, this.#regex)
    if (found.kind === 'several') return { kind: 'undecided', reason: found.reason }
    const { chain, slashRedirect } = found.chosen
    const handling = chain.at(-1) ?? this.#server.rest
    // Asked first, before the slash is added (`ngx_http_core_find_config_phase`).
    if (this.#fromOutside && handling.guards.some((guard) => guard.guard === 'internal')) return this.#refuse(handling, 404, chain)
    return slashRedirect ? { kind: 'answer', status: 301, location: `${path}/`, route: chain } : this.#handle(handling, chain)
  }

  #handle(handling: Handling, route: readonly ProxyRoute[]): Outcome {
    const early = runSteps(handling.early)
    if (early.kind === 'answer') return this.#refuse(handling, early.status, route, early.location)
    if (early.kind === 'undecided') return early
    if (early.kind === 'reroute') return this.#reroute(early.to)
    const admitted = admission(handling, this.#request)
    if (admitted.kind === 'undecided') return { kind: 'undecided', reason: `${admitted.by.guard} decides` }
    if (admitted.kind === 'refused') return this.#refuse(handling, admitted.status, route)
    if (handling.redirects.some((redirect) => redirect.cause === 'try-files'))
      return { kind: 'undecided', reason: 'files that exist decide' }
    return { kind: 'action', action: early.kind === 'instead' ? early.action : handling.action, route }
  }

  /** An answer that is an error may be made into a redirection by `error_page`. */
  #refuse(handling: Handling, status: number, route: readonly ProxyRoute[], location?: string): Outcome {
    const page = handling.redirects.find((redirect) => redirect.cause === 'error-page' && redirect.statuses.includes(status))
    if (page !== undefined && status >= 300) return this.#go(page.to)
    return { kind: 'answer', status, ...(location === undefined ? {} : { location }), route }
  }

  /** A rewritten path: a location is looked for again, and the server's own steps are not taken again (`ngx_http_core_post_rewrite_phase`). */
  #reroute(to: RedirectTarget): Outcome {
    if (to.kind !== 'path') return this.#go(to)
    this.#redirects++
    this.#fromOutside = false
    return this.#redirects > MOST_REDIRECTS ? { kind: 'answer', status: 500, route: [] } : this.#locate(to.path)
  }

  /** A redirection inside nginx: everything begins anew. */
  #go(to: RedirectTarget): Outcome {
    this.#redirects++
    this.#fromOutside = false
    if (this.#redirects > MOST_REDIRECTS) return { kind: 'answer', status: 500, route: [] }
    switch (to.kind) {
      case 'path':
        return this.start(to.path)
      case 'named': {
        const route = this.#server.routes.find(({ match }) => match.kind === 'named' && match.name === to.name)
        return route === undefined ? { kind: 'answer', status: 500, route: [] } : this.#handle(route, [route])
      }
      case 'status':
        return { kind: 'answer', status: to.status, route: [] }
      case 'url':
        return { kind: 'answer', status: 302, location: to.url, route: [] }
      case 'unknown':
        return { kind: 'undecided', reason: to.reason }
      default:
        return to satisfies never
    }
  }
}

type StepsOutcome =
  | { readonly kind: 'on' }
  | { readonly kind: 'answer'; readonly status: number; readonly location?: string }
  | { readonly kind: 'reroute' | 'rewrite'; readonly to: RedirectTarget }
  | { readonly kind: 'instead'; readonly action: ProxyAction }
  | { readonly kind: 'undecided'; readonly reason: string }

/** The steps before the guards. A condition is not evaluated: what it would change is undecided. */
function runSteps(steps: readonly EarlyStep[]): StepsOutcome {
  for (const step of steps) {
    if (step.condition !== undefined) return { kind: 'undecided', reason: step.condition }
    switch (step.then.kind) {
      case 'return':
        return { kind: 'answer', status: step.then.status, ...(step.then.location === undefined ? {} : { location: step.then.location }) }
      case 'reroute':
      case 'rewrite':
        return { kind: step.then.kind, to: step.then.to }
      case 'instead':
        return { kind: 'instead', action: step.then.action }
      case 'stop':
        return { kind: 'on' }
      case 'unknown':
        return { kind: 'undecided', reason: step.then.reason }
      default:
        return step.then satisfies never
    }
  }
  return { kind: 'on' }
}
