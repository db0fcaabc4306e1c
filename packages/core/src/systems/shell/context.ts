import type { Setting, Unseen, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'

/** What is known of a script's surroundings. Everything may be left out. */
export interface ShellContext {
  /** Relative to the folder, or absolute (in a container). */
  readonly workingDirectory?: string | undefined
  /** Where the script may be started when `workingDirectory` is not known, likeliest first. */
  readonly directories?: readonly string[]
  readonly isDirectory?: (path: string) => boolean
  /** The script's own path, relative to the folder. */
  readonly script?: string
  readonly environment?: ReadonlyMap<string, Setting>
  /** What may have set any other variable before. */
  readonly unseenEnvironment?: Unseen | undefined
  /** What the script is given as `$1` …; left out: not known. */
  readonly arguments?: readonly Value[]
  /** The text of a file that is sourced; `undefined`: there is none, or it was not seen yet. */
  readonly sourced?: (path: string) => Passage | undefined
  /** The files of the folder, for patterns. */
  readonly files?: ReadonlySet<string>
}
