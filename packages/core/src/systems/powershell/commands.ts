import { ExpressionReader } from './expressions.ts'
import { together } from './strings.ts'
import type { CommandSyntax, Element, Expression, Statement } from './syntax.ts'

/** Characters that end a bare word (PowerShell source, CharTraits.cs: ForceStartNewToken). */
const ENDS: ReadonlySet<string> = new Set([
  ' ',
  '\t',
  '\v',
  '\f',
  '\u00a0',
  '\u0085',
  '\r',
  '\n',
  ';',
  '|',
  '&',
  '(',
  ')',
  '{',
  '}',
  ',',
  '<',
  '>',
])
const REDIRECTION = /(?:[*1-6]?>{1,2}(?:&[1-6])?|<)/y
/** What a pipeline that is an expression starts with; anything else is a command's name. */
const EXPRESSION =
  /[$"'“”„‘’‚‛([{!+,]|@[({"'“”„‘’‚‛]|[-–—―](?![-–—―A-Za-z])|[-–—―](?:not|bnot|join|split)\b|--(?=\$)|(?:0x[0-9a-f]+|\d+(?:\.\d+)?)(?:[lku]|[kmgtp]b)?(?=[\s;|)}\].,+*%/&-]|$)/iy

/** Reads pipelines and commands: in arguments, a word is a word unless it starts like an expression (about_Parsing). */
export abstract class CommandReader extends ExpressionReader {
  /** Commands joined by `|`, `&&` and `||`. */
  protected pipelines(begun?: Element): Statement | undefined {
    const first = this.#pipeline(begun)
    if (first === undefined) return undefined
    const rest: { operator: '&&' | '||'; node: Statement }[] = []
    for (;;) {
      this.skipBlanks()
      const operator = this.startsWith('&&') ? '&&' : this.startsWith('||') ? '||' : undefined
      if (operator === undefined) break
      const at = this.position
      this.position += 2
      this.skipNewlines()
      const node = this.#pipeline()
      if (node === undefined) {
        this.problem(`nothing follows \`${operator}\``, at, at + 2)
        break
      }
      rest.push({ operator, node })
    }
    // `&` at the end: in the background.
    if (this.peek() === '&' && this.peek(1) !== '&') this.position++
    return rest.length === 0 ? first : { kind: 'chain', first, rest, start: first.start, end: this.position }
  }

  #pipeline(begun?: Element): Statement | undefined {
    const first = begun ?? this.element()
    if (first === undefined) return undefined
    const elements = [first]
    for (;;) {
      this.skipBlanks()
      // Since PowerShell 7 a line may begin with the bar (about_Pipelines).
      const behind = this.atNewline() ? this.match(/[\s]{0,400}\|(?!\|)/y) : undefined
      if (behind !== undefined) this.position += behind.length - 1
      if (this.peek() !== '|' || this.peek(1) === '|') break
      const at = this.position++
      this.skipNewlines()
      const next = this.element()
      if (next === undefined) {
        this.problem('nothing follows `|`', at, at + 1)
        break
      }
      elements.push(next)
    }
    return { kind: 'pipeline', elements, start: first.start, end: elements.at(-1)?.end ?? first.end }
  }

  /** The first part of a pipeline, or the next one behind a bar. */
  protected element(): Element | undefined {
    this.skipBlanks()
    const start = this.position
    if (this.match(/&(?!&)|\.(?=[\s$"'({])/y) !== undefined) {
      const invocation = this.peek() === '.' ? '.' : '&'
      this.position++
      this.skipBlanks()
      return this.#command(invocation, start)
    }
    if (this.match(EXPRESSION) !== undefined) {
      const expression = this.expression()
      if (expression === undefined) return undefined
      this.#redirections()
      return { kind: 'expression', expression, start, end: this.position }
    }
    return this.#command('', start)
  }

  #command(invocation: CommandSyntax['invocation'], start: number): CommandSyntax | undefined {
    const words: Expression[] = []
    let end = start
    for (;;) {
      this.#redirections()
      if (this.match(/--%(?=[ \t])/y) !== undefined) {
        this.#verbatimRest(words)
        end = this.position
        break
      }
      const word = this.#argument()
      if (word === undefined) break
      words.push(word)
      end = this.position
    }
    return words.length === 0 && invocation === '' ? undefined : { kind: 'command', invocation, words, start, end }
  }

  #redirections(): void {
    for (;;) {
      this.skipBlanks()
      const operator = this.match(REDIRECTION)
      if (operator === undefined || this.startsWith('<#')) return
      this.position += operator.length
      this.skipBlanks()
      if (!operator.includes('&')) this.#word()
    }
  }

  /** Behind `--%` everything up to the end of the line or a bar stands as it is (about_Parsing). */
  #verbatimRest(words: Expression[]): void {
    this.position += 3
    for (;;) {
      this.position += (this.match(/[ \t]+/y) ?? '').length
      const start = this.position
      const text = this.match(/(?:"[^"\r\n]{0,4096}"|[^\s|"]|")+/y)
      if (text === undefined) return
      this.position += text.length
      words.push(withVariables(text.replaceAll('"', ''), start, this.position))
    }
  }

  /** One argument: a word, or several with commas between them. */
  #argument(): Expression | undefined {
    const first = this.#word()
    if (first === undefined) return undefined
    const items = [first]
    for (;;) {
      this.skipBlanks()
      if (this.peek() !== ',') break
      this.position++
      this.skipNewlines()
      const next = this.#word()
      if (next === undefined) break
      items.push(next)
    }
    return items.length === 1 ? first : { kind: 'list', items, start: first.start, end: this.position }
  }

  #word(): Expression | undefined {
    this.skipBlanks()
    const start = this.position
    const character = this.peek()
    if (character === '') return undefined
    if (character === '@') {
      const splat = this.match(/@[A-Za-z_]\w{0,200}(?![\w/.\\@:])/y)
      if (splat !== undefined) {
        this.position += splat.length
        return { kind: 'splat', name: splat.slice(1).toLowerCase(), start, end: this.position }
      }
    }
    const string = this.string()
    // A string is a word of its own, whatever stands behind it, unless a member of it is asked for.
    if (string !== undefined) return this.peek() === '.' ? this.members(string) : string
    if (character === '(' || character === '{' || this.match(/@[({]/y) !== undefined) {
      const primary = this.primary()
      return primary === undefined ? undefined : this.members(primary)
    }
    if (ENDS.has(character)) return undefined
    if (character === '$') {
      const variable = this.variable()
      if (variable !== undefined) {
        const value = this.match(/\.(?=[A-Za-z_])|\[/y) === undefined ? variable : this.members(variable)
        if (this.#atEnd()) return value
        return this.#bare([value], start)
      }
    }
    return this.#bare([], start)
  }

  #atEnd(): boolean {
    return this.position >= this.end || ENDS.has(this.peek())
  }

  /** The rest of a bare word, with strings and variables inside it. */
  #bare(parts: Expression[], start: number): Expression {
    while (!this.#atEnd()) {
      const inner = this.peek() === '@' ? undefined : this.string()
      if (inner === undefined) this.piece(parts, (character) => ENDS.has(character) || QUOTES.has(character), true)
      else parts.push(inner)
    }
    return together(parts, true, start, this.position)
  }
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '“', '”', '„', '‘', '’', '‚', '‛'])

/** `%NAME%` is a variable of the environment there. */
function withVariables(text: string, start: number, end: number): Expression {
  const parts = text.split(/(%[A-Za-z_]\w{0,100}%)/).flatMap((piece, index): readonly Expression[] => {
    if (index % 2 === 1) return [{ kind: 'variable', drive: 'env', name: piece.slice(1, -1), start, end }]
    return piece === '' ? [] : [{ kind: 'text', text: piece, bare: false, start, end }]
  })
  return together(parts, false, start, end)
}
