import type { Editable } from '../../edit.ts'
import { parsed } from '../../source-edit/parsed.ts'
import type { Tools } from '../../system.ts'
import { Node } from '../../tree.ts'
import { GoFile } from '../file.ts'

/** A file that is edited, parsed; or why it cannot be. */
export function sourceOf(path: string, files: Editable, tools: Tools): GoFile | string {
  return parsed(path, files, tools, 'go', (text, root) => new GoFile(text, root))
}

/** The statement around a node that others can stand before; `undefined`: it stands at the top of the file. */
export function statementAround(node: Node): Node | undefined {
  let statement = node
  while (statement.parent !== undefined && statement.parent.kind !== 'statement_list') statement = statement.parent
  return statement.parent === undefined ? undefined : statement
}

/** The expression that a node is but for parentheses and the wrapping of a field's value. */
export function outermost(node: Node): Node {
  let outer = node
  while (outer.parent?.kind === 'parenthesized_expression' || outer.parent?.kind === 'literal_element') outer = outer.parent
  return outer
}

/** What a value is declared as, alone and inside a function: `host := …`. */
export function declaredAs(value: Node): { readonly statement: Node; readonly name: Node } | undefined {
  const outer = outermost(value)
  const statement = outer.parent?.kind === 'expression_list' ? outer.parent.parent : undefined
  const names = statement?.field('left')?.named ?? []
  const [name] = names
  if (statement?.kind !== 'short_var_declaration' || statement.parent?.kind !== 'statement_list') return undefined
  return names.length === 1 && name !== undefined ? { statement, name } : undefined
}
