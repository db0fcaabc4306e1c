import { type Node, nodeAt } from '../tree.ts'

/** The outermost node that is exactly from `start` to `end`; `undefined`: the text is no longer what was read. */
export function nodeFromTo(root: Node, start: number, end: number): Node | undefined {
  let node = nodeAt(root, start)
  while (node !== undefined && node.end < end) node = node.parent
  while (node?.parent !== undefined && node.parent.start === start && node.parent.end === end && node.parent.parent !== undefined)
    node = node.parent
  return node?.start === start && node.end === end ? node : undefined
}

/** Whether the parser did not understand what is around a node: an edit there may mean something else than it seems. */
export function isBroken(node: Node): boolean {
  for (let outer: Node | undefined = node; outer !== undefined; outer = outer.parent) if (outer.kind === 'ERROR') return true
  return false
}
