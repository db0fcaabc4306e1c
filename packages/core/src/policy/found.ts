import { show } from '../evidence/index.ts'

/** A value as a message names it: short, on one line, without secrets. */
export function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a mapping'
}

export function quoted(text: string): string {
  return `"${show(text, 60)}"`
}

/** Code of the policy, as hints show it. */
export function code(text: string): string {
  return `\`${show(text, 80)}\``
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
