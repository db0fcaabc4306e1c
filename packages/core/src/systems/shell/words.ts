import type { Node, Part, Problem, WordSyntax } from './syntax.ts'

/** How deep substitutions and compound commands may stand in one another. Deeper text is reported and left out. */
export const NESTING = 60

const BLANK = /[ \t]/
/** Characters that end a word unless they are quoted (XCU §2.2). */
const METACHARACTERS = new Set([' ', '\t', '\n', '\r', ';', '&', '|', '(', ')', '<', '>'])
const NAME_START = /[A-Za-z_]/
const NAME_CHARACTER = /[A-Za-z0-9_]/
const SPECIAL_PARAMETERS = new Set(['@', '*', '#', '?', '$', '!', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
/** What a backslash may stand before inside double quotes (XCU §2.2.3). */
const ESCAPED_IN_DOUBLE_QUOTES = new Set(['$', '`', '"', '\\'])
const OPERATORS = [':-', ':=', ':?', ':+', '-', '=', '?', '+'] as const
const ANSI_C: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', e: '\u001b', f: '\f', v: '\v' }

/** Reads words: quotes, escapes, expansions. Lists of commands inside substitutions are read by the parser that extends it. */
export abstract class WordReader {
  protected readonly content: string
  protected position: number
  protected readonly end: number
  protected depth: number
  readonly problems: Problem[]

  constructor(content: string, start: number, end: number, depth: number, problems: Problem[]) {
    this.content = content
    this.position = start
    this.end = end
    this.depth = depth
    this.problems = problems
  }

  /** The list of commands up to `closer`, which is taken as well. */
  protected abstract commandsUntil(closer: ')' | undefined): Node

  /** A reader of a part of the same text, one level deeper. */
  protected abstract inside(start: number, end: number): WordReader

  protected peek(ahead: number = 0): string {
    const at = this.position + ahead
    return at < this.end ? (this.content[at] ?? '') : ''
  }

  protected startsWith(text: string): boolean {
    return this.position + text.length <= this.end && this.content.startsWith(text, this.position)
  }

  /** Where the character next stands, or the end: never looks beyond it, so that many short parts cost no more than one long. */
  protected find(character: string, from: number): number {
    let at = from
    while (at < this.end && this.content[at] !== character) at++
    return at
  }

  protected problem(reason: string, start: number, end: number): void {
    this.problems.push({ reason, start: Math.min(start, this.end), end: Math.min(end, this.end) })
  }

  /** Blanks, continued lines and a comment; newlines stay. */
  protected skipBlanks(): void {
    for (;;) {
      const character = this.peek()
      if (character !== '' && BLANK.test(character)) this.position++
      else if (character === '\r' && (this.peek(1) === '\n' || this.peek(1) === '')) this.position++
      else if (character === '\\' && this.peek(1) === '\n') this.position += 2
      else if (character === '\\' && this.peek(1) === '\r' && this.peek(2) === '\n') this.position += 3
      else if (character === '#') while (this.position < this.end && this.peek() !== '\n') this.position++
      else return
    }
  }

  /** The word at the position, or `undefined` where none starts. */
  protected word(): WordSyntax | undefined {
    const start = this.position
    const parts: Part[] = []
    for (;;) {
      const character = this.peek()
      if (character === '') break
      if ((character === '<' || character === '>') && this.peek(1) === '(' && parts.length === 0) {
        this.position += 2
        parts.push(this.substitution(start, false, true))
      } else if (METACHARACTERS.has(character)) break
      else this.piece(parts, false, METACHARACTERS)
    }
    return parts.length === 0 ? undefined : { parts, start, end: this.position }
  }

  /** The rest of the text as a here-document is expanded: as between double quotes, but that these stand for themselves (XCU §2.7.4). */
  protected expanded(): WordSyntax {
    const start = this.position
    const parts: Part[] = []
    const none: ReadonlySet<string> = new Set()
    while (this.position < this.end) {
      if (this.peek() === '"') this.plainCharacter(parts, '"', 1, true)
      else if (this.startsWith('\\"')) this.plainCharacter(parts, '\\"', 2, true)
      else this.piece(parts, true, none)
    }
    return { parts, start, end: this.end }
  }

  /** One piece of a word; `stops` are the characters that end unquoted text here. */
  private piece(parts: Part[], inDoubleQuotes: boolean, stops: ReadonlySet<string>): void {
    const start = this.position
    const character = this.peek()
    if (character === "'" && !inDoubleQuotes) return this.singleQuoted(parts, start)
    if (character === '"') return this.doubleQuoted(parts, start)
    if (character === '$') return this.dollar(parts, inDoubleQuotes, stops)
    if (character === '`') return this.backticks(parts, inDoubleQuotes)
    if (character === '\\') {
      const next = this.peek(1)
      if (next === '') return this.plainCharacter(parts, '\\', 1, inDoubleQuotes)
      const continued = next === '\n' ? 2 : next === '\r' && this.peek(2) === '\n' ? 3 : 0
      if (continued > 0) {
        this.position += continued
        if (parts.length === 0) parts.push({ kind: 'text', text: '', quoted: inDoubleQuotes, start, end: start })
        return
      }
      if (inDoubleQuotes && !ESCAPED_IN_DOUBLE_QUOTES.has(next)) return this.plainCharacter(parts, `\\${next}`, 2, true)
      return this.plainCharacter(parts, next, 2, true)
    }
    this.plain(parts, inDoubleQuotes, stops)
  }

  private plainCharacter(parts: Part[], text: string, length: number, quoted: boolean): void {
    parts.push({ kind: 'text', text, quoted, start: this.position, end: this.position + length })
    this.position += length
  }

  private plain(parts: Part[], quoted: boolean, stops: ReadonlySet<string>): void {
    const start = this.position
    this.position++
    while (this.position < this.end) {
      const character = this.peek()
      if (character === '$' || character === '`' || character === '\\' || character === '"' || stops.has(character)) break
      if (character === "'" && !quoted) break
      this.position++
    }
    parts.push({ kind: 'text', text: this.content.slice(start, this.position), quoted, start, end: this.position })
  }

  private singleQuoted(parts: Part[], start: number): void {
    const end = this.find("'", start + 1)
    if (end === this.end) this.problem('a quote is not closed', start, start + 1)
    parts.push({ kind: 'text', text: this.content.slice(start + 1, end), quoted: true, start, end: Math.min(end + 1, this.end) })
    this.position = Math.min(end + 1, this.end)
  }

  private doubleQuoted(parts: Part[], start: number): void {
    this.position++
    const before = parts.length
    const none: ReadonlySet<string> = new Set()
    while (this.position < this.end && this.peek() !== '"') this.piece(parts, true, none)
    if (this.position >= this.end) this.problem('a quote is not closed', start, start + 1)
    else this.position++
    if (parts.length === before) parts.push({ kind: 'text', text: '', quoted: true, start, end: this.position })
  }

  /** `$'…'`: escapes as in C. */
  private ansiQuoted(parts: Part[], start: number): void {
    this.position += 2
    let text = ''
    while (this.position < this.end && this.peek() !== "'") {
      if (this.peek() === '\\' && this.peek(1) !== '') {
        text += ANSI_C[this.peek(1)] ?? this.peek(1)
        this.position += 2
      } else {
        text += this.peek()
        this.position++
      }
    }
    if (this.position >= this.end) this.problem('a quote is not closed', start, start + 1)
    else this.position++
    parts.push({ kind: 'text', text, quoted: true, start, end: this.position })
  }

  private dollar(parts: Part[], quoted: boolean, stops: ReadonlySet<string>): void {
    const start = this.position
    const next = this.peek(1)
    if (next === "'" && !quoted) return this.ansiQuoted(parts, start)
    if (next === '"' && !quoted) {
      this.position++
      return this.doubleQuoted(parts, start)
    }
    if (next === '(') {
      this.position += 2
      if (this.peek() === '(') parts.push(this.arithmetic(start))
      else parts.push(this.substitution(start, quoted, false))
      return
    }
    if (next === '{') {
      this.position += 2
      parts.push(this.braced(start, quoted))
      return
    }
    if (NAME_START.test(next)) {
      this.position++
      const name = this.name()
      parts.push({ kind: 'parameter', name, quoted, all: false, start, end: this.position })
      return
    }
    if (SPECIAL_PARAMETERS.has(next)) {
      this.position += 2
      parts.push({ kind: 'parameter', name: next, quoted, all: next === '@' || next === '*', start, end: this.position })
      return
    }
    this.plain(parts, quoted, stops)
  }

  private name(): string {
    const start = this.position
    while (this.position < this.end && NAME_CHARACTER.test(this.peek())) this.position++
    return this.content.slice(start, this.position)
  }

  private substitution(start: number, quoted: boolean, process: boolean): Part {
    if (this.depth >= NESTING) return this.tooDeep(start)
    this.depth++
    const body = this.commandsUntil(')')
    this.depth--
    return { kind: 'substitution', quoted, process, body, start, end: this.position }
  }

  /** Leaves out all that is left: what is inside cannot be told from what is behind it without reading it. */
  protected tooDeep(start: number): Part {
    this.problem('nested too deeply', start, start + 1)
    this.position = this.end
    return { kind: 'opaque', reason: 'nested too deeply', start, end: this.end }
  }

  /** `$(( … ))`: taken as a whole by its parentheses. */
  private arithmetic(start: number): Part {
    let open = 1
    while (this.position < this.end && open > 0) {
      const character = this.peek()
      if (character === '(') open++
      else if (character === ')') open--
      this.position++
    }
    if (open > 0) this.problem('an arithmetic expansion is not closed', start, start + 3)
    return { kind: 'opaque', reason: 'arithmetic is not followed', start, end: this.position }
  }

  private backticks(parts: Part[], quoted: boolean): void {
    const start = this.position
    this.position++
    let escaped = false
    while (this.position < this.end && this.peek() !== '`') {
      if (this.peek() === '\\') {
        escaped = true
        this.position++
      }
      this.position++
    }
    const inner = Math.min(this.position, this.end)
    this.position = Math.min(inner + 1, this.end)
    if (inner >= this.end) this.problem('a backtick is not closed', start, start + 1)
    if (escaped || this.depth >= NESTING) {
      parts.push({ kind: 'opaque', reason: 'a substitution inside backticks is not followed', start, end: this.position })
      return
    }
    const body = this.inside(start + 1, inner).commandsUntil(undefined)
    parts.push({ kind: 'substitution', quoted, process: false, body, start, end: this.position })
  }

  /** After `${`. */
  private braced(start: number, quoted: boolean): Part {
    const indirect = this.peek() === '!'
    const length = this.peek() === '#' && this.peek(1) !== '}'
    if (indirect || length) this.position++
    const special = this.peek()
    let name: string
    if (NAME_START.test(special)) name = this.name()
    else if (/[0-9]/.test(special)) {
      name = /^[0-9]*/.exec(this.content.slice(this.position, Math.min(this.position + 8, this.end)))?.[0] ?? ''
      this.position += name.length
    } else {
      name = SPECIAL_PARAMETERS.has(special) ? special : ''
      this.position += name.length
    }
    let all = name === '@' || name === '*'
    let element = false
    if (this.peek() === '[') {
      all = this.peek(1) === '@' || this.peek(1) === '*'
      // `${NAME[0]}` is `$NAME`.
      element = !all && !this.startsWith('[0]')
      this.position = Math.min(this.find(']', this.position) + 1, this.end)
    }
    if (this.peek() === '}' && name !== '') {
      this.position++
      const place = { start, end: this.position }
      if (indirect) return { kind: 'opaque', reason: 'an indirect expansion is not followed', ...place }
      if (length) return { kind: 'opaque', reason: 'a length is not followed', ...place }
      if (element) return { kind: 'opaque', reason: 'an element of an array is not followed', ...place }
      return { kind: 'parameter', name, quoted, all, ...place }
    }
    const operator = OPERATORS.find((known) => this.startsWith(known))
    const shown = operator ?? this.peek()
    this.position += shown.length
    const operand = this.operand(start)
    const place = { start, end: this.position }
    if (name === '' || indirect || length || element) return { kind: 'opaque', reason: 'this expansion is not followed', ...place }
    return { kind: 'parameter', name, quoted, all, operator: shown, operand, ...place }
  }

  /** The word inside `${NAME:-…}`, up to its closing brace, which is taken as well. */
  private operand(start: number): WordSyntax {
    const parts: Part[] = []
    const from = this.position
    if (this.depth >= NESTING) this.tooDeep(start)
    this.depth++
    const stops: ReadonlySet<string> = new Set(['}'])
    while (this.position < this.end && this.peek() !== '}') this.piece(parts, false, stops)
    this.depth--
    const end = this.position
    if (this.position >= this.end) this.problem('an expansion is not closed', start, start + 2)
    else this.position++
    return { parts, start: from, end }
  }
}
