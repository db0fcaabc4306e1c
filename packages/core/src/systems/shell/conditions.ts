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

/** What comes of a condition that asks for a file of the folder: `[ -f .env ]`, `[ ! -e .env ]`; `undefined`: that is not known. */
export function outcomeOf(node: Node, at: Surroundings, context: ShellContext): boolean | undefined {
  const only = node.kind === 'sequence' && node.items.length === 1 ? node.items[0]?.node : node
  const asked = only === undefined ? undefined : fileAskedFor(only, at)
  if (asked === undefined) return undefined
  const named = filesNamed(context, asked.file, at.scope)
  const isThere = named.every((paths) => paths?.some((path) => context.files?.has(path)) === true)
  return isThere ? !asked.isNegated : undefined
}

interface AskedFile {
  readonly file: Value
  /** It is asked not to be there. */
  readonly isNegated: boolean
}

function fileAskedFor(node: Node, at: Surroundings): AskedFile | undefined {
  if (node.end - node.start > 200) return undefined
  if (node.kind === 'test') {
    const text = at.passage.content.slice(node.start, node.end)
    const [, sign, name, path] = /^\[\[\s+(!\s+)?-[efrs]\s+"?(?:\$\{?(\w+)\}?|([\w./-]+))"?\s+\]\]$/.exec(text) ?? []
    const isNegated = sign !== undefined
    const value = name === undefined ? undefined : at.scope.variables.get(name)?.value
    if (path !== undefined) return { file: known(path, at.passage.origin(node.start, node.end)), isNegated }
    return value === undefined || isList(value) ? undefined : { file: value, isNegated }
  }
  const program = node.kind === 'command' ? plainText(node.words[0]) : undefined
  if (node.kind !== 'command' || (program !== '[' && program !== 'test')) return undefined
  const isNegated = plainText(node.words[1]) === '!'
  const [option, file, closing, ...more] = node.words.slice(isNegated ? 2 : 1)
  const isAsked = option !== undefined && /^-[efrs]$/.test(plainText(option) ?? '') && more.length === 0
  if (!isAsked || file === undefined || plainText(closing) !== (program === '[' ? ']' : undefined)) return undefined
  const [value, ...others] = fieldsOf(file, at)
  return value === undefined || others.length > 0 ? undefined : { file: value, isNegated }
}
