import type { Node } from '../tree.ts'
import { typeName } from './file.ts'
import type { Project } from './project.ts'
import type { Scopes } from './scope.ts'
import { bare, listed, literalText, parametersOf, pointee, resultTypes, unversioned } from './syntax.ts'

/** A named type: of a package of the folder (its files), or of one outside (its path without a version). */
export type GoType =
  | { readonly kind: 'own'; readonly name: string; readonly node: Node }
  /** `net/http.Server`. */
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Node }

const DEPTH = 24

/** What functions of packages outside give: `github.com/gin-gonic/gin.Default` → `github.com/gin-gonic/gin.Engine`. */
export type Constructors = ReadonlyMap<string, string>

/** Static types, as far as they are needed to tell whose method is called. */
export class Types {
  readonly #project: Project
  readonly #scopes: Scopes
  readonly #constructors: Constructors
  readonly #known = new Map<Node, Map<number, GoType | undefined>>()

  constructor(project: Project, scopes: Scopes, constructors: Constructors) {
    this.#project = project
    this.#scopes = scopes
    this.#constructors = constructors
  }

  /** The type that a type expression names; pointers are taken for what they point to, aliases for what they stand for. */
  named(type: Node | undefined, depth = DEPTH): GoType | undefined {
    if (type === undefined || depth === 0) return undefined
    if (type.kind === 'pointer_type' || type.kind === 'parenthesized_type') return this.named(type.named[0], depth - 1)
    if (type.kind === 'generic_type') return this.named(type.field('type'), depth - 1)
    if (type.kind === 'slice_type' || type.kind === 'array_type' || type.kind === 'map_type') {
      const element = type.field('element') ?? type.field('value')
      return element === undefined ? undefined : { kind: 'list', of: element }
    }
    if (type.kind === 'qualified_type') {
      const [qualifier, name] = [type.field('package') ?? type.named[0], type.field('name') ?? type.named[1]]
      const file = this.#scopes.fileOf(type)
      const path = qualifier === undefined ? undefined : (file?.imports.get(qualifier.content) ?? this.#scopes.of(qualifier)?.path)
      return path === undefined || name === undefined ? undefined : this.#ofPackage(path, name.content, depth)
    }
    if (type.kind !== 'type_identifier') return undefined
    const declaration = this.#scopes.of(type)
    return declaration?.kind === 'type' ? this.#declared(declaration.node, type.content, depth) : undefined
  }

  #ofPackage(path: string, name: string, depth: number): GoType {
    const declaration = this.#scopes.named(this.#project.packageFiles(path), name)
    const own = declaration?.kind === 'type' ? this.#declared(declaration.node, name, depth) : undefined
    return own ?? { kind: 'external', name: `${unversioned(path)}.${name}` }
  }

  #declared(node: Node, name: string, depth: number): GoType {
    const type = node.field('type') ?? node.named.at(-1)
    const other = type?.kind === 'qualified_type' || type?.kind === 'type_identifier' ? this.named(type, depth - 1) : undefined
    return other ?? { kind: 'own', name, node }
  }

  /** The type of an expression; of a call that gives several, of the `index`th. */
  of(expression: Node | undefined, index = 0, depth = DEPTH): GoType | undefined {
    if (expression === undefined || depth === 0) return undefined
    const node = pointee(expression)
    // Asked twice at every step of `a().b().c()`: once whose method it is, once what it gives.
    const known = this.#known.get(node) ?? new Map<number, GoType | undefined>()
    this.#known.set(node, known)
    if (!known.has(index)) {
      known.set(index, undefined)
      known.set(index, this.#of(node, index, depth))
    }
    return known.get(index)
  }

  #of(node: Node, index: number, depth: number): GoType | undefined {
    switch (node.kind) {
      case 'identifier':
        return this.#ofName(node, depth)
      case 'selector_expression': {
        const [operand, field] = [node.field('operand'), node.field('field')]
        if (operand === undefined || field === undefined) return undefined
        const path = operand.kind === 'identifier' ? this.importPath(operand) : undefined
        if (path === undefined) return this.field(this.of(operand, 0, depth - 1), field.content, depth - 1)
        const declaration = this.#scopes.named(this.#project.packageFiles(path), field.content)
        return declaration === undefined ? undefined : this.#ofDeclared(declaration.node, declaration.index, depth)
      }
      case 'call_expression': {
        const called = node.field('function')
        if (called?.content === 'new') return this.named(asType(node.field('arguments')?.named[0]), depth - 1) ?? this.#typeOfName(node)
        const definition = this.definition(called, depth)
        if (definition !== undefined) return this.named(resultTypes(definition)[index], depth - 1)
        const external = this.externalName(called, depth)
        const made = external === undefined ? undefined : this.#constructors.get(external)
        return made === undefined ? undefined : { kind: 'external', name: made }
      }
      case 'composite_literal':
        return this.named(node.field('type'), depth - 1)
      case 'type_assertion_expression':
        return this.named(node.field('type'), depth - 1)
      case 'index_expression': {
        const list = this.of(node.field('operand'), 0, depth - 1)
        return list?.kind === 'list' ? this.named(list.of, depth - 1) : undefined
      }
      default:
        return undefined
    }
  }

  /** `new(Config)`: the argument is parsed as an expression. */
  #typeOfName(call: Node): GoType | undefined {
    const name = call.field('arguments')?.named[0]
    const declaration = name?.kind === 'identifier' ? this.#scopes.of(name) : undefined
    if (declaration?.kind === 'type') return this.#declared(declaration.node, declaration.name, DEPTH)
    const operand = name?.kind === 'selector_expression' ? name.field('operand') : undefined
    const path = operand === undefined ? undefined : this.importPath(operand)
    return path === undefined ? undefined : this.#ofPackage(path, name?.field('field')?.content ?? '', DEPTH)
  }

  #ofName(identifier: Node, depth: number): GoType | undefined {
    const declaration = this.#scopes.of(identifier)
    if (declaration === undefined) return undefined
    if (declaration.kind === 'parameter') return this.named(declaration.node.parent?.field('type'), depth - 1)
    if (declaration.kind === 'range') {
      const list = declaration.index === 1 ? this.of(declaration.node.field('right'), 0, depth - 1) : undefined
      return list?.kind === 'list' ? this.named(list.of, depth - 1) : undefined
    }
    return declaration.kind === 'variable' ? this.#ofDeclared(declaration.node, declaration.index, depth) : undefined
  }

  #ofDeclared(node: Node, index: number, depth: number): GoType | undefined {
    if (node.kind === 'identifier') return this.named(node.parent?.field('type'), depth - 1)
    const type = node.kind === 'var_spec' ? node.field('type') : undefined
    if (type !== undefined) return this.named(type, depth - 1)
    const values = listed(node.kind === 'var_spec' ? node.field('value') : node.field('right'))
    return values.length === 1 ? this.of(values[0], index, depth - 1) : this.of(values[index], 0, depth - 1)
  }

  /** The type of a field, embedded ones among them. `seen`: types that were asked, each once however often it is embedded. */
  field(type: GoType | undefined, name: string, depth = DEPTH, seen = new Set<Node>()): GoType | undefined {
    if (type?.kind !== 'own' || depth === 0 || seen.has(type.node)) return undefined
    seen.add(type.node)
    const embedded: GoType[] = []
    for (const field of fieldsOf(type.node)) {
      if (field.names.some((one) => one.content === name)) return this.named(field.type, depth - 1)
      if (field.names.length > 0) continue
      if (lastName(field.type) === name) return this.named(field.type, depth - 1)
      const one = this.named(field.type, depth - 1)
      if (one !== undefined) embedded.push(one)
    }
    for (const one of embedded) {
      const found = this.field(one, name, depth - 1, seen)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The type outside the folder that has a method: the type itself, or one that is embedded in it. */
  methodOwner(
    type: GoType | undefined,
    has: (name: string) => boolean,
    depth = DEPTH,
    seen = new Set<Node>(),
  ): readonly string[] | undefined {
    if (type === undefined || depth === 0) return undefined
    if (type.kind === 'external') return has(type.name) ? [] : undefined
    if (type.kind === 'list' || seen.has(type.node)) return undefined
    seen.add(type.node)
    for (const field of fieldsOf(type.node)) {
      if (field.names.length > 0) continue
      const found = this.methodOwner(this.named(field.type, depth - 1), has, depth - 1, seen)
      if (found !== undefined) return [lastName(field.type), ...found]
    }
    return undefined
  }

  /** The path that an identifier imports. */
  importPath(identifier: Node): string | undefined {
    if (identifier.kind !== 'identifier' && identifier.kind !== 'package_identifier') return undefined
    const declaration = this.#scopes.of(identifier)
    return declaration?.kind === 'import' ? declaration.path : undefined
  }

  /** The name of what is called, where it is of a package outside: `net/http.ListenAndServe`. */
  externalName(called: Node | undefined, depth = DEPTH): string | undefined {
    const callee = called === undefined ? undefined : bare(called)
    if (callee?.kind === 'identifier') {
      const file = this.#scopes.fileOf(callee)
      const dots = [...(file?.imports ?? [])].filter(([local]) => local.startsWith('. '))
      const [only] = dots
      return only === undefined || dots.length > 1 || this.#scopes.of(callee) !== undefined
        ? undefined
        : `${unversioned(only[1])}.${callee.content}`
    }
    if (callee?.kind !== 'selector_expression') return undefined
    const [operand, field] = [callee.field('operand'), callee.field('field')]
    if (operand === undefined || field === undefined) return undefined
    const path = this.importPath(operand)
    if (path !== undefined) return this.#project.directoryOf(path) === undefined ? `${unversioned(path)}.${field.content}` : undefined
    const type = this.of(operand, 0, depth - 1)
    return type?.kind === 'external' ? `${type.name}#${field.content}` : undefined
  }

  /** The function or method of the folder that is called. */
  definition(called: Node | undefined, depth = DEPTH): Node | undefined {
    const callee = called === undefined ? undefined : bare(called)
    if (callee?.kind === 'identifier') {
      const declaration = this.#scopes.of(callee)
      return declaration?.kind === 'function' ? declaration.node : undefined
    }
    if (callee?.kind === 'generic_type' || callee?.kind === 'type_instantiation_expression')
      return this.definition(callee.named[0], depth - 1)
    if (callee?.kind !== 'selector_expression') return undefined
    const [operand, field] = [callee.field('operand'), callee.field('field')]
    if (operand === undefined || field === undefined) return undefined
    const path = this.importPath(operand)
    if (path !== undefined) {
      const declaration = this.#scopes.named(this.#project.packageFiles(path), field.content)
      return declaration?.kind === 'function' ? declaration.node : undefined
    }
    return this.method(this.of(operand, 0, depth - 1), field.content, depth - 1)
  }

  /** The method of a type of the folder, those of embedded types among them. */
  method(type: GoType | undefined, name: string, depth = DEPTH, seen = new Set<Node>()): Node | undefined {
    if (type?.kind !== 'own' || depth <= 0 || seen.has(type.node)) return undefined
    seen.add(type.node)
    for (const path of this.#project.packageOf(type.node.file.path)) {
      if (!this.#project.outline(path).methods.has(name)) continue
      const found = this.#project.module(path)?.methods.find((method) => method.name === name && method.type === type.name)
      if (found !== undefined) return found.node
    }
    for (const field of fieldsOf(type.node)) {
      const found = field.names.length > 0 ? undefined : this.method(this.named(field.type, depth - 1), name, depth - 1, seen)
      if (found !== undefined) return found
    }
    return undefined
  }
}

export interface Field {
  /** Empty where it is embedded. */
  readonly names: readonly Node[]
  readonly type: Node | undefined
  /** The text of the tag (reflect.StructTag). */
  readonly tag: string
}

/** The fields of a struct type. `node`: the type's specification, or the `struct_type` itself. */
export function fieldsOf(node: Node): readonly Field[] {
  const struct = node.kind === 'struct_type' ? node : (node.field('type') ?? node.named.at(-1))
  if (struct?.kind !== 'struct_type') return []
  const list = struct.named.find((one) => one.kind === 'field_declaration_list')
  return (list?.named ?? []).flatMap((field): readonly Field[] => {
    if (field.kind !== 'field_declaration') return []
    const names = field.named.filter((one) => one.kind === 'field_identifier')
    const tag = field.field('tag') ?? field.named.find((one) => one.kind.endsWith('string_literal'))
    const type = field.field('type') ?? field.named.find((one) => one.kind.endsWith('type') || one.kind === 'type_identifier')
    return [{ names, type, tag: literalText(tag) ?? '' }]
  })
}

/** The name under which an embedded type is a field. */
export function lastName(type: Node | undefined): string {
  return typeName(type) ?? type?.content.replace(/^.*[.*]/s, '') ?? ''
}

const asType = (node: Node | undefined): Node | undefined =>
  node?.kind.endsWith('type') === true || node?.kind === 'type_identifier' ? node : undefined

/** The parameter that the `index`th argument of a call is given to. */
export function parameterAt(definition: Node, index: number): string | undefined {
  const parameters = parametersOf(definition)
  const last = parameters.at(-1)
  return parameters[index]?.name ?? (last?.variadic === true ? last.name : undefined)
}
