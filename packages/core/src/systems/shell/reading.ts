import type { FileOrigin } from '../../evidence/index.ts'
import type { ChangedFile } from './changes.ts'
import type { ShellCommand } from './command.ts'
import type { WrittenDocument } from './documents.ts'
import type { FileWrite } from './writes.ts'

/** What a script does, as far as it is followed. */
export interface ShellReading {
  readonly commands: readonly ShellCommand[]
  readonly problems: readonly ShellProblem[]
  /** The files of variables that it makes or changes. */
  readonly writes?: readonly FileWrite[]
  /** The other files that it writes with here-documents. */
  readonly documents?: readonly WrittenDocument[]
  /** The files of any other kind that it writes or changes. */
  readonly changes?: readonly ChangedFile[]
}

export interface ShellProblem {
  readonly reason: string
  readonly origin: FileOrigin
  /** Of most scripts it changes nothing that matters: which file is read in, what `eval` runs. */
  readonly minor?: boolean
}
