import { directoryOf } from '../paths.ts'
import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { isTestFile } from './project.ts'
import { namedFunctionAround } from './syntax.ts'

/** How many calls deep it is asked from where a line runs. */
const DEPTH = 12

/**
 * The files that run the line when the program that they are of is started: those of the `main` packages whose function `main` comes to
 * call it, or, where that cannot be told, of those that import its package.
 */
export function entriesOf(evaluator: Evaluator, node: Node): readonly string[] {
  const found = new Set<string>()
  const own = node.file.path
  if (!collect(evaluator, node, found, new Set(), DEPTH)) for (const path of importing(evaluator, own)) found.add(path)
  found.add(own)
  return [own, ...[...found].filter((path) => path !== own).toSorted()]
}

/** Whether every way to the line could be told. */
function collect(evaluator: Evaluator, node: Node, found: Set<string>, seen: Set<Node>, depth: number): boolean {
  const around = namedFunctionAround(node)
  const { project } = evaluator
  if (around === undefined || around.field('name')?.content === 'init' || depth === 0) return false
  if (seen.has(around)) return true
  seen.add(around)
  const path = around.file.path
  if (around.kind === 'function_declaration' && around.field('name')?.content === 'main' && project.packageName(path) === 'main') {
    for (const file of program(evaluator, path)) found.add(file)
    return true
  }
  const { calls, open } = evaluator.calls.of(around)
  // A function that nobody calls runs in no program; of a method that may only be because it is called through an interface.
  if (open || (calls.length === 0 && around.kind === 'method_declaration')) return false
  return calls.map(({ call }) => collect(evaluator, call, found, seen, depth - 1)).every((told) => told)
}

/** The files of a program, by the one that has its `main`. */
const program = ({ project }: Evaluator, path: string): readonly string[] =>
  project.packageOf(path).filter((file) => !isTestFile(file) || file === path)

/** The programs that import the package of a file, however far. */
function importing(evaluator: Evaluator, own: string): readonly string[] {
  const { project } = evaluator
  if (project.packageName(own) === 'main') return program(evaluator, own)
  return project.graph
    .entries(directoryOf(own))
    .flatMap((directory) => project.filesIn(directory).filter((path) => project.hasMain(path)))
    .flatMap((path) => program(evaluator, path))
}
