import { argumentList, listArguments } from '../values/calls.ts'
import type { Evaluator } from '../values/evaluator.ts'
import type { Argument } from '../values/meaning.ts'
import { callOf, callOfExpression, type Module } from '../source/module.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, calleeOf, dressed } from '../source/syntax.ts'

/** A call that runs a method, however it got there, and what the method is given. */
export interface MethodUse {
  readonly call: Node
  arguments(evaluator: Evaluator): readonly Argument[]
}

/** The calls of `server.listen`: direct ones, by `call` and `apply`, of what `bind` gives, and promisified ones. */
export function methodUses(member: Node, module: Module): readonly MethodUse[] {
  const method = dressed(member)
  const called = callOfExpression(method)
  if (called.length > 0) return called.map((call) => use(call, 0))
  if (isPromisified(method)) return throughFunction(promisified(method), module)
  return throughFunction(method, module)
}

const use = (call: Node, skip: number, bound: MethodUse['arguments'] = () => []): MethodUse => ({
  call,
  arguments: (evaluator) => [...bound(evaluator), ...argumentList(call, undefined, evaluator).slice(skip)],
})

/** The call of `promisify` that an expression is handed to, as an expression of its own. */
const promisified = (handed: Node): Node => dressed(handed.parent?.parent ?? handed)

const isPromisified = (handed: Node): boolean => {
  const call = handed.parent?.kind === 'arguments' ? handed.parent.parent : undefined
  return call?.kind === 'call_expression' && calleeOf(call)?.content.endsWith('promisify') === true
}

/** What becomes of a function: `f.call(o, 1)`, `f.apply(o, [1])`, `f.bind(o, 1)(2)`, `const g = f.bind(o); g(1)`. */
function throughFunction(given: Node, module: Module): readonly MethodUse[] {
  const { parent } = given
  const through = parent?.kind === 'member_expression' && parent.field('object') === given ? parent.field('property') : undefined
  const call = through === undefined ? undefined : callOf(through)
  if (through === undefined || call === undefined) return laterCalls(given, () => [], module)
  switch (through.content) {
    case 'call':
      return [use(call, 1)]
    case 'apply':
      return [{ call, arguments: (evaluator) => listOf(argumentsOf(call)[1], evaluator) }]
    case 'bind':
      return laterCalls(dressed(call), (evaluator) => argumentList(call, undefined, evaluator).slice(1), module)
    default:
      return []
  }
}

const listOf = (list: Node | undefined, evaluator: Evaluator): readonly Argument[] =>
  list === undefined ? [] : listArguments(evaluator.meaning(list, undefined), list, evaluator)

/** The calls of a function that was made ready before, here or by the name that it was given. */
function laterCalls(ready: Node, bound: MethodUse['arguments'], module: Module): readonly MethodUse[] {
  const expression = isPromisified(ready) ? promisified(ready) : ready
  const called = callOfExpression(expression)
  if (called.length > 0) return called.map((call) => use(call, 0, bound))
  const name = expression.parent?.kind === 'variable_declarator' ? expression.parent.field('name') : undefined
  if (name?.kind !== 'identifier') return []
  return module.calls(name.content).flatMap((call) => (calleeOf(call)?.kind === 'identifier' ? [use(call, 0, bound)] : []))
}
