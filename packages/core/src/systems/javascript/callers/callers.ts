import { argumentList } from '../values/calls.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { constructorOf, superClass } from '../values/instances.ts'
import { type Argument, type Frame, type Meaning, optionsOf } from '../values/meaning.ts'
import { callOfExpression, type Module } from '../source/module.ts'
import { declarationAt } from '../source/declarations.ts'
import { bounded, type Caller, EACH, MAX_CALLERS, only, roundsOf, roundsOver } from './rounds.ts'
import { localNames } from '../source/local-names.ts'
import { isTakenUp } from '../../modules.ts'
import { around, type Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, CLASSES, dressed, FUNCTIONS, propertyName } from '../source/syntax.ts'
import { isTestCode } from '../source/test-code.ts'

/** Bounds of the search for the calls of one function. */
const MAX_FILES = 200

const kept = new WeakMap<Evaluator, Map<Node, readonly Caller[]>>()

/** The calls that give a function its parameters, those of tests only for a function of tests. */
export function callersOf(callee: Node, evaluator: Evaluator): readonly Caller[] {
  let known = kept.get(evaluator)
  if (known === undefined) kept.set(evaluator, (known = new Map()))
  let callers = known.get(callee)
  if (callers === undefined) {
    // While it is looked for, a function that calls itself has none.
    known.set(callee, [])
    callers = evaluator.ask(new Map(), () => find(callee, evaluator)).answer
    known.set(callee, callers)
  }
  return callers
}

function find(callee: Node, evaluator: Evaluator): readonly Caller[] {
  if (callee.kind === 'for_in_statement' || callee.kind === 'for_statement') return roundsOf(callee, evaluator)
  const outer = dressed(callee)
  const call = outer.parent
  if (call?.kind === 'call_expression' && calleeOf(call) === outer) return [callerAt(call, callee, undefined, undefined, evaluator)]
  if (call?.kind === 'arguments' && call.parent !== undefined) return asCallback(callee, outer, call.parent, evaluator)
  return named(callee, evaluator)
}

function callerAt(call: Node, callee: Node, self: Meaning | undefined, outer: Frame | undefined, evaluator: Evaluator): Caller {
  // The arguments are asked for when the caller's own parameters are known, so they are not taken apart here.
  const lazy: readonly Argument[] = argumentsOf(call).some((node) => node.kind === 'spread_element')
    ? argumentList(call, undefined, evaluator)
    : argumentsOf(call).map((node) => ({ node, meaning: () => evaluator.meaning(node, undefined) }))
  return { frame: { callee, arguments: lazy, self, outer }, path: call.file.path, call }
}

/** A function that is handed to another: `.then((app) => …)`, `ports.forEach((port) => …)`, `withServer((server) => …)`. */
function asCallback(callee: Node, outer: Node, call: Node, evaluator: Evaluator): readonly Caller[] {
  const target = calleeOf(call)
  if (target === undefined) return []
  const object = target.kind === 'member_expression' ? target.field('object') : undefined
  const method = target.kind === 'member_expression' ? target.field('property')?.content : undefined
  if (object !== undefined && method === 'then') return [only(callee, evaluator.meaning(object, undefined), call)]
  if (object !== undefined && method !== undefined && EACH.has(method)) return roundsOver(callee, object, method, evaluator)
  const position = argumentsOf(call).indexOf(outer)
  return optionsOf(evaluator.meaning(target, undefined)).flatMap((meaning) =>
    meaning.kind === 'function' ? insideCalls(callee, meaning.node, position, evaluator) : [],
  )
}

/** The calls that a function of the folder makes of one of its own parameters. */
function insideCalls(callee: Node, holder: Node, position: number, evaluator: Evaluator): readonly Caller[] {
  const module = evaluator.moduleOf(holder)
  const parameter = holder.field('parameters')?.named[position]
  const name = parameter === undefined ? undefined : (parameter.field('pattern') ?? parameter)
  if (module === undefined || name?.kind !== 'identifier') return []
  const declaration = declarationAt(name)
  return module.calls(name.content).flatMap((call) => {
    const inner = calleeOf(call)
    const found = inner?.kind === 'identifier' ? module.lookup(inner.content, inner) : undefined
    const same = found !== undefined && declaration !== undefined && 'kind' in declaration && found.node === declaration.node
    return same ? [callerAt(call, callee, undefined, undefined, evaluator)] : []
  })
}

function named(callee: Node, evaluator: Evaluator): readonly Caller[] {
  const { project } = evaluator
  const home = callee.file.path
  const names = new Set(namesOf(callee))
  const found: Caller[] = []
  const tests: Caller[] = []
  for (const path of project.graph.entries(home).slice(0, MAX_FILES)) {
    const text = project.text(path)?.content
    const module = text === undefined || !(path === home || mayCall(text, names, home)) ? undefined : project.module(path)
    if (module === undefined || text === undefined) continue
    const list = isTestCode(path, text) ? tests : found
    const words = localWords(module, names, home, evaluator)
    for (const call of candidates(module, words, home)) {
      const caller = callerOf(call, callee, evaluator)
      if (caller !== undefined && !list.some((other) => other.call === call)) list.push(caller)
      if (found.length > MAX_CALLERS) break
    }
    for (const word of words) list.push(...handedOver(word, module, callee, evaluator))
    if (found.length > MAX_CALLERS) break
  }
  return bounded(isTestCode(home, callee.file.content) ? [...found, ...tests] : found, callee, (caller) => caller)
}

const mayCall = (text: string, names: ReadonlySet<string>, home: string): boolean =>
  text.includes(stem(home)) || [...names].some((name) => text.includes(name))

const stem = (path: string): string => (path.split('/').at(-1) ?? path).replace(/\..*$/, '')

/** The words by which a file may call what is meant: names of the function, or of what is imported from its file. */
function localWords(module: Module, names: Set<string>, home: string, evaluator: Evaluator): ReadonlySet<string> {
  const local = new Set(names)
  for (const name of names) for (const alias of aliases(module, name)) local.add(alias)
  if (module.path === home) for (const name of local) names.add(name)
  else for (const name of importedNames(module, home, evaluator)) local.add(name)
  return local
}

function candidates(module: Module, words: ReadonlySet<string>, home: string): readonly Node[] {
  const direct = module.path === home ? [] : module.calls('require').flatMap(callOfExpression)
  return [...[...words, 'super'].flatMap((word) => module.calls(word)), ...direct]
}

/** A function that is handed on by its name: `services.map(start)`, `connect().then(listen)`. */
function handedOver(word: string, module: Module, callee: Node, evaluator: Evaluator): readonly Caller[] {
  return module.occurrences(word).flatMap((node) => {
    const outer = dressed(node.parent?.kind === 'member_expression' && node.isField('property') ? node.parent : node)
    const call = outer.parent?.kind === 'arguments' ? outer.parent.parent : undefined
    if (call?.kind !== 'call_expression') return []
    const isMeant = optionsOf(evaluator.meaning(outer, undefined)).some((meaning) => meaning.kind === 'function' && meaning.node === callee)
    return isMeant ? asCallback(callee, outer, call, evaluator) : []
  })
}

/** `const run = start`, `{ run: start }`, `exports.run = start`: further names for a function. */
function aliases(module: Module, name: string): readonly string[] {
  return module.occurrences(name).flatMap((node) => {
    const value = dressed(node.parent?.kind === 'member_expression' && node.isField('property') ? node.parent : node)
    const holder = value.parent
    if (holder === undefined || !(value.isField('value') || value.isField('right'))) return []
    const given = holder.field('name') ?? holder.field('key') ?? holder.field('left')
    return propertyName(given?.kind === 'member_expression' ? given.field('property') : given) ?? []
  })
}

/** What the importing file calls what it takes from `home`. */
function importedNames(module: Module, home: string, evaluator: Evaluator): readonly string[] {
  const found: string[] = []
  for (const match of module.file.content.matchAll(/(?:from\s*|require\s*\(\s*|import\s*(?:\(\s*)?)['"]([^'"\n]+)['"]/g)) {
    const specifier = match[1] ?? ''
    const target = evaluator.project.resolve(module.path, specifier)
    if (target.kind === 'file' && target.path === home) found.push(...localNames(module, specifier))
  }
  return found
}

/** Whether a line of the folder's product has the name of a function for more than to define, import or export it. */
export function isFunctionTakenUp(callee: Node, { project }: Evaluator): boolean {
  const names = callee.kind === 'method_definition' ? [] : namesOf(callee).filter((name) => name !== 'exports')
  if (names.length === 0) return true
  return isTakenUp(project, {
    home: callee.file.path,
    names,
    isUse: (node) => isUse(node, callee),
    isTest: ({ path, content }) => isTestCode(path, content),
  })
}

/** Parents of a name that is only passed on from one file to another. */
const PASSED_ON: ReadonlySet<string> = new Set(['import_specifier', 'import_clause', 'export_specifier', 'export_statement'])

function isUse(node: Node, callee: Node): boolean {
  const { parent } = node
  if (parent === undefined || parent === callee || PASSED_ON.has(parent.kind)) return false
  // `const { load } = require('./env')`, `module.exports = { load }`.
  if (node.kind === 'shorthand_property_identifier_pattern' || parent.kind === 'pair_pattern') return false
  if (node.kind === 'shorthand_property_identifier') return !isExported(parent)
  const name = parent.kind === 'member_expression' && node.isField('property') ? parent : node
  if (name.isField('left') || name.isField('name')) return false
  return !(name.isField('right') && /^(?:module\.)?exports\b/.test(name.parent?.field('left')?.content ?? ''))
}

const isExported = (object: Node): boolean =>
  object.parent?.kind === 'export_statement' ||
  (object.isField('right') && /^(?:module\.)?exports\b/.test(object.parent?.field('left')?.content ?? ''))

/** The names under which a function can be called. */
function namesOf(callee: Node): readonly string[] {
  const found: string[] = []
  const name = callee.field('name')
  if (name !== undefined && name.content !== 'constructor') found.push(propertyName(name) ?? name.content)
  const holder = callee.kind === 'method_definition' && name?.content === 'constructor' ? around(callee, CLASSES) : callee
  if (holder !== undefined && holder !== callee) found.push(...namesOf(holder))
  const parent = holder === undefined ? undefined : dressed(holder).parent
  const given = parent?.field('name') ?? parent?.field('key') ?? parent?.field('left')
  const last = given?.kind === 'member_expression' ? given.field('property') : given
  const written = CLASSES.has(parent?.kind ?? '') || FUNCTIONS.has(parent?.kind ?? '') ? undefined : propertyName(last)
  if (written !== undefined) found.push(written)
  return [...new Set(found)]
}

/** Whether a call is one of `callee`, and with which object. */
function callerOf(call: Node, callee: Node, evaluator: Evaluator): Caller | undefined {
  const target = calleeOf(call)
  if (target === undefined) return undefined
  if (target.kind === 'super') {
    const holder = around(call, CLASSES)
    const base = holder === undefined ? undefined : superClass(holder)
    const meaning = base === undefined ? undefined : evaluator.meaning(base, undefined)
    return meaning?.kind === 'class' && constructorOf(meaning.node) === callee
      ? callerAt(call, callee, undefined, meaning.frame, evaluator)
      : undefined
  }
  for (const meaning of meanings(target, new Map(), evaluator, 2)) {
    if (meaning.kind === 'function' && meaning.node === callee)
      return callerAt(call, callee, call.kind === 'new_expression' ? undefined : meaning.self, meaning.frame, evaluator)
    if (meaning.kind === 'class' && constructorOf(meaning.node) === callee)
      return callerAt(call, callee, undefined, meaning.frame, evaluator)
  }
  return undefined
}

/** What is called, also where it is the parameter of a function that is called in turn. */
function meanings(target: Node, bindings: ReadonlyMap<Node, Frame>, evaluator: Evaluator, depth: number): readonly Meaning[] {
  const { answer, holes } = evaluator.ask(bindings, () => evaluator.meaning(bare(target), undefined))
  const hole = depth === 0 ? undefined : holes.find((candidate) => !bindings.has(candidate) && around(target, FUNCTIONS) === candidate)
  if (hole === undefined) return optionsOf(answer)
  return [
    ...optionsOf(answer),
    ...callersOf(hole, evaluator).flatMap(({ frame }) => meanings(target, new Map([...bindings, [hole, frame]]), evaluator, depth - 1)),
  ]
}
