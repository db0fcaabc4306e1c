import { assignedSecrets } from './assigned.ts'
import { commandSecrets } from './command.ts'
import { inputSecrets } from './input.ts'
import { mergeRanges, type TextRange } from './ranges.ts'
import { randomRuns } from './runs.ts'
import { shapedSecrets } from './shapes.ts'
import { suspects } from './suspects.ts'

export { secretWords } from './command.ts'
export { suspectWords } from './suspects.ts'
export { continuesSecret, redactLine } from './lines.ts'
export { isSecretName, isSecretOption } from './names.ts'

/** Stands where a secret was. */
export const REDACTED = '[redacted]'

/** Secrets are known by their own shape, by the name they are given to, by their place in a command, by their look. */
const FINDERS: readonly ((text: string) => readonly TextRange[])[] = [
  shapedSecrets,
  randomRuns,
  assignedSecrets,
  commandSecrets,
  inputSecrets,
]

/** Where a text has what is or may be a secret, in order, none overlapping. Takes time in proportion to the text's length. */
function secretsIn(text: string): readonly TextRange[] {
  return mergeRanges([...FINDERS, suspects].flatMap((find) => find(text)))
}

/** Whether a text certainly has a secret; `show` hides more. */
export function hasSecret(text: string): boolean {
  return FINDERS.some((find) => find(text).length > 0)
}

/** The text with `[redacted]` for each secret; not yet fit to be shown (see `show`). */
export function redact(text: string): string {
  let result = ''
  let at = 0
  for (const { start, end } of secretsIn(text)) {
    result += text.slice(at, start) + REDACTED
    at = end
  }
  return result + text.slice(at)
}
