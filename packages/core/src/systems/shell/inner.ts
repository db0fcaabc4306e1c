import type { Value } from '../../evidence/index.ts'
import { type Passage, passageAt, passageOf } from '../passage.ts'

const SHELLS = /(?:^|\/)(?:ba|da|a|k|z)?sh$/

/** Whether a program is a shell, by its path. */
export function isShell(program: string | undefined): boolean {
  return program !== undefined && SHELLS.test(program)
}

/** The script in `sh -c SCRIPT`, whole. Words that are kept may have lost it: a secret anywhere in it takes all of it away. */
export function innerScript(words: readonly Value[]): Passage | undefined {
  if (!isShell(known(words[0]))) return undefined
  for (const [index, word] of words.entries()) {
    if (index === 0) continue
    const text = known(word)
    if (text === undefined || !/^[-+]/.test(text)) return undefined
    if (!/^-[a-zA-Z]*c$/.test(text)) continue
    const script = words[index + 1]
    if (script?.kind === 'known') return passageOf(script)
    // A part that is not known becomes something that a shell does not know beforehand either.
    return script?.kind === 'joined' ? passageAt(script.parts.map((part) => known(part) ?? '$(:)').join(''), script.origin) : undefined
  }
  return undefined
}

function known(word: Value | undefined): string | undefined {
  return word?.kind === 'known' ? String(word.value) : undefined
}
