import type { FileOrigin } from '../../evidence/index.ts'
import type { ShellCommand } from '../shell/command.ts'
import type { ShellContext } from '../shell/context.ts'
import type { Argument } from './binding.ts'
import type { Block, Datum, Item, Source } from './datum.ts'
import type { Surroundings } from './surroundings.ts'

/** The part of the walker that commands use. */
export interface Runner {
  readonly context: ShellContext
  /** Whether what is gone through surely runs. */
  readonly certain: boolean
  /** Where another script was called from, while it is followed: its commands then stand there. */
  site: FileOrigin | undefined
  /** Takes up a command of so many words that is started. */
  started(length: number, origin: FileOrigin, command: () => ShellCommand): void
  problem(reason: string, origin: FileOrigin): void
  /** Goes through a script in this scope. `given`: what it is called with; `undefined`: not known. */
  script(source: Source, at: Surroundings, given: readonly Argument[] | undefined, origin: FileOrigin): Datum
  /** Runs a block in a scope of its own, as a function; what it does to the process stays. */
  call(block: Block, given: readonly Argument[], at: Surroundings, origin: FileOrigin): Datum
  each(block: Block, items: readonly Item[], at: Surroundings): Datum
  maybe<T>(run: () => T): T
}

/** A command that was called. */
export interface Call {
  readonly words: readonly Argument[]
  /** What the pipeline hands over. */
  readonly input: Datum
  readonly at: Surroundings
  readonly origin: FileOrigin
  readonly runner: Runner
}
