import { type Passage, PassageBuilder } from '../passage.ts'

/** `node`: dotenv 16 (lib/main.js). `compose`: compose-go's dotenv/parser.go. */
export type Dialect = 'node' | 'compose'

/** One assignment of a `.env` file. Offsets are into the file; ends are exclusive. */
export interface EnvironmentLine {
  readonly name: string
  readonly start: number
  readonly end: number
  /** Where the value begins, its quotes included; the same as `end` where there is none. */
  readonly from: number
  /** Quotes and escapes taken out, variables not put in; `undefined`: `NAME` alone, which takes it from the shell (compose). */
  readonly value: Passage | undefined
  /** Variables are put in: not between single quotes. */
  readonly interpolated: boolean
}

export interface EnvironmentReading {
  readonly lines: readonly EnvironmentLine[]
  readonly problems: readonly { readonly reason: string; readonly start: number; readonly end: number }[]
}

/** Assignments of one file; the rest of a longer one is reported and left out. */
const LINES = 5_000
/** Problems that are kept of one file. */
const PROBLEMS = 100

const KEY = /(?:export[ \t]+)?([A-Za-z0-9_.-]+)/y
const BLANKS = /[ \t\v\f\u00a0\ufeff]*/y
/** compose-go dotenv/parser.go, escapeSeqRegex. */
const ESCAPE = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/y
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
}

/** Reads a whole file. Never throws; takes time linear in the text. */
export function parseEnvironment(text: Passage, dialect: Dialect): EnvironmentReading {
  const reader = new Reader(text, dialect)
  reader.read()
  return reader
}

class Reader implements EnvironmentReading {
  readonly lines: EnvironmentLine[] = []
  readonly problems: { reason: string; start: number; end: number }[] = []
  readonly #text: Passage
  readonly #content: string
  readonly #dialect: Dialect
  #at = 0

  constructor(text: Passage, dialect: Dialect) {
    this.#text = text
    this.#content = text.content
    this.#dialect = dialect
  }

  read(): void {
    while (this.#at < this.#content.length) {
      if (this.lines.length >= LINES) {
        this.problems.push({ reason: `more than ${LINES} variables`, start: this.#at, end: this.#at })
        return
      }
      this.#take(BLANKS)
      const character = this.#content[this.#at]
      if (character === undefined) return
      if (character === '\n' || character === '\r') this.#at++
      else if (character === '#') this.#at = this.#lineEnd(this.#at)
      else this.#assignment()
    }
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#content)
    if (match !== null) this.#at += match[0].length
    return match
  }

  #lineEnd(from: number): number {
    let end = from
    while (end < this.#content.length && this.#content[end] !== '\n' && this.#content[end] !== '\r') end++
    return end
  }

  #assignment(): void {
    const start = this.#at
    const name = this.#take(KEY)?.[1]
    this.#take(BLANKS)
    const separator = this.#content[this.#at]
    const alone = separator === undefined || separator === '\n' || separator === '\r'
    // `NAME: value` is taken as well; dotenv wants a blank behind the colon.
    const colon = separator === ':' && (this.#dialect === 'compose' || /[ \t]/.test(this.#content[this.#at + 1] ?? ''))
    if (name === undefined || !(alone || separator === '=' || colon)) return this.#skip(start, 'this line assigns nothing')
    if (alone) {
      if (this.#dialect === 'compose')
        this.lines.push({ name, start, end: this.#at, from: this.#at, value: undefined, interpolated: false })
      return
    }
    this.#at++
    this.#take(BLANKS)
    const quote = this.#content[this.#at]
    const quoted = quote === '"' || quote === "'" || (quote === '`' && this.#dialect === 'node')
    if (quoted && this.#quoted(name, start, quote)) return
    this.#unquoted(name, start)
  }

  #skip(start: number, reason: string): void {
    this.#at = this.#lineEnd(this.#at)
    if (this.problems.length < PROBLEMS) this.problems.push({ reason, start, end: this.#at })
  }

  /** A value between quotes, which may go over lines. `false`: it is none, and the position is where it was. */
  #quoted(name: string, start: number, quote: string): boolean {
    const open = this.#at
    let close = open + 1
    while (close < this.#content.length && this.#content[close] !== quote)
      close += this.#content[close] === '\\' && this.#isEscaped(close, quote) ? 2 : 1
    const end = this.#lineEnd(close + 1)
    const rest = this.#content.slice(close + 1, Math.min(end, close + 200)).trim()
    const sound = close < this.#content.length && (rest === '' || rest.startsWith('#'))
    if (!sound && this.#dialect === 'node') return false
    if (close >= this.#content.length) {
      this.#skip(start, 'a quote is not closed')
      return true
    }
    const value = this.#unescaped(open + 1, close, quote)
    this.lines.push({ name, start, end: close + 1, from: open, value, interpolated: quote === '"' || quote === '`' })
    this.#at = close + 1
    if (!sound) this.#skip(close + 1, 'text behind the closing quote')
    else this.#at = end
    return true
  }

  /** dotenv knows only the escaped quote; compose takes any escaped character along. */
  #isEscaped(backslash: number, quote: string): boolean {
    return this.#dialect === 'compose' || this.#content[backslash + 1] === quote
  }

  #unescaped(from: number, to: number, quote: string): Passage {
    const builder = new PassageBuilder(this.#text)
    let start = from
    let at = from
    const replace = (text: string, length: number): void => {
      builder.copy(start, at)
      builder.replace(text, at, at + length)
      at += length
      start = at
    }
    while (at < to) {
      if (this.#content[at] === '\r' && this.#content[at + 1] === '\n' && at + 1 < to) replace('\n', 2)
      else if (this.#content[at] !== '\\') at++
      else if (this.#dialect === 'node') {
        const next = this.#content[at + 1]
        if (quote === '"' && (next === 'n' || next === 'r')) replace(next === 'n' ? '\n' : '\r', 2)
        else at++
      } else if (this.#content[at + 1] === quote) replace(quote, 2)
      else {
        ESCAPE.lastIndex = at
        const escape = quote === '"' ? ESCAPE.exec(this.#content)?.[0] : undefined
        if (escape === undefined || at + escape.length > to) at += 1
        else if (escape === '\\$') replace('$$', 2)
        else
          replace(
            escape.startsWith('\\0')
              ? String.fromCharCode(Number.parseInt(escape.slice(2) || '0', 8) & 0xff)
              : (ESCAPES[escape.slice(1)] ?? escape),
            escape.length,
          )
      }
    }
    builder.copy(start, to)
    return builder.build()
  }

  #unquoted(name: string, start: number): void {
    const from = this.#at
    const lineEnd = this.#lineEnd(from)
    let end = from
    while (end < lineEnd && !this.#comments(end, from)) end++
    while (end > from && /\s/.test(this.#content[end - 1] ?? '')) end--
    const builder = new PassageBuilder(this.#text)
    builder.copy(from, end)
    this.lines.push({ name, start, end: Math.max(end, from), from, value: builder.build(), interpolated: true })
    this.#at = lineEnd
  }

  /** dotenv ends a value at any `#`, compose only at one behind a blank. */
  #comments(at: number, from: number): boolean {
    return this.#content[at] === '#' && (this.#dialect === 'node' || (at > from && this.#content[at - 1] === ' '))
  }
}
