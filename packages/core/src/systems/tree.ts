import type { FileOrigin, Shown, Span, Text } from '../evidence/index.ts'
import type { SyntaxNode } from './system.ts'

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
