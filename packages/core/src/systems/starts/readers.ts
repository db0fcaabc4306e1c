import { knownText, type Text, type Word } from '../../evidence/index.ts'
import { BATCH_SCRIPT, isForWindows } from '../batch/evident.ts'
import { readBatch } from '../batch/walk.ts'
import type { Passage } from '../passage.ts'
import { readPowerShell } from '../powershell/walk.ts'
import { isShell } from '../shell/inner.ts'
import type { ShellContext } from '../shell/context.ts'
import type { ShellReading } from '../shell/reading.ts'
import { readShell } from '../shell/walk.ts'

/** Reads the commands of a script, in one of the languages of shells. */
export type ScriptReader = (passage: Passage, context: ShellContext) => ShellReading

const SHELL_SCRIPT = /\.(?:sh|bash|ksh|zsh)$/
const POWERSHELL_SCRIPT = /\.ps1$/i
const SHELL_LINE = /^#!.{0,64}\b(?:ba|da|a|k|z)?sh\b/

/** Whether a file that a command runs may be a script: by its name, or as it is run by a shell or as a program of its own. */
export function isScript(entry: string, words: readonly Word[]): boolean {
  return (
    [SHELL_SCRIPT, POWERSHELL_SCRIPT, BATCH_SCRIPT].some((script) => script.test(entry)) ||
    !/\.\w+$/.test(entry) ||
    isShell(knownText(words[0]?.text))
  )
}

/** What reads a script, by its name or its first line; `undefined`: it is none. */
export function readerOf(entry: string, text: Text | Passage): ScriptReader | undefined {
  if (POWERSHELL_SCRIPT.test(entry)) return readPowerShell
  if (BATCH_SCRIPT.test(entry)) return readBatch
  return SHELL_SCRIPT.test(entry) || SHELL_LINE.test(text.content) ? readShell : undefined
}

/** What reads a text of which nothing says which shell it is for. */
export function readerOfText({ content }: Passage): ScriptReader {
  return isForWindows(content) ? readBatch : readShell
}
