import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import type { Wanted } from '../../source-edit/wanted.ts'
import type { Node } from '../../tree.ts'
import type { Module } from '../source/module.ts'
import { nodeFromTo } from '../../source-edit/nodes.ts'
import type { Style } from './style.ts'

/** What reads a variable: `process.env.HOST`, `process.env['HOST']`, `Deno.env.get('HOST')`. */
const READS: ReadonlySet<string> = new Set(['member_expression', 'subscript_expression', 'call_expression', 'non_null_expression'])

/** A variable that may not be set gets something to stand in for it. `false`: it is not read by an expression that could be added to. */
export function fallBack(
  wanted: Extract<Wanted, { readonly kind: 'unset' }>,
  change: BindChange,
  module: Module,
  style: Style,
  draft: Draft,
): boolean {
  const { start, end } = wanted.at.span
  const node = nodeFromTo(module.root, start.offset, end.offset)
  if (node === undefined || !node.content.includes(wanted.variable) || node.content.length > 300) return false
  const host = style.text(change.host)
  if (node.kind === 'shorthand_property_identifier_pattern' && node.parent?.kind === 'object_pattern') {
    draft.replace(node, `${node.content} = ${host}`)
    return true
  }
  if (!READS.has(node.kind)) return false
  const right = node.parent?.kind === 'binary_expression' && node.isField('left') ? node.parent.field('right') : undefined
  if (right !== undefined && /^(?:undefined|null|''|"")$/.test(right.content)) {
    draft.replace(right, host)
    return true
  }
  const outer = node.parent?.kind === 'non_null_expression' ? node.parent : node
  const text = `${node.content.replace(/!$/, '')} || ${host}`
  draft.replace(outer, needsParentheses(outer) ? `(${text})` : text)
  return true
}

/** `||` beside `??` is no expression without parentheses (ECMA-262 13.13), and binds less than other operators. */
function needsParentheses({ parent }: Node): boolean {
  return (
    (parent?.kind === 'binary_expression' && parent.field('operator')?.content !== '||') ||
    parent?.kind === 'unary_expression' ||
    parent?.kind === 'member_expression' ||
    parent?.kind === 'as_expression'
  )
}
