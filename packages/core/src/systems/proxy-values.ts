import { type FileOrigin, joinValues, type Value } from '../evidence/index.ts'

/** A variable of the environment in a text: from `start` up to `end` (exclusive). `usual`: what stands there where nothing sets it. */
export interface VariableAt {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly usual: string | undefined
}

/** The variables in a text that a pattern finds. `read`: name and usual value, by the groups of a match. */
export function variablesAt(
  text: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => Pick<VariableAt, 'name' | 'usual'>,
): readonly VariableAt[] {
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length, ...read(match) }))
}

/** A text as a value, its variables followed. `convert` makes of a known text what it stands for; `undefined`: `program` takes no such text. */
export function valueWith(
  text: string,
  variables: readonly VariableAt[],
  origin: FileOrigin,
  program: string,
  convert: (text: string) => string | number | undefined = (known) => known,
): Value {
  const known = (written: string): Value => {
    const value = convert(written)
    return value === undefined ? { kind: 'unknown', reason: `not a form that ${program} takes`, origin } : { kind: 'known', value, origin }
  }
  const parts: Value[] = []
  let end = 0
  for (const { start, end: behind, name, usual } of variables) {
    if (start > end) parts.push({ kind: 'known', value: text.slice(end, start), origin })
    const fallback: Value = usual === undefined ? { kind: 'unknown', reason: `${name} has no value here`, origin } : known(usual)
    parts.push({ kind: 'environment', name, fallback, emptyIsUnset: false, origin })
    end = behind
  }
  if (parts.length === 0) return known(text)
  if (end < text.length) parts.push({ kind: 'known', value: text.slice(end), origin })
  return joinValues(parts, origin)
}

/** A port in decimal, 1 to 65535. */
export function portNumber(text: string): number | undefined {
  const port = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}
