import { type ProxyAction, type SetHeader, show } from '../../evidence/index.ts'
import { ALWAYS, type Condition, type Rule, testsIn } from '../request-rules/index.ts'
import type { Acls } from './conditions.ts'
import type { HaproxyGaps } from './gaps.ts'
import { actionOf } from './keywords.ts'
import { type Line, originOf } from './parse.ts'

type Parts = Pick<Rule, 'when' | 'words' | 'origin'>

/**
 * What a section asks of requests before it chooses where they go, in the order in which HAProxy asks: rules of connections, of sessions, of
 * contents, of HTTP, redirections (configuration manual, 4.2).
 */
export function accessRules(lines: readonly Line[], acls: Acls, mode: string, gaps: HaproxyGaps): readonly Rule[] {
  const of = (keyword: string, phase?: string): readonly Line[] =>
    lines.filter((line) => line.keyword === keyword && (phase === undefined || line.words[0]?.text === phase))
  const phases: readonly (readonly Line[])[] = [
    of('tcp-request', 'connection'),
    of('tcp-request', 'session'),
    of('tcp-request', 'content'),
    mode === 'http' ? of('http-request') : [],
    mode === 'http' ? lines.filter(({ keyword }) => keyword === 'redirect' || keyword === 'block') : [],
  ]
  return phases.flatMap((phase): readonly Rule[] => {
    const rules = phase.flatMap((line) => ruleOf(line, acls, gaps))
    const [first] = phase
    return first === undefined || rules.length === 0 ? [] : [{ when: ALWAYS, words: '', origin: originOf(first), does: 'access', rules }]
  })
}

function ruleOf(line: Line, acls: Acls, gaps: HaproxyGaps): readonly Rule[] {
  const { when, words, before } = acls.of(line)
  const given = line.keyword === 'tcp-request' ? before.slice(1) : line.keyword === 'http-request' ? before : [line.keyword, ...before]
  const [name = '', ...rest] = given
  const parts: Parts = { when, words: `${line.keyword} ${name} ${words}`.trim(), origin: originOf(line) }
  switch (actionOf(name)) {
    case 'refuse':
      return [
        {
          ...parts,
          does: 'refuse',
          status: name === 'auth' ? 401 : name === 'silent-drop' || name === 'reject' ? 444 : (statusIn(rest) ?? 403),
        },
      ]
    case 'accept':
      return [{ ...parts, does: 'accept' }]
    case 'redirect':
      return [{ ...parts, does: 'end', action: redirection(rest, parts), headers: [] }]
    case 'return': {
      const status = statusIn(rest) ?? 200
      if (status >= 400) return [{ ...parts, does: 'refuse', status }]
      return [{ ...parts, does: 'end', action: { kind: 'return', status, origin: parts.origin }, headers: [] }]
    }
    case 'service': {
      const service = rest[0] ?? name
      const isKnown = service === 'prometheus-exporter'
      if (!isKnown) gaps.at(line, `the service "${service.slice(0, 80)}" answers in a way that is not followed`)
      const action: ProxyAction = isKnown
        ? { kind: 'builtin', name: service, origin: parts.origin }
        : { kind: 'unknown', reason: `${show(service)} decides`, origin: parts.origin }
      return [{ ...parts, does: 'end', action, headers: [] }]
    }
    case 'rewrite':
      return [{ ...parts, does: 'rewrite', what: parts.words }]
    case 'source':
    case 'neutral':
      return []
    case undefined:
      gaps.at(line, `the action "${name.slice(0, 80)}" is not understood`)
      return [{ ...parts, does: 'guard', guard: { guard: 'unknown', what: show(name), origin: parts.origin } }]
    default:
      return []
  }
}

/** `deny_status 429`, `status 200`. */
function statusIn(words: readonly string[]): number | undefined {
  const at = words.findIndex((word) => word === 'deny_status' || word === 'status')
  const status = at < 0 ? '' : (words[at + 1] ?? '')
  return /^[1-5][0-9]{2}$/.test(status) ? Number(status) : undefined
}

/** `location URL`, `prefix URL`, `scheme https`; `code 301`. */
function redirection(words: readonly string[], { origin }: Parts): ProxyAction {
  const at = words.indexOf('code')
  const code = at < 0 ? '' : (words[at + 1] ?? '')
  const [kind, to] = words
  const location = to === undefined ? {} : { location: show(kind === 'scheme' ? `${to}://` : to) }
  return { kind: 'return', status: /^30[12378]$/.test(code) ? Number(code) : 302, ...location, origin }
}

/** A page of the statistics, where one is switched on: `stats enable`, or any line that brings it along. */
export function statisticsRules(lines: readonly Line[], acls: Acls, gaps: HaproxyGaps): readonly Rule[] {
  const stats = lines.filter(({ keyword }) => keyword === 'stats')
  const option = (name: string): Line | undefined => stats.findLast((line) => line.words[0]?.text === name)
  const first = option('enable') ?? option('uri') ?? option('auth') ?? option('scope') ?? option('realm')
  if (first === undefined) return []
  const uri = option('uri')?.words[1]?.text ?? '/haproxy?stats'
  const path = uri.replace(/\?.*$/s, '')
  const origin = originOf(first)
  // What it asks itself; `http-request` rules of the section were asked before.
  const own = stats
    .filter((line) => line.words[0]?.text === 'http-request')
    .map((line): Line => ({ ...line, keyword: 'http-request', words: line.words.slice(1) }))
  const asked = own.flatMap((line) => ruleOf(line, acls, gaps))
  const auth = option('auth')
  const guards: readonly Rule[] =
    own.length > 0
      ? [{ when: ALWAYS, words: '', origin, does: 'access', rules: asked }]
      : auth === undefined
        ? []
        : [{ when: ALWAYS, words: '', origin, does: 'guard', guard: { guard: 'basic-auth', origin: originOf(auth) } }]
  const isAdmin = option('admin') !== undefined
  const name = isAdmin ? 'statistics with administration' : 'statistics'
  const end: Rule = { when: ALWAYS, words: '', origin, does: 'end', action: { kind: 'builtin', name, origin }, headers: [] }
  const when: Condition = { kind: 'paths', any: [{ kind: 'prefix', path }] }
  return [{ when, words: `stats ${path}`, origin, does: 'block', rules: [...guards, end] }]
}

/** Headers that are set for whatever goes to the servers. */
export function headersOf(lines: readonly Line[]): readonly SetHeader[] {
  return lines.flatMap((line): readonly SetHeader[] => {
    const [action, name, value] = line.words
    if (line.keyword !== 'http-request' || name === undefined) return []
    const origin = originOf(line)
    if (action?.text === 'del-header') return [{ name: name.text, value: { kind: 'cleared' }, origin }]
    if (action?.text !== 'set-header' || value === undefined) return []
    const isOwn = value.text.startsWith('%[')
    return [{ name: name.text, value: isOwn ? { kind: 'text', text: show(value.text) } : { kind: 'fixed' }, origin }]
  })
}

/** A new path matters where one is asked for behind it. */
export function withoutIdleRewrites(rules: readonly Rule[]): readonly Rule[] {
  const asks = (rule: Rule): boolean =>
    testsIn(rule.when).paths.length > 0 || ((rule.does === 'block' || rule.does === 'access') && rule.rules.some(asks))
  return rules.map((rule, index) => {
    if (rule.does !== 'access' && rule.does !== 'block') return rule
    const later = rules.slice(index + 1).some(asks)
    const inner = withoutIdleRewrites(rule.rules)
    return { ...rule, rules: inner.filter((each, at) => each.does !== 'rewrite' || later || inner.slice(at + 1).some(asks)) }
  })
}
