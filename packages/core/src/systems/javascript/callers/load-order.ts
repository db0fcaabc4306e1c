import type { Language, Step } from '../../load-order.ts'
import { around, type Node, nodeAt } from '../../tree.ts'
import { callersOf, isFunctionTakenUp } from './callers.ts'
import { reached } from './reached.ts'
import { EACH } from './rounds.ts'
import { hoistsImports } from '../source/hoisting.ts'
import { mentionsIn } from '../source/imports.ts'
import type { Project } from '../source/project.ts'
import { calleeOf, CLASSES, dressed, FUNCTIONS, startsAlone } from '../source/syntax.ts'
import { isTestCode } from '../source/test-code.ts'
import type { Evaluator } from '../values/evaluator.ts'

/** When the lines of a program run. */
export function languageOf(evaluator: Evaluator): Language {
  const { project } = evaluator
  const imports = new Map<string, readonly Import[]>()
  const importsOf = (path: string): readonly Import[] => {
    let found = imports.get(path)
    if (found === undefined) imports.set(path, (found = importsIn(path, project)))
    return found
  }
  const order =
    (otherwise: boolean): Language['orders'][number] =>
    (path) => [{ files: project.preloadsOf(path) }, ...stepsOf(importsOf(path), hoistsImports(path, project) ?? otherwise)]
  return {
    rootOf: (path) => project.module(path)?.root,
    puts: () => true,
    ownerOf,
    callsOf: (owner, node) => (FIELDS.has(owner.kind) ? madeOf(owner, evaluator) : calledOf(owner, node, evaluator)),
    reached: (node, load) => reached(node, load, OWNERS, evaluator),
    startsOf: (owner) => startsOf(owner, evaluator),
    loadOf,
    isGuarded: startsAlone,
    importsOf: (path) => project.graph.imports(path),
    importersOf: (path) => project.graph.entries(path),
    isTest: (path) => isTestCode(path, project.text(path)?.content ?? ''),
    orders: [order(true), order(false)],
  }
}

const FIELDS: ReadonlySet<string> = new Set(['field_definition', 'public_field_definition'])
const OWNERS: ReadonlySet<string> = new Set([...FUNCTIONS, ...FIELDS])

/** A function, or a field that each object of its class has for itself. */
function ownerOf(node: Node): Node | undefined {
  const owner = around(node, OWNERS)
  const isStatic = owner !== undefined && FIELDS.has(owner.kind) && owner.children.some((child) => child.kind === 'static')
  return isStatic ? ownerOf(owner) : owner
}

/** Where objects of the class are made, if only its own file can do so. */
function madeOf(field: Node, evaluator: Evaluator): readonly Node[] | undefined {
  const holder = around(field, CLASSES)
  const name = holder?.field('name')?.content
  const module = evaluator.moduleOf(field)
  if (holder === undefined || name === undefined || module === undefined) return undefined
  const uses = module.occurrences(name).filter((use) => use.parent !== holder && use.kind !== 'type_identifier')
  const made = uses.flatMap(({ parent }) => (parent?.kind === 'new_expression' ? [parent] : []))
  return holder.parent?.kind !== 'export_statement' && made.length === uses.length ? made : undefined
}

/** The calls of a function that are told, where what stands in it runs within them. */
function calledOf(definition: Node, node: Node, evaluator: Evaluator): readonly Node[] | undefined {
  if (waitsBefore(node, definition)) return undefined
  const outer = dressed(definition)
  const call = outer.parent?.kind === 'arguments' ? outer.parent.parent : undefined
  const method = call === undefined ? undefined : calleeOf(call)?.field('property')?.content
  if (call !== undefined && method !== undefined && EACH.has(method)) return [call]
  const calls = callersOf(definition, evaluator).map((caller) => caller.call)
  return calls.some((one) => one === undefined) ? undefined : calls.flatMap((one) => one ?? [])
}

/** The calls by which a function runs, those that are handed it included. */
function startsOf(owner: Node, evaluator: Evaluator): readonly Node[] | 'nobody' | undefined {
  if (FIELDS.has(owner.kind)) return undefined
  const outer = dressed(owner)
  const { parent } = outer
  if (parent?.kind === 'arguments') return parent.parent === undefined ? undefined : [parent.parent]
  const calls = callersOf(owner, evaluator).map((caller) => caller.call)
  if (calls.some((call) => call === undefined)) return undefined
  return calls.length > 0 ? calls.flatMap((call) => call ?? []) : isFunctionTakenUp(owner, evaluator) ? undefined : 'nobody'
}

const PARTS_OF_LOADS: ReadonlySet<string> = new Set(['member_expression', 'call_expression'])

/** From the first word of an expression that loads to all of it. */
function loadOf(word: Node): Node {
  let load = word
  while (load.parent !== undefined && load.parent.start === word.start && PARTS_OF_LOADS.has(load.parent.kind)) load = load.parent
  return load
}

/** What follows `await` or `yield` runs when the caller has long gone on. */
function waitsBefore(node: Node, definition: Node): boolean {
  const before = node.file.content.slice(definition.start, node.start)
  return definition.kind.startsWith('generator') || /\bawait\b/.test(before)
}

interface Import {
  /** What its statement covers; of `require` and `import()`, the call alone. */
  readonly from: number
  readonly to: number
  /** One, or none where it is not of the folder. */
  readonly files: readonly string[]
  /** A statement of the language. */
  readonly isStatic: boolean
  /** `import()` that nothing waits for: the file goes on. */
  readonly isLater: boolean
}

const STATEMENTS: ReadonlySet<string> = new Set(['import_statement', 'export_statement'])

/** Of a file without these only the order of its imports counts, which its text tells. */
const CALLS_OR_LOADS = /\brequire\b|\bimport\s*\(|dotenv/

/** What a file imports as it is run, and not in its functions. */
function importsIn(path: string, project: Project): readonly Import[] {
  const file = project.text(path)
  const isPlain = file !== undefined && !CALLS_OR_LOADS.test(file.content)
  const module = isPlain ? undefined : project.module(path)
  if (file === undefined || (module === undefined && !isPlain)) return []
  return mentionsIn(file, (at) => project.isCode(path, at)).flatMap(({ specifier, offset }): readonly Import[] => {
    const target = project.resolve(path, specifier)
    const files = target.kind === 'file' && target.path !== path ? [target.path] : []
    if (module === undefined) return [{ from: offset, to: offset, files, isStatic: true, isLater: false }]
    const literal = nodeAt(module.root, offset)?.parent
    if (literal?.parent === undefined || around(literal, FUNCTIONS) !== undefined) return []
    const isStatic = STATEMENTS.has(literal.parent.kind)
    const call = literal.parent.kind === 'arguments' ? literal.parent.parent : undefined
    const isLater = call !== undefined && calleeOf(call)?.kind === 'import' && call.parent?.kind !== 'await_expression'
    const { start, end } = isStatic ? literal.parent : (call ?? literal)
    return [{ from: start, to: end, files, isStatic, isLater }]
  })
}

/**
 * Modules that the language's own statements import are run before the file that has them, in their order (ECMA-262, 16.2.1.5.3 Evaluate);
 * `require`, and statements that are compiled to it where they stand, when they come to be run.
 */
function stepsOf(imports: readonly Import[], isHoisting: boolean): readonly Step[] {
  const steps: Step[] = []
  for (const { from, to, files, isStatic } of imports) if (isHoisting && isStatic) steps.push({ from, to }, { files })
  let last = 0
  for (const { from, files, isStatic, isLater } of imports) {
    if ((isHoisting && isStatic) || isLater || files.length === 0) continue
    steps.push({ from: last, to: from }, { files })
    last = from
  }
  steps.push({ from: last, to: Number.POSITIVE_INFINITY })
  return [...steps, ...imports.flatMap(({ files, isLater }) => (isLater ? [{ files }] : []))]
}
