import type { FileOrigin } from '../../evidence/index.ts'
import { fromList, furtherKeywords, spread } from './calls.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { basesOf, receiverOf } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import { isTestCode } from './test-code.ts'
import type { Node } from '../tree.ts'
import { bare, classOf, decoratorsOf, escaped, nameOf, parametersOf } from './syntax.ts'
import { several, type Thing, unknown } from './thing.ts'

/** Calls of one function that are followed. */
const CALLERS = 24
/** Places of its name that are looked at for them. */
const NAMES = 400

/** A call of a function of the folder, and what the function is given. */
export interface Caller {
  readonly call: Node
  readonly given: CallArguments
}

/** What a parameter can be: what the folder's own calls give it, else its default. */
export function parameterValue(evaluator: Evaluator, definition: Node, name: string, origin: FileOrigin): Thing {
  const receiver = receiverOf(definition, name)
  if (receiver !== undefined) return receiver
  const parameter = parametersOf(definition).find((one) => one.name === name)
  if (parameter?.kind === 'mapping') {
    const callers = callersOf(evaluator, definition)
    if (callers !== 'many' && callers.length > 0)
      return several(
        callers.map((caller) => furtherKeywords(parametersOf(definition), caller.given, origin)),
        origin,
      )
  }
  if (parameter?.kind !== 'plain') return unknown('part of what it is called with is not known', origin)
  const fallback = parameter.default === undefined ? undefined : defaultOf(evaluator, parameter.default)
  const callers = callersOf(evaluator, definition)
  if (callers === 'many') return unknown('called in too many places', origin)
  const given = callers.flatMap((caller) => argumentOf(evaluator, definition, caller.given, name) ?? fallback ?? [])
  if (given.length > 0) return several(given, origin)
  const typed = parameter.type === undefined ? undefined : evaluator.evaluate({ node: bare(parameter.type), frame: undefined })
  if (fallback !== undefined) return fallback
  if (typed?.kind === 'class') return { kind: 'instance', class: typed.node }
  if (typed?.kind === 'external' && !typed.name.startsWith('builtins.')) return { ...typed, name: `${typed.name}()` }
  return unknown('given by a caller that is not in the folder', origin)
}

/** `serve.__defaults__ = …` gives functions other defaults. */
export function defaultOf(evaluator: Evaluator, node: Node): Thing {
  const thing = evaluator.evaluate({ node, frame: undefined })
  return /\.__(?:kw)?defaults__\b/.test(node.file.content)
    ? several([thing, unknown('defaults of functions are changed', node.origin)], node.origin)
    : thing
}

/** A parameter of a function whose decorator, a function of the folder, may hand it something else: one that names it. */
export function decorated(evaluator: Evaluator, definition: Node, name: string, thing: Thing): Thing {
  const changes = decoratorsOf(definition).some((decorator) => {
    const callee = decorator.kind === 'call' ? decorator.field('function') : decorator
    const wrapper = callee?.kind === 'identifier' ? evaluator.evaluate({ node: callee, frame: undefined }) : undefined
    if (wrapper?.kind !== 'function' || wrapper.node === definition) return false
    return new RegExp(String.raw`\b${escaped(name)}\b`).test(wrapper.node.field('body')?.content ?? '')
  })
  return changes ? several([thing, unknown('its decorator may change it', definition.origin)], definition.origin) : thing
}

function argumentOf(evaluator: Evaluator, definition: Node, given: CallArguments, name: string): Thing | undefined {
  const parameters = parametersOf(definition)
  const own =
    classOf(definition) !== undefined && receiverOf(definition, parameters[0]?.name ?? '') !== undefined ? parameters.slice(1) : parameters
  const keyword = given.keywords.get(name)
  if (keyword !== undefined) return evaluator.evaluate(keyword)
  const index = own.filter((one) => one.positional).findIndex((one) => one.name === name)
  const positional = index < 0 ? undefined : given.positional[index]
  return positional === undefined ? (fromList(evaluator, given, index) ?? spread(evaluator, given, name)) : evaluator.evaluate(positional)
}

/** The calls of a function in the folder; those in tests only where the function itself belongs to them. `many`: too many to follow. */
export function callersOf(evaluator: Evaluator, definition: Node): readonly Caller[] | 'many' {
  return evaluator.callers(definition, () => findCallers(evaluator, definition))
}

function findCallers(evaluator: Evaluator, definition: Node): readonly Caller[] | 'many' {
  const owner = classOf(definition)
  const isInitial = owner !== undefined && nameOf(definition) === '__init__'
  const name = isInitial ? nameOf(owner) : nameOf(definition)
  if (name === '' || definition.kind === 'lambda') return []
  const sites = namesIn(evaluator, name, definition.file.path)
  if (sites === 'many') return 'many'
  const found = sites.flatMap((site): readonly Caller[] => {
    const shape = callShape(site)
    if (shape === undefined || !leadsTo(evaluator, shape.callee, definition, owner, isInitial)) return []
    return [{ call: shape.call, given: shape.given }]
  })
  const initial = isInitial ? superCalls(evaluator, owner, sites) : []
  const isTest = isTestCode(definition.file)
  const callers = [...found, ...initial].filter((caller) => isTest || !isTestCode(caller.call.file))
  return callers.length > CALLERS ? 'many' : callers
}

/** Every place where the name stands: in its own file, and in those that import it, directly or through others. */
function namesIn(evaluator: Evaluator, name: string, path: string): readonly Node[] | 'many' {
  const { project } = evaluator
  const aliases = new RegExp(`\\b${escaped(name)}\\s+as\\s+(\\w+)`, 'g')
  const found: Node[] = []
  for (const importer of project.graph.entries(path)) {
    const content = project.text(importer)?.content ?? ''
    if (!content.includes(name)) continue
    const module = project.module(importer)
    const names = new Set([name, ...[...content.matchAll(aliases)].flatMap((match) => match[1] ?? [])])
    found.push(...[...names].flatMap((one) => module?.occurrences(one) ?? []))
    if (found.length > NAMES) return 'many'
  }
  return found
}

/** What is called at a name, and with what: a call, `Thread(target=name, …)`, `partial(name, …)`. */
export interface CallShape {
  readonly call: Node
  readonly callee: Node
  readonly given: CallArguments
}

export function callShape(name: Node): CallShape | undefined {
  const callee = name.parent?.kind === 'attribute' && name.parent.field('attribute') === name ? name.parent : name
  const outer = callee.parent
  if (outer?.kind === 'call' && outer.field('function') === callee) return { call: outer, callee, given: argumentsOf(outer, undefined) }
  return handedOn(callee)
}

/** Functions that call the function which they are given as an argument with the arguments behind it. */
const HANDS_ON =
  /(?:^|\.)(?:partial|run_in_executor|to_thread|run_sync|start_soon|call_soon|apply_async|submit|Timer|create_task|ensure_future)$/

/** A function that is handed to another one, which calls it: `Thread(target=f, args=(…), kwargs={…})`, `partial(f, …)`. */
function handedOn(callee: Node): CallShape | undefined {
  const outer = callee.parent
  if (outer?.kind === 'keyword_argument' && outer.field('name')?.content === 'target') {
    const call = outer.parent?.parent
    if (call?.kind !== 'call') return undefined
    const keywords = argumentsOf(call, undefined).keywords
    const list = keywords.get('args')?.node
    const mapping = keywords.get('kwargs')
    const positional =
      list === undefined || !/^(?:tuple|list)$/.test(list.kind) ? [] : list.named.map((node) => ({ node, frame: undefined }))
    return { call: outer, callee, given: { positional, keywords: new Map(), lists: [], mappings: mapping === undefined ? [] : [mapping] } }
  }
  const call = outer?.kind === 'argument_list' ? outer.parent : undefined
  if (call?.kind !== 'call' || !HANDS_ON.test(call.field('function')?.content ?? '')) return undefined
  const given = argumentsOf(call, undefined)
  const index = given.positional.findIndex((one) => one.node === callee)
  return index < 0 ? undefined : { call, callee, given: { ...given, positional: given.positional.slice(index + 1) } }
}

function leadsTo(evaluator: Evaluator, callee: Node, definition: Node, owner: Node | undefined, isInitial: boolean): boolean {
  const thing = evaluator.evaluate({ node: callee, frame: undefined })
  const options = thing.kind === 'several' ? thing.options : [thing]
  return options.some((option) => {
    if (isInitial)
      return (
        option.kind === 'class' &&
        (option.node === owner || basesOf(evaluator, option.node).some((base) => base.kind === 'class' && base.node === owner))
      )
    return option.kind === 'function' && option.node === definition
  })
}

/** `super().__init__(…)` in the classes made from this one. */
function superCalls(evaluator: Evaluator, owner: Node, sites: readonly Node[]): readonly Caller[] {
  return sites.flatMap((site) => {
    const child = site.parent?.kind === 'argument_list' && site.parent.parent?.kind === 'class_definition' ? site.parent.parent : undefined
    if (child === undefined || child === owner || child.field('superclasses') !== site.parent) return []
    const module = evaluator.moduleOf(child)
    return (module?.occurrences('__init__') ?? []).flatMap((method) => {
      const shape = method.within(child) && /^super\(/.test(method.parent?.content ?? '') ? callShape(method) : undefined
      return shape === undefined ? [] : [{ call: shape.call, given: shape.given }]
    })
  })
}
