import { type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { attributeThing } from './attributes.ts'
import { returned } from './calls.ts'
import { memberOfClass, memberOfInstance } from './classes.ts'
import { optionParameter } from './click.ts'
import { parsedArgument } from './command-line.ts'
import { combine } from './conditions.ts'
import { dataItem } from './data.ts'
import { flaskSetting } from './flask-config.ts'
import { dynaconfSetting, parsedSection } from './data-files.ts'
import type { Definition } from './definitions.ts'
import { evaluateExpression, piece } from './expressions.ts'
import { callExternal, externalMember } from './external.ts'
import { afterGlobals } from './global-writes.ts'
import { reaching } from './flow.ts'
import { imported, moduleMember } from './imported.ts'
import { changedList } from './lists.ts'
import { loopValue } from './loops.ts'
import { entryOf, named } from './mappings.ts'
import type { Module } from './module.ts'
import { type Caller, decorated, parameterValue } from './parameters.ts'
import type { Project } from './project.ts'
import type { Node } from '../tree.ts'
import { bare } from './syntax.ts'
import { type Frame, type Located, several, type Thing, unknown, valueOf } from './thing.ts'
import { withStars } from './stars.ts'

/** How deep expressions, names and calls lead to one another. */
const DEPTH = 60
/** Expressions looked at for one question, and for all of one folder. */
const STEPS = 4_000
const ALL_STEPS = 3_000_000

/** Follows expressions of a folder's Python files to what they come to. Nothing is executed. */
export class Evaluator {
  readonly project: Project
  readonly #known = new Map<Node, Thing>()
  readonly #busy = new Set<Node | Definition | string>()
  readonly #callers = new Map<Node, readonly Caller[] | 'many'>()
  #depth = 0
  #cuts = 0 // How often something was left out because of what was being asked around it.
  #steps = 0
  #allSteps = 0

  constructor(project: Project) {
    this.project = project
  }

  moduleOf(node: Node): Module | undefined {
    return this.project.module(node.file.path)
  }

  /** A new question: what the expression comes to. */
  ask(located: Located): Thing {
    return this.fresh(() => this.evaluate(located))
  }

  /** The same, of what is no expression alone. */
  fresh<T>(question: () => T): T {
    if (this.#depth === 0) this.#steps = 0
    return question()
  }

  value(located: Located): Value {
    return valueOf(this.ask(located), located.node.origin)
  }

  evaluate({ node, frame }: Located): Thing {
    const cached = frame === undefined ? this.#known.get(node) : undefined
    if (cached !== undefined) return cached
    const inner = bare(node)
    if (this.#busy.has(inner)) return this.#cutShort('refers to itself', inner)
    const cuts = this.#cuts
    this.#busy.add(inner)
    const thing = this.#deeper(inner, () => this.#evaluate(inner, frame))
    this.#busy.delete(inner)
    // What was cut short by a question around it is asked again when it is asked alone.
    if (frame === undefined && (this.#cuts === cuts || this.#depth === 0)) this.#known.set(node, thing)
    return thing
  }

  #deeper(node: Node, follow: () => Thing): Thing {
    if (this.#depth >= DEPTH || ++this.#steps > STEPS || ++this.#allSteps > ALL_STEPS) return this.#cutShort('too much to follow', node)
    this.#depth++
    const thing = follow()
    this.#depth--
    return thing
  }

  #cutShort(reason: string, node: Node): Thing {
    this.#cuts++
    return unknown(reason, node.origin)
  }

  /** The callers of a function, found once. */
  callers(definition: Node, find: () => readonly Caller[] | 'many'): readonly Caller[] | 'many' {
    const found = this.#callers.get(definition)
    if (found !== undefined) return found
    // While they are looked for, a function that leads to itself has none.
    this.#callers.set(definition, [])
    const cuts = this.#cuts
    const callers = find()
    if (this.#cuts === cuts || this.#depth === 0) this.#callers.set(definition, callers)
    else this.#callers.delete(definition)
    return callers
  }

  #evaluate(node: Node, frame: Frame | undefined): Thing {
    switch (node.kind) {
      case 'identifier': {
        const thing = this.name(node, frame)
        return thing.kind === 'sequence' ? changedList(this, thing, node) : thing
      }
      case 'attribute':
        return attributeThing(this, node, frame)
      case 'call':
        return this.call(this.#callee(node, frame), argumentsOf(node, frame), { node, frame })
      default:
        return evaluateExpression(this, node, frame)
    }
  }

  /** What a name means at the place where it stands. */
  name(node: Node, frame: Frame | undefined): Thing {
    const module = this.moduleOf(node)
    const name = node.content
    const definitions = module?.lookup(name, node) ?? []
    const [first] = definitions
    if (first === undefined) return this.#builtin(name, node, module)
    if (first.kind === 'parameter') return this.#parameter(first, name, node, frame, definitions)
    const isGlobal = module !== undefined && first.scope === module.root
    const own = isGlobal ? this.#global(module, name, definitions, node) : this.defined(definitions, node, frame)
    const thing = named(own, node)
    return isGlobal ? afterGlobals(this, module, name, thing, node) : thing
  }

  #builtin(name: string, node: Node, module: Module | undefined): Thing {
    const star = module === undefined ? undefined : withStars(this, module, name, undefined, node)
    return star ?? { kind: 'external', name: `builtins.${name}`, origin: node.origin }
  }

  #global(module: Module, name: string, definitions: readonly Definition[], use: Node): Thing {
    const own = { places: reaching(definitions, use, module.root), thing: () => this.defined(definitions, use, undefined) }
    return withStars(this, module, name, own, use) ?? own.thing()
  }

  #parameter(
    definition: Definition & { readonly kind: 'parameter' },
    name: string,
    node: Node,
    frame: Frame | undefined,
    all: readonly Definition[],
  ): Thing {
    const given = (): Thing => {
      const bound = frame?.function === definition.function ? frame.arguments.get(name) : undefined
      const thing =
        bound ?? optionParameter(this, definition.function, name) ?? parameterValue(this, definition.function, name, definition.node.origin)
      return decorated(this, definition.function, name, thing)
    }
    // `host = host or "127.0.0.1"` in the function takes the parameter's place.
    const later = all.filter((other) => other.kind !== 'parameter')
    if (later.length === 0) return given()
    const places = reaching(later, node, definition.scope)
    const before = places.filter(({ place }) => place.node.start < node.start)
    if (before.length === 0) return given()
    const first = before[0]?.under === undefined ? undefined : given()
    return combine(
      this,
      first,
      before.map((candidate) => ({ ...candidate, thing: () => this.#definition(candidate.place, frame) })),
      frame,
      node.origin,
    )
  }

  /** What several definitions of one name give at `use`. */
  defined(definitions: readonly Definition[], use: Node, frame: Frame | undefined): Thing {
    const scope = definitions[0]?.scope
    if (scope === undefined) return unknown('the name is not defined here', use.origin)
    const candidates = reaching(definitions, use, scope)
    return combine(
      this,
      undefined,
      candidates.map((candidate) => ({ ...candidate, thing: () => this.#definition(candidate.place, frame) })),
      frame,
      use.origin,
    )
  }

  /** Names may lead to one another in a circle: `from a import x` in b, and the other way in a. */
  once<T>(key: Definition | string, otherwise: T, follow: () => T): T {
    if (this.#busy.has(key) || this.#depth >= DEPTH) {
      this.#cuts++
      return otherwise
    }
    this.#busy.add(key)
    this.#depth++
    const result = follow()
    this.#depth--
    this.#busy.delete(key)
    return result
  }

  #definition(definition: Definition, frame: Frame | undefined): Thing {
    return this.once(definition, unknown('refers to itself', definition.node.origin), () => this.#given(definition, frame))
  }

  #given(definition: Definition, frame: Frame | undefined): Thing {
    switch (definition.kind) {
      case 'assignment': {
        const inside = frame?.function === definition.scope ? frame : undefined
        const whole = this.evaluate({ node: definition.value, frame: inside })
        return definition.path.reduce((thing, index) => this.item(thing, index, definition.node.origin), whole)
      }
      case 'with':
        return this.evaluate({ node: definition.value, frame: frame?.function === definition.scope ? frame : undefined })
      case 'function':
      case 'class':
        return { kind: definition.kind, node: definition.node }
      case 'import':
        return imported(this, definition)
      case 'parameter':
        return parameterValue(this, definition.function, definition.node.content, definition.node.origin)
      case 'loop':
        return loopValue(this, definition)
      case 'other':
        return unknown(definition.reason, definition.node.origin)
      default:
        return definition satisfies never
    }
  }

  /** `thing.name`. */
  member(thing: Thing, name: string, origin: FileOrigin): Thing {
    switch (thing.kind) {
      case 'external':
        return parsedArgument(this, thing, name) ?? dynaconfSetting(this, thing, name, origin) ?? externalMember(thing, name, origin)
      case 'module':
      case 'package':
        return moduleMember(this, thing, name) ?? unknown(`the module has no \`${name}\``, origin)
      case 'class':
        return memberOfClass(this, thing.node, name, origin)
      case 'instance':
        return memberOfInstance(this, thing, name, origin)
      case 'several':
        return several(
          thing.options.map((option) => this.member(option, name, origin)),
          origin,
        )
      case 'value':
        // A member of an enumeration is its value here.
        return thing.value.kind === 'unknown' || name === 'value' ? thing : unknown('not understood', origin)
      case 'data':
        return dataItem(thing.tree, name, origin)
      case 'sequence':
      case 'mapping':
      case 'pieces':
      case 'function':
        return unknown('not understood', origin)
      default:
        return thing satisfies never
    }
  }

  /** `thing[index]`, or what an unpacking gives at that place. */
  item(thing: Thing, key: number | string, origin: FileOrigin): Thing {
    if (thing.kind === 'several')
      return several(
        thing.options.map((option) => this.item(option, key, origin)),
        origin,
      )
    if (thing.kind === 'sequence' && typeof key === 'number') {
      const item = thing.items.at(key)
      return item === undefined ? unknown('the list is shorter', origin) : this.evaluate(item)
    }
    if (thing.kind === 'mapping') {
      return entryOf(this, thing, String(key), origin) ?? unknown(`there is no \`${key}\` in it`, origin)
    }
    if (thing.kind === 'data') return dataItem(thing.tree, key, origin)
    if (thing.kind === 'pieces') return piece(thing.text, thing.separator, Number(key), origin)
    if (thing.kind === 'value' && thing.value.kind === 'unknown') return thing
    if (thing.kind === 'external' && typeof key === 'string') {
      // `vars(parser.parse_args())["host"]`
      const argument = parsedArgument(this, thing, key)
      const setting = argument ?? flaskSetting(this, thing, key, origin)
      if (setting !== undefined) return setting
    }
    if (thing.kind === 'external') return parsedSection(this, thing, key, origin) ?? externalMember(thing, `[${key}]`, origin)
    return unknown('not understood', origin)
  }

  #callee(call: Node, frame: Frame | undefined): Thing {
    const node = call.field('function')
    return node === undefined ? unknown('not understood', call.origin) : this.evaluate({ node, frame })
  }

  /** What calling a thing gives. */
  call(callee: Thing, given: CallArguments, at: Located): Thing {
    switch (callee.kind) {
      case 'external':
        return callExternal(this, callee, given, at)
      case 'function':
        // A default that is the function itself is called to know what the function is called with.
        return this.#deeper(at.node, () => returned(this, callee.node, callee.self, given, at))
      case 'class':
        return { kind: 'instance', class: callee.node, call: at }
      case 'several':
        return several(
          callee.options.map((option) => this.call(option, given, at)),
          at.node.origin,
        )
      case 'value':
      case 'sequence':
      case 'mapping':
      case 'pieces':
      case 'data':
      case 'instance':
      case 'module':
      case 'package':
        return callExternal(this, undefined, given, at)
      default:
        return callee satisfies never
    }
  }

  /** The text of a thing, where it is known. */
  text(thing: Thing): string | undefined {
    return thing.kind === 'value' ? knownText(thing.value) : undefined
  }
}
