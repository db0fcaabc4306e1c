import { Text } from '../../../evidence/index.ts'
import type { Editable } from '../../edit.ts'
import type { Tools } from '../../system.ts'
import { Node, nodeAt } from '../../tree.ts'
import { Module } from '../source/module.ts'
import { languageOf } from '../source/project.ts'

/** Beyond this a file is no person's work, in UTF-16 code units. */
const LARGEST = 1_000_000

/** A file that is edited, parsed; or why it cannot be. */
export function sourceOf(path: string, files: Editable, tools: Tools): Module | string {
  const state = files.file(path)
  if (state.kind !== 'text') return `${path} cannot be read`
  if (state.text.length > LARGEST) return `${path} is too large to be edited`
  const text = new Text(path, state.text)
  const syntax = tools.parseSource(languageOf(text), state.text)
  return syntax === undefined ? `${path} cannot be parsed here` : new Module(text, new Node(text, syntax))
}

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
