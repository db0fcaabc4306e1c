import { type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'

/** As the words of a line have them. */
const ENVIRONMENT = /\$\{([A-Za-z_][A-Za-z0-9_]{0,200})(?:\[\*\])?(?:-([^{}]{0,200}))?\}/g

export function hasEnvironment(text: string): boolean {
  return text.includes('${') && text.search(ENVIRONMENT) >= 0
}

/** What `setenv` and `presetenv` of `global` give. */
export type Given = ReadonlyMap<string, string>

/** A text as a value, variables of the environment followed. `convert` makes of a known text what it stands for. */
export function toValue(
  text: string,
  origin: FileOrigin,
  given: Given,
  convert: (text: string) => string | number | undefined = (known) => known,
): Value {
  const known = (written: string): Value => {
    const value = convert(written)
    return value === undefined ? { kind: 'unknown', reason: 'not a form that HAProxy takes', origin } : { kind: 'known', value, origin }
  }
  const parts: Value[] = []
  let end = 0
  for (const match of text.matchAll(ENVIRONMENT)) {
    if (match.index > end) parts.push({ kind: 'known', value: text.slice(end, match.index), origin })
    const [whole, name = '', written] = match
    const usual = given.get(name) ?? written
    const fallback: Value = usual === undefined ? { kind: 'unknown', reason: `${name} has no value here`, origin } : known(usual)
    parts.push({ kind: 'environment', name, fallback, emptyIsUnset: false, origin })
    end = match.index + whole.length
  }
  if (parts.length === 0) return known(text)
  if (end < text.length) parts.push({ kind: 'known', value: text.slice(end), origin })
  return joinValues(parts, origin)
}

export function portNumber(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}

/** Variables as one character each, so that colons and commas in them do not cut the text. */
export function masked(text: string): string {
  return text.replace(ENVIRONMENT, (whole) => '\u0001'.repeat(whole.length))
}
