import type { ProxyRoute } from '../../evidence/index.ts'
import { OPAQUE, type RegexMatcher, type Selection } from './regex.ts'

/** The route of a request, the innermost last; none: the server's own `rest`. */
export interface LocationChoice {
  readonly chain: readonly ProxyRoute[]
  /** nginx answers 301 to the path with a slash at its end: `location /app/ { proxy_pass … }` and a request for `/app`. */
  readonly slashRedirect: boolean
}

interface Found extends LocationChoice {
  /** Nothing else is asked: an exact or regex match, or the redirect. */
  readonly final: boolean
}

/**
 * Which location takes a path, as nginx chooses (`ngx_http_core_find_location`): an exact one; else the longest prefix and,
 * within it, its nested ones; then, unless that prefix says `^~`, the first regex of the level that matches, which wins. `path` is decoded
 * and normalised, without the query.
 */
export function selectLocation(routes: readonly ProxyRoute[], path: string, regex: RegexMatcher = OPAQUE): Selection<LocationChoice> {
  const found = find(routes, path, regex)
  const candidates = found.map(({ chain, slashRedirect }) => ({ chain, slashRedirect }))
  const [first] = candidates
  if (candidates.length === 1 && first !== undefined) return { kind: 'one', chosen: first }
  return { kind: 'several', candidates, reason: 'a regex, or a path from outside the file, may match' }
}

function find(routes: readonly ProxyRoute[], path: string, regex: RegexMatcher): readonly Found[] {
  const uncertain = routes
    .filter((route) => route.match.kind === 'undecided')
    .map((route): Found => ({ chain: [route], slashRedirect: false, final: true }))
  return [
    ...uncertain,
    ...findStatic(routes, path, regex).flatMap((found) => (found.final ? [found] : withRegexes(routes, path, regex, found))),
  ]
}

/** Exact and prefix locations; in the one found, whatever its nested ones say. */
function findStatic(routes: readonly ProxyRoute[], path: string, regex: RegexMatcher): readonly Found[] {
  let longest: ProxyRoute | undefined
  let length = -1
  let slashed: ProxyRoute | undefined
  for (const route of routes) {
    const { match } = route
    if (match.kind !== 'exact' && match.kind !== 'prefix' && match.kind !== 'prefix-no-regex') continue
    const anyCase = match.kind !== 'prefix-no-regex' && match.anyCase === true
    const [wanted, asked] = anyCase ? [match.path.toLowerCase(), path.toLowerCase()] : [match.path, path]
    if (match.kind === 'exact' && wanted === asked) return [{ chain: [route], slashRedirect: false, final: true }]
    if (match.path === `${path}/` && route.action.kind === 'pass' && (slashed === undefined || match.kind === 'exact')) slashed = route
    if (match.kind !== 'exact' && asked.startsWith(wanted) && wanted.length > length) {
      longest = route
      length = wanted.length
    }
  }
  if (slashed !== undefined && length < path.length) return [{ chain: [slashed], slashRedirect: true, final: true }]
  if (longest === undefined) return [{ chain: [], slashRedirect: false, final: false }]
  const outer = longest
  return find(outer.nested, path, regex).map((inner) => ({ ...inner, chain: [outer, ...inner.chain] }))
}

function withRegexes(routes: readonly ProxyRoute[], path: string, regex: RegexMatcher, found: Found): readonly Found[] {
  if (found.chain[0]?.match.kind === 'prefix-no-regex') return [found]
  const possible: Found[] = []
  for (const route of routes) {
    if (route.match.kind !== 'regex') continue
    const matches = regex(route.match.pattern, route.match.caseSensitive, path)
    if (matches === false) continue
    // Whatever is found inside, a redirect too, is taken as it is.
    for (const inner of find(route.nested, path, regex))
      possible.push({ chain: [route, ...inner.chain], slashRedirect: false, final: true })
    if (matches) return possible
  }
  return [...possible, found]
}
