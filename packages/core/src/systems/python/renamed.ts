import { argumentsOf, type CallArguments } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { type CallShape, callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import { literalText } from './syntax.ts'

/** A call of a function under another name than its own. */
export interface RenamedCall {
  /** Where its own name, or the text that names it, stands. */
  readonly name: Node
  readonly shape: CallShape
}

/**
 * `getattr(uvicorn, "run")(…)`, `start = uvicorn.run; start(…)`, `start = partial(uvicorn.run, host=…); start(port=…)`. `names`: what the functions
 * are called that are looked for. A function that is kept in a table may be called with anything.
 */
export function renamedCalls(evaluator: Evaluator, module: Module, names: ReadonlySet<string>): readonly RenamedCall[] {
  const plain = [...names].flatMap((name) =>
    module.occurrences(name).flatMap((node): readonly Reference[] => {
      const whole = node.parent?.kind === 'attribute' && node.parent.field('attribute') === node ? node.parent : node
      const handed = callShape(node)
      if (handed === undefined) return [{ name: node, callee: whole, whole, given: NOTHING }]
      return isPartial(handed) ? [{ name: node, callee: whole, whole: handed.call, given: handed.given }] : []
    }),
  )
  return [...plain, ...byText(module, names)].flatMap((reference) => callsOf(evaluator, module, reference))
}

/** An expression whose value is the function. */
interface Reference {
  readonly name: Node
  /** What says which function it is. */
  readonly callee: Node
  readonly whole: Node
  /** Bound already. */
  readonly given: CallArguments
}

const NOTHING: CallArguments = { positional: [], keywords: new Map(), lists: [], mappings: [] }

function isPartial({ call, callee }: CallShape): boolean {
  const outer = call.field('function')
  return outer !== callee && /(?:^|\.)partial$/.test(outer?.content ?? '')
}

function byText(module: Module, names: ReadonlySet<string>): readonly Reference[] {
  return module.occurrences('getattr').flatMap((node): readonly Reference[] => {
    const call = node.parent
    if (call?.kind !== 'call' || call.field('function') !== node) return []
    const [, text] = argumentsOf(call, undefined).positional
    return names.has(literalText(text?.node) ?? '') ? [{ name: node, callee: call, whole: call, given: NOTHING }] : []
  })
}

function callsOf(evaluator: Evaluator, module: Module, { name, callee, whole, given }: Reference): readonly RenamedCall[] {
  const outer = whole.parent
  const call = (node: Node): RenamedCall => ({ name, shape: { call: node, callee, given: joined(given, argumentsOf(node, undefined)) } })
  if (outer?.kind === 'call' && outer.field('function') === whole && whole !== callee) return [call(outer)]
  if (outer?.kind === 'call' && outer.field('function') === whole) return callee.kind === 'call' ? [call(outer)] : []
  const left = outer?.kind === 'assignment' && outer.field('right') === whole ? outer.field('left') : undefined
  if (left?.kind === 'identifier')
    return module.occurrences(left.content).flatMap((one) => (isCallOf(evaluator, one, outer) ? [call(one.parent ?? one)] : []))
  const isKept = outer?.kind === 'list' || outer?.kind === 'tuple' || (outer?.kind === 'pair' && outer.field('value') === whole)
  const unknown: CallArguments = { ...NOTHING, mappings: [{ node: whole, frame: undefined }] }
  return isKept || left?.kind === 'subscript' ? [{ name, shape: { call: whole, callee, given: unknown } }] : []
}

/** Whether the name is called there, and has the value of this assignment among what it may be. */
function isCallOf(evaluator: Evaluator, name: Node, assignment: Node | undefined): boolean {
  const call = name.parent
  if (call?.kind !== 'call' || call.field('function') !== name) return false
  return (
    evaluator
      .moduleOf(name)
      ?.lookup(name.content, name)
      .some((definition) => definition.node === assignment) === true
  )
}

function joined(bound: CallArguments, given: CallArguments): CallArguments {
  return {
    positional: [...bound.positional, ...given.positional],
    keywords: new Map([...bound.keywords, ...given.keywords]),
    lists: [...bound.lists, ...given.lists],
    mappings: [...bound.mappings, ...given.mappings],
  }
}
