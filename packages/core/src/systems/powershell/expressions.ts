import { show } from '../../evidence/index.ts'
import { DASHES, NAME_CHARACTER, NESTING } from './characters.ts'
import { StringReader } from './strings.ts'
import type { Expression, ScriptBlock, Statement, TableEntry } from './syntax.ts'

/** Operators, and members behind one another, in one expression; a longer one is left out. */
const LENGTH = 400

/** Binary operators in words, by how tightly they bind (about_Operator_Precedence). */
const WORD_OPERATORS: ReadonlyMap<string, number> = new Map([
  ...['and', 'or', 'xor'].map((name): [string, number] => [name, 2]),
  ...['band', 'bor', 'bxor', 'shl', 'shr'].map((name): [string, number] => [name, 3]),
  ...['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'like', 'notlike', 'match', 'notmatch', 'replace', 'contains', 'notcontains', 'in', 'notin'].map(
    (name): [string, number] => [name, 4],
  ),
  ...['split', 'join', 'is', 'isnot', 'as'].map((name): [string, number] => [name, 4]),
  ['f', 7],
])
const SIGN_OPERATORS: ReadonlyMap<string, number> = new Map([
  ['??', 1],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['%', 6],
  ['..', 8],
])
/** What a type in brackets is put before, to make a value of that type. */
const OPERAND = /[$"'“”„‘’‚‛([{@!\d.]|[-+](?![A-Za-z])|-(?:not|bnot|join|split)\b/iy
const UNARY_WORDS: ReadonlySet<string> = new Set(['-not', '-bnot', '-join', '-split'])

/** Reads expressions (about_Expressions). */
export abstract class ExpressionReader extends StringReader {
  /** What stands between braces that are taken up to the opening one. */
  protected abstract scriptBlock(start: number): ScriptBlock
  protected abstract statement(): Statement | undefined

  /** An expression with its operators, a list where commas follow; `undefined` where none starts. */
  protected expression(): Expression | undefined {
    const start = this.position
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return undefined
    }
    this.depth++
    const expression = this.#conditional(start, true)
    this.depth--
    return expression
  }

  #conditional(start: number, commas: boolean): Expression | undefined {
    const condition = this.#operators(0, { left: LENGTH }, commas)
    this.skipBlanks()
    if (condition === undefined || this.peek() !== '?' || this.peek(1) === '?' || this.peek(1) === '.') return condition
    this.position++
    this.skipNewlines()
    const whenTrue = this.expression()
    this.skipNewlines()
    if (whenTrue === undefined || this.peek() !== ':') return this.#damaged('a conditional expression without its end', start)
    this.position++
    this.skipNewlines()
    const whenFalse = this.expression()
    if (whenFalse === undefined) return this.#damaged('a conditional expression without its end', start)
    return { kind: 'ternary', condition, whenTrue, whenFalse, start, end: this.position }
  }

  /** An expression in which a comma is not an operator: a parameter's default, an argument of a method. */
  protected item(): Expression | undefined {
    this.skipBlanks()
    return this.#conditional(this.position, false)
  }

  #damaged(reason: string, start: number): Expression {
    this.problem(reason, start, this.position)
    return { kind: 'opaque', reason, start, end: this.position }
  }

  #operators(least: number, budget: { left: number }, commas: boolean): Expression | undefined {
    let left = this.#list(commas)
    if (left === undefined) return undefined
    for (;;) {
      this.skipBlanks()
      const found = this.#operator()
      if (found === undefined || found.binds < least) return left
      if (--budget.left < 0) {
        this.leaveRest('an expression too long to be followed')
        return left
      }
      this.position += found.length
      this.skipNewlines()
      const right = this.#operators(found.binds + 1, budget, commas)
      if (right === undefined) {
        this.problem(`nothing follows \`${found.operator}\``, this.position, this.position)
        return left
      }
      left = { kind: 'binary', operator: found.operator, left, right, start: left.start, end: right.end }
    }
  }

  #operator(): { readonly operator: string; readonly binds: number; readonly length: number } | undefined {
    const character = this.peek()
    if (DASHES.has(character) && /[a-z]/i.test(this.peek(1))) {
      const word = this.match(/.[a-zA-Z]{1,12}(?![\w-])/y)
      const plain = word?.slice(1).toLowerCase() ?? ''
      const name = WORD_OPERATORS.has(plain) ? plain : plain.replace(/^[ic]/, '')
      const binds = WORD_OPERATORS.get(name)
      return binds === undefined || word === undefined ? undefined : { operator: `-${name}`, binds, length: word.length }
    }
    const sign = this.startsWith('??') || this.startsWith('..') ? this.content.slice(this.position, this.position + 2) : character
    const operator = DASHES.has(sign) ? '-' : sign
    const binds = SIGN_OPERATORS.get(operator)
    // An assignment (`+=`) and a step (`++`) are no operators of an expression.
    const next = this.peek(sign.length)
    if (binds === undefined || next === '=' || (sign.length === 1 && next === character && '+-'.includes(operator))) return undefined
    return { operator, binds, length: sign.length }
  }

  /** Operands with commas between them: the comma binds more tightly than any operator in words. */
  #list(commas: boolean): Expression | undefined {
    const first = this.#unary()
    if (first === undefined || !commas) return first
    const items = [first]
    for (;;) {
      this.skipBlanks()
      if (this.peek() !== ',') break
      this.position++
      this.skipNewlines()
      const next = this.#unary()
      if (next === undefined) {
        this.problem('nothing follows a comma', this.position, this.position)
        break
      }
      items.push(next)
    }
    return items.length === 1 ? first : { kind: 'list', items, start: first.start, end: this.position }
  }

  #unary(): Expression | undefined {
    this.skipBlanks()
    const start = this.position
    const character = this.peek()
    const word = DASHES.has(character) ? this.match(/.[a-zA-Z]{3,5}(?![\w-])/y) : undefined
    const named = word === undefined ? undefined : `-${word.slice(1).toLowerCase()}`
    const sign = this.match(/\+\+|--|[!+,]|-(?![A-Za-z])/y)
    const operator = named !== undefined && UNARY_WORDS.has(named) ? named : sign
    if (operator === undefined) return this.#postfix()
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return undefined
    }
    this.position += operator.length
    if (operator === ',') this.skipNewlines()
    this.depth++
    // `-join a, b` and `-split a` take a list, the signs one operand.
    const operand = operator.length > 2 && operator !== '-not' ? this.#list(true) : this.#unary()
    this.depth--
    if (operand === undefined) return this.#damaged(`nothing follows \`${operator}\``, start)
    return operator === ','
      ? { kind: 'list', items: [operand], start, end: this.position }
      : { kind: 'unary', operator, operand, start, end: this.position }
  }

  #postfix(): Expression | undefined {
    const primary = this.primary()
    return primary === undefined ? undefined : this.members(primary)
  }

  /** `.name`, `::name`, `[index]`, `(arguments)`, `++` behind an operand; no blank may stand before them. */
  protected members(primary: Expression): Expression {
    let target = primary
    for (let length = 0; ; length++) {
      const { start } = target
      if (length > LENGTH) {
        this.leaveRest('an expression too long to be followed')
        return target
      }
      const access = this.match(/(?:\?\.|\.|::)(?=[A-Za-z_'"($\u00aa-\ud7ff])|\.[ \t]{0,100}\r?\n\s{0,200}(?=[A-Za-z_])/y)
      if (access !== undefined && !this.startsWith('..')) {
        this.position += access.length
        const name = this.#memberName()
        this.position += (this.match(/\[[\w.,[\] ]{1,100}\](?=\()/y) ?? '').length
        const given = this.peek() === '(' ? this.#arguments() : this.peek() === '{' ? this.#blockArgument() : undefined
        target = { kind: 'member', target, name, ...(given === undefined ? {} : { arguments: given }), start, end: this.position }
      } else if (this.peek() === '[' || this.startsWith('?[')) {
        this.position += this.peek() === '[' ? 1 : 2
        this.skipNewlines()
        const index = this.expression()
        this.take(']', start)
        target = {
          kind: 'index',
          target,
          index: index ?? { kind: 'opaque', reason: 'no index', start, end: this.position },
          start,
          end: this.position,
        }
      } else if (this.startsWith('++') || this.startsWith('--')) this.position += 2
      else return target
    }
  }

  #memberName(): string {
    const start = this.position
    while (this.position < this.end && NAME_CHARACTER.test(this.peek())) this.position++
    if (this.position > start) return this.content.slice(start, this.position).toLowerCase()
    const text = this.string() ?? this.primary()
    return text?.kind === 'text' ? text.text.toLowerCase() : ''
  }

  /** `.ForEach{ … }` */
  #blockArgument(): readonly Expression[] {
    const block = this.primary()
    return block === undefined ? [] : [block]
  }

  #arguments(): readonly Expression[] {
    const start = this.position++
    const items: Expression[] = []
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return items
    }
    this.depth++
    for (;;) {
      this.skipNewlines()
      const item = this.item()
      if (item === undefined) break
      items.push(item)
      this.skipNewlines()
      if (this.peek() !== ',') break
      this.position++
    }
    this.depth--
    this.take(')', start)
    return items
  }

  /** Takes a closing bracket, or reports that what began at `start` is not closed. */
  protected take(closer: string, start: number): void {
    this.skipNewlines()
    if (this.peek() === closer) this.position++
    else this.problem(`\`${closer}\` is missing`, start, Math.min(start + 1, this.end))
  }

  protected primary(): Expression | undefined {
    const start = this.position
    const character = this.peek()
    const string = this.string()
    if (string !== undefined) return string
    if (character === '$') {
      const variable = this.variable()
      if (variable !== undefined) return variable
    }
    if (character === '(' || (character === '@' && this.peek(1) === '(')) {
      this.position += character === '(' ? 1 : 2
      const body = this.nested(')', start)
      return { kind: 'output', body, list: character === '@', start, end: this.position }
    }
    if (character === '@' && this.peek(1) === '{') return this.#table()
    if (character === '{') {
      this.position++
      const block = this.scriptBlock(start)
      return { kind: 'block', block, start, end: this.position }
    }
    if (character === '[') return this.#type()
    const number = this.match(/(?:0x[0-9a-f]{1,16}|\d{1,20}(?:\.(?:\d{1,20}|(?![.\w])))?(?:e[+-]?\d{1,4})?)(?:[dlnu]|ul|[kmgtp]b)?(?!\w)/iy)
    if (number === undefined) return undefined
    this.position += number.length
    return { kind: 'text', text: number, bare: true, start, end: this.position }
  }

  /** `[int]`, `[int]$x`, `[Environment]::Name`. */
  #type(): Expression | undefined {
    const start = this.position
    const name = this.#typeName()
    if (name === undefined) return undefined
    this.position += name.length
    const type = name
      .slice(1, -1)
      .trim()
      .toLowerCase()
      .replace(/^system\./, '')
    if (this.startsWith('::')) return { kind: 'type', name: type, start, end: this.position }
    this.skipBlanks()
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return undefined
    }
    this.depth++
    const operand = this.match(OPERAND) === undefined ? undefined : this.#unary()
    this.depth--
    return operand === undefined
      ? { kind: 'type', name: type, start, end: this.position }
      : { kind: 'cast', type, operand, start, end: this.position }
  }

  /** A type in its brackets, those of its own types and of lists among them. */
  #typeName(): string | undefined {
    const text = this.match(/\[\s{0,16}[A-Za-z_][\w.+`, [\]&*-]{0,300}/y)
    let open = 0
    for (const [index, character] of (text ?? '').split('').entries()) {
      if (character === '[') open++
      if (character === ']') open--
      if (open === 0) return text?.slice(0, index + 1)
    }
    return undefined
  }

  /** `@{ key = value; … }` */
  #table(): Expression {
    const start = this.position
    this.position += 2
    const entries: TableEntry[] = []
    if (this.depth >= NESTING) this.leaveRest('nested too deeply')
    this.depth++
    for (;;) {
      this.#skipSeparators()
      if (this.position >= this.end || this.peek() === '}') break
      const from = this.position
      const key = this.#key()
      this.skipBlanks()
      if (key === undefined || this.peek() !== '=') {
        this.problem(`\`${show(this.content.slice(from, from + 20))}\` is no entry of a table`, from, this.position)
        if (this.position === from) this.position++
        continue
      }
      this.position++
      this.skipNewlines()
      const value = this.statement()
      if (value !== undefined) entries.push({ key, value })
    }
    this.depth--
    this.take('}', start)
    return { kind: 'table', entries, start, end: this.position }
  }

  #key(): Expression | undefined {
    const start = this.position
    const bare = this.match(/[\w-]{1,200}/y)
    if (bare === undefined) return this.#postfix()
    this.position += bare.length
    return { kind: 'text', text: bare, bare: true, start, end: this.position }
  }

  #skipSeparators(): void {
    for (this.skipNewlines(); this.peek() === ';'; this.skipNewlines()) this.position++
  }
}
