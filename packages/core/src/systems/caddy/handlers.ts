import { ABSENT, type ProxyAction, type ProxyGuard, show } from '../../evidence/index.ts'
import { ALWAYS, type Condition, OPAQUE_CONDITION, type Rule, testsIn } from '../request-rules/index.ts'
import { BUILTIN, isNeutral, LIMITS, orderName } from './directives.ts'
import type { CaddyGaps } from './gaps.ts'
import type { Matcher, Matchers } from './matchers.ts'
import { type Directive, originOf } from './parse.ts'
import type { Token } from './tokens.ts'
import { headersOf, passAction } from './upstreams.ts'
import { toValue } from './values.ts'

export interface HandlerContext {
  readonly gaps: CaddyGaps
  readonly matchers: Matchers
  readonly positions: ReadonlyMap<string, number>
  readonly routes: ReadonlyMap<string, Directive>
  /** Named routes that are being looked into. */
  readonly invoked: readonly string[]
  /** Of the files that are served. */
  readonly root: Directive | undefined
}

interface Placed {
  readonly directive: Directive
  readonly matcher: Matcher | undefined
  readonly words: readonly Token[]
}

/** The directives of a block as rules, in the order in which Caddy takes them; `sorted`: false inside `route`. */
export function rulesOf(lines: readonly Directive[], outer: HandlerContext, sorted = true): readonly Rule[] {
  const matchers = outer.matchers.within(lines)
  const context: HandlerContext = { ...outer, matchers, root: lines.findLast(({ name }) => name === 'root') ?? outer.root }
  const placed = lines
    .filter((line) => !line.name.startsWith('@'))
    .map((directive): Placed => ({ directive, ...matchers.before(directive) }))
  const ordered = sorted ? placed.toSorted((a, b) => compare(a, b, context.positions)) : placed
  const group = String(lines[0]?.start ?? 0)
  const rules = ordered.flatMap((each) => ruleOf(each, context, `${each.directive.source.path} ${group}`))
  // A new path matters where one is asked for behind it.
  return rules.filter((rule, index) => rule.does !== 'rewrite' || rules.slice(index + 1).some(asksForPath))
}

function asksForPath(rule: Rule): boolean {
  return testsIn(rule.when).paths.length > 0 || ((rule.does === 'block' || rule.does === 'access') && rule.rules.some(asksForPath))
}

/** `sortRoutes` of httpcaddyfile/httptype.go: by directive, then the more specific first; what is equal stays as it is written. */
function compare(a: Placed, b: Placed, positions: ReadonlyMap<string, number>): number {
  const nameA = orderName(a.directive.name)
  const nameB = orderName(b.directive.name)
  if (nameA !== nameB) return (positions.get(nameA) ?? -1) - (positions.get(nameB) ?? -1)
  return Number(isMoreSpecific(b, a)) - Number(isMoreSpecific(a, b))
}

/** Of two that ask for one path each the longer, a star counted; of `/x` and `/x*` the one without. Else what has a matcher before what has none (issue 5037). */
function isMoreSpecific({ matcher: one }: Placed, { matcher: other }: Placed): boolean {
  const [path, otherPath] = [one?.path ?? '', other?.path ?? '']
  if (path !== '' && otherPath !== '')
    return withoutStar(path) === withoutStar(otherPath) ? path.length < otherPath.length : path.length > otherPath.length
  return hasMatcher(one) && !hasMatcher(other)
}

function hasMatcher(matcher: Matcher | undefined): boolean {
  return matcher !== undefined && matcher.when !== ALWAYS
}

function withoutStar(path: string): string {
  return path.endsWith('*') ? path.slice(0, -1) : path
}

function ruleOf({ directive, matcher, words }: Placed, context: HandlerContext, group: string): readonly Rule[] {
  const { gaps } = context
  const origin = originOf(directive)
  const { name } = directive
  const when: Condition = matcher?.when ?? ALWAYS
  const parts = { when, words: [name, matcher?.words ?? ''].join(' ').trim(), origin }
  const guard = (found: ProxyGuard): readonly Rule[] => [{ ...parts, does: 'guard', guard: found }]
  const end = (action: ProxyAction): readonly Rule[] => [{ ...parts, does: 'end', action, headers: [] }]
  switch (name) {
    case 'reverse_proxy':
      return [
        ...answersOf(directive, context, parts),
        { ...parts, does: 'end', action: passAction(directive, words, gaps), headers: headersOf(directive) },
      ]
    case 'php_fastcgi': {
      const action = passAction(directive, words, gaps, true)
      return [
        {
          ...parts,
          when: when === ALWAYS ? OPAQUE_CONDITION : when,
          words: `${parts.words} of PHP files`,
          does: 'end',
          action,
          headers: [],
        },
      ]
    }
    case 'handle':
    case 'handle_path':
    case 'route': {
      const stripped = name === 'handle_path' ? (matcher?.path?.replace(/\/?\*$/, '') ?? undefined) : undefined
      const lines = directive.block ?? []
      const inner = stripped === undefined ? context : { ...context, matchers: context.matchers.within([], stripped) }
      const rules = rulesOf(lines, inner, name !== 'route')
      return [{ ...parts, does: 'block', rules, ...(name === 'route' ? {} : { group }) }]
    }
    case 'invoke':
      return invoke(words[0]?.text ?? '', directive, context, parts)
    case 'basicauth':
    case 'basic_auth':
      return guard({ guard: 'basic-auth', origin })
    case 'forward_auth':
      return guard({
        guard: 'auth-request',
        uri: show(directive.block?.find((line) => line.name === 'uri')?.words[0]?.text ?? '/'),
        origin,
      })
    case 'abort':
      return [{ ...parts, does: 'refuse', status: 444 }]
    case 'error':
      return [{ ...parts, does: 'refuse', status: statusOf(words) ?? 500 }]
    case 'respond': {
      const status = statusOf(words, directive) ?? 200
      return status >= 400 ? [{ ...parts, does: 'refuse', status }] : end({ kind: 'return', status, origin })
    }
    case 'redir':
      return end(redirection(words, origin))
    case 'file_server':
      return fileServer(directive, words, parts, context)
    case 'rewrite':
    case 'uri':
    case 'try_files':
      return [{ ...parts, does: 'rewrite', what: parts.words }]
    default:
      if (isNeutral(name)) return []
      if (LIMITS.has(name)) return guard({ guard: 'rate-limit', zone: name, burst: 0, origin })
      if (BUILTIN.has(name)) return end({ kind: 'builtin', name, origin })
      gaps.at(directive, name === '' ? 'a block without a name' : `the directive "${name.slice(0, 80)}" is not understood`)
      return guard({ guard: 'unknown', what: show(name), origin })
  }
}

type Parts = Pick<Rule, 'when' | 'words' | 'origin'>

/** Answers of the back end that are replaced by something else: `handle_response`. */
function answersOf(directive: Directive, context: HandlerContext, parts: Parts): readonly Rule[] {
  return (directive.block ?? [])
    .filter((line) => line.name === 'handle_response' && (line.block?.length ?? 0) > 0)
    .map((line) => ({
      ...parts,
      when: OPAQUE_CONDITION,
      words: `${parts.words} by the answer`,
      origin: originOf(line),
      does: 'block',
      rules: rulesOf(line.block ?? [], context),
    }))
}

function invoke(name: string, directive: Directive, context: HandlerContext, parts: Parts): readonly Rule[] {
  const route = context.routes.get(name)
  if (route === undefined || context.invoked.includes(name)) {
    context.gaps.at(directive, `the route ${name.slice(0, 80)} is ${route === undefined ? 'defined nowhere here' : 'invoked by itself'}`)
    return []
  }
  const rules = rulesOf(route.block ?? [], { ...context, invoked: [...context.invoked, name] }, false)
  return [{ ...parts, does: 'block', rules }]
}

/** `respond 403`, `respond "no" 403`, `error "no" 404`; of `respond` also `status` in its block (older versions). */
function statusOf(words: readonly Token[], directive?: Directive): number | undefined {
  const word = words.findLast(({ text, quoted }, index) => /^[1-9][0-9]{2}$/.test(text) && (index > 0 || !quoted))
  const line = directive?.block?.find(({ name }) => name === 'status')?.words[0]?.text
  const text = word?.text ?? line
  return text === undefined || !/^[0-9]{3}$/.test(text) ? undefined : Number(text)
}

const REDIRECTS: ReadonlyMap<string, number> = new Map([
  ['permanent', 301],
  ['temporary', 302],
  ['html', 200],
])

function redirection(words: readonly Token[], origin: Rule['origin']): ProxyAction {
  const [to, code] = words.map(({ text }) => text)
  const status = code === undefined ? 302 : (REDIRECTS.get(code) ?? (/^[0-9]{3}$/.test(code) ? Number(code) : 302))
  return { kind: 'return', status, ...(to === undefined ? {} : { location: show(to) }), origin }
}

function fileServer(directive: Directive, words: readonly Token[], parts: Parts, context: HandlerContext): readonly Rule[] {
  const own = directive.block?.findLast(({ name }) => name === 'root') ?? context.root
  const path = own?.words.at(-1)
  const root = own === undefined || path === undefined ? ABSENT : toValue(path.text, originOf(own))
  const listing = words.some(({ text }) => text === 'browse') || (directive.block ?? []).some(({ name }) => name === 'browse')
  const action: ProxyAction = { kind: 'files', root, listing, origin: parts.origin }
  const passes = (directive.block ?? []).some(({ name }) => name === 'pass_thru')
  return [{ ...parts, ...(passes ? { when: OPAQUE_CONDITION } : {}), does: 'end', action, headers: [] }]
}
