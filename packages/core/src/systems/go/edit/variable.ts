import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { nodeFromTo } from '../../source-edit/nodes.ts'
import type { Wanted } from '../../source-edit/wanted.ts'
import type { GoFile } from '../file.ts'
import { functionAround } from '../syntax.ts'
import type { Imports } from './imports.ts'
import { declaredAs } from './source.ts'
import { fallBackAfter, localFor } from './variables.ts'

/**
 * A variable that may not be set gets something to stand in for it. `false`: what it gives is a whole address, or it is read where nothing can
 * be added.
 */
export function fallBack(
  wanted: Extract<Wanted, { readonly kind: 'unset' }>,
  change: BindChange,
  file: GoFile,
  imports: Imports,
  draft: Draft,
): boolean {
  const { start, end } = wanted.at.span
  const node = nodeFromTo(file.root, start.offset, end.offset)
  if (node?.kind !== 'call_expression' || !/\.Getenv$/.test(node.field('function')?.content ?? '')) return false
  if (!/HOST|BIND|IP$/.test(wanted.variable) || functionAround(node) === undefined) return false
  const declared = declaredAs(node)
  if (declared !== undefined) {
    fallBackAfter(declared.statement, declared.name.content, change.host, draft)
    return true
  }
  const setting = { variable: wanted.variable, fallback: change.host, names: ['host', 'bindHost', 'listenHost'] }
  const local = localFor(setting, file, node, imports, draft)
  if (local === undefined) return false
  draft.replace(node, local)
  return true
}
