import type { FileOrigin, Value } from '../../evidence/index.ts'
import { valueWith, variablesAt } from '../proxy-values.ts'

/** A text of the configuration with where it stands. `template`: variables of the environment are put in before nginx reads it. */
export interface Placed {
  readonly text: string
  readonly template: boolean
  readonly origin: FileOrigin
}

/** By convention, which the template files of nginx's own image follow, the environment's names are upper case and nginx's lower case. */
const ENVIRONMENT = /\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))/g

export function hasEnvironment(placed: Placed): boolean {
  return placed.template && placed.text.search(ENVIRONMENT) >= 0
}

/** nginx's variables in a text: `$name`, `${name}`, `$1`. Those that the environment puts in are none. */
export function variablesIn(placed: Placed): readonly string[] {
  const text = placed.template ? placed.text.replace(ENVIRONMENT, '') : placed.text
  return [...text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? '')
}

/** A text without nginx variables as a value, those of the environment followed: where one is not set, the text stays as it is and nginx refuses it. */
export function toValue(placed: Placed, convert?: (text: string) => string | number | undefined): Value {
  const { text, origin } = placed
  const variables = hasEnvironment(placed)
    ? variablesAt(text, ENVIRONMENT, ([, braced, plain]) => ({ name: braced ?? plain ?? '', usual: undefined }))
    : []
  return valueWith(text, variables, origin, 'nginx', convert)
}
