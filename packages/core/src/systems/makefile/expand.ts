import type { Text } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import type { MakeVariable, RecipeLine } from './parse.ts'

/** How deep variables lead to one another, and the longest text that they become. */
const DEPTH = 12
/** References that are followed for one line: variables that lead to one another many times double with every step. */
const STEPS = 500
const LONGEST = 1 << 15

/** What a shell does not know beforehand. */
const UNKNOWN = '$(:)'
/** A text that means the same within a shell's `${NAME-text}`. */
const PLAIN = /^[\w./:@%+,-]*$/

/** The variables of make that hold for one target: those of the command line, of the target, of the file. */
export type MakeVariables = ReadonlyMap<string, readonly MakeVariable[]>

/** A recipe's line as the shell gets it, with make's variables put in (6.1 Basics of Variable References). */
export function shellLine(text: Text, line: RecipeLine, variables: MakeVariables, target: string): Passage {
  const builder = new PassageBuilder(text)
  const left = { steps: STEPS }
  const { content } = text
  for (let at = line.start; at < line.end; ) {
    const dollar = content.indexOf('$', at)
    const end = dollar < 0 || dollar >= line.end ? line.end : dollar
    builder.copy(at, end)
    if (end === line.end) break
    const close = referenceEnd(content, end, line.end)
    builder.replace(expanded(content.slice(end, close), variables, target, DEPTH, left), end, close)
    at = close
  }
  return builder.build()
}

/** The end of `$(…)`, `${…}` or `$x`, brackets inside counted. */
function referenceEnd(content: string, dollar: number, limit: number): number {
  const open = content[dollar + 1]
  const close = open === '(' ? ')' : open === '{' ? '}' : undefined
  if (close === undefined) return Math.min(dollar + 2, limit)
  let depth = 0
  for (let at = dollar + 1; at < limit; at++) {
    if (content[at] === open) depth++
    else if (content[at] === close && --depth === 0) return at + 1
  }
  return limit
}

const AUTOMATIC = /^[@<^+?*%|]/

function expanded(reference: string, variables: MakeVariables, target: string, depth: number, left: { steps: number }): string {
  if (reference === '$$') return '$'
  if (reference.length < 2) return reference
  const bracketed = /^\$(?:\((.*)\)|\{(.*)\})$/s.exec(reference)
  const name = bracketed?.[1] ?? bracketed?.[2] ?? reference.slice(1)
  if (name === '@') return PLAIN.test(target) ? target : UNKNOWN
  if (name === 'MAKE') return 'make'
  if (name === 'CURDIR') return '$PWD'
  if (AUTOMATIC.test(name) || !/^[\w.-]+$/.test(name) || depth === 0 || left.steps-- <= 0) return UNKNOWN
  const given = variables.get(name)
  // What the file does not set may come from the environment.
  if (given === undefined || given.length === 0) return /^\w+$/.test(name) ? `\${${name}}` : UNKNOWN
  const texts = new Set(
    given.filter(({ kind, text }) => kind !== 'more' || text !== '').map(({ text }) => inside(text, variables, target, depth - 1, left)),
  )
  const [only] = texts
  if (only === undefined) return `\${${name}}`
  if (texts.size > 1) return UNKNOWN
  const isDefault = given.every(({ kind }) => kind !== 'set')
  return isDefault && PLAIN.test(only) ? `\${${name}-${only}}` : only
}

function inside(text: string, variables: MakeVariables, target: string, depth: number, left: { steps: number }): string {
  let result = ''
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    const end = dollar < 0 ? text.length : dollar
    result += text.slice(at, end)
    if (end === text.length) break
    const close = referenceEnd(text, end, text.length)
    result += expanded(text.slice(end, close), variables, target, depth, left)
    if (result.length > LONGEST) return UNKNOWN
    at = close
  }
  return result
}
