import type { Tree } from '../../data/index.ts'
import type { Node } from '../../tree.ts'
import type { Write } from '../source/declarations.ts'
import type { Evaluator } from './evaluator.ts'
import type { Frame, Meaning } from './meaning.ts'

/**
 * What an object is, whatever a program calls it: the literal, class, call or module that it stems from, a part of a configuration
 * file; `process.env` and the platform's own, of which there is one.
 */
export type Identity = Node | Tree | 'environment' | `library ${string}`

/** A place that changes a property of an object: one more kind of write. */
export interface Change extends Write {
  /** What the property is then, where no expression alone says it. */
  readonly gives?: (before: Meaning, frame: Frame | undefined, evaluator: Evaluator) => Meaning
}

/** Where a program changes the objects that it made. Handed to the evaluator, since finding it needs the calls of functions. */
export interface Changes {
  of(what: Identity, name: string): readonly Change[]
  /** The calls that change a list, `Map` or `Set` after it was made. */
  calls(what: Identity): readonly Mutation[]
}

/** `list.push(…)`, `map.set(…)`. */
export interface Mutation {
  readonly method: string
  readonly node: Node
  readonly given: readonly Meaning[]
}

/** Methods that only add to a list. */
const ADDING: ReadonlySet<string> = new Set(['push', 'unshift', 'add'])
/** Methods that leave no item that was not there before. */
const KEEPING: ReadonlySet<string> = new Set(['push', 'add', 'sort', 'reverse', 'shift', 'pop', 'delete', 'clear'])

/** What is added to a list or `Set` after it was made; `undefined`: more happens to it than that. */
export function addedItems(list: Meaning, evaluator: Evaluator): readonly Meaning[] | undefined {
  const what = identityOf(list, evaluator)
  const calls = what === undefined ? [] : evaluator.changes.calls(what)
  if (calls.some(({ method }) => !ADDING.has(method) && !KEEPING.has(method))) return undefined
  return calls.flatMap(({ method, given }) => (ADDING.has(method) ? given : []))
}

/** What changes the places at which the items of a list stand. */
export function moved(list: Meaning, evaluator: Evaluator): Mutation | undefined {
  const what = identityOf(list, evaluator)
  return what === undefined ? undefined : evaluator.changes.calls(what).find(({ method }) => method !== 'push' && method !== 'add')
}

/** The keys and values that a `Map` is given after it was made. */
export function setPairs(map: Meaning, evaluator: Evaluator): readonly (readonly [Meaning, Meaning])[] {
  const what = identityOf(map, evaluator)
  const calls = what === undefined ? [] : evaluator.changes.calls(what)
  return calls.flatMap(({ method, given: [key, value] }) =>
    method === 'set' && key !== undefined && value !== undefined ? [[key, value] as const] : [],
  )
}

export function identityOf(meaning: Meaning, evaluator: Evaluator): Identity | undefined {
  switch (meaning.kind) {
    case 'environment':
      return 'environment'
    case 'object':
    case 'array':
    case 'class':
    case 'namespace':
      return meaning.node
    case 'instance':
      return meaning.of
    case 'data':
      return meaning.tree
    case 'merged':
    case 'options':
      return meaning.made
    case 'result':
      return meaning.call
    case 'library':
      return `library ${meaning.name}`
    case 'server':
      return meaning.made
    case 'module':
      return evaluator.project.module(meaning.path)?.root
    default:
      return undefined
  }
}

/** What is not followed into, or only as a whole. */
const UNCHANGED: ReadonlySet<Meaning['kind']> = new Set(['library', 'server', 'result'])

/** A property that is one of these is no setting: methods are seldom put in another's place. */
const SETTLED: ReadonlySet<Meaning['kind']> = new Set(['function', 'class', 'library', 'server', 'module', 'enum', 'namespace'])

/** `found`, and what the program may have put in its place by the time that `at` is reached. */
export function changedProperty(object: Meaning, name: string, found: Meaning, at: Node, evaluator: Evaluator): Meaning {
  if (
    (SETTLED.has(found.kind) && object.kind !== 'object' && object.kind !== 'instance') ||
    (found.kind === 'value' && found.value.kind === 'unknown')
  )
    return found
  const what = UNCHANGED.has(object.kind) ? undefined : identityOf(object, evaluator)
  const changes = what === undefined ? [] : evaluator.changes.of(what, name)
  if (changes.length === 0) return found
  const label = what === 'environment' ? `process.env.${name}` : name
  const relevant =
    what === 'environment' ? changes.filter((change) => evaluator.project.together(change.node.file.path, at.file.path)) : changes
  if (relevant.length === 0) return found
  const frame = 'frame' in object ? object.frame : undefined
  return evaluator.once(at, frame, () => evaluator.written(found, relevant, label, at, frame), found)
}
