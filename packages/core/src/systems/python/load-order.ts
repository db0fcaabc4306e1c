import { type Language, type Step } from '../load-order.ts'
import { isTakenUp } from '../modules.ts'
import { around, type Node, nodeAt } from '../tree.ts'
import { isSettings } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import { callersOf } from './parameters.ts'
import { reached } from './reached.ts'
import { isTestCode } from './test-code.ts'
import { classOf, decoratorsOf, functionAround, nameOf, underMainGuard } from './syntax.ts'

/** Functions that put what they read into the environment of the program. */
const PUTS = /^(?:load_dotenv|read_env)$/

/** When the lines of a program run. */
export function languageOf(evaluator: Evaluator): Language {
  const { project } = evaluator
  return {
    rootOf: (path) => project.module(path)?.root,
    puts: (load) => PUTS.test(load.content),
    ownerOf: (node) => functionAround(node) ?? settingsAround(evaluator, node),
    callsOf: (owner) => (owner.kind === 'class_definition' ? madeOf(evaluator, owner) : calledOf(evaluator, owner)),
    reached: (node, load) => reached(node, load, evaluator),
    startsOf: (owner) => startsOf(evaluator, owner),
    loadOf,
    isGuarded: underMainGuard,
    importsOf: (path) => project.importedBy(path),
    importersOf: (path) => project.graph.entries(path),
    isTest: (path) => {
      const text = project.text(path)
      return text !== undefined && isTestCode(text)
    },
    orders: [(path) => stepsOf(evaluator, path)],
  }
}

const CLASSES: ReadonlySet<string> = new Set(['class_definition'])

function settingsAround(evaluator: Evaluator, node: Node): Node | undefined {
  const settings = around(node, CLASSES)
  return settings !== undefined && isSettings(evaluator, settings) ? settings : undefined
}

/** The fields of settings are read when an object of them is made. */
function madeOf(evaluator: Evaluator, settings: Node): readonly Node[] {
  return (evaluator.moduleOf(settings)?.occurrences(nameOf(settings)) ?? []).flatMap(({ parent }) =>
    parent?.kind === 'call' && parent.field('function')?.content === nameOf(settings) ? [parent] : [],
  )
}

function calledOf(evaluator: Evaluator, definition: Node): readonly Node[] | undefined {
  const callers = callersOf(evaluator, definition)
  return callers === 'many' ? undefined : callers.map(({ call }) => call)
}

/** The calls by which a function runs. */
function startsOf(evaluator: Evaluator, owner: Node): readonly Node[] | 'nobody' | undefined {
  const calls = owner.kind === 'function_definition' ? calledOf(evaluator, owner) : undefined
  if (calls === undefined || calls.length > 0) return calls
  const mayBeCalled = classOf(owner) !== undefined || decoratorsOf(owner).length > 0 || isFunctionTakenUp(evaluator, owner)
  return mayBeCalled ? undefined : 'nobody'
}

/** Whether a line of the folder's product has the name of a function for more than to define or import it. */
function isFunctionTakenUp({ project }: Evaluator, definition: Node): boolean {
  return isTakenUp(project, {
    home: definition.file.path,
    names: [nameOf(definition)],
    isUse: (node) => node.parent !== definition && around(node, IMPORTS) === undefined,
    isTest: isTestCode,
  })
}

const IMPORTS: ReadonlySet<string> = new Set(['import_statement', 'import_from_statement'])

/** From a word in an expression that loads to all of it. */
function loadOf(word: Node): Node {
  let load = word
  while (load.parent !== undefined && (load.parent.kind === 'attribute' || load.isField('function'))) load = load.parent
  return load
}

function stepsOf(evaluator: Evaluator, path: string): readonly Step[] {
  const steps: Step[] = []
  let from = 0
  for (const { offset, files } of importsAsItRuns(evaluator, path)) {
    steps.push({ from, to: offset }, { files })
    from = offset
  }
  return [...steps, { from, to: Number.POSITIVE_INFINITY }]
}

/** The imports of a file that run with it, and not in its functions. */
function importsAsItRuns(evaluator: Evaluator, path: string): readonly { readonly offset: number; readonly files: readonly string[] }[] {
  const { project } = evaluator
  return project.importsAt(path).filter(({ offset, files, indented }) => {
    if (files.length === 0 || !indented) return files.length > 0
    const root = project.module(path)?.root
    const node = root === undefined ? undefined : nodeAt(root, offset)
    return node === undefined || functionAround(node) === undefined
  })
}
