import { libraryCall } from './builtins.ts'
import type { Evaluator } from './evaluator.ts'
import { importMeaning, requireMeaning } from './exports.ts'
import { constructorOf, type Instance } from './instances.ts'
import { itemPlaces } from './lists.ts'
import { type Argument, choiceMeaning, type Frame, type Meaning, NOTHING, optionsOf, unknownMeaning } from './meaning.ts'
import { methodCall } from './methods.ts'
import { around, type Node, nodeAt } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, FUNCTIONS } from '../source/syntax.ts'

/** More returns than this are no small function whose result can be told. */
const MAX_RETURNS = 24

export function callMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const callee = calleeOf(node)
  if (callee === undefined) return unknownMeaning('this call is not followed', node.origin)
  const target = bare(callee)
  const given = argumentsOf(node)
  const [first] = given
  if (target.kind === 'import' && first !== undefined) return importMeaning(first, evaluator)
  // Compilers wrap what they require: the helper gives back the module.
  const helper = INTEROP.exec(target.content)
  if (helper !== null && first !== undefined) return evaluator.meaning(first, frame)
  if (target.kind === 'member_expression') {
    const object = target.field('object')
    const name = target.field('property')?.content ?? ''
    const receiver = object === undefined ? undefined : object.kind === 'super' ? undefined : evaluator.meaning(object, frame)
    if (receiver !== undefined) return methodCall({ receiver, name, call: node, frame }, evaluator)
  }
  return evaluator.called(evaluator.meaning(target, frame), node, frame)
}

/** tslib's, TypeScript's, Babel's and esbuild's helpers around `require`. */
const INTEROP = /(?:^|\.)(?:__importDefault|__importStar|__toESM|_?interopRequire(?:Default|Wildcard)\d*|_interop(?:Default|Namespace)\w*)$/

/** What a call of `callee` gives back. */
export function calledMeaning(callee: Meaning, node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  switch (callee.kind) {
    case 'function':
      return evaluator.apply(callee, argumentList(node, frame, evaluator), callee.self)
    case 'library': {
      const [first] = argumentsOf(node)
      if (callee.name === '#require' && first !== undefined) return requireMeaning(first, evaluator)
      return libraryCall(callee.name, node, frame, evaluator)
    }
    case 'choice':
      return choiceMeaning(
        callee.options.map((option) => evaluator.called(option, node, frame)),
        node.origin,
      )
    case 'class':
      return newInstance(callee, node, frame, evaluator)
    case 'module': {
      const whole = evaluator.property(callee, 'default', node)
      return whole.kind === 'module' ? unknownMeaning('this call is not followed', node.origin) : evaluator.called(whole, node, frame)
    }
    case 'value':
      return callee.value.kind === 'unknown' ? callee : unknownMeaning('this call is not followed', node.origin)
    default:
      return unknownMeaning('this call is not followed', node.origin)
  }
}

export function newMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const callee = calleeOf(node)
  if (callee === undefined) return unknownMeaning('this call is not followed', node.origin)
  const options = optionsOf(evaluator.meaning(callee, frame)).map((of): Meaning => {
    if (of.kind === 'class' || of.kind === 'function') return newInstance(of, node, frame, evaluator)
    return evaluator.called(of, node, frame)
  })
  return choiceMeaning(options, node.origin)
}

function newInstance(
  of: Extract<Meaning, { readonly kind: 'class' | 'function' }>,
  node: Node,
  frame: Frame | undefined,
  evaluator: Evaluator,
): Instance {
  const callee = constructorOf(of.node) ?? of.node
  // The frame is where `this` is, and the object is made in the frame.
  const made: { callee: Node; arguments: readonly Argument[]; self: Meaning | undefined; outer: Frame | undefined } = {
    callee,
    arguments: argumentList(node, frame, evaluator),
    self: undefined,
    outer: of.frame,
  }
  const instance: Instance = { kind: 'instance', of: of.node, frame: made }
  made.self = instance
  return instance
}

/** The arguments of a call; a spread list is laid out where its items can be told. */
export function argumentList(call: Node, frame: Frame | undefined, evaluator: Evaluator): readonly Argument[] {
  return argumentsOf(call).flatMap((node): readonly Argument[] => {
    if (node.kind !== 'spread_element') return [{ node, meaning: () => evaluator.meaning(node, frame) }]
    const inner = node.named[0]
    return inner === undefined ? [] : listArguments(evaluator.meaning(inner, frame), node, evaluator)
  })
}

/** The items of a list as arguments. Those whose place cannot be told may be anything. */
export function listArguments(list: Meaning, at: Node, evaluator: Evaluator): readonly Argument[] {
  const { items, whole } = itemPlaces(list, at, evaluator)
  const open = (): Meaning => unknownMeaning('the arguments come from a list that is not followed', at.origin)
  const rest = whole ? [] : Array.from({ length: 8 }, () => ({ node: undefined, meaning: open }))
  return [...items.map((item) => ({ node: undefined, meaning: () => item })), ...rest]
}

export function applyFunction(
  callee: Extract<Meaning, { readonly kind: 'function' }>,
  given: readonly Argument[],
  self: Meaning | undefined,
  evaluator: Evaluator,
): Meaning {
  const { node } = callee
  const frame: Frame = { callee: node, arguments: given, self: self ?? callee.self, outer: callee.frame }
  const body = node.field('body')
  if (body === undefined) return unknownMeaning('this function has no body here', node.origin)
  return evaluator.deeper(node, () => {
    if (recursive(frame)) return unknownMeaning('the function calls itself', node.origin)
    if (body.kind !== 'statement_block') return evaluator.meaning(body, frame)
    const returns = returnsOf(node, body)
    if (returns === undefined) return unknownMeaning('the function is too long to follow', node.origin)
    return returns.length === 0
      ? NOTHING
      : choiceMeaning(
          returns.map((value) => evaluator.meaning(value, frame)),
          body.origin,
        )
  })
}

/** A function that is being followed three times over already. */
function recursive(frame: Frame): boolean {
  let count = 0
  for (let current = frame.outer; current !== undefined; current = current.outer) if (current.callee === frame.callee) count++
  return count > 2
}

const kept = new WeakMap<Node, readonly Node[]>()

/** What the function's own `return` statements give, those of functions within it left out. */
function returnsOf(node: Node, body: Node): readonly Node[] | undefined {
  const known = kept.get(node)
  if (known !== undefined) return known
  const { content } = body.file
  const found: Node[] = []
  for (let at = content.indexOf('return', body.start); at >= 0 && at < body.end; at = content.indexOf('return', at + 6)) {
    const statement = nodeAt(body, at)?.parent
    const value = statement?.named[0]
    if (statement?.kind !== 'return_statement' || value === undefined || statement.start !== at || around(statement, FUNCTIONS) !== node)
      continue
    if (found.push(value) > MAX_RETURNS) return undefined
  }
  kept.set(node, found)
  return found
}
