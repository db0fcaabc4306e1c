import { knownText, type Value } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import { type Surroundings } from './expand.ts'
import { isRemote, isShell, remoteCommand } from './inner.ts'
import { inputText } from './load.ts'
import { isList } from './scope.ts'
import type { Input } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** A shell that is told to read what it runs: `bash`, `sh -s -- x`, `bash -eux`. */
const READS = /^(?:\S*\/)?(?:ba|da|a|k|z)?sh(?:\s+-(?!\S*c)\S*)*(?:\s+--.*)?$/s

/** The script that a shell is given to read: `bash <<EOF`, `ssh HOST <<EOF`, `ssh HOST bash -s < deploy.sh`. */
export function fedScript(given: readonly Value[], input: Input | undefined, at: Surroundings, context: ShellContext): Passage | undefined {
  if (input === undefined) return undefined
  const words = withoutSudo(given)
  const program = knownText(words[0])
  const reads = isRemote(program)
    ? remoteCommand(words).every((word) => knownText(word) !== undefined) && isReading(remoteCommand(words))
    : isShell(program) && isReading(words)
  return reads ? (inputText(input, at, context) ?? expandedDocument(input, at)) : undefined
}

/** Without a command a login shell reads. */
function isReading(words: readonly Value[]): boolean {
  return words.length === 0 || READS.test(words.map((word) => knownText(word) ?? '').join(' '))
}

export function withoutSudo(words: readonly Value[]): readonly Value[] {
  if (knownText(words[0]) !== 'sudo') return words
  let index = 1
  for (; knownText(words[index])?.startsWith('-') === true; index++) if (/^-[ugh]$/.test(knownText(words[index]) ?? '')) index++
  return words.slice(index)
}

/** A here-document whose delimiter is not quoted: variables of this shell are put in, those with a backslash are of the one that reads it. */
export function expandedDocument(input: Input, at: Surroundings): Passage | undefined {
  if (input.kind !== 'document') return undefined
  const builder = new PassageBuilder(at.passage)
  const content = at.passage.content.slice(input.start, input.end)
  let from = input.start
  for (const match of content.matchAll(/\\([$`\\])|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g)) {
    const start = input.start + match.index
    const end = start + match[0].length
    builder.copy(from, start)
    builder.replace(match[1] ?? valueOf(match[2] ?? match[3] ?? '', at), start, end)
    from = end
  }
  builder.copy(from, input.end)
  return builder.build()
}

function valueOf(name: string, at: Surroundings): string {
  const value = at.scope.variables.get(name)?.value
  return value !== undefined && !isList(value) && value.kind === 'known' ? String(value.value) : '$(:)'
}
