import { type Claim, type EnvironmentLoad, type FileOrigin, readPlaces, type ReadBefore } from '../evidence/index.ts'
import { LoadConditions, type LoadSite } from './load-conditions.ts'
import { type Node, nodeAt } from './tree.ts'
import { type Truth, truthValue } from './truth.ts'

/** A part of a file that is run, or the files that it imports then. */
export type Step = { readonly from: number; readonly to: number } | { readonly files: readonly string[] }

type StepsOf = (path: string) => readonly Step[]

/** What one language tells of the order in which a program of it runs. */
export interface Language {
  rootOf(path: string): Node | undefined
  /** Whether what loads a file puts its variables into the environment of the program. */
  puts(load: Node): boolean
  /** The function or class that a node runs with; `undefined`: the node runs with its module. */
  ownerOf(node: Node): Node | undefined
  /** The places that make an owner run; `undefined`: not all of them can be told. */
  callsOf(owner: Node, node: Node): readonly Node[] | undefined
  /** What decides whether a node is come to once the owner runs that it stands in, or its module. */
  reached(node: Node, load: LoadSite): Truth
  /** The calls by which an owner runs; `nobody`: no line of the folder takes it up. `undefined`: it cannot be told. */
  startsOf(owner: Node): readonly Node[] | 'nobody' | undefined
  /** The whole expression that loads. */
  loadOf(load: Node): Node
  /** Whether a node runs only where its file is the program, not when it is imported. */
  isGuarded(node: Node): boolean
  /** The files that a file imports itself. */
  importsOf(path: string): readonly string[]
  /** The file and all that come to run it. */
  importersOf(path: string): readonly string[]
  /** Whether only tests start a program by this file. */
  isTest(path: string): boolean
  /** What a file runs, in its order; several where it cannot be known which holds. */
  readonly orders: readonly StepsOf[]
}

/** Calls deep that it is asked when a line runs, places that are looked at for one load, and files that are followed from one start. */
const DEPTH = 12
const PLACES = 1_000
const FILES = 2_000
const STARTS = 24
/** How deep files that import one another are followed. */
const FOLLOWED = 200

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/**
 * Each load of a file of variables: whether it is done at all, and the lines that listen by what was read of the environment before it was
 * loaded.
 */
export function inOrder(language: Language, found: readonly Found[]): readonly Found[] {
  const loads = new Map<Found, Loading>()
  for (const one of found) {
    const node = one.claim.claim === 'environment-load' ? nodeOf(language, one.origin) : undefined
    if (one.claim.claim !== 'environment-load' || node === undefined || !language.puts(node)) continue
    const moments = momentsOf(language, node)
    loads.set(one, {
      node,
      moments: moments ?? [endOf(language, node)],
      entries: moments?.some(({ guarded }) => guarded) === true ? entriesOf(language, moments) : one.claim.entries,
    })
  }
  if (loads.size === 0) return found
  const listening = found.flatMap(({ claim, origin }) => (claim.claim === 'bind' ? (nodeOf(language, origin) ?? []) : []))
  const reads = readsOf(language, found).flatMap((node): readonly Moved[] => {
    const moments = momentsOf(language, node)
    return moments === undefined ? [] : [{ node, moments }]
  })
  const runs = new Runs(language, [...loads.values(), ...reads])
  const conditions = new LoadConditions(language)
  return found.map((one): Found => {
    const load = loads.get(one)
    if (load === undefined || one.claim.claim !== 'environment-load') return one
    const before = readBefore(runs, load, reads)
    const near = listening.filter((node) => runs.isWith(node.file.path, load.entries))
    const done = conditions.isDone(load.node, near)
    return {
      ...one,
      claim: {
        ...one.claim,
        entries: load.entries,
        ...(done === true ? {} : { isDone: truthValue(done, one.origin) }),
        ...(before.length === 0 ? {} : { readBefore: before }),
      },
    }
  })
}

/** The files that come to one of the moments: of what is guarded its own alone. */
function entriesOf(language: Language, moments: readonly Moment[]): readonly string[] {
  return [...new Set(moments.flatMap(({ path, guarded }) => (guarded ? [path] : language.importersOf(path))))]
}

function nodeOf(language: Language, { path, span }: FileOrigin): Node | undefined {
  const root = language.rootOf(path)
  return root === undefined ? undefined : nodeAt(root, span.start.offset)
}

/** Where the environment is read for the host of something that listens. */
function readsOf(language: Language, found: readonly Found[]): readonly Node[] {
  const places = found.flatMap(({ claim }) => (claim.claim === 'bind' ? readPlaces(claim.host) : []))
  const distinct = new Map(places.map((origin) => [`${origin.path}:${origin.span.start.offset}`, origin]))
  return [...distinct.values()].flatMap((origin) => nodeOf(language, origin) ?? [])
}

/** A line of the module's own, from which everything that is called there runs. */
interface Moment {
  readonly path: string
  readonly offset: number
  readonly guarded: boolean
}

const keyOf = ({ path, offset }: Moment): string => `${path}:${offset}`

/** A node, and when it runs. */
interface Moved {
  readonly node: Node
  readonly moments: readonly Moment[]
}

interface Loading extends Moved {
  readonly entries: EnvironmentLoad['entries']
}

type Order = 'first' | 'later' | 'unknown'

function readBefore(runs: Runs, load: Loading, reads: readonly Moved[]): readonly ReadBefore[] {
  const lines = new Map<string, { readonly path: string; readonly line: number; readonly orders: Order[] }>()
  const near = reads.filter(({ node }) => runs.isWith(node.file.path, load.entries))
  for (const [index, read] of near.entries()) {
    const { path, span } = read.node.origin
    const { line } = span.start
    const orders =
      index < PLACES
        ? read.moments.flatMap((at) => load.moments.map((other) => runs.compare(read, at, load, other)))
        : (['unknown'] as const)
    const known = lines.get(`${path}:${line}`)
    if (known === undefined) lines.set(`${path}:${line}`, { path, line, orders: [...orders] })
    else known.orders.push(...orders)
  }
  return [...lines.values()].flatMap(({ path, line, orders }) => {
    if (orders.every((order) => order === 'later')) return []
    return [{ path, line, ...(orders.every((order) => order === 'first') ? {} : { perhaps: true as const }) }]
  })
}

/** What nobody in the folder calls runs behind all that its module does when it is imported. */
const endOf = (language: Language, node: Node): Moment => ({
  path: node.file.path,
  offset: language.rootOf(node.file.path)?.end ?? node.end,
  guarded: false,
})

/** When a node runs, as far as the folder's own calls tell. */
function momentsOf(language: Language, node: Node): readonly Moment[] | undefined {
  const found = new Map<string, Moment>()
  const isKnown = collect(language, node, found, new Set(), DEPTH)
  return isKnown && found.size > 0 ? [...found.values()] : undefined
}

function collect(language: Language, node: Node, found: Map<string, Moment>, seen: Set<Node>, depth: number): boolean {
  const owner = language.ownerOf(node)
  if (owner === undefined) {
    const moment = { path: node.file.path, offset: node.start, guarded: language.isGuarded(node) }
    found.set(keyOf(moment), moment)
    return true
  }
  if (seen.has(owner)) return true
  seen.add(owner)
  const calls = depth === 0 ? [] : (language.callsOf(owner, node) ?? [])
  return calls.length > 0 && calls.every((call) => collect(language, call, found, seen, depth - 1))
}

/** The programs of a folder, each walked once from the file that starts it. */
class Runs {
  readonly #language: Language
  /** By file, in their order. */
  readonly #moments: ReadonlyMap<string, readonly Moment[]>
  readonly #importers = new Map<string, ReadonlySet<string>>()
  readonly #walks = new Map<string, readonly (ReadonlyMap<string, number> | undefined)[]>()
  readonly #starts = new Map<readonly string[], readonly string[]>()
  #towards: ReadonlySet<string> | undefined

  constructor(language: Language, all: readonly Moved[]) {
    this.#language = language
    const distinct = new Map(all.flatMap(({ moments }) => moments.map((moment) => [keyOf(moment), moment])))
    const moments = new Map<string, Moment[]>()
    for (const moment of [...distinct.values()].toSorted((a, b) => a.offset - b.offset)) {
      const others = moments.get(moment.path)
      if (others === undefined) moments.set(moment.path, [moment])
      else others.push(moment)
    }
    this.#moments = moments
  }

  #importersOf(path: string): ReadonlySet<string> {
    let found = this.#importers.get(path)
    if (found === undefined) this.#importers.set(path, (found = new Set(this.#language.importersOf(path))))
    return found
  }

  /** Whether one of the files comes to run the other. */
  isWith(path: string, entries: readonly string[]): boolean {
    const importers = this.#importersOf(path)
    return entries.some((entry) => importers.has(entry))
  }

  /** Whether the read runs before the load, by whichever of the files the program is started. */
  compare(read: Moved, at: Moment, load: Loading, loaded: Moment): Order {
    // Both within one call: by their places where they stand in one function.
    if (keyOf(at) === keyOf(loaded)) {
      const isOne = this.#language.ownerOf(read.node) === this.#language.ownerOf(load.node)
      return isOne && read.node.start < load.node.start ? 'first' : 'later'
    }
    const starts = at.path === loaded.path ? [at.path] : this.#startsOf(load.entries)
    const orders = starts.flatMap((entry) =>
      this.#walked(entry).flatMap((passed): readonly Order[] => {
        if (passed === undefined) return ['unknown']
        const [first, second] = [passed.get(keyOf(at)), passed.get(keyOf(loaded))]
        return first === undefined || second === undefined ? [] : [first < second ? 'first' : 'later']
      }),
    )
    const [first] = orders
    return first === undefined ? 'later' : orders.every((order) => order === first) ? first : 'unknown'
  }

  /** Those that nothing imports are what is started most; tests, where nothing else is. */
  #startsOf(entries: readonly string[]): readonly string[] {
    let found = this.#starts.get(entries)
    if (found === undefined) {
      const own = entries.filter((entry) => !this.#language.isTest(entry))
      const all = own.length === 0 ? entries : own
      const imported = new Set(all.flatMap((entry) => this.#language.importsOf(entry).filter((path) => path !== entry)))
      const [outer, inner] = [false, true].map((wanted) => all.filter((entry) => imported.has(entry) === wanted))
      this.#starts.set(entries, (found = [...(outer ?? []), ...(inner ?? [])].slice(0, STARTS)))
    }
    return found
  }

  #walked(entry: string): readonly (ReadonlyMap<string, number> | undefined)[] {
    let found = this.#walks.get(entry)
    if (found === undefined) this.#walks.set(entry, (found = this.#language.orders.map((order) => this.#walk(entry, order))))
    return found
  }

  /** The moments in the order in which they are come to; `undefined`: more files than are followed. */
  #walk(entry: string, stepsOf: StepsOf): ReadonlyMap<string, number> | undefined {
    this.#towards ??= new Set([...this.#moments.keys()].flatMap((path) => [...this.#importersOf(path)]))
    const towards = this.#towards
    const seen = new Set<string>()
    const passed = new Map<string, number>()
    const visit = (path: string, depth: number): void => {
      if (seen.has(path) || seen.size >= FILES || depth === 0) return
      seen.add(path)
      const moments = this.#moments.get(path) ?? []
      for (const step of stepsOf(path)) {
        const run = 'files' in step ? [] : moments.filter(({ offset }) => offset >= step.from && offset < step.to)
        for (const moment of run)
          if (!(moment.guarded && path !== entry) && !passed.has(keyOf(moment))) passed.set(keyOf(moment), passed.size)
        for (const file of 'files' in step ? step.files : []) if (towards.has(file)) visit(file, depth - 1)
      }
    }
    visit(entry, FOLLOWED)
    return seen.size >= FILES ? undefined : passed
  }
}
