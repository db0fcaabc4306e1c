import { type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'

/** A variable of the environment, put in before the file is read: `{$NAME}`, `{$NAME:default}` (caddyconfig/caddyfile/parse.go, `replaceEnvVars`). */
const ENVIRONMENT = /\{\$([^{}:\s]{1,200})(?::([^{}\n]{0,500}))?\}/g

/** What a running Caddy puts in: `{env.NAME}` from the environment, everything else from the request or a module. */
const PLACEHOLDER = /\{[A-Za-z][^{}\s]{0,200}\}/

const RUNTIME_ENVIRONMENT = /\{env\.([A-Za-z_][A-Za-z0-9_]{0,200})\}/g

export function hasEnvironment(text: string): boolean {
  return text.includes('{$') && text.search(ENVIRONMENT) >= 0
}

export function hasPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.replace(RUNTIME_ENVIRONMENT, ''))
}

/** The text with the defaults of its variables put in: its likely shape. */
export function withDefaults(text: string): string {
  return text.replace(ENVIRONMENT, (_, _name: string, fallback: string | undefined) => fallback ?? '')
}

/** The name of the variable that the text is, and its default. */
export function soleVariable(text: string): { readonly name: string; readonly fallback: string | undefined } | undefined {
  const [match, another] = text.matchAll(ENVIRONMENT)
  if (match === undefined || another !== undefined || match[0] !== text) return undefined
  return { name: match[1] ?? '', fallback: match[2] }
}

/** A text as a value, variables of the environment followed. `convert` makes of a known text what it stands for. */
export function toValue(
  text: string,
  origin: FileOrigin,
  convert: (text: string) => string | number | undefined = (known) => known,
): Value {
  const known = (written: string): Value => {
    const value = convert(written)
    return value === undefined ? { kind: 'unknown', reason: 'not a form that Caddy takes', origin } : { kind: 'known', value, origin }
  }
  const parts: Value[] = []
  let end = 0
  const combined = new RegExp(`${ENVIRONMENT.source}|${RUNTIME_ENVIRONMENT.source}`, 'g')
  for (const match of text.matchAll(combined)) {
    if (match.index > end) parts.push({ kind: 'known', value: text.slice(end, match.index), origin })
    const name = match[1] ?? match[3] ?? ''
    const fallback: Value = match[2] === undefined ? { kind: 'unknown', reason: `${name} has no value here`, origin } : known(match[2])
    parts.push({ kind: 'environment', name, fallback, emptyIsUnset: false, origin })
    end = match.index + match[0].length
  }
  if (parts.length === 0) return known(text)
  if (end < text.length) parts.push({ kind: 'known', value: text.slice(end), origin })
  return joinValues(parts, origin)
}

/** A port in decimal, 1 to 65535. */
export function portNumber(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}

/** Braces of variables and placeholders as one character each, so that what is in them does not cut the text. */
export function masked(text: string): string {
  return text.replace(/\{[^{}\s]{1,700}\}/g, (whole) => '\u0001'.repeat(whole.length))
}
