import type { FileOrigin } from '../../../evidence/index.ts'
import { callersOf } from './callers.ts'
import type { Evaluator } from '../values/evaluator.ts'
import type { Frame } from '../values/meaning.ts'
import type { Node } from '../../tree.ts'

/** How many combinations of calls are looked at for one place. */
const MAX_CONTEXTS = 48

export interface InContext<T> {
  readonly answer: T
  /** The file from which the calls lead to the place: its own where no call gives it anything. */
  readonly root: string
  /** The entry of a table that gives the place what it needs, one for each round. */
  readonly entry?: FileOrigin
  /** The calls that give it its parameters, as `Evaluator.ask` takes them. */
  readonly bindings: ReadonlyMap<Node, Frame>
}

interface Open {
  readonly bindings: ReadonlyMap<Node, Frame>
  readonly root: string
  readonly entry?: FileOrigin
}

/** A question about the code at `at`, answered once for each set of calls that gives it its parameters. */
export function inContexts<T>(at: Node, question: () => T | undefined, evaluator: Evaluator): readonly InContext<T>[] {
  const found: InContext<T>[] = []
  const open: Open[] = [{ bindings: new Map(), root: at.file.path }]
  for (let count = 0; count < MAX_CONTEXTS; count++) {
    const current = open.shift()
    if (current === undefined) return found
    const { answer, holes } = evaluator.ask(current.bindings, question)
    const hole = holes.find((callee) => !current.bindings.has(callee) && callersOf(callee, evaluator).length > 0)
    if (hole !== undefined) {
      for (const { frame, path, entry = current.entry } of callersOf(hole, evaluator)) {
        const bindings = new Map([...current.bindings, [hole, frame]])
        open.push({ bindings, root: path, ...(entry === undefined ? {} : { entry }) })
      }
    } else if (answer !== undefined) found.push({ ...current, answer })
  }
  // Too many ways lead here: what they have in common, with the rest unknown.
  const { answer } = evaluator.ask(new Map(), question)
  return open.length === 0 || answer === undefined ? found : [...found, { answer, root: at.file.path, bindings: new Map() }]
}
