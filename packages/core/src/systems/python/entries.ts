import type { Evaluator } from './evaluator.ts'
import { callersOf } from './parameters.ts'
import type { Node } from '../tree.ts'
import { functionAround, underMainGuard } from './syntax.ts'

/** How many calls deep it is asked from where a line runs. */
const DEPTH = 12

/**
 * The files that run the line when they are started: the file itself and those that import it, or, where the line stands in a
 * function, those that come to call it. What stands under `if __name__ == "__main__":` runs only when its own file is started.
 */
export function entriesOf(evaluator: Evaluator, node: Node): readonly string[] {
  const found = new Set<string>()
  collect(evaluator, node, found, new Set(), DEPTH)
  const own = node.file.path
  // The file itself first.
  return found.has(own) ? [own, ...[...found].filter((path) => path !== own)] : [...found]
}

function collect(evaluator: Evaluator, node: Node, found: Set<string>, seen: Set<Node>, depth: number): void {
  if (underMainGuard(node)) {
    found.add(node.file.path)
    return
  }
  const around = functionAround(node)
  const callers = around === undefined || depth === 0 ? [] : callersOf(evaluator, around)
  if (around === undefined || callers === 'many' || callers.length === 0) {
    for (const path of evaluator.project.graph.entries(node.file.path)) found.add(path)
    return
  }
  if (seen.has(around)) return
  seen.add(around)
  for (const caller of callers) collect(evaluator, caller.call, found, seen, depth - 1)
}
