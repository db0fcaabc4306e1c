import { Node } from '../../tree.ts'
import type { Tree } from '../../data/index.ts'
import { originOf } from '../../yaml.ts'
import { inContexts } from '../callers/contexts.ts'
import type { Project } from '../source/project.ts'
import { argumentsOf, dressed, propertyName } from '../source/syntax.ts'
import { isTestCode } from '../source/test-code.ts'
import type { Change, Changes, Identity, Mutation } from '../values/changed.ts'
import { identityOf } from '../values/changed.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, type Meaning, optionsOf, unknownMeaning } from '../values/meaning.ts'
import { type Candidate, candidateAt, type Place, placesIn } from './candidates.ts'
import { changeOf, type Seen } from './meant.ts'

/** Bounds of one search: files in which any name may be written, and places that are looked at. */
const MAX_FILES = 300
const MAX_CANDIDATES = 1_000

/** The places of a folder that change objects, found by their text and told by what they are done to. */
export class FolderChanges implements Changes {
  readonly #project: Project
  /** Of its own, since what is asked here is asked in the middle of other questions. */
  readonly #evaluator: Evaluator
  readonly #places = new Map<string, readonly Place[]>()
  readonly #any = new Map<string, readonly Place[]>()
  readonly #anyAtHome = new Map<string, readonly Place[]>()
  readonly #candidates = new Map<Place, Candidate | undefined>()
  readonly #seen = new Map<Candidate, readonly Seen[]>()
  readonly #found = new Map<Identity, Map<string, readonly Change[]>>()
  readonly #mutations = new Map<Node, readonly Mutation[]>()
  #depth = 0
  #named: ReadonlyMap<string, readonly (readonly [string, Place])[]> | undefined

  constructor(project: Project, evaluator: (changes: Changes) => Evaluator) {
    this.#project = project
    this.#evaluator = evaluator(this)
  }

  of(what: Identity, name: string): readonly Change[] {
    // What an expression means that is written to is told without asking what else is: the questions would have no end.
    if (this.#depth > 0) return []
    let names = this.#found.get(what)
    if (names === undefined) this.#found.set(what, (names = new Map()))
    let found = names.get(name)
    if (found === undefined) {
      // While it is looked for, nothing changes it.
      names.set(name, [])
      names.set(name, (found = this.#search(what, name)))
    }
    return found
  }

  #search(what: Identity, name: string): readonly Change[] {
    const all = [...this.#writing(name), ...this.#writingAny(what)]
    const candidates = all.slice(0, MAX_CANDIDATES)
    const rest = all[MAX_CANDIDATES]
    const found = candidates.flatMap((candidate) =>
      this.#contextsOf(candidate)
        .filter(({ targets }) => targets.has(what))
        .flatMap((seen) => changeOf(seen, name, this.#evaluator) ?? []),
    )
    const more = what === 'environment' ? this.#replacements(name) : name === PARENT ? [] : this.#parents(what, name)
    return [...found, ...more, ...(rest === undefined ? [] : [tooMany(rest)])]
  }

  calls(what: Identity): readonly Mutation[] {
    if (this.#depth > 0) return []
    const word = what instanceof Node ? holderName(what) : undefined
    if (!(what instanceof Node) || word === undefined) return []
    let found = this.#mutations.get(what)
    if (found === undefined) {
      this.#mutations.set(what, [])
      found = this.#filesOf(what).flatMap((path) => this.#mutationsIn(path, word, what))
      this.#mutations.set(what, found)
    }
    return found
  }

  #mutationsIn(path: string, word: string, what: Node): readonly Mutation[] {
    const content = this.#project.text(path)?.content ?? ''
    if (!content.includes(word)) return []
    return this.#placesOf(path).flatMap((place) => {
      const isNamed = place.adds && content.slice(0, place.offset).endsWith(word)
      const candidate = isNamed ? this.#candidate(path, place) : undefined
      if (candidate?.kind.does !== 'add') return []
      const { method } = candidate.kind
      return this.#contextsOf(candidate).flatMap(({ targets, parts }) =>
        targets.has(what) ? [{ method, node: candidate.node, given: parts() }] : [],
      )
    })
  }

  /** `object.__proto__ = …`: what it has not itself it has from there. */
  #parents(what: Identity, name: string): readonly Change[] {
    return this.of(what, PARENT).flatMap((change): readonly Change[] => {
      const { value } = change
      if (value === undefined) return []
      const inherited = (): Meaning => this.#evaluator.property(this.#evaluator.meaning(value, undefined), name, value)
      return [{ ...change, value: undefined, gives: (before) => (isNothing(before) ? inherited() : before) }]
    })
  }

  /** `process.env = …`. */
  #replacements(name: string): readonly Change[] {
    return this.of('library #process', 'env').flatMap((change): readonly Change[] => {
      const { value } = change
      return value === undefined
        ? []
        : [{ ...change, value: undefined, gives: () => this.#evaluator.property(this.#evaluator.meaning(value, undefined), name, value) }]
    })
  }

  /** `object.name = …`, wherever it stands. */
  #writing(name: string): readonly Candidate[] {
    this.#named ??= this.#index()
    return (this.#named.get(name) ?? []).flatMap(([path, place]) => this.#candidate(path, place) ?? [])
  }

  #index(): ReadonlyMap<string, readonly (readonly [string, Place])[]> {
    const named = new Map<string, [string, Place][]>()
    for (const path of this.#project.sources) {
      for (const place of this.#placesOf(path)) {
        if (place.name === undefined) continue
        const known = named.get(place.name)
        if (known === undefined) named.set(place.name, [[path, place]])
        else known.push([path, place])
      }
    }
    return named
  }

  /** Places that may write any name, in the files that can have the object. */
  #writingAny(what: Identity): readonly Candidate[] {
    // What a module hands out is written by name, or not at all where it is no CommonJS.
    if (what instanceof Node && what.kind === 'program') return []
    const home = typeof what === 'string' ? undefined : homeOf(what)
    const found: Candidate[] = []
    for (const path of this.#filesOf(what)) {
      for (const place of this.#placesOfAnyName(path, path === home)) {
        const candidate = this.#candidate(path, place)
        if (candidate !== undefined && found.push(candidate) > MAX_CANDIDATES) return found
      }
    }
    return found
  }

  #placesOfAnyName(path: string, isHome: boolean): readonly Place[] {
    const kept = isHome ? this.#anyAtHome : this.#any
    let places = kept.get(path)
    if (places === undefined) {
      const content = this.#project.text(path)?.content ?? ''
      const own = new Set([...content.matchAll(ACCUMULATORS)].map((match) => match[1] ?? ''))
      places = this.#placesOf(path).filter(
        (place) => place.name === undefined && !place.adds && (isHome || !isAccumulator(content, own, place)),
      )
      kept.set(path, places)
    }
    return places
  }

  #filesOf(what: Identity): readonly string[] {
    const { sources, graph } = this.#project
    if (what === 'environment') return sources.filter((path) => ENVIRONMENT.test(this.#project.text(path)?.content ?? ''))
    if (typeof what === 'string') return sources.filter((path) => this.#project.text(path)?.content.includes('.prototype') === true)
    const home = homeOf(what)
    const importers = graph.entries(home).slice(0, MAX_FILES)
    return [...new Set([...importers, ...importers.flatMap((path) => graph.imports(path))])].slice(0, MAX_FILES)
  }

  #placesOf(path: string): readonly Place[] {
    let places = this.#places.get(path)
    if (places === undefined) {
      const content = this.#project.text(path)?.content ?? ''
      places = isTestCode(path, content) ? [] : placesIn(content)
      this.#places.set(path, places)
    }
    return places
  }

  #candidate(path: string, place: Place): Candidate | undefined {
    if (this.#candidates.has(place)) return this.#candidates.get(place)
    const module = this.#project.module(path)
    const candidate = module === undefined ? undefined : candidateAt(place, module)
    this.#candidates.set(place, candidate)
    return candidate
  }

  #contextsOf(candidate: Candidate): readonly Seen[] {
    const known = this.#seen.get(candidate)
    if (known !== undefined) return known
    this.#seen.set(candidate, [])
    const evaluator = this.#evaluator
    const { object, kind } = candidate
    this.#depth++
    const found = inContexts(
      object,
      () => {
        const meaning = evaluator.meaning(object, undefined)
        const targets = new Set(
          optionsOf(meaning).flatMap((option) => (isFollowedElsewhere(option, candidate) ? [] : (identityOf(option, evaluator) ?? []))),
        )
        if (targets.size === 0) return undefined
        const key = 'key' in kind && typeof kind.key !== 'string' ? evaluator.value(kind.key, undefined) : undefined
        return { targets, key }
      },
      evaluator,
    ).map(({ answer, bindings }): Seen => {
      let parts: readonly Meaning[] | undefined
      const ask = (): readonly Meaning[] =>
        evaluator.ask(bindings, () => partsOf(candidate).map((part) => evaluator.meaning(part, undefined))).answer
      return { candidate, ...answer, parts: () => (parts ??= ask()), free: bindings.size === 0 }
    })
    this.#depth--
    this.#seen.set(candidate, found)
    return found
  }
}

const PARENT = '__proto__'

/** Places beyond the bound are not told apart. */
const tooMany = ({ node }: Candidate): Change => ({
  node,
  operator: '=',
  value: undefined,
  steps: [],
  gives: () => unknownMeaning('more places write to objects than are followed', node.origin),
})

/** Files in whose text the environment is named. */
const ENVIRONMENT = /\bprocess\b[^;\n]{0,40}\benv\b/

/** What a list is called where it is made: lists have too many calls for each to be asked for what it changes. */
function holderName(made: Node): string | undefined {
  const { parent } = dressed(made)
  const name = parent?.field('name') ?? parent?.field('key') ?? parent?.field('left')
  return propertyName(name?.kind === 'member_expression' ? name.field('property') : name)
}

/** The file that an object stems from. */
function homeOf(what: Node | Tree): string {
  return what instanceof Node ? what.file.path : originOf(what).path
}

function partsOf({ kind, node }: Candidate): readonly Node[] {
  switch (kind.does) {
    case 'set':
      return kind.value === undefined ? [] : [kind.value]
    case 'assign':
      return kind.sources
    case 'define':
      return [kind.descriptor]
    case 'define-all':
      return [kind.descriptors]
    case 'add':
      return argumentsOf(node)
    default:
      return []
  }
}

/** `this.name = …` and `Class.name = …` are part of the class, `exports.name = …` of the module. */
function isFollowedElsewhere(target: Meaning, { object, kind, node }: Candidate): boolean {
  if (kind.does !== 'set' || typeof kind.key !== 'string') return false
  if (target.kind === 'instance') return object.kind === 'this'
  if (target.kind === 'module') return target.path === node.file.path
  return target.kind === 'class' && target.node.file === node.file
}

/** Lists and objects that a file makes for itself, as its text has it: they cannot be those of another file. */
const ACCUMULATORS = /\b(?:const|let|var)\s{1,20}([\w$]+)\s{0,20}(?::[^=\n]{0,100})?=\s{0,20}(?:\{\s{0,20}\}|\[|new\b|Object\.create)/g

/** What `name[key] =` is done to, when that is a name. */
const INDEXED = /(?:^|[^\w$.])([\w$]+)\s{0,5}\[[^\]]*$/

function isAccumulator(content: string, accumulators: ReadonlySet<string>, { offset, text }: Place): boolean {
  if (!text.startsWith(']')) return false
  const before = content.slice(Math.max(0, offset - 200), offset)
  const name = INDEXED.exec(before.slice(before.lastIndexOf('\n') + 1))?.[1]
  return name !== undefined && accumulators.has(name)
}
