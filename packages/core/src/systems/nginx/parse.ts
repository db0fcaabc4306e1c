import { type FileOrigin, show, type Shown, Text } from '../../evidence/index.ts'
import { blank } from '../blanked.ts'
import { withoutActions } from './placeholders.ts'
import { secretSpans } from './secrets.ts'
import { Scanner, type Word } from './tokens.ts'

/** `name words… ;` or `name words… { block }`. */
export interface Directive {
  readonly name: string
  readonly words: readonly Word[]
  /** `undefined`: ended by `;`. */
  readonly block: readonly Directive[] | undefined
  /** Where the block is Lua, which is not looked into: its place, without the first brace. */
  readonly lua: { readonly start: number; readonly end: number } | undefined
  readonly source: Source
  /** Of the name and its words, without the block; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

/** Something for which nginx would refuse the file, or that exceeds what is read here. */
export interface Problem {
  readonly what: string
  readonly code: 'not-understood' | 'limit'
  /** Left out of what is not understood: nginx itself can tell. */
  readonly remedy?: string
  readonly start: number
  readonly end: number
}

/** How deep blocks may stand within one another. nginx has no limit but its stack; real files stay below 8. */
const DEEPEST = 64

/** Per file. The largest real ones (a server for each of thousands of customers) have some 20,000. */
const MOST_DIRECTIVES = 100_000

const LUA_BLOCK = /_by_lua_block$/

/** One parsed file. */
export class Source {
  readonly path: string
  /** Filled in before nginx reads it, as `envsubst` does with variables of the environment. */
  readonly template: boolean
  readonly content: string
  readonly directives: readonly Directive[]
  readonly problems: readonly Problem[]
  #text: Text | undefined
  /** The lines shown so far, by number: many origins stand on one line, and making a line fit to be shown takes longer than all else. */
  readonly #lines = new Map<number, Shown>()

  constructor(path: string, content: string) {
    this.path = path
    this.content = content
    const raw = parsed(content, this)
    // Braces in Lua or in a text look the same: only a file that nginx would refuse as it stands is taken for a template.
    const filled = raw.problems.length === 0 ? undefined : withoutActions(content)
    const { directives, problems } = filled === undefined ? raw : parsed(filled.content, this)
    this.template = path.endsWith('.template') || filled !== undefined
    this.directives = directives
    this.problems = filled === undefined ? problems : [unfilled(filled), ...problems]
  }

  /** Text for origins: what may be a secret is blanked out, place for place. */
  get text(): Text {
    this.#text ??= new Text(this.path, blank(this.content, secretSpans(this.directives)))
    return this.#text
  }

  origin(start: number, end: number): FileOrigin {
    const span = this.text.span(start, end)
    const line = this.#lines.get(span.start.line) ?? show(this.text.line(span.start.line).trim())
    this.#lines.set(span.start.line, line)
    return { kind: 'file', path: this.path, span, line }
  }
}

const unfilled = ({ start, end }: { readonly start: number; readonly end: number }): Problem => ({
  what: 'a template, of which nothing here says what it is filled in with',
  code: 'not-understood',
  remedy: 'look at the folder in which it is filled in',
  start,
  end,
})

function parsed(content: string, source: Source): { readonly directives: readonly Directive[]; readonly problems: readonly Problem[] } {
  const parser = new Parser(content, source)
  return { directives: parser.parse(), problems: parser.problems }
}

const ORIGINS = new WeakMap<Directive, FileOrigin>()

/** Of the directive's words, without its block. One object for each directive: what is inherited names it again and again. */
export function originOf(directive: Directive): FileOrigin {
  const known = ORIGINS.get(directive)
  if (known !== undefined) return known
  const origin = directive.source.origin(directive.start, directive.end)
  ORIGINS.set(directive, origin)
  return origin
}

export function wordOrigin(directive: Directive, word: Word): FileOrigin {
  return directive.source.origin(word.start, word.end)
}

/** The value of a word of the form `name=value`. */
export function option(directive: Directive, name: string): string | undefined {
  return directive.words.find((word) => word.text.startsWith(`${name}=`))?.text.slice(name.length + 1)
}

class Parser {
  readonly problems: Problem[] = []
  readonly #scanner: Scanner
  readonly #source: Source
  /** The lists that blocks now open collect into; the last is the innermost. */
  readonly #open: Directive[][] = [[]]
  /** For what stands deeper than is read: braces still have to match. */
  readonly #discarded: Directive[] = []
  #words: Word[] = []
  #count = 0

  constructor(content: string, source: Source) {
    this.#scanner = new Scanner(content)
    this.#source = source
  }

  parse(): readonly Directive[] {
    const top = this.#open[0] ?? []
    for (;;) {
      const token = this.#scanner.next()
      if (token.kind === 'word') this.#words.push(token.word)
      else if (token.kind === 'problem') this.#problem(token.what, token.start, token.end)
      else if (token.kind === ';') this.#finish(token.start, undefined)
      else if (token.kind === '{') this.#openBlock(token.start)
      else if (token.kind === '}') this.#closeBlock(token.start)
      else {
        this.#atEnd(token.start)
        return top
      }
      if (this.#count > MOST_DIRECTIVES) {
        this.#problem(
          `more than ${MOST_DIRECTIVES} directives in one file: the rest is not read`,
          this.#scanner.offset,
          this.#scanner.offset,
          'limit',
        )
        return top
      }
    }
  }

  #problem(what: string, start: number, end: number, code: Problem['code'] = 'not-understood'): void {
    // One broken quote makes nonsense of all that follows: the first few say enough.
    if (this.problems.length < 20) this.problems.push({ what, code, start, end })
  }

  #finish(at: number, block: Directive[] | undefined, lua?: { start: number; end: number }): void {
    const [name, ...words] = this.#words
    this.#words = []
    if (name === undefined) {
      this.#problem(block === undefined ? 'a ";" that ends nothing' : 'a "{" without a directive before it', at, at + 1)
      if (block === undefined) return
    }
    this.#count++
    const start = name?.start ?? at
    const end = words.at(-1)?.end ?? name?.end ?? at
    this.#open.at(-1)?.push({ name: name?.text ?? '', words, block, lua, source: this.#source, start, end })
  }

  #openBlock(at: number): void {
    if (LUA_BLOCK.test(this.#words[0]?.text ?? '')) {
      const closed = this.#scanner.skipLua()
      if (!closed) this.#problem('a Lua block that is never closed', this.#words[0]?.start ?? at, at + 1)
      this.#finish(at, [], { start: at + 1, end: this.#scanner.offset })
      return
    }
    const block: Directive[] = []
    this.#finish(at, block)
    if (this.#open.length < DEEPEST) this.#open.push(block)
    else {
      this.#problem(`more than ${DEEPEST} blocks within one another: not looked into`, at, at + 1, 'limit')
      this.#open.push(this.#discarded)
    }
  }

  #closeBlock(at: number): void {
    if (this.#words.length > 0) {
      this.#problem('a directive without its ";"', this.#words[0]?.start ?? at, at)
      this.#finish(at, undefined)
    }
    if (this.#open.length === 1) this.#problem('a "}" that closes nothing', at, at + 1)
    else this.#open.pop()
  }

  #atEnd(at: number): void {
    const first = this.#words[0]
    if (first !== undefined) this.#problem('the file ends inside a directive', first.start, at)
    const unclosed = this.#open.at(-2)?.at(-1)
    if (unclosed !== undefined) this.#problem(`the block of "${unclosed.name}" is never closed`, unclosed.start, unclosed.end)
  }
}
