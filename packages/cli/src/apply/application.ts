import type { WrittenFile } from '@sallyport/core/systems'
import type { Place } from './namespace.ts'
import type { Rules } from './rules.ts'

/**
 * How something is brought into force, and taken back: two scripts of sh(1) that run, as root, in a folder with these files, and end at the first
 * command that fails. Taking back what was never brought into force does nothing.
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
  /** What is asked before and after, and whether an answer comes. Of what is asked both times, none may be lost. */
  readonly answers?: () => Promise<ReadonlyMap<string, boolean>>
}

/** What is wanted, and what is there. */
export interface Wanted {
  readonly files: readonly WrittenFile[]
  readonly rules: Rules
  /** An empty namespace, to try things in. */
  readonly scratch: Place
  /** A folder for root alone, in which the application's files will be. */
  readonly folder: string
  /** Writes a file into the folder. */
  put(name: string, text: string): void
}

/** A system whose configuration is brought into force on this host. */
export interface Applier {
  /** As `sallyport render` names it. */
  readonly name: string
  /** `filter`: rules of the packet filter, which are tried in a copy of this machine's network. `files`: files that a program reads. */
  readonly changes: 'filter' | 'files'
  /** Where files are kept that a person wrote; absent: only what the policy makes is applied. */
  readonly directory?: string
  /** Throws `Failure` where the files are nothing that could be applied. */
  prepare(wanted: Wanted): Promise<Application>
}
