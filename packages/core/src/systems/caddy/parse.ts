import { type FileOrigin, Text } from '../../evidence/index.ts'
import { blank } from '../blanked.ts'
import { type Token, tokensOf } from './tokens.ts'
import { secretSpans } from './secrets.ts'

/** A line of a Caddyfile with the block behind it: `name words… { … }`. Of a site the name and the words are its addresses. */
export interface Directive {
  readonly name: string
  readonly words: readonly Token[]
  readonly block: readonly Directive[] | undefined
  readonly source: Source
  readonly start: number
  /** Exclusive; of its words, without the block. */
  readonly end: number
  /** The tokens, the name among them. */
  readonly head: readonly Token[]
  /** Put in by an import: what its placeholders stand for. */
  readonly given?: readonly Token[]
}

interface Problem {
  readonly what: string
  readonly start: number
  readonly end: number
}

/** Blocks within one another; none that a person writes comes near it. */
const DEEPEST = 40

/** A Caddyfile, parsed. Never throws: what is wrong is a problem, and the rest is read. */
export class Source {
  readonly path: string
  readonly content: string
  readonly directives: readonly Directive[]
  readonly problems: readonly Problem[]
  #text: Text | undefined

  constructor(path: string, content: string) {
    this.path = path
    this.content = content
    const { tokens, problems } = tokensOf(content)
    const parser = new Parser(tokens, this)
    this.directives = parser.parse()
    this.problems = [...problems, ...parser.problems]
  }

  /** Text for origins: what may be a secret is blanked out, place for place. */
  get text(): Text {
    this.#text ??= new Text(this.path, blank(this.content, secretSpans(this.directives)))
    return this.#text
  }

  origin(start: number, end: number): FileOrigin {
    return this.text.origin(start, end)
  }
}

const ORIGINS = new WeakMap<Directive, FileOrigin>()

/** Of the directive's words, without its block. */
export function originOf(directive: Directive): FileOrigin {
  const known = ORIGINS.get(directive)
  if (known !== undefined) return known
  const origin = directive.source.origin(directive.start, directive.end)
  ORIGINS.set(directive, origin)
  return origin
}

/** Also of a word that an import put in: the line that uses it is the place. */
export function wordOrigin(directive: Directive, word: Token): FileOrigin {
  const isHis = word.start >= directive.start && word.end <= directive.end
  return isHis ? directive.source.origin(word.start, word.end) : originOf(directive)
}

class Parser {
  readonly problems: Problem[] = []
  readonly #tokens: readonly Token[]
  readonly #source: Source
  #at = 0

  constructor(tokens: readonly Token[], source: Source) {
    this.#tokens = tokens
    this.#source = source
  }

  parse(): readonly Directive[] {
    const top: Directive[] = []
    while (this.#at < this.#tokens.length) top.push(...this.#lines(0, true))
    return top
  }

  #problem(what: string, token: Token): void {
    if (this.problems.length < 20) this.problems.push({ what, start: token.start, end: token.end })
  }

  /** The lines up to the brace that closes them. */
  #lines(depth: number, isTop = false): readonly Directive[] {
    const found: Directive[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined) return found
      if (isBrace(token, '}')) {
        this.#at++
        if (!isTop) return found
        this.#problem('a "}" that closes nothing', token)
        continue
      }
      found.push(this.#line(depth))
    }
  }

  #line(depth: number): Directive {
    const head: Token[] = []
    let block: readonly Directive[] | undefined
    for (;;) {
      const token = this.#tokens[this.#at]
      const last = head.at(-1)
      if (token === undefined) break
      // The addresses of a site go on behind a comma.
      if (last !== undefined && token.line > last.lastLine && !(depth === 0 && last.text.endsWith(','))) break
      if (isBrace(token, '}')) break
      this.#at++
      if (isBrace(token, '{') && this.#opens(token)) {
        block = this.#block(token, depth)
        break
      }
      head.push(token)
    }
    const [first] = head
    const opening = this.#tokens[this.#at - 1]
    const start = first?.start ?? opening?.start ?? 0
    const end = head.at(-1)?.end ?? opening?.end ?? start
    return { name: first?.text ?? '', words: head.slice(1), block, source: this.#source, start, end, head }
  }

  /** Only at the end of a line; `{` before other words is refused (`Unexpected next token after '{' on same line`), and opens all the same. */
  #opens(token: Token): boolean {
    const next = this.#tokens[this.#at]
    if (next !== undefined && next.line === token.line && !isBrace(next, '}')) this.#problem('words behind "{" on the same line', next)
    return true
  }

  #block(opening: Token, depth: number): readonly Directive[] {
    if (depth >= DEEPEST) {
      this.#problem(`more than ${DEEPEST} blocks within one another: not looked into`, opening)
      this.#skip()
      return []
    }
    const before = this.#at
    const inner = this.#lines(depth + 1)
    const closing = this.#tokens[this.#at - 1]
    if (closing === undefined || !isBrace(closing, '}') || this.#at === before) this.#problem('a block that is never closed', opening)
    return inner
  }

  #skip(): void {
    for (let open = 1; open > 0 && this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]
      if (token !== undefined && isBrace(token, '{')) open++
      if (token !== undefined && isBrace(token, '}')) open--
    }
  }
}

function isBrace(token: Token, brace: '{' | '}'): boolean {
  return token.text === brace && !token.quoted
}
