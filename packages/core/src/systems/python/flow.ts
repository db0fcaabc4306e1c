import type { Node } from '../tree.ts'
import { isMainTest, scopeOf } from './syntax.ts'

/** A place that gives a name its value. */
interface Place {
  readonly node: Node
}

/** A condition that a place stands under, and whether it has to hold or fail. */
export interface Condition {
  readonly test: Node
  readonly holds: boolean
}

export interface Candidate<P extends Place> {
  readonly place: P
  /** Absent: it surely happens before the use, as far as blocks tell. `undetermined`: in a loop, a `try`, a `match`. */
  readonly under?: Condition | 'undetermined'
}

const BLOCKS: ReadonlySet<string> = new Set([
  'if_statement',
  'elif_clause',
  'else_clause',
  'for_statement',
  'while_statement',
  'try_statement',
  'except_clause',
  'except_group_clause',
  'finally_clause',
  'case_clause',
  'match_statement',
])

/**
 * The places whose value may still hold at `use`, in the order of the text: the last one that surely happens, and those behind
 * it that may. Where the use stands in another function than the places, all of them may have happened before it. `ends`: whether a
 * place leaves nothing of what was there before.
 */
export function reaching<P extends Place>(
  places: readonly P[],
  use: Node,
  scope: Node,
  ends: (place: P) => boolean = () => true,
): readonly Candidate<P>[] {
  const sameScope = scopeOf(use) === scope
  const before = sameScope ? places.filter((place) => place.node.start < use.start && !use.within(place.node)) : []
  const ordered = (before.length > 0 ? before : places).toSorted((a, b) => a.node.start - b.node.start)
  const found: Candidate<P>[] = []
  for (const place of ordered.toReversed()) {
    if (excludes(place.node, use)) continue
    const under = conditionOf(place.node, use, scope)
    found.push(under === undefined ? { place } : { place, under })
    if (under === undefined && ends(place)) break
  }
  return found.toReversed()
}

/** The innermost condition that `node` stands under in its function, or in its file. */
export function conditionAround(node: Node): Condition | 'undetermined' | undefined {
  const scope = scopeOf(node)
  return conditionOf(node, scope, scope)
}

/** The innermost condition around `node` that is not around `use` as well. */
function conditionOf(node: Node, use: Node, scope: Node): Condition | 'undetermined' | undefined {
  for (let inner = node; inner !== scope && inner.parent !== undefined; inner = inner.parent) {
    const outer = inner.parent
    // In the body the loop's variable is this round's.
    if (outer.kind === 'for_statement' && inner === outer.field('left') && use.within(outer)) continue
    if (!BLOCKS.has(outer.kind) || (use.within(inner) && outer.kind !== 'match_statement')) continue
    if (outer.kind === 'finally_clause' || (outer.kind === 'if_statement' && isMainTest(outer.field('condition')))) continue
    if (outer.kind === 'if_statement' || outer.kind === 'elif_clause') {
      const test = outer.field('condition')
      if (test === undefined || inner === test) continue
      if (inner.kind === 'else_clause' || inner.kind === 'elif_clause') {
        const alone = outer.named.filter((child) => child.kind === 'elif_clause').length === 0
        return inner.kind === 'else_clause' && alone ? { test, holds: false } : 'undetermined'
      }
      return inner.kind === 'block' || inner === outer.field('consequence') ? { test, holds: true } : 'undetermined'
    }
    if (outer.kind === 'else_clause') continue
    return 'undetermined'
  }
  return undefined
}

/** Whether the use stands in another branch of the same `if` as the place. */
function excludes(node: Node, use: Node): boolean {
  for (let inner = node; inner.parent !== undefined; inner = inner.parent) {
    const outer = inner.parent
    const condition = outer.kind === 'if_statement' ? outer.field('condition') : undefined
    if (condition !== undefined && inner !== condition && use.within(outer) && !use.within(inner)) return !use.within(condition)
  }
  return false
}
