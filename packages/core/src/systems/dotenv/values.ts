import { ABSENT, type FileOrigin, type Text, type Value } from '../../evidence/index.ts'
import { interpolate } from './interpolate.ts'
import { type Dialect, type EnvironmentLine, parseEnvironment } from './parse.ts'

/** A variable that a `.env` file sets. The value is whole: whoever keeps it takes secrets out first. */
export interface FileVariable {
  readonly name: string
  readonly value: Value
  readonly line: EnvironmentLine
  /** The line's place, as a whole. */
  readonly origin: FileOrigin
}

export interface FileVariables {
  /** In the file's order; of a name that is set twice, the last. */
  readonly variables: ReadonlyMap<string, FileVariable>
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

/**
 * What a `.env` file sets, with references to variables put in: to those that stand before in the file, or to the
 * surroundings. compose and python-dotenv put them in, Node's dotenv together with dotenv-expand; dotenv alone leaves them.
 */
export function readEnvironmentFile(text: Text, dialect: Dialect): FileVariables {
  const { lines, problems } = parseEnvironment(text, dialect)
  const variables = new Map<string, FileVariable>()
  const reported = problems.map(({ reason, start, end }) => ({ reason, origin: text.origin(start, end) }))
  for (const line of lines) {
    const origin = text.origin(line.start, line.end)
    variables.delete(line.name)
    variables.set(line.name, { name: line.name, value: valueOf(line, origin, variables), line, origin })
  }
  return { variables, problems: reported }
}

function valueOf(line: EnvironmentLine, origin: FileOrigin, before: ReadonlyMap<string, FileVariable>): Value {
  const { value } = line
  if (value === undefined) return { kind: 'environment', name: line.name, fallback: ABSENT, emptyIsUnset: false, origin }
  const whole = value.origin(0, value.content.length)
  if (!line.interpolated || !value.content.includes('$'))
    return { kind: 'known', value: value.content, origin: value.content === '' ? origin : whole }
  return interpolate(
    value,
    (name, place) => before.get(name)?.value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin: place },
  ).value
}
