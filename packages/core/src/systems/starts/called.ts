import type { Word } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { ShellContext } from '../shell/context.ts'
import type { ScriptReader } from './readers.ts'
import type { StartContext } from './start.ts'

/** What a script starts in. */
export type ScriptContext = StartContext & Pick<ShellContext, 'script' | 'arguments'>

/** A text that a shell reads. */
export interface ShellText {
  readonly read: ScriptReader
  readonly passage: Passage
  readonly context: ScriptContext
  /** Words that stand behind its last command. */
  readonly extra?: readonly Word[]
}

/** A script of the folder that a command calls. */
export interface CalledScript {
  /** As in `Start.scripts`. */
  readonly name: string
  /** What shells read when it runs, each a shell of its own. */
  texts(): readonly ShellText[]
}
