import { argumentList } from './calls.ts'
import type { Evaluator } from './evaluator.ts'
import { constructorOf, superClass } from './instances.ts'
import { type Argument, type Frame, type Meaning, optionsOf } from './meaning.ts'
import { elementsOf } from './members.ts'
import type { Module } from './module.ts'
import { declarationAt } from './declarations.ts'
import { localNames } from './sites.ts'
import { argumentsOf, around, bare, calleeOf, CLASSES, dressed, FUNCTIONS, type Node, propertyName } from './syntax.ts'
import { isTestCode } from './test-code.ts'

/** One call of a function (or one round of a loop), and the file that it stands in. */
export interface Caller {
  readonly frame: Frame
  readonly path: string
}

/** Bounds of the search for the calls of one function. */
const MAX_FILES = 200
const MAX_CALLERS = 24

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
  if (callee.kind === 'for_in_statement') return rounds(callee, callee.field('right'), evaluator)
  const outer = dressed(callee)
  const call = outer.parent
  if (call?.kind === 'call_expression' && calleeOf(call) === outer) return [callerAt(call, callee, undefined, undefined, evaluator)]
  if (call?.kind === 'arguments' && call.parent !== undefined) return asCallback(callee, outer, call.parent, evaluator)
  return named(callee, evaluator)
}

const only = (callee: Node, meaning: Meaning, at: Node): Caller => ({
  frame: { callee, arguments: [{ node: undefined, meaning: () => meaning }], self: undefined, outer: undefined },
  path: at.file.path,
})

function callerAt(call: Node, callee: Node, self: Meaning | undefined, outer: Frame | undefined, evaluator: Evaluator): Caller {
  // The arguments are asked for when the caller's own parameters are known, so they are not taken apart here.
  const lazy: readonly Argument[] = argumentsOf(call).some((node) => node.kind === 'spread_element')
    ? argumentList(call, undefined, evaluator)
    : argumentsOf(call).map((node) => ({ node, meaning: () => evaluator.meaning(node, undefined) }))
  return { frame: { callee, arguments: lazy, self, outer }, path: call.file.path }
}

/** `for (const port of [3000, 3001])`. */
function rounds(callee: Node, list: Node | undefined, evaluator: Evaluator): readonly Caller[] {
  const elements = list === undefined ? undefined : elementsOf(evaluator.meaning(list, undefined), evaluator)
  return (elements ?? []).slice(0, MAX_CALLERS).map((element) => only(callee, element, callee))
}

const EACH: ReadonlySet<string> = new Set(['forEach', 'map', 'flatMap', 'filter', 'some', 'every'])

/** A function that is handed to another: `.then((app) => …)`, `ports.forEach((port) => …)`, `withServer((server) => …)`. */
function asCallback(callee: Node, outer: Node, call: Node, evaluator: Evaluator): readonly Caller[] {
  const target = calleeOf(call)
  if (target === undefined) return []
  const object = target.kind === 'member_expression' ? target.field('object') : undefined
  const method = target.kind === 'member_expression' ? target.field('property')?.content : undefined
  if (object !== undefined && method === 'then') return [only(callee, evaluator.meaning(object, undefined), call)]
  if (object !== undefined && method !== undefined && EACH.has(method)) return rounds(callee, object, evaluator)
  const position = argumentsOf(call).indexOf(outer)
  return optionsOf(evaluator.meaning(target, undefined)).flatMap((meaning) => (meaning.kind === 'function' ? insideCalls(callee, meaning.node, position, evaluator) : []))
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
  const names = namesOf(callee)
  const found: Caller[] = []
  const tests: Caller[] = []
  for (const path of project.graph.entries(home).slice(0, MAX_FILES)) {
    const text = project.text(path)?.content
    if (text === undefined) continue
    const module = path === home || names.some((name) => text.includes(name)) || text.includes(stem(home)) ? project.module(path) : undefined
    if (module === undefined) continue
    const list = isTestCode(path, text) ? tests : found
    for (const word of new Set([...names, ...(path === home ? [] : importedNames(module, home, evaluator)), 'super'])) {
      for (const call of module.calls(word)) {
        const caller = callerOf(call, callee, evaluator)
        if (caller !== undefined && !list.some((other) => other.frame.arguments === caller.frame.arguments)) list.push(caller)
        if (found.length >= MAX_CALLERS) return found
      }
    }
  }
  return isTestCode(home, callee.file.content) ? [...found, ...tests] : found
}

const stem = (path: string): string => (path.split('/').at(-1) ?? path).replace(/\..*$/, '')

/** What the importing file calls what it takes from `home`. */
function importedNames(module: Module, home: string, evaluator: Evaluator): readonly string[] {
  const found: string[] = []
  for (const match of module.file.content.matchAll(/(?:from|require\s*\(|import\s*\(?)\s*['"]([^'"\n]+)['"]/g)) {
    const specifier = match[1] ?? ''
    const target = evaluator.project.resolve(module.path, specifier)
    if (target.kind === 'file' && target.path === home) found.push(...localNames(module, specifier))
  }
  return found
}

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
    return meaning?.kind === 'class' && constructorOf(meaning.node) === callee ? callerAt(call, callee, undefined, meaning.frame, evaluator) : undefined
  }
  for (const meaning of optionsOf(evaluator.ask(new Map(), () => evaluator.meaning(bare(target), undefined)).answer)) {
    if (meaning.kind === 'function' && meaning.node === callee) return callerAt(call, callee, call.kind === 'new_expression' ? undefined : meaning.self, meaning.frame, evaluator)
    if (meaning.kind === 'class' && constructorOf(meaning.node) === callee) return callerAt(call, callee, undefined, meaning.frame, evaluator)
  }
  return undefined
}
