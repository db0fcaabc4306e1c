import type { Text } from '../../evidence/index.ts'
import { type Node, nodeAt } from '../tree.ts'
import { literalText, receiverOf, unversioned } from './syntax.ts'

/** Places of one name in one file that are looked at. */
const OCCURRENCES = 2_000

/** A method with the name of its receiver's type. */
export interface Method {
  readonly type: string
  readonly name: string
  readonly node: Node
}

/** One file of a package: what it imports and declares. */
export class GoFile {
  readonly file: Text
  readonly root: Node
  /** The path of each package that is imported, by the name that it has here. */
  readonly imports: ReadonlyMap<string, string>
  /** Functions, types, constants and variables of the package by name. */
  readonly declared: ReadonlyMap<string, Node>
  readonly methods: readonly Method[]
  readonly initializers: readonly Node[]
  /** Names of which there are too many to look at all. */
  readonly overflowed = new Set<string>()
  readonly #occurrences = new Map<string, readonly Node[]>()

  constructor(file: Text, root: Node) {
    this.file = file
    this.root = root
    const declared = new Map<string, Node>()
    const methods: Method[] = []
    const initializers: Node[] = []
    for (const node of root.named) {
      if (node.kind === 'function_declaration') {
        const name = node.field('name')?.content ?? ''
        if (name === 'init') initializers.push(node)
        else declared.set(name, node)
      } else if (node.kind === 'method_declaration') {
        const type = typeName(receiverOf(node)?.type)
        if (type !== undefined) methods.push({ type, name: node.field('name')?.content ?? '', node })
      } else for (const [name, one] of specsOf(node)) declared.set(name, one)
    }
    this.declared = declared
    this.methods = methods
    this.initializers = initializers
    this.imports = importsOf(root)
  }

  get path(): string {
    return this.file.path
  }

  /** The identifiers with this name, in the order of the text. */
  occurrences(name: string): readonly Node[] {
    const before = this.#occurrences.get(name)
    if (before !== undefined) return before
    const found: Node[] = []
    const { content } = this.file
    for (let at = content.indexOf(name); at >= 0; at = content.indexOf(name, at + name.length)) {
      if (isWordPart(content[at - 1]) || isWordPart(content[at + name.length])) continue
      if (found.length >= OCCURRENCES) {
        this.overflowed.add(name)
        break
      }
      const node = nodeAt(this.root, at)
      if (node !== undefined && /identifier$/.test(node.kind) && node.content === name) found.push(node)
    }
    this.#occurrences.set(name, found)
    return found
  }
}

const isWordPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{Nd}_]/u.test(character)

/** The name of a type without its pointer and parameters. */
export function typeName(type: Node | undefined): string | undefined {
  const inner = type?.kind === 'pointer_type' || type?.kind === 'parenthesized_type' ? type.named[0] : type
  if (inner === undefined) return undefined
  if (inner.kind === 'generic_type') return inner.field('type')?.content
  return inner.kind === 'type_identifier' ? inner.content : inner === type ? undefined : typeName(inner)
}

/** What a `const`, `var` or `type` declaration declares, by name. */
export function* specsOf(declaration: Node): Generator<readonly [string, Node]> {
  if (!/^(?:const|var|type)_declaration$/.test(declaration.kind)) return
  const specs = declaration.named.flatMap((node) => (node.kind === 'var_spec_list' ? node.named : [node]))
  for (const spec of specs) for (const name of namesOf(spec)) yield [name.content, spec]
}

/** The names that a `const_spec`, `var_spec` or type declares. */
export function namesOf(spec: Node): readonly Node[] {
  const value = spec.field('value')
  const type = spec.field('type')
  if (spec.kind === 'type_spec' || spec.kind === 'type_alias') return spec.named.slice(0, 1)
  return spec.named.filter((node) => node.kind === 'identifier' && node !== value && node !== type)
}

function importsOf(root: Node): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const declaration of root.named) {
    if (declaration.kind !== 'import_declaration') continue
    const specs = declaration.named.flatMap((node) => (node.kind === 'import_spec_list' ? node.named : [node]))
    for (const spec of specs) {
      const path = literalText(spec.field('path') ?? spec.named.at(-1))
      const name = spec.named.length > 1 ? spec.named[0] : undefined
      if (path !== undefined) found.set(name?.kind === 'dot' ? `. ${path}` : (name?.content ?? packageName(path)), path)
    }
  }
  return found
}

/** The name that a package most likely has: the last part of its path without a version, `go-` and the like. */
function packageName(path: string): string {
  const last = unversioned(path).split('/').at(-1) ?? path
  return last.replace(/^go-|[-.]go$/g, '').replace(/.*-/, '')
}
