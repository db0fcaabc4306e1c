import { type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'

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

/** A text without nginx variables as a value, those of the environment followed. `convert` makes of a known text what it stands for. */
export function toValue(placed: Placed, convert: (text: string) => string | number | undefined = (text) => text): Value {
  const { text, origin } = placed
  if (!hasEnvironment(placed)) {
    const value = convert(text)
    return value === undefined ? { kind: 'unknown', reason: 'not a form that nginx takes', origin } : { kind: 'known', value, origin }
  }
  const parts: Value[] = []
  let end = 0
  for (const match of text.matchAll(ENVIRONMENT)) {
    if (match.index > end) parts.push({ kind: 'known', value: text.slice(end, match.index), origin })
    parts.push(fromEnvironment(match[1] ?? match[2] ?? '', origin))
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ kind: 'known', value: text.slice(end), origin })
  return joinValues(parts, origin)
}

/** Where it is not set, the text stays as it is and nginx refuses it. */
function fromEnvironment(name: string, origin: FileOrigin): Value {
  return {
    kind: 'environment',
    name,
    fallback: { kind: 'unknown', reason: `${name} has no value here`, origin },
    emptyIsUnset: false,
    origin,
  }
}

/** A port in decimal, 1 to 65535 (`ngx_parse_inet_url`). */
export function portNumber(text: string): number | undefined {
  const port = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}
