import type { Editable } from '../../edit.ts'
import { parsed } from '../../source-edit/parsed.ts'
import type { Tools } from '../../system.ts'
import { around, Node } from '../../tree.ts'
import { Module } from '../module.ts'

/** A file that is edited, parsed; or why it cannot be. */
export function sourceOf(path: string, files: Editable, tools: Tools): Module | string {
  return parsed(path, files, tools, 'python', (text, root) => new Module(text, root))
}

const BLOCKS: ReadonlySet<string> = new Set(['module', 'block'])

/** The statement around a node that stands in a block of its own. */
export function statementAround(node: Node): Node | undefined {
  let statement = node
  while (statement.parent !== undefined && !BLOCKS.has(statement.parent.kind)) statement = statement.parent
  return statement.parent === undefined ? undefined : statement
}

const CALLS: ReadonlySet<string> = new Set(['call'])

/** The call whose callee ends in the name at `name`. */
export function callOfName(name: Node): Node | undefined {
  const callee = name.parent?.kind === 'attribute' && name.parent.field('attribute') === name ? name.parent : name
  const call = callee.parent
  return call?.kind === 'call' && call.field('function') === callee ? call : undefined
}

/** The call that a node is an argument of, alone, by keyword or in a pair. */
export function callAround(node: Node): Node | undefined {
  const call = around(node, CALLS)
  const list = call?.field('arguments')
  if (call === undefined || list === undefined || !node.within(list)) return undefined
  for (let outer = node.parent; outer !== undefined && outer !== list; outer = outer.parent)
    if (!/^(?:keyword_argument|tuple|parenthesized_expression|list)$/.test(outer.kind)) return undefined
  return call
}

/** The value of a keyword argument. */
export function keywordOf(call: Node, name: string): Node | undefined {
  return call
    .field('arguments')
    ?.named.find((argument) => argument.kind === 'keyword_argument' && argument.field('name')?.content === name)
    ?.field('value')
}

/** The arguments that are given by position. */
export function positionalOf(call: Node): readonly Node[] {
  const given = call.field('arguments')?.named ?? []
  return given.filter(({ kind }) => kind !== 'keyword_argument' && kind !== 'dictionary_splat')
}
