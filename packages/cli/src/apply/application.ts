import type { ManagedApp, WrittenFile } from '@sallyport/core/systems'
import type { Place } from './namespace.ts'
import type { Rules } from './rules.ts'

/**
 * How something is brought into force, and taken back: two scripts of sh(1) that run in a folder with these files, for its owner alone, and end at the
 * first command that fails. Taking back what was never brought into force does nothing.
 */
export interface Application {
  readonly files: ReadonlyMap<string, string>
  readonly apply: string
  readonly revert: string
  /** What of a table, by its key in `Rules`, is the application's to change; empty: nothing. */
  readonly own: (key: string, text: string) => string
  /** The rest of it. */
  readonly others: (key: string, text: string) => string
  /** What makes it last beyond a restart; written when it is confirmed. */
  readonly lasting: readonly WrittenFile[]
  /** What is run on confirmation beside that has nothing to do. Absent: there is nothing to run. */
  readonly isKept?: boolean
  /** What is compared, of what is not the packet filter. */
  readonly compared?: Compared
  /** Begins to look after what has to work, before the change. Absent: that nothing breaks is known beforehand. */
  readonly watch?: () => Promise<Watch>
  /** Lines for people: what the change opens and closes, and what is done when it is confirmed. */
  readonly remarks?: readonly string[]
  /** Seconds that the change and the look after it may take beyond what is usual. */
  readonly patience?: number
}

/** Says, once the change is made, what of it does not work; empty: all does. */
export type Watch = () => Promise<readonly string[]>

/** Texts by what they are of, as rules are by table. */
export interface Compared {
  readonly before: Rules
  readonly after: Rules
  readonly now: () => Promise<Rules>
}

/** What is wanted, and what is there. */
export interface Wanted {
  readonly files: readonly WrittenFile[]
  /** What a manager of processes starts; empty where the system is none. */
  readonly apps: readonly ManagedApp[]
  /** Of the deployment. */
  readonly directory: string
  readonly rules: Rules
  /** An empty namespace, to try things in. */
  readonly scratch: Place
  /** A folder for its owner alone, in which the application's files will be. */
  readonly folder: string
  /** Writes a file into the folder. */
  put(name: string, text: string): void
}

/** A system whose configuration is brought into force on this host. */
export interface Applier {
  /** As `sallyport render` names it. */
  readonly name: string
  /**
   * `filter`: rules of the packet filter, which are tried in a copy of this machine's network. `files`: files that a program reads. `apps`: what a
   * manager of processes runs for the user who runs this, who need not be root.
   */
  readonly changes: 'filter' | 'files' | 'apps'
  /** Where files are kept that a person wrote; absent: only what the policy makes is applied. */
  readonly directory?: string
  /** Throws `Failure` where the files are nothing that could be applied. */
  prepare(wanted: Wanted): Promise<Application>
  /** Throws `Failure` where the current change is in force no more, though nobody took it back. Absent: only a restart of the machine does that. */
  refuseLost?(): Promise<void>
  /** What has to be run beside writing the files, when it is confirmed, or taken back after that; again where that was cut short. Throws `Failure` where it fails. */
  keep?(): Promise<void>
  /** Makes the way back anew where that of a confirmed change is not kept, or leads back no more. Absent: it stays as it is. */
  wayBackAgain?(): Promise<void>
  /** Why what was confirmed may not last beyond a restart, as far as can be seen: each a warning, then what to do. */
  doubts(files: readonly string[]): Promise<readonly (readonly [warning: string, next: string])[]>
}
