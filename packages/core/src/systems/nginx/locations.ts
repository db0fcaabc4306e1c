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
export function routesOf(scope: Scope, world: World, variables: Variables): readonly ProxyRoute[] {
  return scope.own('location').map((directive): ProxyRoute => {
    const inner = scope.child('location', directive)
    const origin = originOf(directive)
    return {
      match: matchOf(directive),
      ...handlingOf(inner, origin, world, variables, earlySteps(inner, world, variables)),
      nested: routesOf(inner, world, variables),
      origin,
    }
  })
}

export function handlingOf(scope: Scope, origin: FileOrigin, world: World, variables: Variables, early: Handling['early']): Handling {
  return {
    early,
    guards: guardsOf(scope, world),
    satisfy: satisfyOf(scope),
    action: ownAction(scope, world, variables) ?? filesAction(scope, origin),
    redirects: redirectsOf(scope),
    headers: scope.nearest('proxy_set_header', 'grpc_set_header').flatMap(headerOf),
  }
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

function headerOf(directive: Directive): readonly SetHeader[] {
  const [name, value] = directive.words
  if (name === undefined || value === undefined) return []
  const origin = originOf(directive)
  if (value.text === '') return [{ name: name.text, value: { kind: 'cleared' }, origin }]
  if (isFixedHeader(directive.words) && !/^\$\{?\w+\}?$/.test(value.text)) return [{ name: name.text, value: { kind: 'fixed' }, origin }]
  return [{ name: name.text, value: { kind: 'text', text: show(value.text) }, origin }]
}
