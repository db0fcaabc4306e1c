import type { Tables } from '../aws/tables.ts'

/** What a file declares, block by block; or where it stops being understood. */
export interface ReadHcl {
  readonly tables: Tables
  /** `line` is 1-based. */
  readonly problem?: { readonly line: number; readonly what: string }
}

/**
 * Enough of HCL's native syntax (specification, "Structural Elements") to tell which blocks there are and what their attributes say: expressions
 * are kept as their tokens. Heredocs are not understood.
 */
export function readHcl(text: string): ReadHcl {
  const tables = new Map<string, Map<string, string>>()
  const reader = new Reader(text)
  try {
    while (reader.peek() !== undefined) {
      const { name, labels } = reader.head()
      if (labels === undefined) throw reader.wrong('an attribute outside every block')
      const address = `${name}${labels.length === 0 ? '' : ` ${labels.join('.')}`}`
      if (tables.has(address)) throw reader.wrong(`${address} is declared twice`)
      const table = new Map<string, string>()
      tables.set(address, table)
      body(reader, '', table, 0)
    }
    return { tables }
  } catch (error) {
    if (error instanceof Unreadable) return { tables, problem: { line: error.line, what: error.message } }
    throw error
  }
}

class Unreadable extends Error {
  readonly line: number

  constructor(line: number, what: string) {
    super(what)
    this.line = line
  }
}

/** No configuration nests deeper. */
const MOST_DEPTH = 32

function body(reader: Reader, prefix: string, table: Map<string, string>, depth: number): void {
  if (depth > MOST_DEPTH) throw reader.wrong('nested too deep')
  const count = new Map<string, number>()
  while (reader.peek() !== '}') {
    const { name, labels } = reader.head()
    const key = `${prefix}${name}`
    if (labels === undefined) {
      if (table.has(key)) throw reader.wrong(`${key} is said twice`)
      table.set(key, reader.expression())
      continue
    }
    const number = (count.get(name) ?? 0) + 1
    count.set(name, number)
    const address = `${[key, ...labels].join('.')}${number === 1 ? '' : `[${number}]`}`
    table.set(address, '{}')
    body(reader, `${address}.`, table, depth + 1)
  }
  reader.next()
}

/** Blanks and comments; line ends; strings; everything else by the character, words whole. */
const TOKEN = /(?:[ \t\r]|#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))*(?:(\n)|("(?:[^"\\\n]|\\.)*")|([A-Za-z0-9_.-]+)|(<<)|([^]))/y

class Reader {
  readonly #tokens: readonly { readonly text: string; readonly line: number }[]
  #at = 0

  constructor(text: string) {
    const tokens: { text: string; line: number }[] = []
    let line = 1
    let counted = 0
    TOKEN.lastIndex = 0
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
      const [newline, string, word, heredoc, other] = match.slice(1)
      const token = newline ?? string ?? word ?? heredoc ?? other ?? ''
      const start = TOKEN.lastIndex - token.length
      for (; counted < start; counted++) if (text[counted] === '\n') line++
      tokens.push({ text: token, line })
    }
    this.#tokens = tokens
  }

  /** The next token that is no line end. */
  peek(): string | undefined {
    while (this.#tokens[this.#at]?.text === '\n') this.#at++
    return this.#tokens[this.#at]?.text
  }

  next(): string {
    const text = this.peek()
    if (text === undefined) throw this.wrong('the file ends inside a block')
    this.#at++
    return text
  }

  wrong(what: string): Unreadable {
    return new Unreadable(this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]?.line ?? 1, what)
  }

  /** `name =`, or `name "label" {` with its labels. */
  head(): { readonly name: string; readonly labels: readonly string[] | undefined } {
    const name = this.next()
    if (!/^[A-Za-z_][\w-]*$/.test(name)) throw this.wrong(`${name} where a name belongs`)
    const labels: string[] = []
    for (;;) {
      const token = this.next()
      if (token === '=' && labels.length === 0) return { name, labels: undefined }
      if (token === '{') return { name, labels }
      if (!/^(?:"[^"$%]*"|[A-Za-z_][\w-]*)$/.test(token)) throw this.wrong(`${token} where a label or { belongs`)
      labels.push(token.replace(/^"|"$/g, ''))
    }
  }

  /** Up to the end of the line that is in no bracket. */
  expression(): string {
    const closing: string[] = []
    const tokens: string[] = []
    for (;;) {
      const token = this.#tokens[this.#at]?.text
      if (token === undefined || (closing.length === 0 && (token === '\n' || token === '}'))) break
      if (token === '<<' || token === '"') throw this.wrong('a heredoc or a string over several lines, which are not read')
      this.#at++
      const end = BRACKETS[token]
      if (end !== undefined) closing.push(end)
      else if (token === closing.at(-1)) closing.pop()
      else if (/^[)\]}]$/.test(token)) throw this.wrong(`${token} closes nothing`)
      // In brackets a line end parts items as a comma does.
      tokens.push(token === '\n' ? ',' : token)
    }
    if (closing.length > 0) throw this.wrong('a bracket is not closed')
    if (tokens.length === 0) throw this.wrong('an attribute without a value')
    return tokens
      .join(' ')
      .replace(/(?:, )+(?=[,)\]}])|(?<=[([{] )(?:, )+/g, '')
      .replace(/ ?,(?= [)\]}])/g, '')
  }
}

const BRACKETS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
