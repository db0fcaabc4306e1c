import type { Text } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import type { MakeVariable, RecipeLine } from './parse.ts'
import { isDefault, valuesOf } from './values.ts'

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

/** What a line is put together with. */
interface Surroundings {
  readonly variables: MakeVariables
  readonly target: string
  /** Whether all that the file includes was seen: what it does not set may come from the environment. */
  readonly isKnown: boolean
  /** References that may still be followed. */
  readonly left: { steps: number }
}

/** Lines of a recipe as one shell gets them, with make's variables put in (6.1 Basics of Variable References). */
export function shellLines(text: Text, lines: readonly RecipeLine[], variables: MakeVariables, target: string, isKnown: boolean): Passage {
  const builder = new PassageBuilder(text)
  const at = { variables, target, isKnown, left: { steps: STEPS } }
  for (const [index, line] of lines.entries()) {
    if (index > 0) builder.replace('\n', line.start, line.start)
    addLine(builder, text.content, line, at)
  }
  return builder.build()
}

function addLine(builder: PassageBuilder, content: string, line: RecipeLine, surroundings: Surroundings): void {
  for (let at = line.start; at < line.end; ) {
    const dollar = content.indexOf('$', at)
    const end = dollar < 0 || dollar >= line.end ? line.end : dollar
    builder.copy(at, end)
    if (end === line.end) break
    const close = referenceEnd(content, end, line.end)
    builder.replace(expanded(content.slice(end, close), surroundings, DEPTH), end, close)
    at = close
  }
}

/** The text of a variable; what is left of `$` is not known. */
export function expandedText(text: string, variables: MakeVariables, target: string): string {
  return inside(text, { variables, target, isKnown: true, left: { steps: STEPS } }, DEPTH)
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

function expanded(reference: string, at: Surroundings, depth: number): string {
  if (reference === '$$') return '$'
  if (reference.length < 2) return reference
  const bracketed = /^\$(?:\((.*)\)|\{(.*)\})$/s.exec(reference)
  const name = bracketed?.[1] ?? bracketed?.[2] ?? reference.slice(1)
  if (name === '@') return PLAIN.test(at.target) ? at.target : UNKNOWN
  if (name === 'MAKE') return 'make'
  if (name === 'CURDIR') return '$PWD'
  if (depth === 0 || at.left.steps-- <= 0) return UNKNOWN
  const called = /^call\s+([\w.-]+)\s*(?:,(.*))?$/s.exec(name)
  if (called !== null) return applied(called[1] ?? '', called[2], at, depth)
  if (AUTOMATIC.test(name) || !/^[\w.-]+$/.test(name)) return UNKNOWN
  const given = at.variables.get(name) ?? []
  // What the file does not set may come from the environment.
  const fromOutside = at.isKnown && /^[A-Za-z_]\w*$/.test(name) ? `\${${name}}` : UNKNOWN
  const texts = new Set(valuesOf(given).map(({ text }) => inside(text, at, depth - 1)))
  const [only] = texts
  if (only === undefined) return fromOutside
  if (texts.size > 1) return UNKNOWN
  return isDefault(given) && PLAIN.test(only) && /^\w+$/.test(name) ? `\${${name}-${only}}` : only
}

/** `$(call name,first,second)`: the variable's text, with `$(1)`, `$(2)` … put in (8.10). */
function applied(name: string, words: string | undefined, at: Surroundings, depth: number): string {
  const given = at.variables.get(name)
  if (given === undefined) return UNKNOWN
  const variables = new Map(at.variables)
  for (const [index, word] of (words === undefined ? [] : separated(words)).entries()) {
    const [from] = given
    if (from === undefined) break
    const text = inside(word.trim(), at, depth - 1).replaceAll('$', '$$$$')
    variables.set(String(index + 1), [{ ...from, name: String(index + 1), text, kind: 'set', isConditional: false }])
  }
  return expanded(`$(${name})`, { ...at, variables }, depth - 1)
}

/** Words between commas that stand in no brackets. */
function separated(text: string): readonly string[] {
  const words: string[] = ['']
  let open = 0
  for (const sign of text) {
    if (sign === '(' || sign === '{') open++
    else if (sign === ')' || sign === '}') open--
    if (sign === ',' && open === 0) words.push('')
    else words[words.length - 1] += sign
  }
  return words.slice(0, 20)
}

function inside(text: string, surroundings: Surroundings, depth: number): string {
  let result = ''
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    const end = dollar < 0 ? text.length : dollar
    result += text.slice(at, end)
    if (end === text.length) break
    const close = referenceEnd(text, end, text.length)
    result += expanded(text.slice(end, close), surroundings, depth)
    if (result.length > LONGEST) return UNKNOWN
    at = close
  }
  return result
}
