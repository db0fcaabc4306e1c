import { knownText, type Value } from '../../evidence/index.ts'
import { type Passage, passageAt, passageOf } from '../passage.ts'

const SHELLS = /(?:^|\/)(?:ba|da|a|k|z)?sh$/

/** Whether a program is a shell, by its path. */
export function isShell(program: string | undefined): boolean {
  return program !== undefined && SHELLS.test(program)
}

/** Options of ssh(1) with a value of their own. */
export const SSH_VALUED = 'BbcDEeFIiJLlmOoPpQRSWw'
const ENDS_VALUED = new RegExp(`^-[A-Za-z]*[${SSH_VALUED}]$`)

/** Whether a command runs what follows on another machine: `ssh HOST COMMAND`. */
export function isRemote(program: string | undefined): boolean {
  return program !== undefined && /(?:^|\/)ssh$/.test(program)
}

/** The words behind `ssh [options] HOST`; none: a login shell. */
export function remoteCommand(words: readonly Value[]): readonly Value[] {
  let index = 1
  for (; index < words.length; index++) {
    const text = knownText(words[index])
    if (text === undefined || !text.startsWith('-')) break
    if (ENDS_VALUED.test(text)) index++
  }
  return words.slice(index + 1).filter((word) => word.kind !== 'absent')
}

/** What `ssh HOST COMMAND…` has the shell of another machine run: its words, put together with blanks. */
function remoteScript(words: readonly Value[]): Passage | undefined {
  const command = remoteCommand(words)
  const [first] = command
  if (first === undefined || first.kind === 'absent') return undefined
  if (command.length === 1 && first.kind === 'known') return passageOf(first)
  const texts = command.map((word) => (word.kind === 'joined' ? word.parts : [word]).map((part) => knownText(part) ?? '$(:)').join(''))
  return passageAt(texts.join(' '), first.origin)
}

/** The script in `sh -c SCRIPT`, whole. Words that are kept may have lost it: a secret anywhere in it takes all of it away. */
export function innerScript(words: readonly Value[]): Passage | undefined {
  if (isRemote(knownText(words[0]))) return remoteScript(words)
  if (!isShell(knownText(words[0]))) return undefined
  for (const [index, word] of words.entries()) {
    if (index === 0) continue
    const text = knownText(word)
    if (text === undefined || !/^[-+]/.test(text)) return undefined
    if (!/^-[a-zA-Z]*c$/.test(text)) continue
    const script = words[index + 1]
    if (script?.kind === 'known') return passageOf(script)
    // A part that is not known becomes something that a shell does not know beforehand either.
    return script?.kind === 'joined' ? passageAt(script.parts.map((part) => knownText(part) ?? '$(:)').join(''), script.origin) : undefined
  }
  return undefined
}
