import { show } from '../../evidence/index.ts'
import { type Output, plainText, type Assignment, type Input, type Node, type WordSyntax } from './syntax.ts'
import { WordReader } from './words.ts'

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\[[^\]]*\])?(\+?)=/
const ARRAY = /^[A-Za-z_][A-Za-z0-9_]*\+?=\(/
const DECLARING: ReadonlySet<string> = new Set(['declare', 'export', 'local', 'readonly', 'typeset'])
const REDIRECTION = /^[0-9]*(?:<<<|<<-|<<|<&|<>|<|>>|>&|>\||>|&>>|&>)/

interface Heredoc {
  readonly delimiter: string
  readonly start: number
  /** Its place is known when its lines were passed. */
  readonly document: { readonly kind: 'document'; readonly literal: boolean; readonly tabs: boolean; start: number; end: number }
}

interface Redirections {
  readonly input: Input | undefined
  readonly outputs: readonly Output[]
}

/** Reads simple commands (XCU §2.9.1): assignments, words, redirections, here-documents; and conditions. */
export abstract class CommandReader extends WordReader {
  #heredocs: Heredoc[] = []

  /** What follows `NAME ()`. */
  protected abstract functionBody(name: string, start: number): Node | undefined

  /** Blanks, newlines (with the here-documents that they begin) and single semicolons. */
  protected skipSeparators(): void {
    for (;;) {
      this.skipBlanks()
      if (this.peek() === '\n') {
        this.position++
        this.#skipHeredocs()
      } else if (this.peek() === ';' && this.peek(1) !== ';') this.position++
      else return
    }
  }

  #skipHeredocs(): void {
    for (const { delimiter, start, document } of this.#heredocs) {
      let closed = false
      document.start = this.position
      while (this.position < this.end && !closed) {
        document.end = this.position
        const lineEnd = this.find('\n', this.position)
        // Only a line as short as the delimiter can be it: long lines are not copied.
        let line =
          lineEnd - this.position > delimiter.length + 64 ? undefined : this.content.slice(this.position, lineEnd).replace(/\r$/, '')
        if (document.tabs) line = line?.replace(/^\t+/, '')
        closed = line === delimiter
        this.position = Math.min(lineEnd + 1, this.end)
      }
      if (!closed) this.problem('a here-document is not closed', start, start + 2)
    }
    this.#heredocs = []
  }

  protected skipNewlines(): void {
    for (;;) {
      this.skipBlanks()
      if (this.peek() !== '\n') return
      this.position++
      this.#skipHeredocs()
    }
  }

  /** Something that no command starts with, and nothing closes: reported, and one word or character of it passed by. */
  protected skipMisplaced(): void {
    const start = this.position
    const word = this.word()
    if (word === undefined) this.position++
    const text = show(this.content.slice(start, Math.min(this.position, start + 20)))
    this.problem(`\`${text}\` is not expected here`, start, this.position)
  }

  protected emptyParentheses(): boolean {
    const match = /^\([ \t]*\)/.exec(this.content.slice(this.position, Math.min(this.position + 32, this.end)))?.[0]
    if (match !== undefined) this.position += match.length
    return match !== undefined
  }

  /** A condition: its end is looked for outside of quotes only. `]]` is a word of its own: `[[:digit:]]` has none. */
  protected test(closer: ']]' | '))'): Node {
    const start = this.position
    this.position += 2
    while (this.position < this.end && !this.#closes(closer)) {
      const before = this.position
      const character = this.peek()
      if (character === "'" || character === '"' || character === '\\' || character === '$' || character === '`') this.word()
      if (this.position === before) this.position++
    }
    if (this.position >= this.end) this.problem('a condition is not closed', start, start + 2)
    this.position = Math.min(this.position + 2, this.end)
    return { kind: 'test', start, end: this.position }
  }

  #closes(closer: ']]' | '))'): boolean {
    if (!this.startsWith(closer)) return false
    return closer === '))' || (/\s/.test(this.content[this.position - 1] ?? '') && /^(?:[\s;&|)<>]|$)/.test(this.peek(2)))
  }

  /** Takes redirections; `undefined`: there are none. */
  protected redirections(): Redirections | undefined {
    let any = false
    let input: Input | undefined
    const outputs: Output[] = []
    for (;;) {
      this.skipBlanks()
      const operator =
        (this.peek() === '<' || this.peek() === '>') && this.peek(1) === '('
          ? undefined
          : REDIRECTION.exec(this.content.slice(this.position, Math.min(this.position + 8, this.end)))?.[0]
      if (operator === undefined) return any ? { input, outputs } : undefined
      any = true
      const start = this.position
      this.position += operator.length
      this.skipBlanks()
      const target = this.word()
      if (/^[0-9]*<<-?$/.test(operator)) {
        const delimiter = target?.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('') ?? ''
        const literal = target?.parts.some((part) => part.kind !== 'text' || part.quoted) ?? false
        const document = { kind: 'document' as const, literal, tabs: operator.endsWith('-'), start: this.position, end: this.position }
        this.#heredocs.push({ delimiter, start, document })
        input = document
      } else if (target !== undefined && /^0?<$/.test(operator)) input = { kind: 'file', word: target }
      else if (target !== undefined && /^0?<<<$/.test(operator)) input = { kind: 'text', word: target }
      else if (target !== undefined && /^1?>[>|]?$/.test(operator)) outputs.push({ word: target, append: operator.endsWith('>>') })
    }
  }

  protected simple(): Node | undefined {
    const start = this.position
    const assignments: Assignment[] = []
    const words: WordSyntax[] = []
    let redirected = false
    let input: Input | undefined
    const outputs: Output[] = []
    for (;;) {
      const found = this.redirections()
      if (found !== undefined) redirected = true
      input = found?.input ?? input
      outputs.push(...(found?.outputs ?? []))
      this.skipBlanks()
      const declaring =
        DECLARING.has(plainText(words[0]) ?? '') && ARRAY.test(this.content.slice(this.position, Math.min(this.position + 256, this.end)))
      const assignment = words.length === 0 || declaring ? this.#assignment() : undefined
      if (assignment !== undefined) {
        assignments.push(assignment)
        continue
      }
      const word = this.word()
      if (word === undefined) break
      words.push(word)
      const name = words.length === 1 && assignments.length === 0 ? plainText(word) : undefined
      this.skipBlanks()
      if (name !== undefined && this.peek() === '(' && this.emptyParentheses()) return this.functionBody(name, start)
    }
    if (words.length === 0 && assignments.length === 0 && !redirected) return undefined
    const end = Math.max(words.at(-1)?.end ?? 0, assignments.at(-1)?.end ?? 0, start)
    return { kind: 'command', assignments, words, input, ...(outputs.length === 0 ? {} : { outputs }), start, end }
  }

  #assignment(): Assignment | undefined {
    const start = this.position
    const match = ASSIGNMENT.exec(this.content.slice(start, Math.min(start + 256, this.end)))
    if (match === null) return undefined
    const [whole, name = '', element, plus] = match
    this.position += whole.length
    const common = { name, append: plus === '+', element: element !== undefined, start }
    if (this.peek() === '(') return { ...common, value: this.#array(), end: this.position }
    const value = this.word() ?? { parts: [], start: this.position, end: this.position }
    return { ...common, value, end: this.position }
  }

  #array(): readonly WordSyntax[] {
    const start = this.position
    this.position++
    const words: WordSyntax[] = []
    for (;;) {
      this.skipNewlines()
      const word = this.word()
      if (word !== undefined) words.push(word)
      else if (this.peek() === ')') {
        this.position++
        return words
      } else if (this.position >= this.end) {
        this.problem('a parenthesis is not closed', start, start + 1)
        return words
      } else this.skipMisplaced()
    }
  }
}
