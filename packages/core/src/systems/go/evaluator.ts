import { type FileOrigin, joinValues } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { CallGraph } from './callers.ts'
import { CONSTRUCTORS, EXTERNAL_VALUES } from './external-names.ts'
import { externalCall } from './external.ts'
import { literalField } from './literals.ts'
import { filledField } from './fill.ts'
import type { Project } from './project.ts'
import { Reads } from './reads.ts'
import { returned } from './returns.ts'
import { type Declaration, Scopes } from './scope.ts'
import { argumentsOf, bare, listed, literalNumber, literalText, parametersOf, receiverOf } from './syntax.ts'
import { type Frame, known, type Located, NIL, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'
import { fieldsOf, type GoType, Types } from './types.ts'
import { Writes } from './writes.ts'

/** How many calls deep functions of the folder are followed. */
const CALLS = 24
/** Expressions within one another. */
const DEPTH = 300
/** What is looked at for one place that binds. */
const STEPS = 20_000
/** What is looked at in one folder. */
const ALL_STEPS = 2_000_000

/** What expressions come to, as far as the text tells. Nothing is run. */
export class Evaluator {
  readonly project: Project
  readonly scopes: Scopes
  readonly types: Types
  readonly calls: CallGraph
  readonly writes: Writes
  readonly reads: Reads
  readonly #frames = new WeakMap<Frame, number>()
  readonly #ofCalls = new Map<Node, Map<string, Frame>>()
  #nextFrame = 1
  #depth = 0
  #left = STEPS
  #allLeft = ALL_STEPS

  constructor(project: Project) {
    this.project = project
    this.scopes = new Scopes(project)
    this.types = new Types(project, this.scopes, CONSTRUCTORS)
    this.calls = new CallGraph(project, this.types)
    this.writes = new Writes(project, this.scopes, this.types, this.calls)
    this.reads = new Reads(this)
  }

  /** Another place is asked about. */
  begin(): void {
    this.#left = STEPS
  }

  /** Whether there is still time to look at something. */
  step(): boolean {
    return --this.#left > 0 && --this.#allLeft > 0
  }

  idOf(frame: Frame | undefined): number {
    if (frame === undefined) return 0
    const before = this.#frames.get(frame)
    if (before !== undefined) return before
    this.#frames.set(frame, this.#nextFrame)
    return this.#nextFrame++
  }

  /** The call of a function as a frame; the same one each time. `undefined`: calls go too deep. */
  frameOf(call: Node, definition: Node, outer: Frame | undefined): Frame | undefined {
    if ((outer?.depth ?? 0) >= CALLS) return undefined
    const byFrame = this.#ofCalls.get(call) ?? new Map<string, Frame>()
    this.#ofCalls.set(call, byFrame)
    const key = `${definition.file.path}:${definition.start} ${this.idOf(outer)}`
    const before = byFrame.get(key)
    if (before !== undefined) return before
    const given = argumentsOf(call)
    const found = new Map<string, Located>()
    const parameters = parametersOf(definition)
    for (const [index, { name, variadic }] of parameters.entries()) {
      const node = given[index]
      if (node !== undefined && !variadic && name !== '_' && given.length >= parameters.length - 1) found.set(name, { node, frame: outer })
    }
    const receiver = receiverOf(definition)
    const called = call.field('function')
    const operand = called?.kind === 'selector_expression' ? called.field('operand') : undefined
    if (receiver !== undefined && operand !== undefined) found.set(receiver.name, { node: operand, frame: outer })
    const frame: Frame = { function: definition, arguments: found, call, outer, depth: (outer?.depth ?? 0) + 1 }
    byFrame.set(key, frame)
    return frame
  }

  evaluate(located: Located): Thing {
    const { origin } = located.node
    if (this.#depth > DEPTH || !this.step()) return unknown('too much to follow', origin)
    this.#depth++
    try {
      return this.#evaluate(located)
    } finally {
      this.#depth--
    }
  }

  #evaluate({ node: given, frame }: Located): Thing {
    const node = bare(given)
    const { origin } = node
    switch (node.kind) {
      case 'interpreted_string_literal':
      case 'raw_string_literal':
        return known(literalText(node) ?? '', origin)
      case 'int_literal': {
        const number = literalNumber(node)
        return number === undefined ? unknown('not a number', origin) : known(number, origin)
      }
      case 'true':
      case 'false':
        return known(node.kind === 'true', origin)
      case 'nil':
        return NIL
      case 'identifier':
        return this.#name(node, frame)
      case 'selector_expression':
        return this.#selected(node, frame)
      case 'call_expression':
        return this.#called(node, frame)
      case 'composite_literal':
        return this.#literal(node, frame)
      case 'literal_value':
        return { kind: 'struct', node, frame }
      case 'func_literal':
        return { kind: 'function', node, frame }
      case 'unary_expression': {
        const operand = node.field('operand')
        if (operand !== undefined && /^[&*]/.test(node.content)) return this.evaluate({ node: operand, frame })
        return unknown('worked out by the program', origin)
      }
      case 'binary_expression':
        return this.#binary(node, frame)
      case 'index_expression':
        return this.#indexed(node, frame)
      case 'type_assertion_expression': {
        const operand = node.field('operand')
        return operand === undefined ? unknown('not understood', origin) : this.evaluate({ node: operand, frame })
      }
      default:
        return unknown('not understood', origin)
    }
  }

  #name(node: Node, frame: Frame | undefined): Thing {
    const declaration = this.scopes.of(node)
    return declaration === undefined
      ? unknown('comes from a package outside the folder', node.origin)
      : this.#declared(declaration, node, frame)
  }

  #declared(declaration: Declaration, node: Node, frame: Frame | undefined): Thing {
    switch (declaration.kind) {
      case 'constant': {
        const values = listed(declaration.node.field('value'))
        const value = values[declaration.index]
        return value === undefined
          ? unknown('counted by the compiler', declaration.node.origin)
          : this.evaluate({ node: value, frame: undefined })
      }
      case 'function':
        return { kind: 'function', node: declaration.node, frame: undefined }
      case 'type':
      case 'import':
        return unknown('not a text or a number', node.origin)
      case 'variable':
      case 'parameter':
      case 'range': {
        const at = { node, after: false }
        const thing = this.reads.read({ declaration, path: [] }, at, frame)
        const isPlain = thing.kind === 'value' && thing.value.kind !== 'unknown'
        return isPlain || thing.kind === 'function' ? thing : { kind: 'place', declaration, path: [], at, frame, thing }
      }
      default:
        return declaration.kind satisfies never
    }
  }

  #selected(node: Node, frame: Frame | undefined): Thing {
    const [operand, field] = [node.field('operand'), node.field('field')]
    if (operand === undefined || field === undefined) return unknown('not understood', node.origin)
    const path = this.types.importPath(operand)
    if (path === undefined) return this.member(this.evaluate({ node: operand, frame }), field.content, node.origin)
    const declaration = this.scopes.named(this.project.packageFiles(path), field.content)
    if (declaration !== undefined) return this.#declared(declaration, node, frame)
    const name = this.types.externalName(node) ?? `${path}.${field.content}`
    const fixed = EXTERNAL_VALUES.get(name)
    return fixed === undefined ? { kind: 'external', name, origin: node.origin } : known(fixed, node.origin)
  }

  #called(node: Node, frame: Frame | undefined): Thing {
    const called = node.field('function')
    const callee = called === undefined ? undefined : bare(called)
    if (callee === undefined) return unknown('not understood', node.origin)
    const definition = this.types.definition(callee)
    if (definition !== undefined) return this.#call(definition, node, frame)
    const external = this.types.externalName(callee)
    if (external !== undefined) return externalCall(this, external, node, frame)
    if (callee.kind === 'identifier' && this.scopes.of(callee)?.kind !== 'variable') return this.#builtIn(callee, node, frame)
    if (/type$/.test(callee.kind)) return this.#converted(node, frame)
    const thing = callee.kind === 'func_literal' || callee.kind === 'identifier' ? this.evaluate({ node: callee, frame }) : undefined
    const inner = thing?.kind === 'place' ? thing.thing : thing
    if (inner?.kind === 'function') return this.#call(inner.node, node, frame)
    const name = callee.kind === 'selector_expression' ? this.#methodName(callee, frame) : callee.content
    return externalCall(this, name, node, frame)
  }

  /** The name of a method of something from outside whose type is not known: `viper.Sub().GetString`. */
  #methodName(callee: Node, frame: Frame | undefined): string {
    const operand = callee.field('operand')
    const thing = operand === undefined ? undefined : this.evaluate({ node: operand, frame })
    const inner = thing?.kind === 'place' ? thing.thing : thing
    return `${inner?.kind === 'external' ? `${inner.name}()` : ''}#${callee.field('field')?.content ?? ''}`
  }

  #call(definition: Node, call: Node, frame: Frame | undefined): Thing {
    const inner = this.frameOf(call, definition, frame)
    if (inner === undefined) return unknown('calls go too deep', call.origin)
    return returned(this, definition, inner) ?? unknown('the function gives nothing that can be told', call.origin)
  }

  #builtIn(callee: Node, call: Node, frame: Frame | undefined): Thing {
    if (callee.content === 'new') {
      const type = this.types.of(call)
      return this.zero(type, undefined, call.origin)
    }
    const declaration = this.scopes.of(callee)
    const isConversion = declaration?.kind === 'type' || /^(?:string|u?int(?:8|16|32|64)?|bool|rune|byte)$/.test(callee.content)
    return isConversion ? this.#converted(call, frame) : unknown('worked out by the program', call.origin)
  }

  #converted(call: Node, frame: Frame | undefined): Thing {
    const [only] = argumentsOf(call)
    return only === undefined ? unknown('not understood', call.origin) : this.evaluate({ node: only, frame })
  }

  #literal(node: Node, frame: Frame | undefined): Thing {
    const type = node.field('type')
    if (type !== undefined && /^(?:slice|array|implicit_length_array)_type$/.test(type.kind)) {
      const elements = (node.field('body')?.named ?? []).flatMap((element) => {
        const value = element.kind === 'keyed_element' ? element.named.at(-1) : element
        const inner = value?.kind === 'literal_element' ? value.named[0] : value
        return inner === undefined ? [] : [{ node: inner, frame }]
      })
      return { kind: 'list', items: elements, origin: node.origin }
    }
    return { kind: 'struct', node, frame }
  }

  #binary(node: Node, frame: Frame | undefined): Thing {
    const [left, right] = [node.field('left'), node.field('right')]
    const operator = node.field('operator')?.content
    if (left === undefined || right === undefined) return unknown('not understood', node.origin)
    if (operator !== '+' && operator !== '-' && operator !== '*') return unknown('worked out by the program', node.origin)
    const parts = [left, right].map((part) => valueOf(this.evaluate({ node: part, frame }), part.origin))
    const [a, b] = parts
    if (a?.kind === 'known' && b?.kind === 'known' && typeof a.value === 'number' && typeof b.value === 'number') {
      const result = operator === '+' ? a.value + b.value : operator === '-' ? a.value - b.value : a.value * b.value
      return known(result, node.origin)
    }
    const isNumber = parts.some((part) => part.kind === 'known' && typeof part.value === 'number')
    if (operator !== '+' || isNumber) return unknown('worked out by the program', node.origin)
    // A text with nothing in it counts where something is put before or behind it.
    return valueThing(joinValues(parts, node.origin))
  }

  #indexed(node: Node, frame: Frame | undefined): Thing {
    const [operand, index] = [node.field('operand'), node.field('index')]
    if (operand === undefined || index === undefined) return unknown('not understood', node.origin)
    // A function with its type parameters.
    const definition = this.types.definition(operand)
    if (definition !== undefined) return { kind: 'function', node: definition, frame }
    const thing = this.evaluate({ node: operand, frame })
    const at = valueOf(this.evaluate({ node: index, frame }), index.origin)
    const list = thing.kind === 'place' ? thing.thing : thing
    if (list.kind === 'external' && list.name === 'os.Args' && at.kind === 'known' && Number(at.value) > 0)
      return valueThing({ kind: 'argument', name: `argv[${at.value}]`, fallback: { kind: 'absent' }, origin: node.origin })
    const isWritten = thing.kind === 'place' && this.writes.of(thing.declaration).some((write) => write.path.includes('[]'))
    if (isWritten) return unknown('one of a list that the program changes', node.origin)
    if (list.kind === 'list' && at.kind === 'known') {
      const item = list.items[Number(at.value)]
      return item === undefined ? unknown('not in the list', node.origin) : this.evaluate(item)
    }
    if (list.kind === 'struct' && at.kind === 'known') {
      const found = literalField(this, list, at, node.origin)
      if (found !== undefined) return found
    }
    return list.kind === 'external' ? unknown(valueReason(list), node.origin) : unknown('one of a list that is not known', node.origin)
  }

  /** Any item of a list. */
  anyItem(thing: Thing, origin: FileOrigin): Thing {
    const list = thing.kind === 'place' ? thing.thing : thing
    if (list.kind !== 'list') return unknown('one of a list that is not known', origin)
    return several(
      list.items.map((item) => this.evaluate(item)),
      origin,
    )
  }

  /** One of several results of a call. */
  result(thing: Thing, index: number, origin: FileOrigin): Thing {
    const inner = thing.kind === 'place' ? thing.thing : thing
    if (inner.kind === 'tuple') return inner.items[index] ?? unknown('not a text or a number', origin)
    if (inner.kind === 'several')
      return several(
        inner.options.map((option) => this.result(option, index, origin)),
        origin,
      )
    return index === 0 ? thing : unknown('not a text or a number', origin)
  }

  members(thing: Thing, path: readonly string[], origin: FileOrigin): Thing {
    return path.reduce((inner, name) => this.member(inner, name, origin), thing)
  }

  /** A field. */
  member(thing: Thing, name: string, origin: FileOrigin): Thing {
    switch (thing.kind) {
      case 'place': {
        const path = [...thing.path, name]
        const { declaration, at, frame } = thing
        const found = this.reads.read({ declaration, path }, at, frame)
        const isPlain = found.kind === 'value' && found.value.kind !== 'unknown'
        return isPlain || found.kind === 'function' ? found : { kind: 'place', declaration, path, at, frame, thing: found }
      }
      case 'struct':
        return literalField(this, thing, name, origin) ?? unknown('a field that is not known', origin)
      case 'zero':
        return this.#zeroField(thing.type, name, origin)
      case 'filled':
        return filledField(this, thing, name, origin)
      case 'several':
        return several(
          thing.options.map((option) => this.member(option, name, origin)),
          origin,
        )
      case 'external':
        return {
          kind: 'external',
          name: `${thing.name}.${name}`,
          origin: thing.origin,
          ...(thing.call === undefined ? {} : { call: thing.call }),
        }
      case 'tuple':
        return thing.items[0] === undefined ? unknown('not understood', origin) : this.member(thing.items[0], name, origin)
      case 'value':
        return thing.value.kind === 'unknown' ? thing : unknown('a field of what is not known', origin)
      case 'list':
      case 'function':
        return unknown('not a text or a number', origin)
      default:
        return thing satisfies never
    }
  }

  /** A field to which nothing was given. */
  #zeroField(type: GoType | undefined, name: string, origin: FileOrigin): Thing {
    if (type?.kind === 'external') return NIL
    if (type?.kind !== 'own') return unknown('a field of what is not known', origin)
    for (const field of fieldsOf(type.node))
      if (field.names.some((one) => one.content === name)) return this.zero(this.types.named(field.type), field.type, origin)
    const inner = this.types.field(type, name)
    return this.zero(inner, undefined, origin)
  }

  /** What a variable holds to which nothing was given. `type`: as it is written. */
  zero(type: GoType | undefined, written: Node | undefined, origin: FileOrigin): Thing {
    const text = written?.content ?? ''
    if (/^\*|^(?:func|map|chan|\[\]|interface)\b/.test(text) || text === 'error' || text === 'any') return NIL
    if (text === 'string') return known('', origin)
    if (text === 'bool') return known(false, origin)
    if (/^(?:u?int(?:8|16|32|64)?|float\d\d|byte|rune)$/.test(text)) return known(0, origin)
    return { kind: 'zero', type, origin }
  }
}

function valueReason(thing: Thing): string {
  const value = thing.kind === 'external' ? valueOf(thing, thing.origin) : undefined
  return value?.kind === 'unknown' ? value.reason : 'not known'
}
