import type { Node } from '../../tree.ts'
import type { LibraryCall } from './builtins.ts'
import type { Evaluator } from './evaluator.ts'
import type { Meaning } from './meaning.ts'
import type { MethodCall } from './methods.ts'

/**
 * What is known of packages beyond the platform's own functions. Handed to the evaluator, so that following values needs to
 * know no package by its name. Each gives `undefined` for what is none of its own.
 */
export interface Packages {
  /** What a call into a package gives back. */
  call(call: LibraryCall, evaluator: Evaluator): Meaning | undefined
  /** What a method of something that a package gave does. */
  method(method: MethodCall, evaluator: Evaluator): Meaning | undefined
  /** A property of a package, of a server that it made, or of what it gave back. */
  property(object: Meaning, name: string, at: Node, evaluator: Evaluator): Meaning | undefined
}
