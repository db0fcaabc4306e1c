import type { Node } from '../tree.ts'
import { isEnd, isFunction, listed, statementsOf } from './syntax.ts'

/** A function that is the value of a field: `cobra.Command{Run: func() {…}}`. */
export const isKept = (definition: Node): boolean => /^(?:literal_element|keyed_element)$/.test(definition.parent?.kind ?? '')

export const isInitializer = (definition: Node | undefined): boolean =>
  definition?.kind === 'function_declaration' && definition.field('name')?.content === 'init'

/** `s` of `s := &Server{…}`. */
export function variableOf(literal: Node): Node | undefined {
  let value = literal
  while (value.parent?.kind === 'unary_expression') value = value.parent
  const list = value.parent?.kind === 'expression_list' ? value.parent : value
  const statement = list.parent
  if (statement?.kind !== 'short_var_declaration' || statement.field('right') !== list) return undefined
  return listed(statement.field('left'))[listed(list).indexOf(value)]
}

export const isLeftCase = (one: Node): boolean => {
  const last = statementsOf(one).at(-1)
  return last !== undefined && last.kind !== 'break_statement' && isEnd(last)
}

/** The `return`s of a function itself. */
export function returnsOf(body: Node): readonly Node[] {
  const found: Node[] = []
  const open = [body]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'return_statement') found.push(node)
    else if (node === body || !isFunction(node)) open.push(...node.named.filter((one) => one.content.includes('return')))
  }
  return found.toSorted((a, b) => a.start - b.start)
}

/** `return nil, err`: whoever called does not go on with what else is returned. */
export function isErrorExit(statement: Node, definition: Node): boolean {
  const values = listed(statement.named[0])
  const last = values.at(-1)
  if (last === undefined || !/\berror\b/.test(definition.field('result')?.content ?? '') || last.kind === 'nil') return false
  if (last.kind === 'call_expression') return /^(?:fmt\.Errorf|errors\.\w+|status\.Errorf?)$/.test(last.field('function')?.content ?? '')
  for (let outer = statement.parent; outer !== undefined && outer !== definition; outer = outer.parent)
    if (outer.kind === 'if_statement' && /!=\s*nil/.test(outer.field('condition')?.content ?? '')) return true
  return /^[Ee]rr[A-Z]/.test(last.content)
}
