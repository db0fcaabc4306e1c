import { Text } from '../../evidence/index.ts'
import { type Dialect, type EnvironmentLine, parseEnvironment } from './parse.ts'

/** What is to become of one variable of a `.env` file. */
export type Assignment =
  | { readonly kind: 'set'; readonly name: string; readonly value: string; readonly after?: string }
  /** The value of `from`, as it is written there, under another name; a line is added behind that of `from`. */
  | { readonly kind: 'copy'; readonly name: string; readonly from: string }
  /** Its lines go. */
  | { readonly kind: 'drop'; readonly name: string }

export type Assigned =
  | { readonly kind: 'text'; readonly text: string }
  /** 1-based. What stands there is read in different ways by different programs, or is not understood. */
  | { readonly kind: 'refused'; readonly line: number; readonly why: string }

/** What can stand without quotes, and means itself to dotenv, compose and every shell. */
const PLAIN = /^[\w.:@%+,/-]*$/

/** How the two kinds of readers write where a value is; a file that only one of them understands is a person's to correct. */
const DIALECTS: readonly Dialect[] = ['compose', 'node']

/**
 * A `.env` file with variables set, copied or dropped, everything else as it was, byte for byte: other lines, comments, blanks, line
 * ends. A name that is set several times gets the value on each of its lines; one that is not there is added at the end. Copies are of
 * the values as they were. Never throws; what would be ambiguous afterwards is refused.
 */
export function assign(text: string, assignments: readonly Assignment[]): Assigned {
  const file = new Text('.env', text)
  const [lines = [], other = []] = DIALECTS.map((dialect) => parseEnvironment(file, dialect).lines)
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  const added: string[] = []
  const end = lineEndOf(text)
  for (const assignment of assignments) {
    const { name } = assignment
    const here = lines.filter((line) => line.name === name)
    const theirs = other.filter((line) => line.name === name)
    const set = here.filter(({ value }) => value !== undefined)
    const odd = set.find((line) => !theirs.some(({ start, from }) => start === line.start && from === line.from))
    const wrong = odd ?? theirs.find((line) => !here.some(({ start }) => start === line.start))
    if (wrong !== undefined)
      return { kind: 'refused', line: file.position(wrong.start).line, why: `${name} is read in different ways by dotenv and compose` }
    if (assignment.kind === 'drop') edits.push(...here.map((line) => ({ ...wholeLine(text, line), text: '' })))
    else if (assignment.kind === 'copy') {
      const from = lines.findLast((line) => line.name === assignment.from && line.value !== undefined)
      if (from === undefined) continue
      const written = text.slice(from.from, from.end)
      if (set.length > 0) edits.push(...set.map((line) => ({ start: line.from, end: line.end, text: written })))
      else edits.push(addition(text, from, `${name}=${written}`, end))
    } else {
      if (!PLAIN.test(assignment.value)) return { kind: 'refused', line: 1, why: `the new value of ${name} would need quotes` }
      const after = lines.findLast((line) => line.name === assignment.after)
      if (set.length > 0) edits.push(...set.map((line) => ({ start: line.from, end: line.end, text: assignment.value })))
      else if (after !== undefined) edits.push(addition(text, after, `${name}=${assignment.value}`, end))
      else added.push(`${name}=${assignment.value}${end}`)
    }
  }
  const changed = edits
    .map((edit, index) => ({ ...edit, index }))
    // Additions at one place keep the order in which they were asked for.
    .toSorted((a, b) => b.start - a.start || b.index - a.index)
    .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text)
  const gap = added.length === 0 || changed === '' || /[\r\n]$/.test(changed) ? '' : end
  const result = changed + gap + added.join('')
  const wrong = DIALECTS.map((dialect) => firstOther(text, result, assignments, dialect)).find((name) => name !== undefined)
  if (wrong === undefined) return { kind: 'text', text: result }
  const line = lines.find(({ name }) => name === wrong) ?? lines.find(({ name }) => assignments.some((item) => item.name === name))
  const why = `dotenv and compose do not agree about the quotes of this file, and ${wrong} would be read in another way`
  return { kind: 'refused', line: line === undefined ? 1 : file.position(line.start).line, why }
}

/** The first variable that would be read otherwise than is meant. */
function firstOther(before: string, after: string, assignments: readonly Assignment[], dialect: Dialect): string | undefined {
  const [old, now] = [before, after].map(
    (text) => new Map(parseEnvironment(new Text('.env', text), dialect).lines.map((line) => [line.name, line])),
  )
  const wanted = new Map([...(old ?? [])].map(([name, { value }]): [string, string | undefined] => [name, value?.content]))
  for (const item of assignments) {
    if (item.kind === 'drop') wanted.delete(item.name)
    else if (item.kind === 'set') wanted.set(item.name, item.value)
    else if (old?.has(item.from) === true) wanted.set(item.name, old.get(item.from)?.value?.content)
  }
  const names = [...wanted.keys(), ...(now?.keys() ?? [])]
  return names.find((name) => wanted.has(name) !== now?.has(name) || wanted.get(name) !== now?.get(name)?.value?.content)
}

/** The file's own line end: that of its first line. */
function lineEndOf(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n'
}

function lineEnd(text: string, from: number): number {
  const found = text.slice(from).search(/[\r\n]/)
  return found < 0 ? text.length : from + found
}

/** With its comment and its line end. */
function wholeLine(text: string, line: EnvironmentLine): { readonly start: number; readonly end: number } {
  const start = Math.max(text.lastIndexOf('\n', line.start - 1), text.lastIndexOf('\r', line.start - 1)) + 1
  const end = lineEnd(text, line.end)
  return { start: line.start === 0 ? 0 : start, end: end + (/^(?:\r\n|\r|\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0) }
}

/** A line of its own behind another. */
function addition(text: string, line: EnvironmentLine, added: string, end: string): { start: number; end: number; text: string } {
  const at = lineEnd(text, line.end)
  return { start: at, end: at, text: `${end}${added}` }
}
