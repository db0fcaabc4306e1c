import type { Bind } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import { callersOf } from './parameters.ts'
import type { Node } from '../tree.ts'
import { decoratorsOf, functionAround, nameOf, underMainGuard } from './syntax.ts'

/** How many calls deep it is asked from where a line runs. */
const DEPTH = 12

/**
 * The files that run the line when they are started: the file itself and those that import it, or, where the line stands in a
 * function, those that come to call it. What stands under `if __name__ == "__main__":` runs only when its own file is started.
 */
export function entriesOf(evaluator: Evaluator, node: Node): readonly string[] {
  return runsOf(evaluator, node, false).entries
}

/**
 * The same, and which of them come to the line only as the program. `whole`: what the line starts is a program rather than a part of one.
 * `ways`: the calls of its function that count.
 */
export function runsOf(
  evaluator: Evaluator,
  node: Node,
  whole: boolean,
  ways: readonly Node[] = [node],
): Pick<Bind, 'entries' | 'asProgram'> {
  const found = new Map<string, Run>()
  for (const way of ways) collect(evaluator, way, whole, found, new Set(), DEPTH)
  const own = node.file.path
  const paths = [...found.keys()]
  const asProgram = paths.filter((path) => found.get(path) === 'program')
  return {
    // The file itself first.
    entries: found.has(own) ? [own, ...paths.filter((path) => path !== own)] : paths,
    ...(asProgram.length === 0 ? {} : { asProgram }),
  }
}

/** `program`: only where the file is the program. `imported`: where a server imports it as well. */
type Run = 'program' | 'imported'

function collect(evaluator: Evaluator, node: Node, whole: boolean, found: Map<string, Run>, seen: Set<Node>, depth: number): void {
  const add = (path: string, run: Run): void => {
    if (found.get(path) !== 'imported') found.set(path, run)
  }
  if (underMainGuard(node)) {
    add(node.file.path, 'program')
    return
  }
  const around = functionAround(node)
  const callers = around === undefined || depth === 0 ? [] : callersOf(evaluator, around)
  if (around === undefined || callers === 'many' || callers.length === 0) {
    const run = around !== undefined && callers !== 'many' && isStart(evaluator, around, whole) ? 'program' : 'imported'
    for (const path of evaluator.project.graph.entries(node.file.path)) add(path, run)
    return
  }
  if (seen.has(around)) return
  seen.add(around)
  for (const caller of callers) collect(evaluator, caller.call, whole, found, seen, depth - 1)
}

const COMMAND = /(?:^|\.)(?:command|group|callback)\s*(?:\(|$)/

/**
 * Whether a function that no code calls is how a program is started: a command of click and its like, or one that starts a whole program
 * and that nothing but an entry point of the package names. A decorator, or whoever is handed the function, may call it at any time.
 */
function isStart(evaluator: Evaluator, definition: Node, whole: boolean): boolean {
  const decorators = decoratorsOf(definition)
  if (decorators.length > 0) return decorators.some(({ content }) => COMMAND.test(content))
  const isNamed = evaluator
    .moduleOf(definition)
    ?.occurrences(nameOf(definition))
    .some((node) => node.parent !== definition)
  return whole && isNamed !== true
}
