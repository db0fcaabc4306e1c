import { type Passage, PassageBuilder } from '../passage.ts'
import type { Condition, Line, Node, Problem, Script } from './syntax.ts'

/** How deep brackets, `if` and `for` stand in one another. */
const DEPTH = 60
/** Labels that are told apart. */
const LABELS = 500
/** The longest list of a `for`. In UTF-16 code units. */
const LIST = 8192
const BLANK = /[ \t,;=\u00a0]/
const KEYWORD = /(?:if|for|rem)(?=[\s,;=(/"%]|$)/iy
const DO = /\)[ \t]*do(?=[\s(@]|$)/gi
const ELSE = /else(?=[\s(]|$)/iy
const COMPARES = /(?:==|(?:equ|neq|lss|leq|gtr|geq)(?=[\s"]))/iy
const OPERATOR = /&&|\|\||[&|]/y

/** The lines of a batch file (learn.microsoft.com/windows-server/administration/windows-commands). Never throws; linear. */
export function parseBatch(passage: Passage): Script {
  const parser = new Parser(passage)
  const lines = parser.lines(0)
  const labels = new Map<string, number>()
  for (const [index, { items }] of lines.entries())
    for (const { node } of items)
      if (node.kind === 'label' && node.name !== '' && !labels.has(node.name) && labels.size < LABELS) labels.set(node.name, index)
  return { lines, labels, problems: parser.problems }
}

class Parser {
  readonly problems: Problem[] = []
  readonly #passage: Passage
  readonly #content: string
  #position = 0
  /** The next `) do`, looked for once for all lists before it. */
  #do: { readonly start: number; readonly end: number } = { start: -1, end: -1 }

  constructor(passage: Passage) {
    this.#passage = passage
    this.#content = passage.content
  }

  lines(depth: number): readonly Line[] {
    const lines: Line[] = []
    for (;;) {
      this.#skip(/[\s,;=@\ufeff\u00a0]/)
      const character = this.#content[this.#position]
      if (character === undefined) return lines
      if (character === ')') {
        this.#position++
        if (depth > 0) return lines
        // One that closes nothing makes a comment of its line.
        this.#toLineEnd()
      } else if (character === ':') lines.push({ items: [{ operator: '&', node: this.#label() }] })
      else lines.push(this.#line(depth))
    }
  }

  #label(): Node {
    const start = this.#position
    this.#toLineEnd()
    // `::` is how comments are written.
    const name = /^:[ \t]{0,20}([^\s:+,;=&|<>]{1,128})/.exec(this.#content.slice(start, Math.min(start + 160, this.#position)))?.[1] ?? ''
    return { kind: 'label', name: name.toLowerCase() }
  }

  #line(depth: number, first: Node = this.#node(depth)): Line {
    const items: { operator: Line['items'][number]['operator']; node: Node }[] = []
    let operator: Line['items'][number]['operator'] = '&'
    for (let node = first; ; node = this.#node(depth)) {
      items.push({ operator, node })
      this.#skip(BLANK)
      const found = this.#match(OPERATOR)
      if (found === undefined) return { items }
      operator = found as typeof operator
    }
  }

  #node(depth: number): Node {
    this.#skip(/[ \t,;=@\u00a0]/)
    const start = this.#position
    if (depth >= DEPTH) {
      this.problems.push({ reason: 'commands inside one another too deeply', start, end: start })
      this.#position = this.#content.length
      return this.#nothing(start)
    }
    if (this.#content[start] === '(') {
      this.#position++
      const body = this.lines(depth + 1)
      if (this.#content[this.#position - 1] !== ')') this.problems.push({ reason: 'a parenthesis is not closed', start, end: start + 1 })
      this.#redirections(depth > 0)
      return { kind: 'group', body }
    }
    const keyword = this.#match(KEYWORD)?.toLowerCase()
    if (keyword === 'if') return this.#if(depth)
    if (keyword === 'for') return this.#for(start, depth)
    if (keyword === 'rem') {
      this.#toLineEnd()
      return this.#nothing(start)
    }
    return { kind: 'command', passage: this.#simple(depth > 0) }
  }

  #if(depth: number): Node {
    let negated = false
    let ignoresCase = false
    for (;;) {
      this.#skip(BLANK)
      const word = this.#match(/(?:\/i|not)(?=\s)/iy)?.toLowerCase()
      if (word === undefined) break
      if (word === 'not') negated = true
      else ignoresCase = true
    }
    const condition = this.#condition()
    this.#skip(BLANK)
    const first = this.#node(depth + 1)
    this.#skip(BLANK)
    const isElse = first.kind === 'group' && this.#match(ELSE) !== undefined
    // Whether what follows in the line is part of it depends on what it is: as part of it, it may run or not.
    const body: Line = isElse ? { items: [{ operator: '&', node: first }] } : this.#line(depth + 1, first)
    return { kind: 'if', condition, ignoresCase, negated, body, otherwise: isElse ? this.#line(depth + 1) : undefined }
  }

  #condition(): Condition {
    const word = this.#match(/(?:exist|defined|errorlevel|cmdextversion)(?=\s)/iy)?.toLowerCase()
    if (word !== undefined) {
      this.#skip(BLANK)
      const name = this.#operand()
      return word === 'defined' ? { kind: 'defined', name } : { kind: 'other' }
    }
    const left = this.#operand()
    this.#skip(/[ \t]/)
    const operator = this.#match(COMPARES)?.toLowerCase()
    if (operator === undefined) return { kind: 'other' }
    this.#skip(BLANK)
    const right = this.#operand()
    return /^(?:==|equ|neq)$/.test(operator) ? { kind: 'equal', left, right, differs: operator === 'neq' } : { kind: 'other' }
  }

  /** One side of a comparison: up to a blank outside of quotes. */
  #operand(): Passage {
    const start = this.#position
    let quoted = false
    for (; this.#position < this.#content.length; this.#position++) {
      const character = this.#content[this.#position] ?? ''
      if (character === '"') quoted = !quoted
      if (character === '\n' || (!quoted && (/[\s(]/.test(character) || (character === '=' && this.#content[this.#position + 1] === '='))))
        break
    }
    return this.#slice(start, this.#position)
  }

  #for(start: number, depth: number): Node {
    if (this.#do.start < this.#position) {
      DO.lastIndex = this.#position
      const found = DO.exec(this.#content)
      this.#do = found === null ? { start: Number.POSITIVE_INFINITY, end: 0 } : { start: found.index, end: DO.lastIndex }
    }
    if (this.#do.start - this.#position > LIST) {
      this.problems.push({ reason: 'the list of a `for` has no end', start, end: start + 3 })
      this.#toLineEnd()
      return this.#nothing(start)
    }
    const head = this.#slice(start, this.#do.start)
    this.#position = this.#do.end
    return { kind: 'for', head, body: this.#line(depth + 1) }
  }

  /** Up to an operator, the line's end, or the bracket that closes what it stands in. */
  #simple(nested: boolean): Passage {
    const builder = new PassageBuilder(this.#passage)
    const { length } = this.#content
    let quoted = false
    let from = this.#position
    const flush = (to: number): void => builder.copy(from, to)
    for (; this.#position < length; this.#position++) {
      const character = this.#content[this.#position]
      if (character === '\n') break
      if (character === '"') quoted = !quoted
      if (quoted) continue
      if (character === '&' || character === '|' || (nested && character === ')')) break
      if (character === '^') {
        flush(this.#position)
        const end = this.#match(/\^\r?\n/y)
        from = end === undefined ? this.#position + 1 : this.#position
        // A character behind it means itself; the loop passes it.
        if (end === undefined) this.#position++
        else this.#position--
      } else if (character === '>' || character === '<') {
        const digit = /[\s"][0-9]$/.test(this.#content.slice(Math.max(0, this.#position - 2), this.#position)) ? 1 : 0
        flush(this.#position - digit)
        this.#redirections(nested)
        from = this.#position
        this.#position--
      }
    }
    // A caret at the end of the file escapes nothing.
    this.#position = Math.min(this.#position, length)
    flush(this.#position)
    return builder.build()
  }

  /** `> FILE`, `2>&1`. */
  #redirections(nested: boolean): void {
    while (this.#match(/[ \t]*[0-9]?[<>]{1,2}[ \t]*/y) !== undefined) if (this.#match(/&[0-9]/y) === undefined) this.#fileName(nested)
  }

  #fileName(nested: boolean): void {
    let quoted = false
    for (; this.#position < this.#content.length; this.#position++) {
      const character = this.#content[this.#position] ?? ''
      if (character === '"') quoted = !quoted
      if (character === '\n' || (!quoted && (/[\s&|<>]/.test(character) || (nested && character === ')')))) return
    }
  }

  #nothing(at: number): Node {
    return { kind: 'command', passage: this.#slice(at, at) }
  }

  #slice(start: number, end: number): Passage {
    const builder = new PassageBuilder(this.#passage)
    builder.copy(start, end)
    return builder.build()
  }

  #skip(characters: RegExp): void {
    while (this.#position < this.#content.length) {
      const character = this.#content[this.#position] ?? ''
      // A caret at the end of a line goes on in the next.
      if (character === '^' && this.#match(/\^\r?\n/y) !== undefined) continue
      if (!characters.test(character)) return
      this.#position++
    }
  }

  #toLineEnd(): void {
    const end = this.#content.indexOf('\n', this.#position)
    this.#position = end < 0 ? this.#content.length : end
  }

  /** Takes what the pattern, which is sticky, finds here. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position
    const found = pattern.exec(this.#content)?.[0]
    if (found !== undefined) this.#position += found.length
    return found
  }
}
