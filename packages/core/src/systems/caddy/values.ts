import type { FileOrigin, Value } from '../../evidence/index.ts'
import { valueWith, variablesAt } from '../proxy-values.ts'

/** A variable of the environment, put in before the file is read: `{$NAME}`, `{$NAME:default}` (caddyconfig/caddyfile/parse.go, `replaceEnvVars`). */
const ENVIRONMENT = /\{\$([^{}:\s]{1,200})(?::([^{}\n]{0,500}))?\}/g

/** What a running Caddy puts in: `{env.NAME}` from the environment, everything else from the request or a module. */
const PLACEHOLDER = /\{[A-Za-z][^{}\s]{0,200}\}/

const RUNTIME_ENVIRONMENT = /\{env\.([A-Za-z_][A-Za-z0-9_]{0,200})\}/g

const ANY_ENVIRONMENT = new RegExp(`${ENVIRONMENT.source}|${RUNTIME_ENVIRONMENT.source}`, 'g')

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
export function toValue(text: string, origin: FileOrigin, convert?: (text: string) => string | number | undefined): Value {
  const variables = variablesAt(text, ANY_ENVIRONMENT, ([, name, usual, atRunTime]) => ({ name: name ?? atRunTime ?? '', usual }))
  return valueWith(text, variables, origin, 'Caddy', convert)
}

/** Braces of variables and placeholders as one character each, so that what is in them does not cut the text. */
export function masked(text: string): string {
  return text.replace(/\{[^{}\s]{1,700}\}/g, (whole) => '\u0001'.repeat(whole.length))
}
