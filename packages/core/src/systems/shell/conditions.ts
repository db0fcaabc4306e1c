import type { Passage } from '../passage.ts'
import { type Node, plainText } from './syntax.ts'

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
