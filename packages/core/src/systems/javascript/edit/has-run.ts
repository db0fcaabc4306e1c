import type { Node } from '../../tree.ts'
import { FUNCTIONS } from '../source/syntax.ts'

/** What holds statements, so that another one can stand before them. */
export const BLOCKS: ReadonlySet<string> = new Set(['program', 'statement_block', 'switch_case', 'switch_default'])

/** Are there before any statement of their block has run (ECMA-262 14.2.3). */
const HOISTED: ReadonlySet<string> = new Set(['function_declaration', 'generator_function_declaration'])

/**
 * Whether a declaration has run whenever `at` does. A name that is used before is an error (ECMA-262 14.3.1), and one of `var` is undefined:
 * no host, which is every address.
 */
export function hasRun(declaration: Node, at: Node): boolean {
  let block = declaration.parent
  while (block !== undefined && !BLOCKS.has(block.kind)) block = block.parent
  if (block === undefined || !at.within(block) || declaration.start > at.start) return false
  const outer = outermostFunction(at, block)
  if (outer === undefined || !HOISTED.has(outer.kind)) return true
  const before = block.children.filter((statement) => statement.end <= declaration.start && !HOISTED.has(exported(statement).kind))
  const names = new Set(block.children.flatMap((statement) => nameOf(exported(statement))))
  return !before.some((statement) => mentions(statement, names))
}

function outermostFunction(at: Node, block: Node): Node | undefined {
  let found: Node | undefined
  for (let node = at.parent; node !== undefined && (node.start !== block.start || node.end !== block.end); node = node.parent)
    if (FUNCTIONS.has(node.kind) || HOISTED.has(node.kind)) found = node
  return found
}

function exported(statement: Node): Node {
  return statement.kind === 'export_statement' ? (statement.field('declaration') ?? statement) : statement
}

function nameOf(statement: Node): readonly string[] {
  return HOISTED.has(statement.kind) ? [statement.field('name')?.content ?? ''] : []
}

/** A name anywhere in a statement: what is handed on may be called as well. */
function mentions(statement: Node, names: ReadonlySet<string>): boolean {
  if (statement.kind === 'import_statement') return false
  const open = [statement]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (/identifier$/.test(node.kind) && names.has(node.content)) return true
    open.push(...node.children)
  }
  return false
}
