import type { Problem } from './syntax.ts'

/** How deep brackets and blocks may stand in one another. Deeper text is reported and left out. */
export const NESTING = 60

/** Curly quotes and long dashes count as plain ones (about_Quoting_Rules; PowerShell source, CharTraits.cs: IsSingleQuote, IsDoubleQuote, IsDash). */
export const SINGLE_QUOTES: ReadonlySet<string> = new Set(["'", '‘', '’', '‚', '‛'])
export const DOUBLE_QUOTES: ReadonlySet<string> = new Set(['"', '“', '”', '„'])
export const DASHES: ReadonlySet<string> = new Set(['-', '–', '—', '―'])
const BLANKS: ReadonlySet<string> = new Set([' ', '\t', '\v', '\f', '\u00a0', '\u0085', '\ufeff'])
export const NAME_CHARACTER = /[A-Za-z0-9_\u00aa-\ud7ff]/

/** Goes through a text character by character, and keeps what could not be read. Looks back never, ahead a bounded way. */
export class CharacterReader {
  protected readonly content: string
  protected position = 0
  protected readonly end: number
  protected depth = 0
  readonly problems: Problem[] = []

  constructor(content: string) {
    this.content = content
    this.end = content.length
  }

  protected peek(ahead: number = 0): string {
    return this.content[this.position + ahead] ?? ''
  }

  protected startsWith(text: string): boolean {
    return this.content.startsWith(text, this.position)
  }

  /** The match of a sticky expression at the position; it is not taken. */
  protected match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.position
    return sticky.exec(this.content)?.[0]
  }

  protected problem(reason: string, start: number, end: number): void {
    this.problems.push({ reason, start: Math.min(start, this.end), end: Math.min(end, this.end) })
  }

  protected atNewline(): boolean {
    const character = this.peek()
    return character === '\n' || character === '\r'
  }

  /** Blanks, continued lines and comments; newlines stay. */
  protected skipBlanks(): void {
    for (;;) {
      const character = this.peek()
      if (BLANKS.has(character)) this.position++
      else if (character === '`' && this.peek(1) === '\n') this.position += 2
      else if (character === '`' && this.peek(1) === '\r') this.position += this.peek(2) === '\n' ? 3 : 2
      else if (character === '#') this.#skipLine()
      else if (character === '<' && this.peek(1) === '#') this.#skipComment()
      else return
    }
  }

  protected skipNewlines(): void {
    for (;;) {
      this.skipBlanks()
      if (!this.atNewline()) return
      this.position++
    }
  }

  #skipLine(): void {
    while (this.position < this.end && !this.atNewline()) this.position++
  }

  #skipComment(): void {
    const close = this.content.indexOf('#>', this.position + 2)
    if (close < 0) this.problem('a comment is not closed', this.position, this.position + 2)
    this.position = close < 0 ? this.end : close + 2
  }

  /** Whether something starts here that is no part of a word before it. */
  protected atBlank(): boolean {
    return this.position >= this.end || this.atNewline() || BLANKS.has(this.peek())
  }

  /** Leaves out all that is left: what is inside cannot be told from what is behind it without reading it. */
  protected leaveRest(reason: string): void {
    this.problem(reason, this.position, this.position + 1)
    this.position = this.end
  }
}
