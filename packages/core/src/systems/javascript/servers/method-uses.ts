import { argumentList, listArguments } from '../values/calls.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Argument, unknownMeaning } from '../values/meaning.ts'
import { callOf, callOfExpression, type Module } from '../source/module.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, calleeOf, dressed } from '../source/syntax.ts'

/** A call that runs a method, however it got there, and what the method is given. */
export interface MethodUse {
  readonly call: Node
  /** It is handed to something that calls it: worth saying of what is certainly a server alone. */
  readonly handed?: true
  arguments(evaluator: Evaluator): readonly Argument[]
}

type Given = MethodUse['arguments']

/** How often a function is followed from one name to another. */
const MAX_NAMES = 3

const none: Given = () => []

/** The calls of `server.listen`: direct ones, by `call` and `apply`, of what `bind` gives, promisified ones, and by other names. */
export function methodUses(member: Node, module: Module): readonly MethodUse[] {
  return becomes(dressed(member), none, module, 0)
}

/** The calls of what a declaration or pattern calls by this name. */
export function namedUses(name: Node, module: Module, bound: Given = none, depth = 0): readonly MethodUse[] {
  const declaration = module.lookup(name.content, name)
  if (declaration === undefined || depth >= MAX_NAMES) return []
  return module
    .occurrences(name.content)
    .flatMap((node) =>
      node !== name && node.kind === 'identifier' && module.lookup(name.content, node) === declaration
        ? becomes(dressed(node), bound, module, depth + 1)
        : [],
    )
}

const use = (call: Node, skip: number, bound: Given): MethodUse => ({
  call,
  arguments: (evaluator) => [...bound(evaluator), ...argumentList(call, undefined, evaluator).slice(skip)],
})

const useOfList = (call: Node, index: number, bound: Given): MethodUse => ({
  call,
  arguments: (evaluator) => [...bound(evaluator), ...listOf(argumentsOf(call)[index], evaluator)],
})

const listOf = (list: Node | undefined, evaluator: Evaluator): readonly Argument[] =>
  list === undefined ? [] : listArguments(evaluator.meaning(list, undefined), list, evaluator)

/** What becomes of a function: `f(1)`, `f.call(o, 1)`, `f.apply(o, [1])`, `f.bind(o, 1)(2)`, `const g = f.bind(o); g(1)`, `setImmediate(f, 1)`. */
function becomes(given: Node, bound: Given, module: Module, depth: number): readonly MethodUse[] {
  const called = callOfExpression(given)
  if (called.length > 0) return called.map((call) => use(call, 0, bound))
  const { parent } = given
  const through = parent?.kind === 'member_expression' && parent.field('object') === given ? parent.field('property') : undefined
  if (through !== undefined) return throughMethod(through, bound, module, depth)
  const call = parent?.kind === 'arguments' ? parent.parent : undefined
  if (call !== undefined) return handedTo(call, given, bound, module, depth)
  const name =
    parent?.kind === 'variable_declarator' && given.isField('value')
      ? parent.field('name')
      : parent?.kind === 'assignment_expression' && given.isField('right')
        ? parent.field('left')
        : undefined
  return name?.kind === 'identifier' ? namedUses(name, module, bound, depth) : []
}

function throughMethod(through: Node, bound: Given, module: Module, depth: number): readonly MethodUse[] {
  const call = callOf(through)
  if (call === undefined) return []
  switch (through.content) {
    case 'call':
      return [use(call, 1, bound)]
    case 'apply':
      return [useOfList(call, 1, bound)]
    case 'bind':
      return becomes(
        dressed(call),
        (evaluator) => [...bound(evaluator), ...argumentList(call, undefined, evaluator).slice(1)],
        module,
        depth,
      )
    default:
      return []
  }
}

/** Functions that call what they are given first: how many of their arguments stand before its own. */
const SCHEDULERS: ReadonlyMap<string, number> = new Map([
  ['setImmediate', 1],
  ['process.nextTick', 1],
  ['setTimeout', 2],
  ['setInterval', 2],
])

function handedTo(call: Node, given: Node, bound: Given, module: Module, depth: number): readonly MethodUse[] {
  const callee = calleeOf(call)?.content ?? ''
  if (callee.endsWith('promisify')) return becomes(dressed(call), bound, module, depth)
  const isFirst = argumentsOf(call)[0] === given
  if (callee === 'Reflect.apply') return isFirst ? [useOfList(call, 2, bound)] : []
  const skip = isFirst ? SCHEDULERS.get(callee) : undefined
  if (skip !== undefined) return [use(call, skip, bound)]
  const open = unknownMeaning('what it is given is decided by what it is handed to', call.origin)
  const rest: readonly Argument[] = Array.from({ length: 4 }, () => ({ node: undefined, meaning: () => open }))
  return [{ call, handed: true, arguments: (evaluator) => [...bound(evaluator), ...rest] }]
}
