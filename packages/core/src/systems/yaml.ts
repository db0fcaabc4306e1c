import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments, Scalar } from 'yaml'
import type { FileOrigin, Text } from '../evidence/index.ts'
import { type Passage, passageAt, PassageBuilder } from './passage.ts'

/** A longer file is not read: the parser takes some seconds for a megabyte made to be slow. In UTF-16 code units. */
const YAML_LIMIT = 1 << 20
/** How deep collections may stand in one another. */
const DEPTH = 100
/** Brackets that may stand open in the text. */
const OPEN = 2_000
/** Entries that merge keys (`<<`) may add in one file. */
const MERGED = 100_000

interface Node {
  readonly text: Text
  /** Offsets; `end` is exclusive. */
  readonly start: number
  readonly end: number
  /** `!reset`, `!override`; none for the usual types. */
  readonly tag?: string
}

export interface ScalarNode extends Node {
  readonly kind: 'scalar'
  /** As it is written, quotes and escapes taken out. */
  readonly value: string
  readonly type: 'string' | 'number' | 'boolean' | 'null'
}

export interface MappingNode extends Node {
  readonly kind: 'mapping'
  /** Merge keys are followed; of two equal keys the later counts. */
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  readonly key: Node
  readonly value: Tree
}

export interface ListNode extends Node {
  readonly kind: 'list'
  readonly items: readonly Tree[]
}

/** A YAML or JSON value with its places. Aliases share nodes, so what refers to a node many times costs no more than once. */
export type Tree = ScalarNode | MappingNode | ListNode

export interface YamlReading {
  /** One for each document of the file. */
  readonly documents: readonly Tree[]
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

/** Never throws. What is damaged is reported; what can be read beside it is there. */
export function readYaml(text: Text): YamlReading {
  const problems: { reason: string; origin: FileOrigin }[] = []
  const start = text.origin(0, 0)
  if (text.content.length > YAML_LIMIT) return { documents: [], problems: [{ reason: 'too large to be read as YAML', origin: start }] }
  if (opened(text.content)) return { documents: [], problems: [{ reason: 'nested too deeply to be read as YAML', origin: start }] }
  let documents: readonly Document[]
  try {
    const parsed = parseAllDocuments(text.content, { logLevel: 'silent', strict: false, uniqueKeys: false, prettyErrors: false })
    documents = 'empty' in parsed ? [] : parsed
  } catch {
    return { documents: [], problems: [{ reason: 'nested too deeply to be read as YAML', origin: start }] }
  }
  const trees = documents.flatMap((document) => {
    for (const { pos, code } of document.errors)
      problems.push({ reason: `not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`, origin: within(text, pos[0], pos[1]) })
    const builder = new Builder(text, problems)
    const tree = builder.tree(document.contents, 0)
    return tree === undefined ? [] : [tree]
  })
  return { documents: trees, problems }
}

/** Whether more brackets stand open than any file of people has: the parser takes long to recover from them. */
function opened(content: string): boolean {
  let open = 0
  for (let at = 0; at < content.length; at++) {
    const code = content.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) open++
    else if ((code === 0x5d || code === 0x7d) && open > 0) open--
    if (open > OPEN) return true
  }
  return false
}

class Builder {
  readonly #text: Text
  readonly #problems: { reason: string; origin: FileOrigin }[]
  readonly #anchors = new Map<string, Tree>()
  #merged = 0

  constructor(text: Text, problems: { reason: string; origin: FileOrigin }[]) {
    this.#text = text
    this.#problems = problems
  }

  tree(node: unknown, depth: number): Tree | undefined {
    if (isAlias(node)) {
      // An alias inside of its own anchor finds nothing yet: such a document has no end.
      const found = this.#anchors.get(node.source)
      if (found === undefined) this.#problem('an alias of nothing that stands before it', node.range)
      return found
    }
    const made = this.#made(node, depth)
    if (made !== undefined && (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, made)
    return made
  }

  #made(node: unknown, depth: number): Tree | undefined {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined
    const place = this.#place(node)
    if (depth > DEPTH) {
      this.#problem('nested too deeply', node.range)
      return undefined
    }
    if (isScalar(node)) return { kind: 'scalar', ...place, ...scalarValue(node) }
    if (isSeq(node)) return { kind: 'list', ...place, items: node.items.flatMap((item) => this.tree(item, depth + 1) ?? []) }
    const entries = new Map<string, Entry>()
    const merges: Tree[] = []
    for (const pair of node.items) {
      const { key } = pair
      if (!isScalar(key)) {
        this.#problem('a key that is no plain text', isMap(key) || isSeq(key) || isAlias(key) ? key.range : node.range)
        continue
      }
      const name = scalarValue(key).value
      const keyPlace = this.#place(key)
      const value = this.tree(pair.value, depth + 1) ?? {
        kind: 'scalar',
        text: this.#text,
        start: keyPlace.end,
        end: keyPlace.end,
        value: '',
        type: 'null',
      }
      if (name === '<<' && key.type === Scalar.PLAIN) merges.push(value)
      else entries.set(name, { key: keyPlace, value })
    }
    for (const merged of merges.flatMap((value) => (value.kind === 'list' ? value.items : [value]))) this.#merge(merged, entries)
    return { kind: 'mapping', ...place, entries }
  }

  /** What the mapping itself says wins over what is merged in; of several that are merged, the first (yaml.org/type/merge). */
  #merge(from: Tree, entries: Map<string, Entry>): void {
    if (from.kind !== 'mapping') {
      // Of nothing too: go-yaml ends with "map merge requires map or sequence of maps as the value".
      return this.#problem('`<<` of something that is no mapping', [from.start, from.end])
    }
    this.#merged += from.entries.size
    if (this.#merged > MERGED) return this.#problem(`merge keys bring more than ${MERGED} entries`, [from.start, from.end])
    for (const [name, entry] of from.entries) if (!entries.has(name)) entries.set(name, entry)
  }

  #place(node: { readonly range?: readonly number[] | null | undefined; readonly tag?: string | undefined }): Node {
    const [start = 0, end = start] = node.range ?? []
    const { tag } = node
    return { text: this.#text, start, end, ...(tag === undefined || tag.startsWith('tag:yaml.org') ? {} : { tag }) }
  }

  #problem(reason: string, range: readonly number[] | null | undefined): void {
    const [start = 0, end = start] = range ?? []
    this.#problems.push({ reason, origin: within(this.#text, start, end) })
  }
}

function scalarValue(node: Scalar): Pick<ScalarNode, 'value' | 'type'> {
  const { value } = node
  if (value === null || value === undefined) return { value: '', type: 'null' }
  // `source` keeps what a number was written as: `0755`, `1.10`.
  if (typeof value === 'number' || typeof value === 'bigint') return { value: node.source ?? String(value), type: 'number' }
  if (typeof value === 'boolean') return { value: node.source ?? String(value), type: 'boolean' }
  return { value: String(value), type: 'string' }
}

/** The parser may point behind the end, where something is missing. */
function within(text: Text, start: number, end: number): FileOrigin {
  const { length } = text.content
  return text.origin(Math.min(start, length), Math.min(Math.max(start, end), length))
}

export function originOf(node: Node): FileOrigin {
  return node.text.origin(node.start, node.end)
}

export function entry(tree: Tree | undefined, name: string): Tree | undefined {
  return tree?.kind === 'mapping' ? tree.entries.get(name)?.value : undefined
}

export function entriesOf(tree: Tree | undefined): ReadonlyMap<string, Entry> {
  return tree?.kind === 'mapping' ? tree.entries : new Map()
}

/** Every mapping, wherever it stands, each once: aliases lead to the same one, and may lead round. */
export function* mappingsIn(trees: readonly Tree[]): Generator<MappingNode> {
  const open: Tree[] = [...trees]
  const seen = new Set<Tree>()
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    if (seen.has(tree)) continue
    seen.add(tree)
    if (tree.kind === 'list') open.push(...tree.items)
    if (tree.kind !== 'mapping') continue
    yield tree
    open.push(...Array.from(tree.entries.values(), ({ value }) => value))
  }
}

/** A list's items; a single value is a list of itself, and nothing a list of nothing. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  if (tree === undefined || (tree.kind === 'scalar' && tree.type === 'null')) return []
  return tree.kind === 'list' ? tree.items : [tree]
}

/** The text of a scalar that is not null. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && tree.type !== 'null' ? tree.value : undefined
}

/** The scalar's value with the place of each of its characters. */
export function passageOfScalar(node: ScalarNode): Passage {
  const { text, start, end, value } = node
  const source = text.content
  const quote = source[start]
  const builder = new PassageBuilder(text)
  const from = quote === '"' || quote === "'" ? start + 1 : start
  if (source.startsWith(value, from)) {
    builder.copy(from, from + value.length)
    return builder.build()
  }
  const aligned = quote === '"' ? alignEscaped(value, source, from, end, builder) : align(value, source, from, end, builder)
  return aligned ? builder.build() : passageAt(value, originOf(node))
}

/** Plain, single-quoted and block scalars: blanks and line ends are folded or stripped, `''` is `'`, all else stands as it is. */
function align(value: string, source: string, from: number, end: number, builder: PassageBuilder): boolean {
  let at = from
  if (source[at] === '|' || source[at] === '>') {
    const newline = source.indexOf('\n', at)
    at = newline < 0 || newline > end ? end : newline + 1
  }
  for (const character of value) {
    if (source.startsWith(character, at)) {
      builder.copy(at, at + character.length)
      at += character.length
      if (character === "'" && source[from - 1] === "'") at++
    } else if (/\s/.test(character)) {
      const start = at
      while (at < end && /\s/.test(source[at] ?? '')) at++
      builder.replace(character, start, Math.max(at, start))
    } else {
      while (at < end && /\s/.test(source[at] ?? '')) at++
      if (!source.startsWith(character, at)) return false
      builder.copy(at, at + character.length)
      at += character.length
    }
    if (at > end) return false
  }
  return true
}

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])/y
const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\u0007',
  v: '\v',
  e: '\u001b',
  '0': '\u0000',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}

/** Double-quoted scalars, of JSON too (YAML 1.2.2 §7.3.1). Those that are folded over lines keep their place as a whole. */
function alignEscaped(value: string, source: string, from: number, end: number, builder: PassageBuilder): boolean {
  let at = from
  let done = 0
  while (done < value.length) {
    if (at >= end || source[at] === '\n') return false
    if (source[at] !== '\\') {
      const start = at
      while (at < end && source[at] !== '\\' && source[at] !== '\n' && source[at] !== '"') at++
      if (at === start || source.slice(start, at) !== value.slice(done, done + at - start)) return false
      builder.copy(start, at)
      done += at - start
      continue
    }
    ESCAPE.lastIndex = at
    const escape = ESCAPE.exec(source)?.[0]
    if (escape === undefined) return false
    const hex = /^\\[xuU]([0-9a-fA-F]+)$/.exec(escape)?.[1]
    const code = hex === undefined ? undefined : Number.parseInt(hex, 16)
    const character =
      code === undefined ? (NAMED[escape.slice(1)] ?? escape.slice(1)) : code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    if (!value.startsWith(character, done)) return false
    builder.replace(character, at, at + escape.length)
    done += character.length
    at += escape.length
  }
  return true
}
