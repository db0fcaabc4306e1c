import type { Text } from '../../evidence/index.ts'
import type { Entry, ListNode, MappingNode, ScalarNode, Tree } from '../yaml.ts'

/** A longer file is not read. In UTF-16 code units. */
const LIMIT = 1 << 20
/** How deep values may stand in one another. */
const DEPTH = 60

interface Table extends MappingNode {
  readonly entries: Map<string, Entry>
}

interface List extends ListNode {
  readonly items: Tree[]
}

/** TOML 1.0 (toml.io/en/v1.0.0). What is damaged is left out to the end of its line; never throws. */
export function readToml(text: Text): Tree | undefined {
  return text.content.length > LIMIT ? undefined : new Reader(text).document()
}

const BARE = /[A-Za-z0-9_-]+/y
const BLANK = /[ \t]+/y
const REST = /[^\n]*/y
const LINES = /(?:[ \t\r\n]+|#[^\n]*)+/y
/** Everything that is no text, list or table: numbers, dates, `true`. */
const WORD = /[^\s,\]}#]+/y
const NUMBER = /^[+-]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)$/
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' }

class Reader {
  readonly #text: Text
  readonly #content: string
  #at = 0

  constructor(text: Text) {
    this.#text = text
    this.#content = text.content
  }

  document(): Tree {
    const root = this.#table(0)
    let current: Table | undefined = root
    for (this.#take(LINES); this.#at < this.#content.length; this.#take(LINES)) {
      if (this.#content[this.#at] === '[') current = this.#header(root)
      else if (current === undefined || !this.#pair(current, 0)) this.#take(REST)
    }
    return root
  }

  #table(start: number): Table {
    return { kind: 'mapping', text: this.#text, start, end: start, entries: new Map() }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#content)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #eat(word: string): boolean {
    if (!this.#content.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  /** `[a.b]`, `[[a.b]]`: the table that it opens. */
  #header(root: Table): Table | undefined {
    const start = this.#at
    const isList = this.#eat('[[')
    if (!isList) this.#eat('[')
    const names = this.#names()
    const last = names?.at(-1)
    this.#take(REST)
    if (names === undefined || last === undefined) return undefined
    const owner = this.#within(root, names.slice(0, -1), start)
    if (owner === undefined) return undefined
    if (!isList) return this.#within(owner, [last], start)
    const table = this.#table(start)
    const before = owner.entries.get(last)?.value
    const place = { text: this.#text, start, end: start }
    const list = before?.kind === 'list' ? (before as List) : { kind: 'list' as const, ...place, items: [] }
    list.items.push(table)
    owner.entries.set(last, { key: place, value: list })
    return table
  }

  /** The table of that name below another one, the last of a list of them. */
  #within(from: Table, names: readonly string[], start: number): Table | undefined {
    let current = from
    for (const name of names) {
      const there = current.entries.get(name)?.value
      const found = there?.kind === 'list' ? there.items.at(-1) : there
      if (found !== undefined && found.kind !== 'mapping') return undefined
      const next = (found as Table | undefined) ?? this.#table(start)
      if (found === undefined) current.entries.set(name, { key: next, value: next })
      current = next
    }
    return current
  }

  #names(): readonly string[] | undefined {
    const names: string[] = []
    do {
      this.#take(BLANK)
      const quote = this.#content[this.#at]
      const name = quote === '"' || quote === "'" ? this.#quoted(quote)?.value : this.#take(BARE)
      if (name === undefined || names.push(name) > DEPTH) return undefined
      this.#take(BLANK)
    } while (this.#eat('.'))
    return names
  }

  /** `name = value`; `false` where it is none. */
  #pair(table: Table, depth: number): boolean {
    const start = this.#at
    const names = this.#names()
    const last = names?.at(-1)
    if (names === undefined || last === undefined || !this.#eat('=')) return false
    const end = this.#at
    this.#take(BLANK)
    const value = this.#value(depth)
    const owner = this.#within(table, names.slice(0, -1), start)
    if (value === undefined || owner === undefined) return false
    owner.entries.set(last, { key: { text: this.#text, start, end }, value })
    return true
  }

  #value(depth: number): Tree | undefined {
    const start = this.#at
    const first = this.#content[start]
    if (depth > DEPTH) return undefined
    if (first === '"' || first === "'") return this.#quoted(first)
    if (first === '[') return this.#list(depth)
    if (first === '{') return this.#inline(depth)
    const word = this.#take(WORD)
    if (word === undefined) return undefined
    const type = NUMBER.test(word) ? 'number' : word === 'true' || word === 'false' ? 'boolean' : 'string'
    return this.#scalar(word, type, start)
  }

  #scalar(value: string, type: ScalarNode['type'], start: number): ScalarNode {
    return { kind: 'scalar', text: this.#text, start, end: this.#at, value, type }
  }

  #list(depth: number): Tree | undefined {
    const start = this.#at
    const items: Tree[] = []
    this.#eat('[')
    for (this.#take(LINES); !this.#eat(']'); this.#take(LINES)) {
      const item = this.#value(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
      this.#take(LINES)
      if (!this.#eat(',') && this.#content[this.#at] !== ']') return undefined
    }
    return { kind: 'list', text: this.#text, start, end: this.#at, items }
  }

  #inline(depth: number): Tree | undefined {
    const table = this.#table(this.#at)
    this.#eat('{')
    for (this.#take(LINES); !this.#eat('}'); this.#take(LINES)) {
      if (!this.#pair(table, depth + 1)) return undefined
      this.#take(LINES)
      if (!this.#eat(',') && this.#content[this.#at] !== '}') return undefined
    }
    return table
  }

  /** A text in one or three quotes. */
  #quoted(quote: string): ScalarNode | undefined {
    const start = this.#at
    const close = this.#eat(quote.repeat(3)) ? quote.repeat(3) : quote
    if (close === quote) this.#eat(quote)
    const from = this.#at
    let end = from
    for (; !this.#content.startsWith(close, end); end++) {
      if (end >= this.#content.length || (close === quote && this.#content[end] === '\n')) return undefined
      if (quote === '"' && this.#content[end] === '\\') end++
    }
    this.#at = end + close.length
    const raw = this.#content.slice(from, end)
    return this.#scalar(quote === '"' ? unescaped(raw) : raw, 'string', start)
  }
}

function unescaped(raw: string): string {
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\s*\n\s*|([^]))/g, (_, four?: string, eight?: string, letter?: string) => {
    const code = four ?? eight
    if (code === undefined) return letter === undefined ? '' : (ESCAPES[letter] ?? letter)
    const point = Number.parseInt(code, 16)
    return point <= 0x10_ffff ? String.fromCodePoint(point) : '\ufffd'
  })
}
