import { around, type Node } from '../../tree.ts'
import { FUNCTIONS } from '../source/syntax.ts'
import { changedProperty, identityOf, type Mutation } from './changed.ts'
import type { Evaluator } from './evaluator.ts'
import type { Meaning } from './meaning.ts'

/** The items of a list by their places. */
export interface Places {
  readonly items: readonly Meaning[]
  /** No more items follow, and each stands where it is said. */
  readonly whole: boolean
}

const OPEN: Places = { items: [], whole: false }

/** Lists within lists that are laid out in one. */
const DEPTH = 5
/** Lists of more items are data. */
const MOST = 200

/** Which item stands where in a list, when `at` is reached: after what may have been moved, added or taken away, nothing is told. */
export function itemPlaces(list: Meaning, at: Node, evaluator: Evaluator, depth = 0): Places {
  if (list.kind !== 'array') {
    const items = evaluator.elements(list)
    return items === undefined ? OPEN : { items, whole: true }
  }
  const what = identityOf(list, evaluator)
  const calls = what === undefined ? [] : evaluator.changes.calls(what).filter(({ node }) => mayComeBefore(node, at))
  const moves = calls.some(({ method }) => method !== 'push')
  if (depth > DEPTH || moves || (what !== undefined && evaluator.changes.of(what, 'length').length > 0)) return OPEN
  const items: Meaning[] = []
  const members = list.node.named
  for (const [index, item] of members.entries()) {
    const inner = item.kind === 'spread_element' ? item.named[0] : undefined
    if (inner === undefined) {
      const found = evaluator.meaning(item, list.frame)
      items.push(hasSpread(members, index) ? found : changedProperty(list, String(index), found, at, evaluator))
    } else {
      const spread = itemPlaces(evaluator.meaning(inner, list.frame), at, evaluator, depth + 1)
      items.push(...spread.items)
      if (!spread.whole) return { items, whole: false }
    }
    if (items.length > MOST) return { items, whole: false }
  }
  for (const call of calls) {
    if (!isCertain(call, list.node)) return { items, whole: false }
    items.push(...call.given)
  }
  return { items, whole: true }
}

const hasSpread = (members: readonly Node[], before: number): boolean =>
  members.slice(0, before).some((member) => member.kind === 'spread_element')

/** In one function, what stands below is done later. */
const mayComeBefore = (node: Node, at: Node): boolean =>
  node.file !== at.file || around(node, FUNCTIONS) !== around(at, FUNCTIONS) || node.start < at.end

const BRANCHES: ReadonlySet<string> = new Set([
  ...FUNCTIONS,
  ...['if_statement', 'for_statement', 'for_in_statement', 'while_statement', 'do_statement', 'switch_statement', 'try_statement'],
  ...['ternary_expression', 'binary_expression'],
])

/** Done once, wherever the list is made. */
function isCertain({ node }: Mutation, made: Node): boolean {
  const [done, home] = [around(node, BRANCHES), around(made, BRANCHES)]
  return node.file === made.file && done === home
}
