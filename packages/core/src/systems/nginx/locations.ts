import { type FileOrigin, type Handling, type ProxyRoute, type RouteMatch, type SetHeader, show } from '../../evidence/index.ts'
import { filesAction, ownAction } from './actions.ts'
import { earlySteps } from './early.ts'
import { guardsOf, satisfyOf } from './guards.ts'
import { type Directive, originOf } from './parse.ts'
import { redirectsOf } from './redirects.ts'
import type { Scope } from './scope.ts'
import { isFixedHeader } from './secrets.ts'
import { hasEnvironment } from './values.ts'
import { placedWord, type Variables } from './variables.ts'
import type { World } from './world.ts'

/** The locations directly in a block, with those in them. */
export function routesOf(scope: Scope, world: World, variables: Variables, outer?: RouteMatch): readonly ProxyRoute[] {
  return scope.own('location').map((directive): ProxyRoute => {
    const inner = scope.child('location', directive)
    const origin = originOf(directive)
    const match = matchOf(directive)
    const problem = placeProblem(match, outer)
    if (problem !== undefined) world.gaps.at(directive, problem)
    return {
      match,
      ...handlingOf(inner, origin, world, variables, earlySteps(inner, world, variables)),
      nested: routesOf(inner, world, variables, match),
      origin,
    }
  })
}

export function handlingOf(scope: Scope, origin: FileOrigin, world: World, variables: Variables, early: Handling['early']): Handling {
  return {
    early: [...early, ...otherMethods(scope, world, variables)],
    guards: guardsOf(scope, world),
    satisfy: satisfyOf(scope),
    action: ownAction(scope, world, variables) ?? filesAction(scope, origin),
    redirects: redirectsOf(scope),
    headers: scope.nearest('proxy_set_header', 'grpc_set_header').flatMap(headerOf),
  }
}

/** A handler in `limit_except` takes the requests with any other method (`ngx_http_update_location_config`). */
function otherMethods(scope: Scope, world: World, variables: Variables): Handling['early'] {
  return scope.own('limit_except').flatMap((directive) => {
    const action = ownAction(scope.child('limit_except', directive), world, variables)
    if (action === undefined) return []
    const condition = show(`the method is none of ${directive.words.map((word) => word.text).join(' ')}`)
    return [{ condition, then: { kind: 'instead', action }, origin: action.origin } as const]
  })
}

const MODIFIERS: ReadonlyMap<string, (path: string) => RouteMatch> = new Map<string, (path: string) => RouteMatch>([
  ['=', (path) => ({ kind: 'exact', path })],
  ['^~', (path) => ({ kind: 'prefix-no-regex', path })],
  ['~*', (pattern) => ({ kind: 'regex', pattern, caseSensitive: false })],
  ['~', (pattern) => ({ kind: 'regex', pattern, caseSensitive: true })],
])

/** The modifier is a word of its own or stands directly before the path (`ngx_http_core_location`). */
function matchOf(directive: Directive): RouteMatch {
  const [first = '', second] = directive.words.map((word) => word.text)
  const whole = placedWord(directive, second === undefined ? first : `${first} ${second}`)
  if (hasEnvironment(whole)) return { kind: 'undecided', text: show(whole.text) }
  if (second !== undefined) return MODIFIERS.get(first)?.(second) ?? { kind: 'undecided', text: show(whole.text) }
  for (const [modifier, make] of MODIFIERS) if (first.startsWith(modifier)) return make(first.slice(modifier.length))
  return first.startsWith('@') ? { kind: 'named', name: first } : { kind: 'prefix', path: first }
}

/** What nginx refuses of a location's place (`ngx_http_core_location`). */
function placeProblem(match: RouteMatch, outer: RouteMatch | undefined): string | undefined {
  if (match.kind === 'undecided') return `the path of this location is not known: ${match.text}`
  if (outer === undefined) return undefined
  if (outer.kind === 'exact' || outer.kind === 'named') return `no location can stand in an ${outer.kind} one`
  if (match.kind === 'named') return 'a named location stands in the server only'
  if (match.kind === 'regex' || outer.kind === 'undecided') return undefined
  // Also in a regex: it is compared as text, so that in practice only a regex can stand in one.
  return match.path.startsWith(outer.kind === 'regex' ? outer.pattern : outer.path)
    ? undefined
    : 'this location lies outside the one that it stands in'
}

function headerOf(directive: Directive): readonly SetHeader[] {
  const [name, value] = directive.words
  if (name === undefined || value === undefined) return []
  const origin = originOf(directive)
  if (value.text === '') return [{ name: name.text, value: { kind: 'cleared' }, origin }]
  if (isFixedHeader(directive.words) && !/^\$\{?\w+\}?$/.test(value.text)) return [{ name: name.text, value: { kind: 'fixed' }, origin }]
  return [{ name: name.text, value: { kind: 'text', text: show(value.text) }, origin }]
}
