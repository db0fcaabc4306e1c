import { joinValues } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { branch, conditionOf, switchCondition } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { isErrorExit, isInitializer, isKept, isLeftCase, returnsOf, variableOf } from './exits.ts'
import { fill } from './fill.ts'
import type { Declaration } from './scope.ts'
import { functionAround, isFunction, isLeft, listed, namedFunctionAround, parametersOf, receiverOf, statementsOf } from './syntax.ts'
import { type Frame, type Point, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'
import { type Write, WRITES } from './writes.ts'

/** A variable, or a field of a field of it. */
export interface Location {
  readonly declaration: Declaration
  readonly path: readonly string[]
}

/** Calls of a function that are told apart where its arguments are asked for. */
const CALLERS = 8
/** How deep statements and calls are followed. */
const DEPTH = 400
/** What has several expressions beside one another. */
const OPERANDS: ReadonlySet<string> = new Set(['expression_list', 'argument_list', 'binary_expression', 'call_expression', 'literal_value'])

type Maybe = Thing | undefined

/**
 * What a variable holds at a place of its function: the statements before it are walked backwards, conditions and calls are looked
 * into. `undefined` within: the way there is left before (a return, a panic).
 */
export class Reads {
  readonly #evaluator: Evaluator
  readonly #known = new Map<string, Maybe>()
  readonly #open = new Set<string>()
  #depth = 0

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator
  }

  read(location: Location, { node, after }: Point, frame: Frame | undefined): Thing {
    const { declaration } = location
    const found = after ? this.#after(location, node, frame) : this.#before(location, node, frame)
    return found ?? unknown('nothing gives it a value', declaration.node.origin)
  }

  #once(kind: string, location: Location, node: Node, frame: Frame | undefined, make: () => Maybe): Maybe {
    const { declaration, path } = location
    const key = `${kind} ${declaration.file.path}:${declaration.node.start}:${declaration.name}.${path.join('.')} ${node.file.path}:${node.kind}:${node.start}:${node.end} ${this.#evaluator.idOf(frame)}`
    if (this.#known.has(key)) return this.#known.get(key)
    const origin = node.origin
    if (this.#open.has(key)) return unknown('it is made from itself', origin)
    if (this.#depth > DEPTH || !this.#evaluator.step()) return unknown('too much to follow', origin)
    this.#open.add(key)
    this.#depth++
    try {
      const made = make()
      this.#known.set(key, made)
      return made
    } finally {
      this.#depth--
      this.#open.delete(key)
    }
  }

  #writes({ declaration, path }: Location): readonly Write[] {
    const all = this.#evaluator.writes.of(declaration)
    return all.filter((write) => write.path.every((name, index) => path[index] === name))
  }

  #before(location: Location, node: Node, frame: Frame | undefined): Maybe {
    return this.#once('before', location, node, frame, () => {
      if (this.#writes(location).length > WRITES) return unknown('it is written to in too many places', location.declaration.node.origin)
      const { parent } = node
      if (parent === undefined) return this.#initial(location)
      if (parent.kind === 'statement_list') {
        const at = parent.named.indexOf(node)
        const previous = parent.named[at - 1]
        return previous === undefined ? this.#before(location, parent, frame) : this.#after(location, previous, frame)
      }
      if (isFunction(parent)) return this.#start(location, parent, frame)
      const initializer = parent.field('initializer')
      if (initializer !== undefined && initializer !== node && /^(?:if|expression_switch|type_switch)_statement$/.test(parent.kind))
        return this.#after(location, initializer, frame)
      if (parent.kind === 'for_statement') return this.#inLoop(location, parent, node, frame)
      if (parent.kind === 'source_file') return this.#initial(location)
      return this.#beside(location, node, parent, frame)
    })
  }

  /**
   * Within one statement: `return c, json.Unmarshal(text, c)`. Calls run from the left to the right; a variable is read before or after
   * them (The Go Programming Language Specification, Order of evaluation), and what a pointer points to is seen after all of them.
   */
  #beside(location: Location, node: Node, parent: Node, frame: Frame | undefined): Maybe {
    const isOperand = OPERANDS.has(parent.kind)
    const beside = (isOperand ? this.#writes(location) : []).filter(
      (write) => write.node !== parent && write.node.within(parent) && !write.node.within(node),
    )
    if (beside.length === 0) return this.#before(location, parent, frame)
    const after = this.#calls(location, beside, parent, frame)
    const isFirst = node.content.includes('(') && beside.some((write) => write.node.start > node.start)
    return isFirst ? this.#any([this.#before(location, parent, frame), after], parent) : after
  }

  /** In the body of a loop what a later statement of it wrote the time before may be there as well. */
  #inLoop(location: Location, loop: Node, inner: Node, frame: Frame | undefined): Maybe {
    const { declaration } = location
    const clause = loop.named.find((one) => one.kind === 'for_clause' || one.kind === 'range_clause')
    if (declaration.scope === loop && declaration.kind === 'range')
      return this.#ranged(location, declaration.node, declaration.index, frame)
    const initializer = clause?.kind === 'for_clause' ? clause.field('initializer') : undefined
    const begin =
      initializer === undefined || clause === inner ? this.#before(location, loop, frame) : this.#after(location, initializer, frame)
    const isInside = declaration.scope?.within(loop) === true && declaration.scope !== loop
    const later = isInside ? [] : this.#writes(location).filter((write) => write.node.within(loop))
    return this.#any([begin, ...later.map((write) => this.#written(location, write, frame))], loop)
  }

  #ranged({ path }: Location, clause: Node, index: number, frame: Frame | undefined): Maybe {
    const right = clause.field('right')
    if (index !== 1 || right === undefined) return unknown('counted by a loop', clause.origin)
    const list = this.#evaluator.evaluate({ node: right, frame })
    return this.#evaluator.members(this.#evaluator.anyItem(list, clause.origin), path, clause.origin)
  }

  #after(location: Location, statement: Node, frame: Frame | undefined): Maybe {
    return this.#once('after', location, statement, frame, () => {
      const { declaration } = location
      const isDefined = declaration.node.file === statement.file && declaration.kind === 'variable' && declaration.node.within(statement)
      const inside = this.#writes(location).filter((write) => write.node.within(statement))
      if (inside.length === 0 && !isDefined) return this.#before(location, statement, frame)
      switch (statement.kind) {
        case 'short_var_declaration':
        case 'assignment_statement':
        case 'inc_statement':
        case 'dec_statement': {
          const own = inside.find((write) => write.node === statement && write.kind === 'assign')
          return own === undefined ? this.#calls(location, inside, statement, frame) : this.#written(location, own, frame)
        }
        case 'var_declaration':
          return isDefined ? this.#initial(location, frame) : this.#calls(location, inside, statement, frame)
        case 'block':
          return this.#atEnd(location, statement, frame)
        case 'if_statement':
          return this.#afterIf(location, statement, frame)
        case 'expression_switch_statement':
          return this.#afterSwitch(location, statement, frame)
        case 'labeled_statement':
          return this.#after(location, statement.named.at(-1) ?? statement, frame)
        case 'for_statement':
        case 'type_switch_statement':
        case 'select_statement':
          return this.#any(
            [this.#before(location, statement, frame), ...inside.map((write) => this.#written(location, write, frame))],
            statement,
          )
        default:
          return this.#calls(location, inside, statement, frame)
      }
    })
  }

  /** What the calls of a statement do; those in functions that are written there may happen at any time. */
  #calls(location: Location, inside: readonly Write[], statement: Node, frame: Frame | undefined): Maybe {
    const isOwn = (write: Write): boolean => {
      const around = functionAround(write.node)
      return around === undefined || !around.within(statement)
    }
    const own = inside.filter(isOwn)
    const last = own.at(-1)
    const now = last === undefined ? this.#before(location, statement, frame) : this.#written(location, last, frame)
    const anyTime = inside.filter((write) => !isOwn(write))
    return anyTime.length === 0 ? now : this.#any([now, ...anyTime.map((write) => this.#written(location, write, frame))], statement)
  }

  #afterIf(location: Location, statement: Node, frame: Frame | undefined): Maybe {
    const [condition, yes, no] = [statement.field('condition'), statement.field('consequence'), statement.field('alternative')]
    if (condition === undefined || yes === undefined) return this.#before(location, statement, frame)
    const then = isLeft(yes) ? undefined : this.#atEnd(location, yes, frame)
    const other =
      no === undefined
        ? this.#before(location, yes, frame)
        : no.kind === 'if_statement'
          ? this.#after(location, no, frame)
          : isLeft(no)
            ? undefined
            : this.#atEnd(location, no, frame)
    return branch(conditionOf(this.#evaluator, condition, frame), then, other, statement.origin)
  }

  #afterSwitch(location: Location, statement: Node, frame: Frame | undefined): Maybe {
    const cases = statement.named.filter((node) => node.kind === 'expression_case')
    const fallback = statement.named.find((node) => node.kind === 'default_case')
    const at = (one: Node): Maybe => (isLeftCase(one) ? undefined : this.#atEnd(location, one, frame))
    const otherwise = fallback === undefined ? this.#before(location, statement, frame) : at(fallback)
    return cases.reduceRight(
      (no: Maybe, one) => branch(switchCondition(this.#evaluator, statement, one, frame), at(one), no, statement.origin),
      otherwise,
    )
  }

  #atEnd(location: Location, block: Node, frame: Frame | undefined): Maybe {
    const last = statementsOf(block).at(-1)
    if (last !== undefined) return this.#after(location, last, frame)
    const list = block.named.find((node) => node.kind === 'statement_list')
    return list === undefined && block.parent !== undefined
      ? this.#before(location, block, frame)
      : this.#before(location, list ?? block, frame)
  }

  /** When a function is left: at its end, and after each `return` that is not one for a mistake. */
  atExit(location: Location, definition: Node, frame: Frame | undefined): Thing {
    const body = definition.field('body')
    if (body === undefined) return unknown('the function is written elsewhere', definition.origin)
    const returns = returnsOf(body).filter((one) => !isErrorExit(one, definition))
    const options = returns.map((one) => this.#after(location, one, frame))
    return (
      this.#any(isLeft(body) ? options : [...options, this.#atEnd(location, body, frame)], definition) ??
      unknown('it is never left', body.origin)
    )
  }

  /** What a write puts there. */
  #written(location: Location, write: Write, frame: Frame | undefined): Maybe {
    const evaluator = this.#evaluator
    const { node } = write
    const rest = location.path.slice(write.path.length)
    switch (write.kind) {
      case 'assign': {
        if (node.kind === 'range_clause') return this.#ranged({ ...location, path: rest }, node, write.index, frame)
        const operator = node.field('operator')?.content ?? (node.kind === 'short_var_declaration' ? ':=' : '=')
        const right = listed(node.field('right'))
        const value = right.length === 1 ? right[0] : right[write.index]
        if (value === undefined) return unknown('counted by the program', node.origin)
        const given = evaluator.evaluate({ node: value, frame })
        const own = right.length === 1 ? evaluator.result(given, write.index, node.origin) : given
        if (operator === '=' || operator === ':=') return evaluator.members(own, rest, node.origin)
        if (operator !== '+=') return unknown('worked out by the program', node.origin)
        const before = this.#before(location, node, frame)
        const parts = [...(before === undefined ? [] : [valueOf(before, node.origin)]), valueOf(own, node.origin)]
        return valueThing(joinValues(parts, node.origin))
      }
      case 'filled': {
        const before = (): Thing => this.#before(location, node, frame) ?? unknown('nothing gives it a value', node.origin)
        const whole = (): Thing =>
          this.#before({ ...location, path: write.path }, node, frame) ?? unknown('nothing gives it a value', node.origin)
        return fill(evaluator, write, rest, frame, before, whole)
      }
      case 'handed': {
        const inner = evaluator.frameOf(node, write.definition, frame)
        const parameter = [receiverOf(write.definition), ...parametersOf(write.definition)].find((one) => one?.name === write.name)
        const file = evaluator.scopes.fileOf(write.definition)
        if (inner === undefined || parameter === undefined || file === undefined) return unknown('calls go too deep', node.origin)
        const declaration: Declaration = {
          kind: 'parameter',
          name: write.name,
          node: parameter.node,
          index: 0,
          scope: write.definition,
          file,
        }
        return this.atExit({ declaration, path: rest }, write.definition, inner)
      }
      case 'entered': {
        const inner = evaluator.frameOf(node, write.definition, frame)
        return inner === undefined ? unknown('calls go too deep', node.origin) : this.atExit(location, write.definition, inner)
      }
      default:
        return write satisfies never
    }
  }

  /** When a function begins. */
  #start(location: Location, definition: Node, frame: Frame | undefined): Maybe {
    const { declaration, path } = location
    const evaluator = this.#evaluator
    if (declaration.scope === definition) {
      if (declaration.kind === 'variable')
        return evaluator.members(
          evaluator.zero(
            evaluator.types.named(declaration.node.parent?.field('type')),
            declaration.node.parent?.field('type'),
            declaration.node.origin,
          ),
          path,
          declaration.node.origin,
        )
      return this.#given(location, definition, frame)
    }
    if (definition.kind === 'func_literal') {
      const around = functionAround(definition)
      // One that is kept in a struct runs when the function that made it has come to its end.
      if (around !== undefined && isKept(definition)) return this.atExit(location, around, frame)
      if (around === undefined) {
        const outside = this.#writes(location).filter(
          (write) => write.kind !== 'entered' && !isInitializer(namedFunctionAround(write.node)),
        )
        return this.#any(
          [this.#afterInitializers(location), ...outside.map((write) => this.#written(location, write, undefined))],
          definition,
        )
      }
      // It runs at some time after it is made, and sees what was written until then.
      const later = this.#writes(location).filter(({ node }) => node.file !== definition.file || node.start > definition.end)
      return this.#any(
        [this.#before(location, definition, frame), ...later.map((write) => this.#written(location, write, frame))],
        definition,
      )
    }
    if (frame?.function === definition) return this.#before(location, frame.call, frame.outer)
    const name = definition.field('name')?.content
    if (isInitializer(definition)) return this.#initial(location)
    if (name === 'main') return this.#afterInitializers(location)
    const { calls, open } = evaluator.calls.of(definition)
    if (!open && calls.length > 0 && calls.length <= CALLERS)
      return this.#any(
        calls.map(({ call }) => this.#before(location, call, undefined)),
        definition,
      )
    return this.#any(
      [
        this.#afterInitializers(location),
        ...this.#writes(location).flatMap((one) => (one.kind === 'entered' ? [] : [this.#written(location, one, undefined)])),
      ],
      definition,
    )
  }

  /** What a parameter or the receiver is given. */
  #given({ declaration, path }: Location, definition: Node, frame: Frame | undefined): Maybe {
    const evaluator = this.#evaluator
    const { origin } = declaration.node
    if (frame?.function === definition) {
      const argument = frame.arguments.get(declaration.name)
      return argument === undefined
        ? unknown('given by whoever calls it', origin)
        : evaluator.members(evaluator.evaluate(argument), path, origin)
    }
    if (definition.kind === 'func_literal') return unknown('given by whoever calls the function', origin)
    const { calls, open } = evaluator.calls.of(definition)
    const frames = calls.slice(0, CALLERS + 1).flatMap(({ call }) => evaluator.frameOf(call, definition, undefined) ?? [])
    if (!open && frames.length > 0 && frames.length <= CALLERS)
      return this.#any(
        frames.map((one) => this.#given({ declaration, path }, definition, one)),
        definition,
      )
    const isReceiver = receiverOf(definition)?.node === declaration.node
    const made = isReceiver && path.length > 0 ? this.#made(definition, path) : []
    return made.length > 0 ? this.#any(made, definition) : unknown('given by whoever calls the function', origin)
  }

  /** What a field holds in every place that makes one of the receiver's type. */
  #made(definition: Node, path: readonly string[]): readonly Maybe[] {
    const evaluator = this.#evaluator
    const type = evaluator.calls.receiverType(definition)
    const literals = type === undefined ? [] : evaluator.calls.literalsOf(type).slice(0, CALLERS)
    return literals.map((literal) => {
      const variable = variableOf(literal)
      const declaration = variable === undefined ? undefined : evaluator.scopes.of(variable)
      const around = functionAround(literal)
      return declaration !== undefined && around !== undefined && declaration.scope !== undefined
        ? this.atExit({ declaration, path }, around, undefined)
        : evaluator.members({ kind: 'struct', node: literal, frame: undefined }, path, literal.origin)
    })
  }

  /** Once the functions `init` of the package have run. */
  #afterInitializers(location: Location): Maybe {
    const { declaration } = location
    const package_ = this.#evaluator.project.packageOf(declaration.file.path)
    const initializers = package_.flatMap((path) => this.#evaluator.project.module(path)?.initializers ?? [])
    const writing = initializers.findLast((one) => this.#writes(location).some((write) => write.node.within(one)))
    return writing === undefined ? this.#initial(location) : this.atExit(location, writing, undefined)
  }

  /** What the declaration itself gives. */
  #initial({ declaration, path }: Location, frame?: Frame): Maybe {
    const evaluator = this.#evaluator
    const { node, index } = declaration
    if (node.kind !== 'var_spec') return unknown('nothing gives it a value', node.origin)
    const values = listed(node.field('value'))
    const type = node.field('type')
    if (values.length === 0) return evaluator.members(evaluator.zero(evaluator.types.named(type), type, node.origin), path, node.origin)
    const value = values.length === 1 ? values[0] : values[index]
    if (value === undefined) return unknown('nothing gives it a value', node.origin)
    const given = evaluator.evaluate({ node: value, frame })
    return evaluator.members(values.length === 1 ? evaluator.result(given, index, node.origin) : given, path, node.origin)
  }

  #any(options: readonly Maybe[], at: Node): Maybe {
    const found = options.flatMap((one) => one ?? [])
    return found.length === 0 ? undefined : several(found, at.origin)
  }
}
