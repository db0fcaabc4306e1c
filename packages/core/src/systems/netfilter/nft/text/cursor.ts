import { printable, type Text } from '../../../../evidence/index.ts'
import type { Json } from '../../../json.ts'
import { type Token, tokenAt } from './tokens.ts'

/** Thrown within this folder, and caught where a rule or a member of a block ends. */
export class NotUnderstood extends Error {
  /** Where in the text. */
  readonly offset: number

  constructor(what: string, offset: number) {
    super(what)
    this.offset = offset
  }
}

/** Named values (nft(8), SYMBOLIC VARIABLES): of this block and of those around it. */
export class Scope {
  readonly #outer: Scope | undefined
  readonly #values = new Map<string, Json>()

  constructor(outer?: Scope) {
    this.#outer = outer
  }

  define(name: string, value: Json): void {
    this.#values.set(name, value)
  }

  /** Where it was defined, in this block or around it. */
  undefine(name: string): void {
    if (!this.#values.delete(name)) this.#outer?.undefine(name)
  }

  redefine(name: string, value: Json): void {
    if (this.#values.has(name) || this.#outer === undefined) this.#values.set(name, value)
    else this.#outer.redefine(name, value)
  }

  get(name: string): Json | undefined {
    return this.#values.get(name) ?? this.#outer?.get(name)
  }
}

/** As many values of sets are taken over from variables in all: variables of variables grow without end. */
export interface Budget {
  values: number
}

/** A place in one file, and what is known there. */
export class Cursor {
  readonly text: Text
  readonly budget: Budget
  scope: Scope
  /** Variables that were asked for and are not there. */
  readonly missing: Token[] = []
  #token: Token
  /** Looked at already: the one behind. */
  #following: Token | undefined
  #passed = 0
  #depth = 0

  constructor(text: Text, scope: Scope, budget: Budget) {
    this.text = text
    this.scope = scope
    this.budget = budget
    this.#token = tokenAt(text.content, 0)
  }

  get token(): Token {
    return this.#token
  }

  /** The token behind the present one. */
  get following(): Token {
    this.#following ??= tokenAt(this.text.content, this.#token.end)
    return this.#following
  }

  /** Where the last token ended that was gone past. */
  get passed(): number {
    return this.#passed
  }

  /** Back to a place before. */
  reset(offset: number): void {
    this.#token = tokenAt(this.text.content, offset)
    this.#following = undefined
  }

  next(): Token {
    const token = this.#token
    this.#passed = token.end
    this.#token = this.following
    this.#following = undefined
    return token
  }

  /** Whether the present token is this keyword or mark; a quoted word is neither. */
  is(...texts: readonly string[]): boolean {
    const { kind, text } = this.#token
    return (kind === 'word' || kind === 'mark') && texts.includes(text)
  }

  /** As `is`, and goes on behind it. */
  take(...texts: readonly string[]): boolean {
    const here = this.is(...texts)
    if (here) this.next()
    return here
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail()
  }

  /** A name, quoted or not. */
  name(): string {
    const { kind, text } = this.#token
    if (kind !== 'word' && kind !== 'string' && kind !== 'variable') this.fail()
    if (kind === 'variable') {
      const value = this.variable()
      return typeof value === 'string' ? value : this.fail()
    }
    this.next()
    // Tables and chains are named in reports.
    return printable(text)
  }

  number(): number {
    if (this.#token.kind === 'variable') {
      const value = this.variable()
      return typeof value === 'number' ? value : this.fail()
    }
    return this.#token.kind === 'number' ? Number(this.next().text) : this.fail()
  }

  variable(): Json {
    const token = this.next()
    const value = this.scope.get(token.text)
    if (value === undefined) {
      this.missing.push(token)
      throw new NotUnderstood(`$${token.text} is not defined`, token.start)
    }
    return value
  }

  /** A member of a block, or a rule, is over. */
  get atEnd(): boolean {
    const { kind, text } = this.#token
    return kind === 'newline' || kind === 'end' || (kind === 'mark' && (text === ';' || text === '}'))
  }

  newlines(): void {
    while (this.#token.kind === 'newline') this.next()
  }

  separators(): void {
    while (this.#token.kind === 'newline' || this.is(';')) this.next()
  }

  /** To the end of what began, braces and all. Never past a brace that was opened before. */
  skip(): void {
    let open = 0
    for (;;) {
      const { kind } = this.#token
      if (kind === 'end' || (open === 0 && this.atEnd)) return
      if (this.is('{')) open++
      else if (this.is('}')) open--
      this.next()
    }
  }

  /** Brackets within brackets, as far as a reader that calls itself can go. */
  deeper<T>(read: () => T): T {
    if (this.#depth >= DEEPEST) this.fail('nested too deep')
    this.#depth++
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  fail(what?: string): never {
    throw new NotUnderstood(what ?? this.unexpected(), this.#token.start)
  }

  /** What stands here, in words. */
  unexpected(): string {
    const { kind, text } = this.#token
    if (text === '\r') return 'a line end of Windows, which nft does not take'
    const words = kind === 'newline' ? 'the end of the line' : kind === 'end' ? 'the end of the file' : text
    return `${words} is not expected here`
  }
}

/** Far deeper than anybody nests, and far from what a reader that calls itself cannot bear. */
const DEEPEST = 64
