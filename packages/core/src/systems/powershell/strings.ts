import { show } from '../../evidence/index.ts'
import { CharacterReader, DOUBLE_QUOTES, NAME_CHARACTER, NESTING, SINGLE_QUOTES } from './characters.ts'
import type { Drive, Expression, Statement } from './syntax.ts'

/** What a backtick makes of the character behind it (about_Special_Characters); any other stays itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\u0000',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Scopes that all mean the script's own variables here (about_Scopes), and the environment. */
const DRIVES: ReadonlyMap<string, Drive> = new Map<string, Drive>([
  ['env', 'env'],
  ['script', 'script'],
  ['global', 'script'],
  ['local', 'variable'],
  ['private', 'variable'],
  ['using', 'variable'],
  ['variable', 'variable'],
])

/** Reads strings and variables. Statements inside `$(…)` are read by the parser that extends it. */
export abstract class StringReader extends CharacterReader {
  /** The statements up to `closer`, which is taken as well. */
  protected abstract statementsUntil(closer: string, start: number): readonly Statement[]

  /** Statements in brackets whose opening ones are taken already; one level deeper. */
  protected nested(closer: string, start: number): readonly Statement[] {
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return []
    }
    this.depth++
    const body = this.statementsUntil(closer, start)
    this.depth--
    return body
  }

  /** A string of any kind, where one starts here. */
  protected string(): Expression | undefined {
    const character = this.peek()
    if (SINGLE_QUOTES.has(character)) return this.#verbatim()
    if (DOUBLE_QUOTES.has(character)) return this.#expandable()
    if (character === '@' && SINGLE_QUOTES.has(this.peek(1))) return this.#hereString(SINGLE_QUOTES)
    if (character === '@' && DOUBLE_QUOTES.has(this.peek(1))) return this.#hereString(DOUBLE_QUOTES)
    return undefined
  }

  /** Single quotes: everything stands for itself, and two quotes for one. */
  #verbatim(): Expression {
    const start = this.position++
    let text = ''
    for (;;) {
      const from = this.position
      while (this.position < this.end && !SINGLE_QUOTES.has(this.peek())) this.position++
      text += this.content.slice(from, this.position)
      if (this.position >= this.end) {
        this.problem('a quote is not closed', start, start + 1)
        break
      }
      this.position++
      if (!SINGLE_QUOTES.has(this.peek())) break
      text += this.peek()
      this.position++
    }
    return { kind: 'text', text, bare: false, start, end: this.position }
  }

  #expandable(): Expression {
    const start = this.position++
    const parts: Expression[] = []
    let closed = false
    while (this.position < this.end && !closed) {
      if (!DOUBLE_QUOTES.has(this.peek())) this.piece(parts, (character) => DOUBLE_QUOTES.has(character))
      else if (DOUBLE_QUOTES.has(this.peek(1))) {
        parts.push({ kind: 'text', text: this.peek(), bare: false, start: this.position, end: this.position + 2 })
        this.position += 2
      } else {
        closed = true
        this.position++
      }
    }
    if (!closed) this.problem('a quote is not closed', start, start + 1)
    return together(parts, false, start, this.position)
  }

  /** `@"`, lines, `"@` at the beginning of a line. */
  #hereString(quotes: ReadonlySet<string>): Expression {
    const start = this.position
    this.position += 2
    const head = this.match(/[ \t]*\r?\n/y)
    if (head === undefined) {
      this.problem('a here-string starts on a new line', start, start + 2)
      return { kind: 'opaque', reason: 'a damaged here-string', start, end: this.position }
    }
    this.position += head.length
    const from = this.position
    let close = this.#closes(from, quotes) ? from : -1
    for (let line = this.content.indexOf('\n', from); close < 0 && line >= 0; line = this.content.indexOf('\n', line + 1)) {
      if (this.#closes(line + 1, quotes)) close = line + 1
    }
    if (close < 0) {
      this.problem('a here-string is not closed', start, start + 2)
      this.position = this.end
      return { kind: 'opaque', reason: 'a here-string that is not closed', start, end: this.end }
    }
    const end = this.content[close - 2] === '\r' ? Math.max(close - 2, from) : Math.max(close - 1, from)
    const parts: Expression[] = []
    if (quotes === SINGLE_QUOTES) parts.push({ kind: 'text', text: this.content.slice(from, end), bare: false, start: from, end })
    else while (this.position < end) this.piece(parts, () => this.position >= end)
    this.position = close + 2
    return together(parts, false, start, this.position)
  }

  #closes(at: number, quotes: ReadonlySet<string>): boolean {
    return quotes.has(this.content[at] ?? '') && this.content[at + 1] === '@'
  }

  /** One piece of expandable text: an escape, a variable, `$(…)`, or plain characters up to the next of these or to where `stops` says. */
  protected piece(parts: Expression[], stops: (character: string) => boolean, bare = false): void {
    const start = this.position
    const character = this.peek()
    if (character === '`') return void parts.push(this.#escape(bare))
    if (character === '$') {
      const variable = this.variable()
      if (variable !== undefined) return void parts.push(variable)
    }
    this.position++
    while (this.position < this.end && this.peek() !== '`' && this.peek() !== '$' && !stops(this.peek())) this.position++
    parts.push({ kind: 'text', text: this.content.slice(start, this.position), bare, start, end: this.position })
  }

  #escape(bare: boolean): Expression {
    const start = this.position
    const code = this.match(/`u\{[0-9a-fA-F]{1,6}\}/y)
    if (code !== undefined) {
      this.position += code.length
      const point = Number.parseInt(code.slice(3, -1), 16)
      const text = point <= 0x10ffff ? String.fromCodePoint(point) : ''
      return { kind: 'text', text, bare, start, end: this.position }
    }
    const next = this.peek(1)
    this.position = Math.min(start + 2, this.end)
    // A NUL would be taken for the mark of a path in the folder.
    const text = next === '0' ? '' : (ESCAPES[next] ?? next)
    return { kind: 'text', text, bare, start, end: this.position }
  }

  /** `$name`, `$env:NAME`, `${name}`, `$(…)`; `undefined` where the dollar sign is only itself. */
  protected variable(): Expression | undefined {
    const start = this.position
    const next = this.peek(1)
    if (next === '(') {
      this.position += 2
      const body = this.nested(')', start)
      return { kind: 'output', body, list: false, start, end: this.position }
    }
    if (next === '{') return this.#braced(start)
    if (next === '$' || next === '?' || next === '^') {
      this.position += 2
      return { kind: 'opaque', reason: `\`$${next}\` is not followed`, start, end: this.position }
    }
    if (!NAME_CHARACTER.test(next)) return undefined
    this.position++
    const name = this.#name()
    if (this.peek() !== ':' || this.peek(1) === ':') return variableOf(undefined, name, start, this.position)
    if (!NAME_CHARACTER.test(this.peek(1))) {
      const shown = show(name, 40)
      this.problem(`PowerShell refuses \`$${shown}:\`, where \`\${${shown}}:\` is meant`, start, this.position + 1)
      return variableOf(undefined, name, start, this.position)
    }
    this.position++
    const inner = this.#name()
    return this.#onDrive(name, inner, start)
  }

  #braced(start: number): Expression {
    this.position = start + 2
    const text = this.match(/[^}\r\n]{1,256}(?=\})/y)
    if (text === undefined) {
      this.problem('a variable is not closed', start, this.position)
      return { kind: 'opaque', reason: 'a damaged variable', start, end: this.position }
    }
    this.position += text.length + 1
    const colon = text.indexOf(':')
    if (colon < 0) return variableOf(undefined, text, start, this.position)
    return this.#onDrive(text.slice(0, colon), text.slice(colon + 1), start)
  }

  #onDrive(drive: string, name: string, start: number): Expression {
    const known = DRIVES.get(drive.toLowerCase())
    if (known !== undefined) return variableOf(known, name, start, this.position)
    const reason = `\`${show(`$${drive}:${name}`, 60)}\` is one variable, of a drive that is not followed`
    return { kind: 'opaque', reason, start, end: this.position }
  }

  #name(): string {
    const start = this.position
    while (this.position < this.end && NAME_CHARACTER.test(this.peek())) this.position++
    return this.content.slice(start, this.position)
  }
}

function variableOf(drive: Drive | undefined, name: string, start: number, end: number): Expression {
  return { kind: 'variable', drive: drive ?? 'variable', name: drive === 'env' ? name : name.toLowerCase(), start, end }
}

/** Parts as one expression; neighbouring plain texts are one. */
export function together(parts: readonly Expression[], bare: boolean, start: number, end: number): Expression {
  if (parts.every((part) => part.kind === 'text')) return { kind: 'text', text: parts.map((part) => part.text).join(''), bare, start, end }
  return { kind: 'expandable', parts, bare, start, end }
}
