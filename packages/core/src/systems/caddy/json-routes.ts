import { ABSENT, type PassAction, type ProxyAction, type ProxyTarget, show } from '../../evidence/index.ts'
import { ALWAYS, allOf, anyOf, type Condition, negate, OPAQUE_CONDITION, type Rule } from '../request-rules/index.ts'
import { entriesOf, entry, itemsOf, originOf, textOf, type Tree } from '../yaml.ts'
import type { CaddyGaps } from './gaps.ts'
import { hostsCondition, pathsCondition, sourcesCondition } from './matchers.ts'
import { upstreamsOf } from './upstreams.ts'

export interface JsonContext {
  readonly gaps: CaddyGaps
  readonly named: ReadonlyMap<string, Tree>
  readonly invoked: readonly string[]
  /** What was taken off the path before. */
  readonly prefix: string
}

/** Handlers that neither let a request through nor keep it out. */
const NEUTRAL: ReadonlySet<string> = new Set(
  'headers encode vars templates request_body tracing log_append map push copy_response copy_response_headers cache intercept'.split(' '),
)
const BUILTIN: ReadonlySet<string> = new Set(['metrics', 'acme_server', 'mercure', 'php'])

/** Matchers that ask for what is not followed. */
const OPAQUE: ReadonlySet<string> = new Set(
  'path_regexp method header header_regexp query protocol expression file vars vars_regexp tls'.split(' '),
)

/** Routes as rules: of the sets of matchers one has to hold, of a group one route is taken, and behind a terminal one no other. */
export function jsonRules(routes: readonly Tree[], context: JsonContext): readonly Rule[] {
  let prefix = context.prefix
  return routes.map((route): Rule => {
    const origin = originOf(route)
    const sets = itemsOf(entry(route, 'match'))
    const here = { ...context, prefix }
    const when = sets.length === 0 ? ALWAYS : anyOf(...sets.map((set) => matchSet(set, here)))
    const group = textOf(entry(route, 'group'))
    const handlers = itemsOf(entry(route, 'handle'))
    // `handle_path`: behind it paths are shorter.
    for (const handler of handlers) prefix += textOf(entry(handler, 'strip_path_prefix')) ?? ''
    const rules = handlers.flatMap((handler) => handlerRules(handler, here))
    const words = sets.map(wordsOf)
    const isLast = textOf(entry(route, 'terminal')) === 'true'
    const nothing: ProxyAction = { kind: 'none', origin }
    const last: readonly Rule[] = isLast ? [{ when: ALWAYS, words: '', origin, does: 'end', action: nothing, headers: [] }] : []
    return { when, words: words.join(' or '), origin, does: 'block', rules: [...rules, ...last], ...(group === undefined ? {} : { group }) }
  })
}

/** The kinds of its matchers, and of paths and hosts which. */
function wordsOf(set: Tree): string {
  return [...entriesOf(set)]
    .map(([kind, { value }]) => {
      if (kind === 'not') return `not (${itemsOf(value).map(wordsOf).join(' or ')})`
      return kind === 'path' || kind === 'host' ? [kind, ...itemsOf(value).flatMap((item) => textOf(item) ?? [])].join(' ') : kind
    })
    .join(', ')
}

function matchSet(set: Tree, context: JsonContext): Condition {
  return allOf(...[...entriesOf(set)].map(([kind, { key, value }]) => matcher(kind, value, originOf(key), context)))
}

function matcher(kind: string, value: Tree, origin: Rule['origin'], context: JsonContext): Condition {
  const words = itemsOf(value).flatMap((item) => textOf(item) ?? [])
  if (kind === 'path') return pathsCondition(words, context.prefix)
  if (kind === 'host') return hostsCondition(words)
  if (kind === 'not') return negate(anyOf(...itemsOf(value).map((set) => matchSet(set, context))))
  if (kind === 'remote_ip' || kind === 'client_ip') {
    const isForwarded = textOf(entry(value, 'forwarded')) === 'true'
    return isForwarded ? OPAQUE_CONDITION : sourcesCondition(itemsOf(entry(value, 'ranges')).flatMap((item) => textOf(item) ?? []))
  }
  if (!OPAQUE.has(kind)) context.gaps.add('not-understood', `the matcher "${kind.slice(0, 80)}" is not understood`, origin)
  return OPAQUE_CONDITION
}

function handlerRules(handler: Tree, context: JsonContext): readonly Rule[] {
  const { gaps } = context
  const origin = originOf(handler)
  const name = textOf(entry(handler, 'handler')) ?? ''
  const parts = { when: ALWAYS, words: name, origin }
  switch (name) {
    case 'subroute':
      return [{ ...parts, does: 'block', rules: jsonRules(itemsOf(entry(handler, 'routes')), context) }]
    case 'reverse_proxy':
      return [...answers(handler, context), { ...parts, does: 'end', action: passOf(handler), headers: [] }]
    case 'static_response':
      return answer(handler, parts)
    case 'error':
      return [{ ...parts, does: 'refuse', status: Number(textOf(entry(handler, 'status_code')) ?? 500) || 500 }]
    case 'file_server': {
      const root = entry(handler, 'root')
      const path = textOf(root)
      const passes = textOf(entry(handler, 'pass_thru')) === 'true'
      const action: ProxyAction = {
        kind: 'files',
        root: root === undefined || path === undefined ? ABSENT : { kind: 'known', value: path, origin: originOf(root) },
        listing: entry(handler, 'browse') !== undefined,
        origin,
      }
      return [{ ...parts, ...(passes ? { when: OPAQUE_CONDITION } : {}), does: 'end', action, headers: [] }]
    }
    case 'authentication': {
      const providers = [...entriesOf(entry(handler, 'providers')).keys()]
      const isBasic = providers.length === 1 && providers[0] === 'http_basic'
      if (!isBasic) gaps.add('not-understood', 'who is let in by this authentication is not followed', origin)
      return [
        { ...parts, does: 'guard', guard: isBasic ? { guard: 'basic-auth', origin } : { guard: 'unknown', what: show(name), origin } },
      ]
    }
    case 'invoke':
      return invoke(textOf(entry(handler, 'name')) ?? '', origin, context)
    case 'rate_limit':
      return [{ ...parts, does: 'guard', guard: { guard: 'rate-limit', zone: name, burst: 0, origin } }]
    case 'rewrite':
      return entry(handler, 'uri') === undefined ? [] : [{ ...parts, does: 'rewrite', what: name }]
    default:
      if (NEUTRAL.has(name)) return []
      if (BUILTIN.has(name)) return [{ ...parts, does: 'end', action: { kind: 'builtin', name, origin }, headers: [] }]
      gaps.add('not-understood', `the handler "${name.slice(0, 80)}" is not understood`, origin)
      return [{ ...parts, does: 'guard', guard: { guard: 'unknown', what: show(name), origin } }]
  }
}

/** Answers of the back end that are replaced by something else. */
function answers(handler: Tree, context: JsonContext): readonly Rule[] {
  return itemsOf(entry(handler, 'handle_response')).flatMap((each): readonly Rule[] => {
    const routes = itemsOf(entry(each, 'routes'))
    if (routes.length === 0) return []
    return [{ when: OPAQUE_CONDITION, words: 'the answer', origin: originOf(each), does: 'block', rules: jsonRules(routes, context) }]
  })
}

function invoke(name: string, origin: Rule['origin'], context: JsonContext): readonly Rule[] {
  const route = context.named.get(name)
  if (route === undefined || context.invoked.includes(name)) {
    context.gaps.add(
      'not-understood',
      `the route ${name.slice(0, 80)} is ${route === undefined ? 'defined nowhere here' : 'invoked by itself'}`,
      origin,
    )
    return []
  }
  return jsonRules([route], { ...context, invoked: [...context.invoked, name] })
}

function answer(handler: Tree, parts: Pick<Rule, 'when' | 'words' | 'origin'>): readonly Rule[] {
  if (textOf(entry(handler, 'abort')) === 'true') return [{ ...parts, does: 'refuse', status: 444 }]
  const status = Number(textOf(entry(handler, 'status_code')) ?? 200) || 200
  if (status >= 400) return [{ ...parts, does: 'refuse', status }]
  const to = itemsOf(entry(entry(handler, 'headers'), 'Location')).map(textOf)[0]
  const action: ProxyAction = { kind: 'return', status, ...(to === undefined ? {} : { location: show(to) }), origin: parts.origin }
  return [{ ...parts, does: 'end', action, headers: [] }]
}

function passOf(handler: Tree): PassAction {
  const origin = originOf(handler)
  const transport = entry(handler, 'transport')
  const tls = entry(transport, 'tls') !== undefined
  const fastcgi = textOf(entry(transport, 'protocol')) === 'fastcgi'
  const targets = itemsOf(entry(handler, 'upstreams')).flatMap((upstream): readonly ProxyTarget[] => {
    const dial = entry(upstream, 'dial')
    const text = textOf(dial)
    if (dial === undefined || text === undefined)
      return [{ kind: 'unknown', reason: 'a module chooses the back end', clientChosen: false, origin: originOf(upstream) }]
    return upstreamsOf(text, originOf(dial), tls ? 443 : 80).targets
  })
  const dynamic = entry(handler, 'dynamic_upstreams')
  const chosen: readonly ProxyTarget[] =
    dynamic === undefined
      ? []
      : [{ kind: 'unknown', reason: 'what a resolver or a module answers is the back end', clientChosen: false, origin: originOf(dynamic) }]
  const all = [...targets, ...chosen]
  const nowhere: ProxyTarget = { kind: 'unknown', reason: 'no back end is named', clientChosen: false, elsewhere: true, origin }
  return { kind: 'pass', scheme: fastcgi ? 'fastcgi' : tls ? 'https' : 'http', targets: all.length > 0 ? all : [nowhere], origin }
}
