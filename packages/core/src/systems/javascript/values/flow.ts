import type { Node } from '../../tree.ts'
import { bare } from '../source/syntax.ts'

/**
 * The statement by which one of `writes` has certainly been done when `at` is reached: it stands before `at`, in a block
 * around it, and every way through it writes or goes no further. `undefined`: it may have been left out.
 */
export function certainStatement(write: Node, at: Node, writes: ReadonlySet<Node>): Node | undefined {
  let statement = write
  while (statement.parent !== undefined && !at.within(statement.parent)) statement = statement.parent
  const block = statement.parent?.kind
  if (
    block !== 'program' &&
    block !== 'statement_block' &&
    block !== 'switch_case' &&
    block !== 'switch_default' &&
    block !== 'export_statement'
  )
    return undefined
  return statement.end <= at.start && writesAlways(statement, writes, 0) ? statement : undefined
}

type Rule = (statement: Node, writes: ReadonlySet<Node>, depth: number) => boolean

const every = (parts: readonly (Node | undefined)[], writes: ReadonlySet<Node>, depth: number): boolean =>
  parts.every((part) => part !== undefined && writesAlways(part, writes, depth + 1))

const some: Rule = (block, writes, depth) => block.named.some((part) => writesAlways(part, writes, depth + 1))
const ends: Rule = () => true

/** Kinds of statements that are not here may do nothing. */
const RULES: Readonly<Record<string, Rule>> = {
  expression_statement: some,
  sequence_expression: some,
  parenthesized_expression: some,
  lexical_declaration: some,
  variable_declaration: some,
  statement_block: some,
  else_clause: some,
  finally_clause: some,
  // The right side of `a = b = 1`.
  assignment_expression: (node, writes, depth) => every([bare(node.field('right') ?? node)], writes, depth),
  throw_statement: ends,
  return_statement: ends,
  if_statement: (node, writes, depth) => every([node.field('consequence'), node.field('alternative')], writes, depth),
  catch_clause: (node, writes, depth) => every([node.field('body')], writes, depth),
  try_statement: (node, writes, depth) => {
    const finalizer = node.field('finalizer')
    if (finalizer !== undefined && writesAlways(finalizer, writes, depth + 1)) return true
    const handler = node.field('handler')
    return every(handler === undefined ? [node.field('body')] : [node.field('body'), handler], writes, depth)
  },
  switch_statement: (node, writes, depth) => {
    const cases = node.field('body')?.named ?? []
    const filled = cases.filter((part) => part.kind === 'switch_default' || part.named.length > 1)
    return cases.some((part) => part.kind === 'switch_default') && filled.every((part) => some(part, writes, depth + 1))
  },
}

function writesAlways(statement: Node, writes: ReadonlySet<Node>, depth: number): boolean {
  if (writes.has(statement)) return true
  return depth < 60 && (RULES[statement.kind]?.(statement, writes, depth) ?? false)
}
