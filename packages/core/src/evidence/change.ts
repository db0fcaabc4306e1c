import type { FileOrigin } from './origin.ts'
import type { Protocol } from './scope.ts'
import type { Bind, LaunchKind } from './starts.ts'
import type { Value } from './value.ts'

/**
 * What is to hold of a file that a person wrote, and where; one closed vocabulary. How it is written there is the matter of the system that
 * the file belongs to (`edit.ts` of its folder).
 */
export type Change = BindChange | ValueChange | ArgumentChange | VariableChange | PublishChange | IgnoreChange | RenameChange

/** Code that listens is to bind a host unless its environment says another one. */
export interface BindChange {
  readonly change: 'bind'
  /** Of the `Bind`. */
  readonly at: FileOrigin
  readonly framework: string
  readonly language: Bind['language']
  readonly protocol: Protocol
  readonly host: string
  /** The variable that may say another: `HOST`. */
  readonly variable: string
  /** What is given as host now, of the `Bind`: where that is written, it is changed. */
  readonly given: Value
}

/** A text or number that is written there is to be another. */
export interface ValueChange {
  readonly change: 'value'
  /** Of the value, with its quotes and what it is written with: `HOST=0.0.0.0`, `--host=0.0.0.0`. */
  readonly at: FileOrigin
  readonly from: string
  readonly to: string
}

/** A command is to say the host that its program binds. */
export interface ArgumentChange {
  readonly change: 'argument'
  /** Of the word behind which the program takes options, with its quotes; or of the image that a container runs. */
  readonly at: FileOrigin
  /** The row of the program table. */
  readonly program: string
  readonly host: string
}

/** A start is to give its program a variable. */
export interface VariableChange {
  readonly change: 'variable'
  /** Of the launch. */
  readonly at: FileOrigin
  readonly by: LaunchKind
  /** The name that its manager gives it. */
  readonly launch: string
  readonly name: string
  readonly value: string
}

/** A published container port is to be published on an address of this machine alone, or not at all. */
export interface PublishChange {
  readonly change: 'publish'
  /** Of the entry under `ports`. */
  readonly at: FileOrigin
  readonly on: '127.0.0.1' | 'nowhere'
}

/** Git is to ignore a file. */
export interface IgnoreChange {
  readonly change: 'ignore'
  /** Relative to the folder. */
  readonly path: string
}

/** A name that its language does not take as it is meant is to be another wherever the file has it. */
export interface RenameChange {
  readonly change: 'rename'
  /** Of the name where it is declared. */
  readonly at: FileOrigin
  readonly from: string
  readonly to: string
}

/** Puts `text` in the place of what is from `start` (inclusive) to `end` (exclusive), offsets in UTF-16 code units of the old text of `path`. */
export interface Edit {
  /** Relative to the folder. A file that is not there is empty. */
  readonly path: string
  readonly start: number
  readonly end: number
  readonly text: string
}
