import type { FileOrigin, Shown, Span, Text } from '../../evidence/index.ts'
import type { SyntaxNode } from '../system.ts'

/** How deep a tree is followed. Deeper code is no person's; what stands there is not seen, and said so where it matters. */
const MAX_DEPTH = 4_000

/**
 * A node of the tree of one file. Each call into the parser costs microseconds, so children, kinds and places are asked
 * for once and only where something looks: a file is never walked whole.
 */
export class Node {
  readonly file: Text
  readonly parent: Node | undefined
  readonly #syntax: SyntaxNode
  #kind: string | undefined
  #start: number | undefined
  #end = 0
  #children: readonly Node[] | undefined
  #named: readonly Node[] | undefined
  #fields: Map<string, Node | undefined> | undefined
  #origin: Place | undefined

  constructor(file: Text, syntax: SyntaxNode, parent?: Node) {
    this.file = file
    this.parent = parent
    this.#syntax = syntax
  }

  /** tree-sitter's name of the node: `call_expression`. */
  get kind(): string {
    this.#kind ??= this.#syntax.kind()
    return this.#kind
  }

  /** Offset of the first character. */
  get start(): number {
    if (this.#start === undefined) {
      const range = this.#syntax.range()
      this.#start = range.start.index
      this.#end = range.end.index
    }
    return this.#start
  }

  /** Offset behind the last character. */
  get end(): number {
    return this.start <= this.#end ? this.#end : this.start
  }

  get content(): string {
    return this.file.content.slice(this.start, this.end)
  }

  get origin(): FileOrigin {
    this.#origin ??= new Place(this)
    return this.#origin
  }

  get children(): readonly Node[] {
    this.#children ??= this.#syntax.children().map((child) => new Node(this.file, child, this))
    return this.#children
  }

  /** The children without punctuation and comments. */
  get named(): readonly Node[] {
    this.#named ??= this.children.filter((child) => child.#syntax.isNamed() && child.kind !== 'comment')
    return this.#named
  }

  /** The child that the grammar calls `name`. */
  field(name: string): Node | undefined {
    this.#fields ??= new Map()
    if (this.#fields.has(name)) return this.#fields.get(name)
    const syntax = this.#syntax.field(name)
    let found: Node | undefined
    if (syntax !== null) {
      const { start, end } = syntax.range()
      found = this.children.find((child) => child.start === start.index && child.end === end.index)
    }
    this.#fields.set(name, found)
    return found
  }

  /** The field of that name is this node. */
  isField(name: string): boolean {
    return this.parent?.field(name) === this
  }

  within(outer: Node): boolean {
    return outer.file === this.file && outer.start <= this.start && this.end <= outer.end
  }
}

/**
 * The origin of a node, worked out when something asks for it: values are made by the thousand, each with its place, and
 * the few that are handed out are settled by `settled` first.
 */
class Place implements FileOrigin {
  readonly kind = 'file'
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  get path(): string {
    return this.#node.file.path
  }

  get span(): Span {
    return this.#node.file.span(this.#node.start, this.#node.end)
  }

  get line(): Shown {
    return settledOrigin(this).line
  }

  settle(): FileOrigin {
    return this.#node.file.origin(this.#node.start, this.#node.end)
  }
}

/** The same origin as plain data. */
export const settledOrigin = (origin: FileOrigin): FileOrigin => (origin instanceof Place ? origin.settle() : origin)

/** The innermost node at an offset. */
export function nodeAt(root: Node, offset: number): Node | undefined {
  let node = root
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const children = node.children
    let low = 0
    let high = children.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((children[middle]?.end ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    const child = children[low]
    if (child === undefined || child.start > offset) return node
    node = child
  }
  return undefined
}

/** The nearest node around `node` (itself left out) that is of one of the kinds. */
export function around(node: Node, kinds: ReadonlySet<string>): Node | undefined {
  let outer = node.parent
  while (outer !== undefined && !kinds.has(outer.kind)) outer = outer.parent
  return outer
}

export const FUNCTIONS: ReadonlySet<string> = new Set([
  'function_declaration',
  'function_expression',
  'function',
  'generator_function',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
])

/** Functions that have a `this` of their own. */
export const OWN_THIS: ReadonlySet<string> = new Set([...FUNCTIONS].filter((kind) => kind !== 'arrow_function'))

export const CLASSES: ReadonlySet<string> = new Set(['class_declaration', 'abstract_class_declaration', 'class'])

/** Expressions that are what stands in them: parentheses, `await`, and TypeScript's marks. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'parenthesized_expression',
  'await_expression',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'type_assertion',
  'instantiation_expression',
])

/** The expression inside parentheses, `await`, a cast or `(0, x)`; `undefined` for anything else. */
function inner(node: Node): Node | undefined {
  if (node.kind === 'sequence_expression' || node.kind === 'type_assertion') return node.named.at(-1)
  return TRANSPARENT.has(node.kind) ? node.named[0] : undefined
}

/** What is left when parentheses, `await`, casts and `(0, x)` are taken off. */
export function bare(node: Node): Node {
  let current = node
  for (let next = inner(current); next !== undefined; next = inner(current)) current = next
  return current
}

/** The outermost expression that is this one but for parentheses, `await` and casts. */
export function dressed(node: Node): Node {
  let current = node
  while (current.parent !== undefined && inner(current.parent) === current) current = current.parent
  return current
}

/** The arguments of a call or `new`; a template tag has none. */
export function argumentsOf(call: Node): readonly Node[] {
  const list = call.field('arguments')
  return list?.kind === 'arguments' ? list.named : []
}

/** What a call calls or a `new` constructs. */
export function calleeOf(call: Node): Node | undefined {
  return call.field(call.kind === 'new_expression' ? 'constructor' : 'function')
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '0': '\0' }

function unescape(sequence: string): string {
  const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})$/.exec(sequence)
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16)
    return code <= 0x10_ffff ? String.fromCodePoint(code) : sequence
  }
  const letter = sequence.slice(1)
  return /^[\r\n\u2028\u2029]/.test(letter) ? '' : (ESCAPES[letter] ?? letter)
}

/** The text of a string, or of a template without substitutions; `undefined` for anything else. */
export function literalText(node: Node | undefined): string | undefined {
  if (node === undefined || (node.kind !== 'string' && node.kind !== 'template_string')) return undefined
  let text = ''
  for (const part of node.named) {
    if (part.kind === 'string_fragment') text += part.content
    else if (part.kind === 'escape_sequence') text += unescape(part.content)
    else return undefined
  }
  return text
}

const NAMES: ReadonlySet<string> = new Set([
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'identifier',
  'shorthand_property_identifier_pattern',
])

/** The name of a property as it is written in an object, class, pattern or enum; `undefined` where it is computed. */
export function propertyName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (NAMES.has(node.kind)) return node.content
  if (node.kind === 'number') return String(Number(node.content.replaceAll('_', '')))
  if (node.kind === 'computed_property_name') return literalText(node.named[0])
  return literalText(node)
}
