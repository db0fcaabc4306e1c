import { type Node, nodeAt } from '../tree.ts'

/** The outermost node that is exactly from `start` to `end`; `undefined`: the text is no longer what was read. */
export function nodeFromTo(root: Node, start: number, end: number): Node | undefined {
  let node = nodeAt(root, start)
  while (node !== undefined && node.end < end) node = node.parent
  while (node?.parent !== undefined && node.parent.start === start && node.parent.end === end && node.parent.parent !== undefined)
    node = node.parent
  return node?.start === start && node.end === end ? node : undefined
}

/** How many nodes of an expression are looked at for what is missing. */
const MOST = 4_000

/**
 * Whether the parser did not understand what is around a node, or put in what is missing from it (a token of no length): an edit there may
 * mean something else than it seems.
 */
export function isBroken(node: Node): boolean {
  for (let outer: Node | undefined = node; outer !== undefined; outer = outer.parent) if (outer.kind === 'ERROR') return true
  const open = [node]
  for (let left = MOST; left > 0; left--) {
    const next = open.pop()
    if (next === undefined) return false
    if (next.kind === 'ERROR' || next.start === next.end) return true
    open.push(...next.children)
  }
  return false
}
