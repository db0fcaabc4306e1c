import { type AddressRange, parsePrefix } from '../../network/index.ts'
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type HostTest,
  negate,
  NEVER,
  OPAQUE_CONDITION,
  type PathTest,
} from '../request-rules/index.ts'
import type { HaproxyGaps } from './gaps.ts'
import { type Line, textFrom } from './parse.ts'
import { hasEnvironment } from './values.ts'

/** Conditions that are there without being defined (configuration manual, 7.4). */
const BUILT_IN: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['TRUE', ALWAYS],
  ['FALSE', NEVER],
  ['LOCALHOST', sources(['127.0.0.1/8', '::1'])],
])
const OPAQUE_BUILT_IN =
  /^(?:HTTP(?:_1\.[01]|_2\.0|_3\.0|_CONTENT|_URL_(?:ABS|SLASH|STAR))?|METH_[A-Z]+|RDP_COOKIE|REQ_CONTENT|WAIT_END|HTTP_URL_[A-Z]+)$/

/** The conditions that a section can name: its own, and those of its defaults. */
export class Acls {
  readonly #lines = new Map<string, Line[]>()
  readonly #read = new Map<string, Condition>()
  readonly #gaps: HaproxyGaps
  /** The address that a client comes from may be one that it chose: `set-src`. */
  readonly #sourceIsOpen: boolean

  constructor(lines: readonly Line[], gaps: HaproxyGaps) {
    this.#gaps = gaps
    this.#sourceIsOpen = lines.some(
      (line) => /^(?:http|tcp)-request$/.test(line.keyword) && line.words.some(({ text }) => text === 'set-src'),
    )
    for (const line of lines) {
      const name = line.keyword === 'acl' ? line.words[0]?.text : undefined
      if (name === undefined) continue
      const known = this.#lines.get(name)
      if (known === undefined) this.#lines.set(name, [line])
      else known.push(line)
    }
  }

  /** The condition behind `if` or `unless` of a line; always where there is none. `words`: that condition as it is written. */
  of(line: Line): { readonly when: Condition; readonly words: string; readonly before: readonly string[] } {
    const texts = line.words.map(({ text }) => text)
    const at = texts.findIndex((text) => text === 'if' || text === 'unless')
    if (at < 0) return { when: ALWAYS, words: '', before: texts }
    const condition = this.#expression(texts.slice(at + 1), line)
    return { when: texts[at] === 'if' ? condition : negate(condition), words: textFrom(line, line.words[at]), before: texts.slice(0, at) }
  }

  /** Terms side by side have to hold all; `or` and `||` part alternatives; `!` negates. */
  #expression(texts: readonly string[], line: Line): Condition {
    const alternatives: Condition[][] = [[]]
    let negated = false
    for (let at = 0; at < texts.length; at++) {
      let text = texts[at] ?? ''
      if (text === 'or' || text === '||') {
        alternatives.push([])
        continue
      }
      while (text.startsWith('!')) {
        negated = !negated
        text = text.slice(1)
      }
      if (text === '') continue
      let term: Condition
      if (text === '{') {
        const end = texts.indexOf('}', at)
        const inner = texts.slice(at + 1, end < 0 ? undefined : end)
        term = this.#criterion(inner)
        at = end < 0 ? texts.length : end
      } else term = this.#named(text, line)
      alternatives.at(-1)?.push(negated ? negate(term) : term)
      negated = false
    }
    return anyOf(...alternatives.map((terms) => (terms.length === 0 ? OPAQUE_CONDITION : allOf(...terms))))
  }

  #named(name: string, user: Line): Condition {
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const lines = this.#lines.get(name)
    const condition =
      lines === undefined
        ? this.#builtIn(name, user)
        : anyOf(...lines.map((line) => this.#criterion(line.words.slice(1).map(({ text }) => text))))
    this.#read.set(name, condition)
    return condition
  }

  #builtIn(name: string, user: Line): Condition {
    const known = BUILT_IN.get(name)
    if (known !== undefined) return known
    if (!OPAQUE_BUILT_IN.test(name)) this.#gaps.at(user, `the condition "${name.slice(0, 80)}" is defined nowhere here`)
    return OPAQUE_CONDITION
  }

  #criterion([criterion = '', ...rest]: readonly string[]): Condition {
    const { patterns, match, isFile } = patternsOf(rest)
    const [fetch = '', ...converters] = criterion.split(/,(?![^(]*\))/)
    if (fetch === 'always_true') return ALWAYS
    if (fetch === 'always_false') return NEVER
    if (/^http_auth(?:_group)?\(/.test(fetch)) return { kind: 'signed-in' }
    if (isFile || patterns.length === 0 || patterns.some(hasEnvironment)) return OPAQUE_CONDITION
    if (fetch === 'src' && converters.length === 0) return this.#sourceIsOpen ? OPAQUE_CONDITION : sources(patterns)
    const isPlain = converters.every((converter) => /^(?:lower|host_only|field\(1,:\)|word\(1,:\))$/.test(converter))
    if (!isPlain) return OPAQUE_CONDITION
    return pathCondition(fetch, match, patterns) ?? hostCondition(fetch, match, patterns) ?? OPAQUE_CONDITION
  }
}

/** Flags before the patterns: `-i`, `-m beg`, `-f FILE`, `--`. */
function patternsOf(words: readonly string[]): {
  readonly patterns: readonly string[]
  readonly match: string | undefined
  readonly isFile: boolean
} {
  let match: string | undefined
  let isFile = false
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') {
      at++
      break
    }
    if (!/^-[a-zA-Z]$/.test(word)) break
    if (word === '-m') match = words[++at]
    else if (word === '-f' || word === '-u') {
      isFile ||= word === '-f'
      at++
    } else if (word === '-M') isFile = true
  }
  return { patterns: words.slice(at), match, isFile }
}

function sources(patterns: readonly string[]): Condition {
  const ranges = patterns.map((text) => parsePrefix(text))
  const known = ranges.flatMap((range): readonly AddressRange[] => (range === undefined ? [] : [range]))
  return known.length === ranges.length ? { kind: 'sources', any: known } : OPAQUE_CONDITION
}

function pathCondition(fetch: string, match: string | undefined, patterns: readonly string[]): Condition | undefined {
  const [, , suffix] = /^(path|url)(?:_(beg))?$/.exec(fetch) ?? []
  if (!/^(?:path|url)(?:_beg)?$/.test(fetch)) return undefined
  const kind = suffix === 'beg' || match === 'beg' ? 'prefix' : match === undefined || match === 'str' ? 'exact' : undefined
  if (kind === undefined || (fetch === 'url' && kind === 'exact')) return undefined
  return { kind: 'paths', any: patterns.map((path): PathTest => ({ kind, path })) }
}

/** The name in the Host header, or that of TLS. */
const HOST = /^(?:(?:req\.)?f?hdr\((?:host)\)|hdr_end\(host\)|(?:req\.)?hdr\(host,[0-9]+\)|ssl_fc_sni(?:_end)?|req[._]ssl_sni)$/i

function hostCondition(fetch: string, match: string | undefined, patterns: readonly string[]): Condition | undefined {
  if (!HOST.test(fetch)) return undefined
  const isEnd = /_end(?:\(|$)/.test(fetch) || match === 'end'
  if (!isEnd && match !== undefined && match !== 'str') return undefined
  const tests = patterns.map((pattern): HostTest | undefined => {
    const name = pattern.toLowerCase()
    if (!isEnd) return { kind: 'exact', name: name.replace(/:[0-9]+$/, '') }
    return name.startsWith('.') ? { kind: 'below', suffix: name.slice(1) } : undefined
  })
  const known = tests.flatMap((test) => test ?? [])
  return known.length === tests.length ? { kind: 'hosts', any: known } : undefined
}
