import type { Node } from '../../tree.ts'
import { argumentsOf, bare } from '../source/syntax.ts'

/** Whether the operator asks for being equal. */
export const EQUALITIES: Readonly<Record<string, boolean>> = { '==': true, '===': true, '!=': false, '!==': false }

/** What a condition asks for being there: `!x`, `x !== undefined`, `x == null`, `isNaN(x)`. */
export function testedExpression(condition: Node, depth = 0): { readonly node: Node; readonly negated: boolean } {
  const argument = condition.field('argument')
  if (condition.kind === 'unary_expression' && argument !== undefined && condition.field('operator')?.content === '!' && depth < 8) {
    const inner = testedExpression(bare(argument), depth + 1)
    return { node: inner.node, negated: !inner.negated }
  }
  if (condition.kind === 'binary_expression') {
    const [left, right] = [condition.field('left'), condition.field('right')]
    const equal = EQUALITIES[condition.field('operator')?.content ?? '']
    const nothing = right !== undefined && /^(?:undefined|null|''|"")$/.test(right.content)
    if (left !== undefined && equal !== undefined && nothing) return { node: left, negated: equal }
  }
  const [asked] = condition.kind === 'call_expression' ? argumentsOf(condition) : []
  if (asked !== undefined && /^(?:Number\.)?isNaN$/.test(condition.field('function')?.content ?? '')) return { node: asked, negated: true }
  return { node: condition, negated: false }
}
