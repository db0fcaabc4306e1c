import type { AddressRange } from '../../network/index.ts'
import { parsePrefix } from '../../network/index.ts'
import { ALWAYS, allOf, anyOf, type Condition, type HostTest, negate, OPAQUE_CONDITION, type PathTest } from '../request-rules/index.ts'
import type { CaddyGaps } from './gaps.ts'
import type { Directive } from './parse.ts'
import type { Token } from './tokens.ts'

/** `private_ranges` (modules/caddyhttp/ip_range.go). */
export const PRIVATE_RANGES: readonly string[] = ['192.168.0.0/16', '172.16.0.0/12', '10.0.0.0/8', '127.0.0.1/8', 'fd00::/8', '::1']

/** Matchers that ask for what is not followed; they may hold, and may not. */
const OPAQUE: ReadonlySet<string> = new Set(
  'path_regexp method header header_regexp query protocol expression file vars vars_regexp tls map geoip maxmind_geolocation'.split(' '),
)

/** What a request has to be for a directive to be taken. */
export interface Matcher {
  readonly when: Condition
  readonly words: string
  /** Of one path only: its length decides which of several directives comes first. */
  readonly path: string | undefined
}

/** The named matchers of a site. */
export class Matchers {
  readonly #named = new Map<string, Directive>()
  readonly #read = new Map<string, Matcher>()
  readonly #gaps: CaddyGaps
  /** What was taken off the path before: `handle_path`. */
  readonly #prefix: string

  constructor(lines: readonly Directive[], gaps: CaddyGaps, outer?: Matchers, prefix?: string) {
    this.#gaps = gaps
    this.#prefix = prefix ?? outer?.prefix ?? ''
    for (const [name, line] of outer?.named ?? []) this.#named.set(name, line)
    for (const line of lines) if (line.name.startsWith('@')) this.#named.set(line.name, line)
  }

  get named(): ReadonlyMap<string, Directive> {
    return this.#named
  }

  get prefix(): string {
    return this.#prefix
  }

  within(lines: readonly Directive[], stripped?: string): Matchers {
    return new Matchers(lines, this.#gaps, this, stripped === undefined ? undefined : this.#prefix + stripped)
  }

  /** The matcher that stands before a directive's words, and the words without it. */
  before(directive: Directive): { readonly matcher: Matcher | undefined; readonly words: readonly Token[] } {
    const [first, ...rest] = directive.words
    if (first === undefined || first.quoted) return { matcher: undefined, words: directive.words }
    if (first.text === '*') return { matcher: { when: ALWAYS, words: '*', path: undefined }, words: rest }
    if (first.text.startsWith('/')) {
      const test = pathTest(first.text, this.#prefix)
      const when: Condition = test === undefined ? OPAQUE_CONDITION : { kind: 'paths', any: [test] }
      return { matcher: { when, words: first.text, path: first.text }, words: rest }
    }
    if (!first.text.startsWith('@')) return { matcher: undefined, words: directive.words }
    return { matcher: this.#matcher(first.text, directive), words: rest }
  }

  #matcher(name: string, user: Directive): Matcher {
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const line = this.#named.get(name)
    if (line === undefined) this.#gaps.at(user, `the matcher ${name.slice(0, 80)} is defined nowhere here`)
    const matcher = line === undefined ? { when: OPAQUE_CONDITION, words: name, path: undefined } : this.#define(line)
    this.#read.set(name, matcher)
    return matcher
  }

  #define(line: Directive): Matcher {
    const parts = line.block ?? (line.words.length === 0 ? [] : [shifted(line)])
    const when = this.#set(parts)
    const paths = parts.filter(({ name }) => name === 'path').flatMap(({ words }) => words.map(({ text }) => text))
    const words = `${line.name} ${parts.map(textOf).join(', ')}`
    return { when, words, path: paths.length === 1 ? paths[0] : undefined }
  }

  /** Each kind has to hold; lines of one kind are put together, each `not` is one for itself. */
  #set(parts: readonly Directive[]): Condition {
    const kinds = [...new Set(parts.map(({ name }) => name))]
    return allOf(
      ...kinds.flatMap((kind) => {
        const lines = parts.filter(({ name }) => name === kind)
        return kind === 'not' ? lines.map((line) => this.#not(line)) : [this.#kind(kind, lines)]
      }),
    )
  }

  #not(line: Directive): Condition {
    const parts = line.block ?? (line.words.length === 0 ? [] : [shifted(line)])
    return negate(this.#set(parts))
  }

  #kind(kind: string, lines: readonly Directive[]): Condition {
    const words = lines.flatMap((line) => line.words.map(({ text }) => text))
    if (kind === 'path') return pathsCondition(words, this.#prefix)
    if (kind === 'host') return hostsCondition(words)
    if (kind === 'remote_ip' || kind === 'client_ip') return sourcesCondition(words)
    const [first] = lines
    // An expression may stand for itself, in quotes.
    if (!OPAQUE.has(kind) && first !== undefined && first.head[0]?.quoted !== true)
      this.#gaps.at(first, `the matcher "${kind.slice(0, 80)}" is not understood`)
    return OPAQUE_CONDITION
  }
}

/** As it may be shown. */
function textOf({ head, source }: Directive): string {
  const [first] = head
  return first === undefined ? '' : source.text.content.slice(first.start, head.at(-1)?.end ?? first.end)
}

/** `@name path /x` on one line: as if `path /x` stood in a block. */
function shifted(line: Directive): Directive {
  const head = line.head.slice(1)
  return { ...line, name: head[0]?.text ?? '', words: head.slice(1), head, block: undefined }
}

/** `/x`, `/x*`, `/x/*`; any other use of a star is not followed. Letters may be large or small (modules/caddyhttp/matchers.go, MatchPath). */
function pathTest(text: string, prefix: string): PathTest | undefined {
  if (text.includes('{') || /\*./.test(text)) return undefined
  return text.endsWith('*')
    ? { kind: 'prefix', path: prefix + text.slice(0, -1), anyCase: true }
    : { kind: 'exact', path: prefix + text, anyCase: true }
}

export function pathsCondition(texts: readonly string[], prefix: string): Condition {
  if (texts.includes('*') && prefix === '') return ALWAYS
  const tests = texts.map((text) => pathTest(text, prefix))
  const known = tests.flatMap((test) => test ?? [])
  const certain: Condition = { kind: 'paths', any: known }
  return known.length === tests.length ? certain : anyOf(...(known.length === 0 ? [] : [certain]), OPAQUE_CONDITION)
}

export function hostsCondition(texts: readonly string[]): Condition {
  const tests = texts.map((text): HostTest | undefined => {
    const name = text.toLowerCase()
    if (name.includes('{') || /.\*/.test(name)) return undefined
    return name.startsWith('*.') ? { kind: 'below', suffix: name.slice(2) } : { kind: 'exact', name }
  })
  const known = tests.flatMap((test) => test ?? [])
  return known.length === tests.length ? { kind: 'hosts', any: known } : OPAQUE_CONDITION
}

/** With `forwarded` the client's own word is taken: nothing that keeps anybody out. */
export function sourcesCondition(texts: readonly string[]): Condition {
  const ranges = texts.flatMap((text) => (text === 'private_ranges' ? PRIVATE_RANGES : [text])).map((text) => parsePrefix(text))
  const known = ranges.flatMap((range): readonly AddressRange[] => (range === undefined ? [] : [range]))
  return known.length === ranges.length && known.length > 0 ? { kind: 'sources', any: known } : OPAQUE_CONDITION
}
