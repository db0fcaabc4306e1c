import type { Draft } from '../../source-edit/draft.ts'
import type { Node } from '../../tree.ts'
import type { Module } from '../source/module.ts'
import { bare } from '../source/syntax.ts'

/**
 * TypeScript's `listen` takes a port that may be a text only where no host follows (@types/node, net.Server.listen): what is read from the
 * environment becomes a number where it is declared.
 */
export function portAsNumber(argument: Node, module: Module, draft: Draft): void {
  if (!/\.[cm]?tsx?$/.test(module.path)) return
  const value = declaredValue(argument, module)
  if (value?.kind === 'binary_expression' && /^(?:\|\||\?\?)$/.test(value.field('operator')?.content ?? '')) {
    const left = value.field('left')
    const right = value.field('right')
    if (left === undefined || right === undefined || !isVariable(left)) return
    draft.replace(value, `Number(${value.content})`)
  } else if (value !== undefined && isVariable(value)) draft.replace(value, `Number(${value.content.replace(/!$/, '')})`)
  else return
  draft.note('the port is made a number, as a call with a host takes it')
}

/** `process.env.PORT`, `process.env['PORT']!`. */
const isVariable = (node: Node): boolean => /^process\.env(?:\.\w+|\[(['"])\w+\1\])!?$/.test(node.content)

/** What the port is declared with, or the expression itself. */
function declaredValue(argument: Node, module: Module): Node | undefined {
  const inner = bare(argument)
  if (inner.kind !== 'identifier') return isVariable(inner) || inner.kind === 'binary_expression' ? inner : undefined
  const declaration = module.lookup(inner.content, inner)
  if (declaration?.kind !== 'variable' || declaration.steps.length > 0 || declaration.value === undefined) return undefined
  // A type that a person wrote says more than what is computed.
  return declaration.node.field('type') === undefined ? declaration.value : undefined
}
