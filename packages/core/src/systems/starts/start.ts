import type { FileOrigin, Setting, Unseen, Word } from '../../evidence/index.ts'
import type { CommandReading } from '../programs/index.ts'

/** One program that a command comes to start, after the scripts that it calls were followed. */
export interface Start {
  /** The words that start it: of the innermost script. */
  readonly words: readonly Word[]
  readonly reading: CommandReading
  /** The scripts that were followed to it, outermost first: by path, of a package or makefile with `#` and the script's name. */
  readonly scripts: readonly string[]
  readonly environment: ReadonlyMap<string, Setting>
  readonly environmentFiles: readonly string[]
  /** What may set any variable that `environment` does not have. */
  readonly unseenEnvironment?: Unseen | undefined
  readonly workingDirectory: string | undefined
  /** Where the outermost command stands: the one in the file that was asked about. */
  readonly origin: FileOrigin
  readonly certain: boolean
  /** As in `Launch`. */
  readonly builtOf?: string
  /** As in `Launch`. */
  readonly missing?: true
  /** As in `Launch`. */
  readonly meant?: string
}

/** What a command starts in. Everything may be left out. */
export interface StartContext {
  /** Relative to the folder, or absolute in a container. Left out or `undefined`: not known, `directories` are tried. */
  readonly workingDirectory?: string | undefined
  /** Where a command of unknown directory may start, likeliest first. */
  readonly directories?: readonly string[]
  readonly mounts?: ReadonlyMap<string, string>
  readonly inContainer?: boolean
  readonly environment?: ReadonlyMap<string, Setting>
  readonly environmentFiles?: readonly string[]
  readonly unseenEnvironment?: Unseen | undefined
  readonly certain?: boolean
  /** A script of any kind, of which few commands start a server: what is not known of the others is not worth saying. */
  readonly incidental?: boolean
}

/** What a command of another machine starts in: none of the variables of this one, and a directory that nobody knows. */
export function onOtherMachine({ incidental, inContainer, certain, directories }: StartContext): StartContext {
  return {
    ...(incidental === undefined ? {} : { incidental }),
    ...(inContainer === undefined ? {} : { inContainer }),
    ...(certain === undefined ? {} : { certain }),
    directories: [...new Set(['', ...(directories ?? [])])],
  }
}
