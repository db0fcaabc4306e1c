import type { Node } from '../tree.ts'
import { isTestFile, type Project } from './project.ts'
import { argumentsOf, parametersOf, receiverOf } from './syntax.ts'
import type { Types } from './types.ts'

/** One place that calls a function of the folder. */
interface Caller {
  readonly call: Node
  /** What stands before the point of a method. */
  readonly receiver: Node | undefined
}

/** How a function of the folder comes to be called. `open`: it is also handed on as a value, so that others may call it. */
export interface Callers {
  readonly calls: readonly Caller[]
  readonly open: boolean
}

/** Files that are looked at for calls of one function. */
const FILES = 400

/** Who calls the functions of the folder. Tests are left out. */
export class CallGraph {
  readonly #project: Project
  readonly #types: Types
  readonly #known = new Map<Node, Callers>()

  constructor(project: Project, types: Types) {
    this.#project = project
    this.#types = types
  }

  of(definition: Node): Callers {
    const before = this.#known.get(definition)
    if (before !== undefined) return before
    const found = this.#find(definition)
    this.#known.set(definition, found)
    return found
  }

  #find(definition: Node): Callers {
    const name = definition.field('name')
    if (name === undefined) return { calls: [], open: true }
    const isMethod = definition.kind === 'method_declaration'
    const calls: Caller[] = []
    let open = false
    for (const path of this.#places(definition, name.content, isMethod)) {
      const module = this.#project.module(path)
      for (const one of module?.occurrences(name.content) ?? []) {
        if (one === name || (one.start === name.start && one.file === name.file)) continue
        const callee = one.parent?.kind === 'selector_expression' && one.parent.field('field') === one ? one.parent : one
        const call = callee.parent
        if (!this.#means(callee, definition, isMethod)) {
          open ||= isMethod && call !== undefined && this.#mayMean(callee, call, definition)
          continue
        }
        if (call?.kind === 'call_expression' && call.field('function') === callee) {
          calls.push({ call, receiver: isMethod ? (callee.field('operand') ?? undefined) : undefined })
        } else open = true
      }
    }
    return { calls, open }
  }

  *#places(definition: Node, name: string, isMethod: boolean): Generator<string> {
    const isEverywhere = isMethod && /^\p{Lu}/u.test(name)
    const all = isEverywhere ? this.#project.sources : this.#project.seeing(definition.file.path, name)
    let looked = 0
    for (const path of all) {
      if (isTestFile(path) && !isTestFile(definition.file.path)) continue
      if (!this.#project.content(path).includes(isMethod ? `.${name}` : name)) continue
      if (++looked > FILES) return
      yield path
    }
  }

  #means(callee: Node, definition: Node, isMethod: boolean): boolean {
    if (!isMethod) return this.#types.definition(callee) === definition
    if (callee.kind !== 'selector_expression') return false
    const operand = callee.field('operand')
    if (operand === undefined || this.#types.importPath(operand) !== undefined) return false
    const type = this.#types.of(operand)
    if (type?.kind === 'own') {
      const method = this.#types.method(type, definition.field('name')?.content ?? '')
      // An interface has no methods of its own.
      return method === undefined ? isInterface(type.node) : method === definition
    }
    return false
  }

  /** A call with as many arguments, of something whose type cannot be told. */
  #mayMean(callee: Node, call: Node, definition: Node): boolean {
    const operand = callee.kind === 'selector_expression' ? callee.field('operand') : undefined
    if (operand === undefined || call.kind !== 'call_expression' || call.field('function') !== callee) return false
    const isSeen = this.#project.seeing(definition.file.path, definition.field('name')?.content ?? '').includes(call.file.path)
    if (!isSeen || argumentsOf(call).length !== parametersOf(definition).length) return false
    return this.#types.importPath(operand) === undefined && this.#types.of(operand) === undefined
  }

  /** The type that a method is of. */
  receiverType(definition: Node): Node | undefined {
    const type = receiverOf(definition)?.type
    const found = this.#types.named(type)
    return found?.kind === 'own' ? found.node : undefined
  }

  /** The literals of a type of the folder, tests left out. */
  literalsOf(type: Node): readonly Node[] {
    const [name] = type.named
    if (name === undefined) return []
    const found: Node[] = []
    let looked = 0
    for (const path of this.#project.seeing(type.file.path, name.content)) {
      if (isTestFile(path) || !this.#project.content(path).includes(`${name.content}{`)) continue
      if (++looked > FILES) break
      for (const one of this.#project.module(path)?.occurrences(name.content) ?? []) {
        const written = one.parent?.kind === 'qualified_type' ? one.parent : one
        const literal = written.parent
        if (literal?.kind !== 'composite_literal' || literal.field('type') !== written) continue
        const own = this.#types.named(written)
        if (own?.kind === 'own' && own.node === type) found.push(literal)
      }
    }
    return found
  }

  /** The identifiers that stand for a variable, tests left out. */
  *places(name: string, files: readonly string[]): Generator<Node> {
    for (const path of files) {
      if (!this.#project.content(path).includes(name)) continue
      yield* this.#project.module(path)?.occurrences(name) ?? []
    }
  }
}

const isInterface = (type: Node): boolean => (type.field('type') ?? type.named.at(-1))?.kind === 'interface_type'
