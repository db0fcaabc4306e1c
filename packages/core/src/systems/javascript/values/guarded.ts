import type { Node } from '../../tree.ts'
import { between, conditionValue, saysOneOf } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import type { Frame, Meaning } from './meaning.ts'
import { unknown } from './values.ts'
import type { Value } from '../../../evidence/index.ts'

/** One condition that a statement stands under, and whether it has to hold. */
export interface Guard {
  /** The condition of an `if`, or what a `switch` asks. */
  readonly test: Node
  /** Of a `switch`: the values of the cases that are meant. */
  readonly cases?: readonly Node[]
  readonly holds: boolean
}

const PLAIN: ReadonlySet<string> = new Set([
  'expression_statement',
  'statement_block',
  'else_clause',
  'parenthesized_expression',
  'sequence_expression',
  'lexical_declaration',
  'variable_declaration',
  'switch_body',
  'switch_statement',
])
const SEQUENCES: ReadonlySet<string> = new Set(['program', 'statement_block', 'switch_case', 'switch_default', 'class_static_block'])

/**
 * The conditions under which a statement is reached when the block that it shares with `at` is, the innermost first. `never`: the two
 * stand in branches of one `if`. `undefined`: a loop, a `try` or the like decides as well.
 */
export function guardsOf(node: Node, at: Node): readonly Guard[] | 'never' | undefined {
  const found: Guard[] = []
  let inner = node
  for (let outer = node.parent; outer !== undefined; inner = outer, outer = outer.parent) {
    const test = outer.kind === 'if_statement' ? outer.field('condition') : undefined
    if (at.within(outer)) {
      if (SEQUENCES.has(outer.kind)) return found
      return test !== undefined && inner !== test ? 'never' : undefined
    }
    if (outer.kind === 'if_statement') {
      if (test === undefined || test === inner) return undefined
      found.push({ test, holds: inner === outer.field('consequence') })
    } else if (outer.kind === 'switch_case' || outer.kind === 'switch_default') {
      const guard = caseGuard(outer)
      if (guard === undefined) return undefined
      found.push(guard)
    } else if (!PLAIN.has(outer.kind)) return undefined
  }
  return undefined
}

const LEAVES: ReadonlySet<string> = new Set(['break_statement', 'return_statement', 'throw_statement'])

/** `case 'a': case 'b': …; break`, and `default` for what none of the others takes. */
export function caseGuard(branch: Node): Guard | undefined {
  const all = branch.parent?.named.filter((child) => child.kind === 'switch_case' || child.kind === 'switch_default') ?? []
  const test = branch.parent?.parent?.field('value')
  const statements = (one: Node): readonly Node[] => (one.kind === 'switch_case' ? one.named.slice(1) : one.named)
  const leaves = (one: Node): boolean => {
    const last = statements(one).at(-1)
    return last === undefined || LEAVES.has((last.kind === 'statement_block' ? last.named.at(-1) : last)?.kind ?? '')
  }
  const at = all.indexOf(branch)
  // The last one need not leave.
  if (test === undefined || at < 0 || !all.slice(0, -1).every(leaves)) return undefined
  let first = at
  while (first > 0 && statements(all[first - 1] ?? branch).length === 0) first--
  const together = all.slice(first, at + 1)
  const isDefault = together.some((one) => one.kind === 'switch_default')
  const meant = isDefault ? all.filter((one) => !together.includes(one)) : together
  return { test, cases: meant.flatMap((one) => one.field('value') ?? []), holds: !isDefault }
}

/** `meaning` where all the guards let it come through, else `otherwise`. */
export function underGuards(
  guards: readonly Guard[],
  meaning: Meaning,
  otherwise: Meaning,
  frame: Frame | undefined,
  at: Node,
  evaluator: Evaluator,
): Meaning {
  return guards.reduce((inside, guard) => {
    const tested = guardValue(guard, frame, evaluator)
    return guard.holds ? between(tested, inside, otherwise, at) : between(tested, otherwise, inside, at)
  }, meaning)
}

export function guardValue({ test, cases }: Guard, frame: Frame | undefined, evaluator: Evaluator): Value {
  const open = unknown('which branch is taken is decided when it runs', test.origin)
  const value = evaluator.whole(() => {
    if (cases === undefined) return conditionValue(test, frame, evaluator)
    const texts = cases.map((one) => evaluator.value(one, frame)).flatMap((one) => (one.kind === 'known' ? [String(one.value)] : []))
    return texts.length === cases.length ? saysOneOf(evaluator.value(test, frame), texts, test) : undefined
  })
  return value ?? open
}
