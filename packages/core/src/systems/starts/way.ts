import { type FileOrigin, knownText } from '../../evidence/index.ts'
import type { ChangedFile } from '../shell/changes.ts'
import { isShell } from '../shell/inner.ts'
import type { Start } from './start.ts'

/** Files that scripts write which a way remembers. */
const WRITTEN = 500
/** Words in which a shell names its script. */
const WRAPPED = 8

/** How a command was come to. */
export interface Way {
  /** The scripts that are being followed: one that calls itself starts nothing new. */
  readonly scripts: readonly string[]
  /** Where what a shell was given to read begins, likewise: a script may be given itself. */
  readonly given: readonly string[]
  readonly origin: FileOrigin | undefined
  /** The words of the commands that the outermost led to so far. */
  readonly followed: { words: number }
  /** The files that the scripts being followed wrote before, the last ones last. */
  readonly written: readonly ChangedFile[]
}

/** The way to a command that no script calls. */
export function outermost(origin?: FileOrigin): Way {
  return { scripts: [], given: [], origin, followed: { words: 0 }, written: [] }
}

/** The way on behind a script that writes these files. */
export function afterWriting(way: Way, changes: readonly ChangedFile[]): Way {
  return changes.length === 0 ? way : { ...way, written: [...way.written, ...changes].slice(-WRITTEN) }
}

/** The last file that a script which leads here wrote, of the path that is run. */
export function writtenBefore({ reading: { entry }, words }: Start, { written }: Way): ChangedFile | undefined {
  if (written.length === 0) return undefined
  // One that is not of the folder is no entry: it is what a shell is given, or the program itself.
  const [program, ...rest] = words.slice(0, WRAPPED).map((word) => knownText(word.text) ?? '')
  const path = entry ?? (isShell(program) ? rest.find((word) => !word.startsWith('-')) : program)
  return path === undefined || path === '' ? undefined : written.findLast(({ paths }) => paths.includes(path))
}
