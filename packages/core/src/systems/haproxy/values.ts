import type { FileOrigin, Value } from '../../evidence/index.ts'
import { valueWith, variablesAt } from '../proxy-values.ts'

/** As the words of a line have them. */
const ENVIRONMENT = /\$\{([A-Za-z_][A-Za-z0-9_]{0,200})(?:\[\*\])?(?:-([^{}]{0,200}))?\}/g

export function hasEnvironment(text: string): boolean {
  return text.includes('${') && text.search(ENVIRONMENT) >= 0
}

/** What `setenv` and `presetenv` of `global` give. */
export type Given = ReadonlyMap<string, string>

/** A text as a value, variables of the environment followed. `convert` makes of a known text what it stands for. */
export function toValue(text: string, origin: FileOrigin, given: Given, convert?: (text: string) => string | number | undefined): Value {
  const variables = variablesAt(text, ENVIRONMENT, ([, name = '', written]) => ({ name, usual: given.get(name) ?? written }))
  return valueWith(text, variables, origin, 'HAProxy', convert)
}

/** Variables as one character each, so that colons and commas in them do not cut the text. */
export function masked(text: string): string {
  return text.replace(ENVIRONMENT, (whole) => '\u0001'.repeat(whole.length))
}
