import type { Node } from '../tree.ts'
import { type GoFile, namesOf, specsOf } from './file.ts'
import type { Project } from './project.ts'
import { isFunction, listed, parametersIn } from './syntax.ts'

/** What a name stands for. */
export interface Declaration {
  readonly kind: 'variable' | 'parameter' | 'range' | 'constant' | 'function' | 'type' | 'import'
  readonly name: string
  /** The statement or specification; of a parameter the identifier; of an import the name that is looked up. */
  readonly node: Node
  /** Which of several names it is. */
  readonly index: number
  /** Where the name holds: a function, block or statement; `undefined`: the whole package. */
  readonly scope: Node | undefined
  /** The file it is declared in. */
  readonly file: GoFile
  /** Of an import. */
  readonly path?: string
}

/** Declarations of names, by the identifier or by the place that is looked at from. */
export class Scopes {
  readonly #project: Project
  readonly #known = new Map<Node, Declaration | undefined>()

  constructor(project: Project) {
    this.#project = project
  }

  fileOf(node: Node): GoFile | undefined {
    return this.#project.module(node.file.path)
  }

  /** What an identifier stands for (specification, Declarations and scope). */
  of(identifier: Node): Declaration | undefined {
    if (this.#known.has(identifier)) return this.#known.get(identifier)
    const found = this.#local(identifier) ?? this.#ofPackage(identifier.file.path, identifier.content) ?? this.#imported(identifier)
    this.#known.set(identifier, found)
    return found
  }

  /** What a package declares under a name. */
  named(files: readonly string[], name: string): Declaration | undefined {
    for (const path of files) {
      if (!this.#project.outline(path).names.has(name)) continue
      const file = this.#project.module(path)
      const node = file?.declared.get(name)
      if (file !== undefined && node !== undefined) return { ...declared(node, name), file, scope: undefined }
    }
    return undefined
  }

  #ofPackage(path: string, name: string): Declaration | undefined {
    return this.named(this.#project.packageOf(path), name)
  }

  #imported(identifier: Node): Declaration | undefined {
    const file = this.fileOf(identifier)
    if (file === undefined) return undefined
    const name = identifier.content
    const path = file.imports.get(name) ?? this.#byPackageName(file, name)
    if (path !== undefined) return { kind: 'import', name, node: identifier, index: 0, scope: undefined, file, path }
    for (const [local, imported] of file.imports) {
      if (!local.startsWith('. ')) continue
      const found = this.named(this.#project.packageFiles(imported), name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** A package of the folder may have another name than its directory. */
  #byPackageName(file: GoFile, name: string): string | undefined {
    return [...file.imports.values()].find((path) => {
      const [first] = this.#project.packageFiles(path)
      return first !== undefined && this.#project.packageName(first) === name
    })
  }

  #local(identifier: Node): Declaration | undefined {
    const file = this.fileOf(identifier)
    const name = identifier.content
    if (file === undefined) return undefined
    const isDefined = isOnTheLeft(identifier)
    for (let node: Node = identifier, outer = identifier.parent; outer !== undefined; node = outer, outer = outer.parent) {
      const found = declaredIn(outer, node, name, isDefined)
      if (found !== undefined) return { ...found, name, file }
    }
    return undefined
  }
}

type Found = Pick<Declaration, 'kind' | 'node' | 'index' | 'scope'>

/** `x` of `x := …`, which is declared by its own statement, as the text on the right is not. */
function isOnTheLeft(identifier: Node): boolean {
  const list = identifier.parent
  const statement = list?.kind === 'expression_list' ? list.parent : undefined
  return (statement?.kind === 'short_var_declaration' || statement?.kind === 'range_clause') && statement.field('left') === list
}

/** What `outer` declares under a name for `inner`, which is a part of it. */
function declaredIn(outer: Node, inner: Node, name: string, isDefined: boolean): Found | undefined {
  if (outer.kind === 'source_file') return undefined
  if (outer.kind === 'statement_list') {
    for (const statement of outer.named) {
      if (statement.start > inner.start || (statement === inner && !isDefined)) return undefined
      const found = declaredBy(statement, name, outer)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isFunction(outer)) {
    for (const list of [outer.field('receiver'), outer.field('parameters'), outer.field('result')]) {
      if (list?.kind !== 'parameter_list') continue
      const index = parametersIn(list).findIndex((parameter) => parameter.name === name)
      const node = parametersIn(list)[index]?.node
      if (node !== undefined) return { kind: list === outer.field('result') ? 'variable' : 'parameter', node, index, scope: outer }
    }
    return undefined
  }
  if (/^(?:if|expression_switch|type_switch)_statement$/.test(outer.kind)) {
    const initializer = outer.field('initializer')
    return initializer === undefined || (initializer === inner && !isDefined) ? undefined : declaredBy(initializer, name, outer)
  }
  if (outer.kind === 'for_statement') {
    const clause = outer.named.find((node) => node.kind === 'for_clause' || node.kind === 'range_clause')
    if (clause === undefined || (clause === inner && !isDefined)) return undefined
    if (clause.kind === 'for_clause') {
      const initializer = clause.field('initializer')
      return initializer === undefined ? undefined : declaredBy(initializer, name, outer)
    }
    const index = listed(clause.field('left')).findIndex((node) => node.content === name)
    const defines = clause.children.some((node) => node.kind === ':=')
    return index < 0 || !defines ? undefined : { kind: 'range', node: clause, index, scope: outer }
  }
  return undefined
}

/** What a statement declares. */
function declaredBy(statement: Node, name: string, scope: Node): Found | undefined {
  if (statement.kind === 'short_var_declaration') {
    const index = listed(statement.field('left')).findIndex((node) => node.content === name)
    return index < 0 ? undefined : { kind: 'variable', node: statement, index, scope }
  }
  for (const [declaredName, spec] of specsOf(statement)) if (declaredName === name) return { ...declared(spec, name), scope }
  return undefined
}

function declared(node: Node, name: string): Pick<Declaration, 'kind' | 'node' | 'index' | 'name'> {
  if (node.kind === 'function_declaration') return { kind: 'function', node, index: 0, name }
  if (node.kind === 'type_spec' || node.kind === 'type_alias') return { kind: 'type', node, index: 0, name }
  const index = namesOf(node).findIndex((one) => one.content === name)
  return { kind: node.kind === 'const_spec' ? 'constant' : 'variable', node, index, name }
}
