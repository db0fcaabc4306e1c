import { show } from '../../evidence/index.ts'
import { NESTING } from './characters.ts'
import { DeclarationReader } from './declarations.ts'
import { ATTRIBUTE_START } from './parameters.ts'
import type { Expression, Script, ScriptBlock, Statement } from './syntax.ts'

/** Statements read of one script; the rest of a longer one is reported and left out. */
const STATEMENT_LIMIT = 20_000

const ASSIGNMENT = /(?:[-+*/%]|\?\?)?=(?!=)/y
const NAMED_BLOCKS: ReadonlySet<string> = new Set(['begin', 'process', 'end', 'clean', 'dynamicparam'])

/**
 * Reads a script as PowerShell would, without evaluating or running anything. Never throws; takes time linear in the text.
 * What cannot be read is reported and reading goes on behind it.
 */
export function parsePowerShell(content: string): Script {
  const parser = new Parser(content)
  const block = parser.script()
  return { block, parameters: parser.allParameters, problems: parser.problems }
}

class Parser extends DeclarationReader {
  #statements = 0

  script(): ScriptBlock {
    return this.#block('', 0)
  }

  protected override scriptBlock(start: number): ScriptBlock {
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return { parameters: undefined, body: [], start, end: this.end }
    }
    this.depth++
    const block = this.#block('}', start)
    this.depth--
    return block
  }

  #block(closer: string, start: number): ScriptBlock {
    this.skipNewlines()
    const parameters = this.parameterBlock()
    const body = this.statementsUntil(closer, start)
    return { parameters, body, start, end: this.position }
  }

  protected override statementsUntil(closer: string, start: number): readonly Statement[] {
    const statements: Statement[] = []
    for (;;) {
      this.skipNewlines()
      if (this.peek() === ';') this.position++
      else if (this.position >= this.end) {
        if (closer !== '') this.problem(`\`${closer}\` is missing`, start, start + 1)
        return statements
      } else if (closer !== '' && this.peek() === closer) {
        this.position++
        return statements
      } else if (++this.#statements > STATEMENT_LIMIT) {
        this.leaveRest(`more than ${STATEMENT_LIMIT} statements`)
      } else {
        const named = this.#namedBlock()
        const before = this.position
        const statement = named === undefined ? this.statement() : undefined
        if (named !== undefined) statements.push(...named)
        else if (statement !== undefined) statements.push(statement)
        if (this.position === before && named === undefined) this.#skipMisplaced()
      }
    }
  }

  /** `begin { … }` and its like run in their order. */
  #namedBlock(): readonly Statement[] | undefined {
    const word = this.match(/[a-z]{3,12}(?=\s{0,400}\{)/iy)
    if (word === undefined || !NAMED_BLOCKS.has(word.toLowerCase())) return undefined
    this.position += word.length
    return this.#body()
  }

  #skipMisplaced(): void {
    const start = this.position++
    this.problem(`\`${show(this.content.slice(start, start + 1))}\` is not expected here`, start, this.position)
  }

  protected override statement(): Statement | undefined {
    this.skipBlanks()
    const label = this.match(/:\w{1,100}(?=\s)/y)
    if (label !== undefined) {
      this.position += label.length
      this.skipNewlines()
    }
    while (this.match(ATTRIBUTE_START) !== undefined) {
      this.skipBalanced()
      this.skipNewlines()
    }
    const start = this.position
    const keyword = this.match(/[a-z]{2,12}(?=[\s({;})]|$)/iy)?.toLowerCase()
    const read = keyword === undefined ? undefined : KEYWORDS.get(keyword)
    if (read === undefined || keyword === undefined) return this.#assignmentOrPipeline()
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return undefined
    }
    this.depth++
    this.position += keyword.length
    const statement = this.#compound(read, keyword, start)
    this.depth--
    return statement
  }

  /** An assignment, or commands: what can be assigned to is read as an expression first. */
  #assignmentOrPipeline(): Statement | undefined {
    const start = this.position
    const first = this.element()
    if (first === undefined) return undefined
    this.skipBlanks()
    const operator = first.kind === 'expression' ? this.match(ASSIGNMENT) : undefined
    if (operator === undefined || first.kind !== 'expression') return this.pipelines(first)
    this.position += operator.length
    this.skipNewlines()
    if (this.depth >= NESTING) {
      this.leaveRest('nested too deeply')
      return undefined
    }
    this.depth++
    const value = this.statement()
    this.depth--
    if (value === undefined) {
      this.problem(`nothing follows \`${operator}\``, start, this.position)
      return undefined
    }
    return { kind: 'assignment', target: first.expression, operator, value, start, end: this.position }
  }

  #compound(read: Compound, keyword: string, start: number): Statement | undefined {
    const place = () => ({ start, end: this.position })
    switch (read) {
      case 'if':
        return this.#if(start)
      case 'while': {
        const condition = this.#parenthesized()
        return { kind: 'loop', before: condition, body: this.#body(), runs: false, ...place() }
      }
      case 'do': {
        const body = this.#body()
        this.skipNewlines()
        const until = this.match(/(?:while|until)\b/iy)
        if (until === undefined) this.problem('`while` or `until` is missing', start, start + 2)
        this.position += until?.length ?? 0
        const condition = until === undefined ? [] : this.#parenthesized()
        return { kind: 'loop', before: [], body: [...body, ...condition], runs: true, ...place() }
      }
      case 'for': {
        const before = this.#parenthesized()
        return { kind: 'loop', before, body: this.#body(), runs: false, ...place() }
      }
      case 'foreach':
        return this.#foreach(start)
      case 'switch':
        return this.#switch(start)
      case 'try':
        return this.#try(start)
      case 'trap': {
        this.#typeFilters()
        return { kind: 'loop', before: [], body: this.#body(), runs: false, ...place() }
      }
      case 'function':
        return this.function(start)
      case 'flow': {
        this.skipBlanks()
        const isValue = (keyword === 'return' || keyword === 'throw' || keyword === 'exit') && !this.atNewline()
        const value = isValue ? this.pipelines() : undefined
        if (!isValue) this.position += (this.match(/\w{1,100}/y) ?? '').length
        const word = keyword as Extract<Statement, { readonly kind: 'flow' }>['word']
        return { kind: 'flow', word, ...(value === undefined ? {} : { value }), ...place() }
      }
      case 'class':
        return this.class(start)
      case 'declaration':
        return this.declaration(keyword, start)
      default:
        return read satisfies never
    }
  }

  /** What stands in the parentheses behind a keyword: one or several statements. */
  #parenthesized(): readonly Statement[] {
    this.skipNewlines()
    const start = this.position
    if (this.peek() !== '(') {
      this.problem('`(` is missing', start, start)
      return []
    }
    this.position++
    return this.nested(')', start)
  }

  #body(): readonly Statement[] {
    this.skipNewlines()
    const start = this.position
    if (this.peek() !== '{') {
      this.problem('`{` is missing', start, start)
      return []
    }
    this.position++
    return this.nested('}', start)
  }

  #if(start: number): Statement {
    const arms: { condition: Statement; body: readonly Statement[] }[] = []
    let otherwise: readonly Statement[] | undefined
    for (;;) {
      const from = this.position
      const [condition = { kind: 'pipeline', elements: [], start: from, end: from }] = this.#parenthesized()
      arms.push({ condition, body: this.#body() })
      const next = this.match(/\s{0,400}(?:elseif|else)\b/iy) ?? this.#behindComments()
      if (next === undefined) break
      this.position += next.length
      if (!next.toLowerCase().endsWith('elseif')) {
        otherwise = this.#body()
        break
      }
    }
    return { kind: 'if', arms, ...(otherwise === undefined ? {} : { otherwise }), start, end: this.position }
  }

  /** `else` may stand behind comments; the position moves only where it does. */
  #behindComments(): string | undefined {
    const before = this.position
    const problems = this.problems.length
    if (this.match(/\s{0,400}(?:#|<#)/y) === undefined) return undefined
    this.skipNewlines()
    const next = this.match(/(?:elseif|else)\b/iy)
    if (next === undefined) {
      this.position = before
      this.problems.length = problems
    }
    return next
  }

  #foreach(start: number): Statement | undefined {
    this.skipNewlines()
    this.position += (this.match(/-parallel\s/iy) ?? '').length
    this.skipNewlines()
    const open = this.position
    const head = this.match(/\(\s{0,400}\$(\w{1,200})\s{1,400}in\b/iy)
    if (head === undefined) {
      this.problem('a loop that is not understood', start, open)
      return undefined
    }
    const name = /\$(\w+)/.exec(head)?.[1]?.toLowerCase() ?? ''
    this.position += head.length
    const [items = { kind: 'pipeline', elements: [], start: open, end: open }] = this.nested(')', open)
    return { kind: 'foreach', name, items, body: this.#body(), start, end: this.position }
  }

  #switch(start: number): Statement {
    for (let option = this.match(/\s{0,40}-[a-z]{1,20}/iy); option !== undefined; option = this.match(/\s{0,40}-[a-z]{1,20}/iy))
      this.position += option.length
    const from = this.position
    const [subject = { kind: 'pipeline', elements: [], start: from, end: from }] = this.#parenthesized()
    const arms: { pattern: Expression | undefined; body: readonly Statement[] }[] = []
    this.skipNewlines()
    const open = this.position
    if (this.peek() === '{') {
      this.position++
      for (;;) {
        this.skipNewlines()
        if (this.peek() === ';') this.position++
        else if (this.position >= this.end || this.peek() === '}') break
        else {
          const before = this.position
          const isDefault = this.match(/default(?=\s{0,400}\{)/iy)
          this.position += isDefault?.length ?? 0
          const pattern = isDefault === undefined ? (this.#barePattern() ?? this.primary()) : undefined
          if (isDefault === undefined && pattern === undefined) this.position = before + 1
          else arms.push({ pattern, body: this.#body() })
        }
      }
    }
    this.take('}', open)
    return { kind: 'switch', subject, arms, start, end: this.position }
  }

  #barePattern(): Expression | undefined {
    const start = this.position
    const text = this.match(/[A-Za-z_*][\w.*-]{0,200}(?=\s{0,400}\{)/y)
    if (text === undefined) return undefined
    this.position += text.length
    return { kind: 'text', text, bare: true, start, end: this.position }
  }

  #try(start: number): Statement {
    const body = this.#body()
    const catches: (readonly Statement[])[] = []
    let last: readonly Statement[] = []
    for (;;) {
      const word = this.match(/\s{0,400}(?:catch|finally)\b/iy)
      const behind = word === undefined ? this.#behindTry() : word
      if (behind === undefined) break
      this.position += behind.length
      if (behind.toLowerCase().endsWith('catch')) {
        this.#typeFilters()
        catches.push(this.#body())
      } else last = this.#body()
    }
    return { kind: 'try', body, catches, last, start, end: this.position }
  }

  #behindTry(): string | undefined {
    const before = this.position
    const problems = this.problems.length
    if (this.match(/\s{0,400}(?:#|<#)/y) === undefined) return undefined
    this.skipNewlines()
    const next = this.match(/(?:catch|finally)\b/iy)
    if (next === undefined) {
      this.position = before
      this.problems.length = problems
    }
    return next
  }

  /** `[System.Exception], [Other]` between `catch` and its body. */
  #typeFilters(): void {
    for (let type = this.#typeFilter(); type !== undefined; type = this.#typeFilter()) this.position += type.length
  }

  #typeFilter(): string | undefined {
    return this.match(/\s{0,400},?\s{0,400}\[[\w.+]{1,200}\]/y)
  }
}

type Compound = 'if' | 'while' | 'do' | 'for' | 'foreach' | 'switch' | 'try' | 'trap' | 'function' | 'flow' | 'class' | 'declaration'

const KEYWORDS: ReadonlyMap<string, Compound> = new Map(
  Object.entries({
    if: 'if',
    while: 'while',
    do: 'do',
    for: 'for',
    foreach: 'foreach',
    switch: 'switch',
    try: 'try',
    trap: 'trap',
    function: 'function',
    filter: 'function',
    return: 'flow',
    exit: 'flow',
    throw: 'flow',
    break: 'flow',
    continue: 'flow',
    using: 'declaration',
    class: 'class',
    enum: 'declaration',
  } satisfies Record<string, Compound>),
)
