import type { Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { fieldsOf, known, type Surroundings } from './expand.ts'
import { filesNamed } from './files.ts'
import { isList } from './scope.ts'
import { type Node, plainText } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** Whether a command only asks something: what follows it may be done or not. */
export function isCondition(node: Node): boolean {
  if (node.kind === 'test') return true
  const name = node.kind === 'command' ? plainText(node.words[0]) : undefined
  return name === '[' || name === 'test' || name === 'command' || name === 'which' || name === 'grep'
}

/** The variable that a condition asks to be unset: `[ -z "$NAME" ]`. */
export function defaulted(node: Node, passage: Passage): string | undefined {
  const only = node.kind === 'sequence' && node.items.length === 1 ? node.items[0]?.node : node
  if (only === undefined || !isCondition(only) || only.end - only.start > 200) return undefined
  const text = passage.content.slice(only.start, only.end)
  return /^\[\[?\s+-z\s+"?\$\{?([A-Za-z_][A-Za-z0-9_]*)(?:(?::?-)?\})?"?\s*\]?\]?$/.exec(text)?.[1]
}

/** Whether a condition asks for a file that is in the folder: `[ -f .env ]`. */
export function isFileThere(node: Node, at: Surroundings, context: ShellContext): boolean {
  const only = node.kind === 'sequence' && node.items.length === 1 ? node.items[0]?.node : node
  const value = only === undefined ? undefined : fileAskedFor(only, at)
  if (value === undefined) return false
  const named = filesNamed(context, value, at.scope)
  return named.every((paths) => paths?.some((path) => context.files?.has(path)) === true)
}

function fileAskedFor(node: Node, at: Surroundings): Value | undefined {
  if (node.end - node.start > 200) return undefined
  if (node.kind === 'test') {
    const text = at.passage.content.slice(node.start, node.end)
    const [, name, path] = /^\[\[\s+-[efrs]\s+"?(?:\$\{?(\w+)\}?|([\w./-]+))"?\s+\]\]$/.exec(text) ?? []
    const value = name === undefined ? undefined : at.scope.variables.get(name)?.value
    if (path !== undefined) return known(path, at.passage.origin(node.start, node.end))
    return value === undefined || isList(value) ? undefined : value
  }
  const program = node.kind === 'command' ? plainText(node.words[0]) : undefined
  if (node.kind !== 'command' || (program !== '[' && program !== 'test')) return undefined
  const [option, file, closing, ...more] = node.words.slice(1)
  const isAsked = option !== undefined && /^-[efrs]$/.test(plainText(option) ?? '') && more.length === 0
  if (!isAsked || file === undefined || plainText(closing) !== (program === '[' ? ']' : undefined)) return undefined
  const [value, ...others] = fieldsOf(file, at)
  return others.length === 0 ? value : undefined
}
