import type { Node } from '../tree.ts'
import type { CallGraph } from './callers.ts'
import { isTestFile, type Project } from './project.ts'
import type { Declaration, Scopes } from './scope.ts'
import { argumentsOf, listed, namedFunctionAround, parametersOf, receiverOf } from './syntax.ts'
import { parameterAt, type Types } from './types.ts'

/** Something that may change what a variable holds, or a field of it. */
export type Write =
  /** `node`: the statement. */
  | { readonly kind: 'assign'; readonly node: Node; readonly index: number; readonly path: readonly string[] }
  /** Its address is given to a function outside the folder. `node`: the call. */
  | { readonly kind: 'filled'; readonly node: Node; readonly argument: Node; readonly path: readonly string[] }
  /** A function of the folder is given it, and writes to it under a name of its own. */
  | { readonly kind: 'handed'; readonly node: Node; readonly definition: Node; readonly name: string; readonly path: readonly string[] }
  /** A function of the folder is called that writes to a variable of the package. */
  | { readonly kind: 'entered'; readonly node: Node; readonly definition: Node; readonly path: readonly string[] }

/** How many calls deep it is asked who writes to a variable of the package. */
const LEVELS = 4
/** Writes of one variable; beyond, it is not followed. */
export const WRITES = 100

/** Functions outside that fill in what they are given, also without `&` in the call. */
const FILLERS =
  /(?:^|[./#])(?:Parse|ParseWithOptions|ParseAs|Process|MustProcess|ProcessWith|Unmarshal(?:Exact|Key|Strict)?|UnmarshalWithConf|Decode(?:File|FS)?|ReadConfig|ReadEnv|UpdateEnv|Load|MustLoad|Bind|Populate|Set|Scan)$/

/** Who writes to a variable. */
export class Writes {
  readonly #project: Project
  readonly #scopes: Scopes
  readonly #types: Types
  readonly #calls: CallGraph
  readonly #known = new Map<Node, Map<string, readonly Write[]>>()

  constructor(project: Project, scopes: Scopes, types: Types, calls: CallGraph) {
    this.#project = project
    this.#scopes = scopes
    this.#types = types
    this.#calls = calls
  }

  of(declaration: Declaration): readonly Write[] {
    const byName = this.#known.get(declaration.node) ?? new Map<string, readonly Write[]>()
    this.#known.set(declaration.node, byName)
    const before = byName.get(declaration.name)
    if (before !== undefined) return before
    // A function that hands its own parameter to itself writes no more than it does otherwise.
    byName.set(declaration.name, [])
    const own = this.#places(declaration).flatMap((place) => this.#at(place) ?? [])
    const all = declaration.scope === undefined ? [...own, ...this.#entered(own)] : own
    byName.set(declaration.name, all)
    return all
  }

  #places(declaration: Declaration): readonly Node[] {
    const { name, scope, file } = declaration
    if (scope !== undefined)
      return file.occurrences(name).filter((one) => one.kind !== 'field_identifier' && one.within(scope) && this.#isOf(one, declaration))
    const own = this.#project.packageOf(file.path).filter((path) => !isTestFile(path) || isTestFile(file.path))
    const inside = [...this.#calls.places(name, own)].filter((one) => one.kind !== 'field_identifier' && this.#isOf(one, declaration))
    if (!/^\p{Lu}/u.test(name)) return inside
    const others = this.#project.seeing(file.path, name).filter((path) => !own.includes(path) && !isTestFile(path))
    const outside = [...this.#calls.places(name, others)].flatMap((one) => {
      const selector = one.parent
      const operand = selector?.kind === 'selector_expression' && selector.field('field') === one ? selector.field('operand') : undefined
      const path = operand === undefined ? undefined : this.#types.importPath(operand)
      const found = path === undefined ? undefined : this.#scopes.named(this.#project.packageFiles(path), name)
      return selector !== undefined && found?.node === declaration.node ? [selector] : []
    })
    return [...inside, ...outside]
  }

  #isOf(identifier: Node, declaration: Declaration): boolean {
    const found = this.#scopes.of(identifier)
    return found?.node === declaration.node && found.name === declaration.name
  }

  /** What a place where a variable is written down does to it. */
  #at(place: Node): Write | undefined {
    const path: string[] = []
    let node = place
    let isAddress = false
    for (let outer = node.parent; outer !== undefined; node = outer, outer = outer.parent) {
      if (outer.kind === 'selector_expression' && outer.field('operand') === node) {
        const call = outer.parent
        if (call?.kind === 'call_expression' && call.field('function') === outer) return this.#received(call, outer, path)
        path.push(outer.field('field')?.content ?? '')
      } else if (outer.kind === 'unary_expression' && /^[&*]/.test(outer.content)) isAddress ||= outer.content.startsWith('&')
      else if (outer.kind === 'index_expression' && outer.field('operand') === node) path.push('[]')
      else if (outer.kind !== 'parenthesized_expression') break
    }
    const { parent } = node
    if (parent?.kind === 'argument_list' && parent.parent !== undefined) return this.#given(parent.parent, node, path, isAddress)
    const list = parent?.kind === 'expression_list' ? parent : node
    const statement = list.parent
    if (statement === undefined) return undefined
    const isLeftSide = statement.field('left') === list
    if ((statement.kind === 'assignment_statement' || statement.kind === 'short_var_declaration') && isLeftSide)
      return { kind: 'assign', node: statement, index: listed(list).indexOf(node), path }
    if (statement.kind === 'inc_statement' || statement.kind === 'dec_statement') return { kind: 'assign', node: statement, index: 0, path }
    if (statement.kind === 'range_clause' && isLeftSide) return { kind: 'assign', node: statement, index: listed(list).indexOf(node), path }
    return undefined
  }

  /** A method is called on it. */
  #received(call: Node, callee: Node, path: readonly string[]): Write | undefined {
    const definition = this.#types.definition(callee)
    const receiver = definition === undefined ? undefined : receiverOf(definition)
    if (definition === undefined || receiver === undefined || receiver.type?.kind !== 'pointer_type') return undefined
    return this.#writesTo(definition, receiver.node) ? { kind: 'handed', node: call, definition, name: receiver.name, path } : undefined
  }

  #given(call: Node, argument: Node, path: readonly string[], isAddress: boolean): Write | undefined {
    const called = call.field('function')
    const definition = this.#types.definition(called)
    if (definition === undefined) {
      const external = this.#types.externalName(called) ?? called?.content ?? ''
      const isBuiltIn = /^(?:len|cap|append|copy|delete|print|println|string|int|panic)$/.test(external)
      return !isBuiltIn && (isAddress || FILLERS.test(external) || this.#isHeld(called))
        ? { kind: 'filled', node: call, argument, path }
        : undefined
    }
    const name = parameterAt(definition, argumentsOf(call).indexOf(argument))
    const parameter = parametersOf(definition).find((one) => one.name === name)
    const isPointer = parameter?.type?.kind === 'pointer_type' || isAddress
    if (name === undefined || parameter === undefined || !isPointer || !this.#writesTo(definition, parameter.node)) return undefined
    return { kind: 'handed', node: call, definition, name, path }
  }

  /** A function that a variable holds: `option(server)`. */
  #isHeld(called: Node | undefined): boolean {
    if (called?.kind !== 'identifier') return called?.kind === 'index_expression' || called?.kind === 'call_expression'
    return /^(?:variable|parameter|range)$/.test(this.#scopes.of(called)?.kind ?? '')
  }

  #writesTo(definition: Node, parameter: Node): boolean {
    const file = this.#scopes.fileOf(definition)
    if (file === undefined) return false
    return this.of({ kind: 'parameter', name: parameter.content, node: parameter, index: 0, scope: definition, file }).length > 0
  }

  /** The calls of functions that come to write to a variable of the package. */
  #entered(own: readonly Write[]): readonly Write[] {
    const found: Write[] = []
    const seen = new Set<Node>()
    let level = new Set(own.flatMap(({ node }) => namedFunctionAround(node) ?? []))
    for (let depth = 0; depth < LEVELS && level.size > 0 && found.length < WRITES; depth++) {
      const above = new Set<Node>()
      for (const definition of level) {
        if (seen.has(definition)) continue
        seen.add(definition)
        for (const { call } of this.#calls.of(definition).calls) {
          found.push({ kind: 'entered', node: call, definition, path: [] })
          const around = namedFunctionAround(call)
          if (around !== undefined) above.add(around)
        }
      }
      level = above
    }
    return found
  }
}
