import { type Claim, type EnvironmentLoad, type FileOrigin, readPlaces, type ReadBefore } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { around, type Node, nodeAt } from '../tree.ts'
import { isSettings } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import { callersOf } from './parameters.ts'
import type { Project } from './project.ts'
import { functionAround, nameOf, underMainGuard } from './syntax.ts'

/** Functions that put what they read into the environment of the program. */
const PUTS = /^(?:load_dotenv|read_env)$/
/** Calls deep that it is asked when a line runs, places that are looked at for one load, and files that are followed from one start. */
const DEPTH = 12
const PLACES = 60
const FILES = 2_000
const STARTS = 24

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/** Each load of a file of variables, with the lines that listen by what was read of the environment before it was loaded. */
export function inOrder(evaluator: Evaluator, found: readonly Found[]): readonly Found[] {
  let reads: readonly Node[] | undefined
  return found.map((one): Found => {
    const load = one.claim.claim === 'environment-load' ? nodeOf(evaluator, one.origin) : undefined
    if (one.claim.claim !== 'environment-load' || load === undefined || !PUTS.test(load.content)) return one
    reads ??= readsOf(evaluator, found)
    const before = readBefore(evaluator, load, one.claim, reads)
    return before.length === 0 ? one : { ...one, claim: { ...one.claim, readBefore: before } }
  })
}

function nodeOf(evaluator: Evaluator, { path, span }: FileOrigin): Node | undefined {
  const root = evaluator.project.module(path)?.root
  return root === undefined ? undefined : nodeAt(root, span.start.offset)
}

/** Where the environment is read for the host of something that listens. */
function readsOf(evaluator: Evaluator, found: readonly Found[]): readonly Node[] {
  const places = found.flatMap(({ claim }) => (claim.claim === 'bind' ? readPlaces(claim.host) : []))
  const distinct = new Map(places.map((origin) => [`${origin.path}:${origin.span.start.offset}`, origin]))
  return [...distinct.values()].slice(0, PLACES).flatMap((origin) => nodeOf(evaluator, origin) ?? [])
}

function readBefore(evaluator: Evaluator, load: Node, { entries }: EnvironmentLoad, reads: readonly Node[]): readonly ReadBefore[] {
  const loaded = momentsOf(evaluator, load) ?? [rootEnd(evaluator, load)]
  return reads.flatMap((read): readonly ReadBefore[] => {
    const moments = momentsOf(evaluator, read)
    const orders = moments?.flatMap((moment) => loaded.map((other) => comesFirst(evaluator, read, moment, load, other, entries))) ?? []
    if (!orders.some((order) => order !== 'later')) return []
    const { path, span } = read.origin
    return [{ path, line: span.start.line, ...(orders.every((order) => order === 'first') ? {} : { perhaps: true }) }]
  })
}

/** A line of the module's own, from which everything that is called there runs. */
interface Moment {
  readonly path: string
  readonly offset: number
  readonly guarded: boolean
}

const momentOf = (node: Node): Moment => ({ path: node.file.path, offset: node.start, guarded: underMainGuard(node) })

/** What nobody in the folder calls runs behind all that its module does when it is imported. */
const rootEnd = (evaluator: Evaluator, node: Node): Moment => ({
  path: node.file.path,
  offset: evaluator.moduleOf(node)?.root.end ?? node.end,
  guarded: false,
})

/** When a node runs, as far as the folder's own calls tell. */
function momentsOf(evaluator: Evaluator, node: Node): readonly Moment[] | undefined {
  const found = new Map<string, Moment>()
  const isKnown = collect(evaluator, node, found, new Set(), DEPTH)
  return isKnown && found.size > 0 ? [...found.values()] : undefined
}

function collect(evaluator: Evaluator, node: Node, found: Map<string, Moment>, seen: Set<Node>, depth: number): boolean {
  const settings = around(node, CLASSES)
  if (settings !== undefined && functionAround(node) === undefined && isSettings(evaluator, settings))
    return collectMade(evaluator, settings, found, seen, depth)
  const definition = functionAround(node)
  if (definition === undefined) {
    const moment = momentOf(node)
    found.set(`${moment.path}:${moment.offset}`, moment)
    return true
  }
  if (seen.has(definition)) return true
  seen.add(definition)
  const callers = depth === 0 ? 'many' : callersOf(evaluator, definition)
  return callers !== 'many' && callers.length > 0 && callers.every(({ call }) => collect(evaluator, call, found, seen, depth - 1))
}

const CLASSES: ReadonlySet<string> = new Set(['class_definition'])

/** The fields of settings are read when an object of them is made. */
function collectMade(evaluator: Evaluator, settings: Node, found: Map<string, Moment>, seen: Set<Node>, depth: number): boolean {
  const made = (evaluator.moduleOf(settings)?.occurrences(nameOf(settings)) ?? []).flatMap(({ parent }) =>
    parent?.kind === 'call' && parent.field('function')?.content === nameOf(settings) ? [parent] : [],
  )
  return depth > 0 && made.length > 0 && made.every((call) => collect(evaluator, call, found, seen, depth - 1))
}

type Order = 'first' | 'later' | 'unknown'

/** Whether the read runs before the load, by whichever of the files the program is started. */
function comesFirst(evaluator: Evaluator, read: Node, at: Moment, load: Node, loaded: Moment, entries: readonly string[]): Order {
  if (at.path === loaded.path) {
    // Both within one call: by their places where they stand in one function.
    if (at.offset === loaded.offset) return functionAround(read) === functionAround(load) && read.start < load.start ? 'first' : 'later'
    return at.offset < loaded.offset ? 'first' : 'later'
  }
  const { project } = evaluator
  // Those that nothing imports are what is started most.
  const [inner, outer] = [true, false].map((wanted) =>
    entries.filter((entry) => entries.some((other) => other !== entry && project.importedBy(other).includes(entry)) === wanted),
  )
  const starts = [...(outer ?? []), ...(inner ?? [])].slice(0, STARTS)
  const orders = starts.flatMap((entry) => orderFrom(evaluator, entry, at, loaded) ?? [])
  const [first] = orders
  return first === undefined ? 'later' : orders.every((order) => order === first) ? first : 'unknown'
}

/** Which of two moments comes first when a file is started; `undefined`: it does not come to both. */
function orderFrom(evaluator: Evaluator, entry: string, read: Moment, load: Moment): Order | undefined {
  const { project } = evaluator
  const seen = new Set<string>()
  let first: Moment | undefined
  let second: Moment | undefined
  const pass = (path: string, from: number, to: number): void => {
    for (const moment of [read, load]) {
      if (moment.path !== path || moment.offset < from || moment.offset >= to || (moment.guarded && path !== entry)) continue
      if (first === undefined) first = moment
      else if (first !== moment) second = moment
    }
  }
  const visit = (path: string, depth: number): void => {
    if (seen.has(path) || seen.size >= FILES || depth === 0 || second !== undefined) return
    seen.add(path)
    let from = 0
    for (const { offset, files } of importsAsItRuns(evaluator, path)) {
      pass(path, from, offset)
      for (const file of files) for (const one of [...packagesOf(project, file), file]) visit(one, depth - 1)
      from = offset
    }
    pass(path, from, Number.POSITIVE_INFINITY)
  }
  visit(entry, FOLLOWED)
  if (seen.size >= FILES) return 'unknown'
  if (second === undefined) return undefined
  return first === read ? 'first' : 'later'
}

/** How deep files that import one another are followed. */
const FOLLOWED = 200

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

/** The packages that are run before a module that is in them, the outer ones first. */
function packagesOf(project: Project, file: string): readonly string[] {
  const found: string[] = []
  for (let directory = directoryOf(file); directory !== ''; directory = directoryOf(directory)) {
    const path = `${directory}/__init__.py`
    if (project.snapshot.paths.has(path) && path !== file) found.push(path)
  }
  return found.toReversed()
}
