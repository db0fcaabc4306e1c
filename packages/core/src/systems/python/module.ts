import type { Text } from '../../evidence/index.ts'
import { type Definition, definitionAt } from './definitions.ts'
import { type Node, nodeAt } from '../tree.ts'
import { scopeOf } from './syntax.ts'

/** How many times a name may occur in one file, in strings and comments as well, before the rest is left out. */
const MAX_OCCURRENCES = 20_000
const WORD = /[\w\u00a1-\uffff]/

/** A parsed file, asked by name: the text is searched first, and the tree is opened only at what was found. */
export class Module {
  readonly file: Text
  readonly root: Node
  /** Names that occur too often to be looked at everywhere. */
  readonly overflowed = new Set<string>()
  readonly #occurrences = new Map<string, readonly Node[]>()
  readonly #definitions = new Map<string, readonly Definition[]>()

  constructor(file: Text, root: Node) {
    this.file = file
    this.root = root
  }

  get path(): string {
    return this.file.path
  }

  /** Every place where `name` stands as a name, not in comments or strings. */
  occurrences(name: string): readonly Node[] {
    let found = this.#occurrences.get(name)
    if (found === undefined) {
      found = this.#offsets(name).flatMap((at) => {
        const node = nodeAt(this.root, at)
        return node !== undefined && node.kind === 'identifier' && node.start === at && node.end === at + name.length ? [node] : []
      })
      this.#occurrences.set(name, found)
    }
    return found
  }

  #offsets(word: string): readonly number[] {
    const { content } = this.file
    const found: number[] = []
    // The parser puts empty names where one is missing.
    if (word === '') return found
    for (let at = content.indexOf(word); at >= 0; at = content.indexOf(word, at + word.length)) {
      if (found.length >= MAX_OCCURRENCES) {
        this.overflowed.add(word)
        break
      }
      if (!(at > 0 && WORD.test(content.charAt(at - 1))) && !WORD.test(content.charAt(at + word.length))) found.push(at)
    }
    return found
  }

  definitions(name: string): readonly Definition[] {
    let found = this.#definitions.get(name)
    if (found === undefined) {
      found = this.occurrences(name).flatMap((node) => definitionAt(node) ?? [])
      this.#definitions.set(name, found)
    }
    return found
  }

  /** The definitions of the innermost scope around `at` that has any; class bodies are seen only from inside themselves. */
  lookup(name: string, at: Node): readonly Definition[] {
    const all = this.definitions(name)
    if (all.length === 0) return []
    const start = scopeOf(at)
    for (let scope = start; ; scope = scopeOf(scope)) {
      const found = scope.kind === 'class_definition' && scope !== start ? [] : all.filter((definition) => definition.scope === scope)
      if (found.length > 0 || scope.parent === undefined) return found
    }
  }

  /** The definitions of a name at the top of the module. */
  exported(name: string): readonly Definition[] {
    return this.definitions(name).filter((definition) => definition.scope === this.root)
  }

  /** The string literal around an offset. */
  stringAt(offset: number): Node | undefined {
    const node = nodeAt(this.root, offset)
    return node?.parent?.kind === 'string' ? node.parent : undefined
  }

  /** The string literals that have this text in them. */
  strings(text: string): readonly Node[] {
    return this.#offsets(text).flatMap((at) => this.stringAt(at) ?? [])
  }

  /** The values that are assigned to `object.name` or `object[name]`, where the object is written as `object`. */
  writes(object: string, name: string): readonly { readonly node: Node; readonly value: Node }[] {
    return this.#offsets(name).flatMap((at) => {
      const node = nodeAt(this.root, at)
      const target = node?.parent?.kind === 'string' ? node.parent.parent : node?.parent
      if (target === undefined || (target.kind !== 'attribute' && target.kind !== 'subscript')) return []
      const owner = target.field(target.kind === 'attribute' ? 'object' : 'value')
      if (owner?.content !== object || (target.kind === 'attribute' && target.field('attribute') !== node)) return []
      const given = assignedTo(target)
      return given === undefined ? [] : [given]
    })
  }
}

/** `target = value`, and `target, other = value, another`. */
export function assignedTo(target: Node): { readonly node: Node; readonly value: Node } | undefined {
  const pattern = target.parent?.kind === 'pattern_list' || target.parent?.kind === 'tuple_pattern' ? target.parent : undefined
  const left = pattern ?? target
  const statement = left.parent
  if (statement?.kind !== 'assignment' || statement.field('left') !== left) return undefined
  const right = statement.field('right')
  const value = pattern === undefined || right?.named.length !== pattern.named.length ? right : right.named[pattern.named.indexOf(target)]
  return value === undefined ? undefined : { node: statement, value }
}
