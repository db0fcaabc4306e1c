import { type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { Aliases } from './aliases.ts'
import type { Surroundings } from './expand.ts'
import type { Scope } from './scope.ts'
import type { CommandNode } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** The part of the walker that builtins use. */
export interface Shell {
  readonly context: ShellContext
  readonly aliases: Aliases
  problem(reason: string, origin: FileOrigin, minor?: boolean): void
  /** Follows a text in this scope. `file`: the path of the file that it is of, where that is another. */
  script(passage: Passage, scope: Scope, certain: boolean, file?: string): void
  /** Follows a text with the scope that the script ends in. */
  atEnd(script: Passage): void
  assign(scope: Scope, name: string, value: Value | readonly Value[], origin: FileOrigin, exported: boolean): void
}

export interface Call {
  readonly node: CommandNode
  /** The words behind the builtin's name. */
  readonly values: readonly Value[]
  readonly at: Surroundings
  readonly origin: FileOrigin
  readonly certain: boolean
}

export type Builtin = (shell: Shell, call: Call) => void

export const VARIABLE = /^[A-Za-z_]\w*$/

export function hasFlag(call: Call, flag: string): boolean {
  return call.values.some((value) => new RegExp(`^-[a-zA-Z]*${flag}`).test(knownText(value) ?? ''))
}
