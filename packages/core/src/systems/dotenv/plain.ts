import { type FileOrigin, knownText, type Text } from '../../evidence/index.ts'
import { readEnvironmentFile } from './values.ts'

/** A variable of a `.env` file with its whole value, secrets too: for whoever judges or changes them, and never for evidence. */
export interface PlainVariable {
  readonly name: string
  /** Empty: the file gives none. `undefined`: it is taken from elsewhere (`${OTHER}`, `NAME` alone). */
  readonly value: string | undefined
  /** The line. */
  readonly origin: FileOrigin
}

/** In the file's order; of a name that is set twice, the last, as every program takes it. */
export function plainVariables(text: Text): ReadonlyMap<string, PlainVariable> {
  const { variables } = readEnvironmentFile(text, 'compose')
  return new Map([...variables.values()].map(({ name, value, origin }) => [name, { name, value: knownText(value), origin }]))
}

/** What a `.env` file has that is no assignment, and so may hold a secret that is not seen: where, and why. */
export function unreadLines(text: Text): readonly { readonly reason: string; readonly origin: FileOrigin }[] {
  return readEnvironmentFile(text, 'compose').problems
}
