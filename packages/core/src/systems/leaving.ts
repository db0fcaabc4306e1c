import { around, type Node, nodeAt } from './tree.ts'
import { both, type Truth, undecided } from './truth.ts'

const LEAVES = /\b(?:return|break|continue)\b/g
const LEAVING: ReadonlySet<string> = new Set(['return_statement', 'break_statement', 'continue_statement'])

/** More statements of one block that may leave it are not told apart. */
const MOST_LEAVING = 8
/** So many words of one statement are looked at. */
const MOST_WORDS = 100

/** Whether a statement is no more than to leave. */
export const isLeaving = ({ kind }: Node): boolean => LEAVING.has(kind)

/** Whether a statement has a word in it that leaves. */
export const mayLeave = ({ content }: Node): boolean => content.search(LEAVES) >= 0

/** Whether the statements that stand before in a block let the program go on to this one, each by `stays`. */
export function passed(inner: Node, block: Node, stays: (statement: Node) => Truth): Truth {
  const leaving = block.named.filter((one) => one.end <= inner.start && mayLeave(one))
  return leaving.length > MOST_LEAVING ? undecided(block.origin) : allStay(leaving, stays)
}

export function allStay(statements: readonly Node[], stays: (statement: Node) => Truth): Truth {
  return statements.reduce<Truth>((found, one) => both(found, () => stays(one)), true)
}

/** Whether a statement leaves what it stands in, rather than a function or loop in it. `loops`: what takes `break` for itself. */
export function leaves(statement: Node, functions: ReadonlySet<string>, loops: ReadonlySet<string>): boolean {
  const found = [...statement.content.matchAll(LEAVES)]
  return (
    found.length > MOST_WORDS ||
    found.some(({ index }) => {
      const word = nodeAt(statement, statement.start + index)
      const leaving = word === undefined || isLeaving(word) ? word : word.parent
      if (leaving === undefined || !isLeaving(leaving)) return false
      const taker = around(leaving, leaving.kind === 'return_statement' ? functions : loops)
      return taker === undefined || !taker.within(statement)
    })
  )
}
