import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { nodeFromTo } from '../../source-edit/nodes.ts'
import type { Wanted } from '../../source-edit/wanted.ts'
import { around, type Node } from '../../tree.ts'
import type { Module } from '../module.ts'
import { literalText } from '../syntax.ts'
import { quoteOf } from './environment.ts'

/** Functions that read a variable, and how they take what stands in for it. */
const READERS: readonly (readonly [callee: RegExp, keyword: string])[] = [
  [/(?:^|\.)getenv$|(?:^|\.)environ\.get$/, ''],
  [/^(?:config|env|env\.str)$/, 'default='],
]

/** A variable that may not be set gets something to stand in for it. `false`: it is not read by an expression that could be added to. */
export function fallBackAt(wanted: Extract<Wanted, { readonly kind: 'unset' }>, change: BindChange, module: Module, draft: Draft): boolean {
  const { start, end } = wanted.at.span
  const found = nodeFromTo(module.root, start.offset, end.offset)
  return found !== undefined && fallBack(found, wanted.variable, change, module, draft)
}

/** As `fallBackAt`, of the expression that reads it. */
export function fallBack(found: Node, variable: string, change: BindChange, module: Module, draft: Draft): boolean {
  const quote = quoteOf(module)
  const host = `${quote}${change.host}${quote}`
  const node = found.kind === 'call' || found.kind === 'subscript' ? found : around(found, CALLS)
  if (node === undefined || node.content.length > 300) return false
  if (node.kind === 'subscript') {
    // `os.environ["HOST"]` ends the program where it is not set.
    const object = node.field('value')
    if (object === undefined || !/(?:^|\.)environ$/.test(object.content)) return false
    draft.replace(node, `${object.content}.get(${quote}${variable}${quote}, ${host})`)
    return true
  }
  const given = node.field('arguments')?.named ?? []
  const [key, second] = given
  const reader = READERS.find(([callee]) => callee.test(node.field('function')?.content ?? ''))
  if (reader === undefined || key === undefined || literalText(key) !== variable) return false
  if (second === undefined) draft.insert(key, key.end, `, ${reader[1]}${host}`)
  else if (given.length === 2) draft.replace(valueOf(second), host)
  else return false
  return true
}

const CALLS: ReadonlySet<string> = new Set(['call', 'subscript'])

/** `None` of `default=None`. */
const valueOf = (argument: Node): Node => (argument.kind === 'keyword_argument' ? (argument.field('value') ?? argument) : argument)
