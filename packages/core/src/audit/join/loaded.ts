import {
  type EnvironmentLoad,
  type Evidence,
  type Outcome,
  outcomesOf,
  resolveValue,
  type Setting,
  type Surroundings,
  type Unseen,
  unseenFile,
  type Value,
  type Variable,
} from '../../evidence/index.ts'
import { joinPath } from '../../systems/index.ts'

/** A file of variables, and whether it is this one that is loaded if it is there. */
export interface LoadedFile {
  readonly path: string
  readonly outcomes: readonly Outcome[]
}

/** Files of variables that code loads, in the order in which they are looked at. */
export interface Loaded {
  readonly files: readonly LoadedFile[]
  /** Which file is meant is not known at all. */
  readonly unseen?: Unseen
}

/** The files that `load` names when the program starts with `around`. Of a name that is known in part, every file of the folder that fits. */
export function loadedFiles(
  load: EnvironmentLoad,
  directory: string,
  around: Surroundings,
  variables: readonly Evidence<Variable>[],
): Loaded {
  const from = load.relativeTo === 'folder' ? '' : directory
  const done = load.isDone === undefined ? SURE : outcomesOf(load.isDone, around)
  if (done.every(({ holds }) => !holds)) return { files: [] }
  let unseen: Unseen | undefined
  const files = load.files.flatMap((file): Loaded['files'] => {
    const found = resolveValue(file, around)
    const texts = [...new Set(found.flatMap((one) => (one.kind === 'known' ? [String(one.value)] : [])))]
    if (texts.length === found.length && found.length > 0)
      return texts.flatMap((text) => {
        const path = joinPath(from, text)
        if (path === undefined || path.startsWith('/')) {
          const origin = file.kind === 'absent' ? undefined : file.origin
          if (origin !== undefined) unseen = unseenFile(origin)
          return []
        }
        return [{ path, outcomes: texts.length === 1 ? done : perhaps(done, path) }]
      })
    const pattern = patternOf(file)
    if (pattern === undefined) {
      if (file.kind === 'unknown') unseen = { how: 'in a file that is not known', origin: file.origin }
      return []
    }
    const fits = [...new Set(variables.map(({ claim }) => claim.file))].filter((path) => pattern.test(below(from, path)))
    return fits.map((path) => ({ path, outcomes: perhaps(done, path) }))
  })
  return { files, ...(unseen === undefined ? {} : { unseen }) }
}

const SURE: readonly Outcome[] = [{ holds: true, by: new Map() }]

/** A file that is loaded, or is not. */
export const fileLoaded = (path: string, isSure: boolean): LoadedFile => ({ path, outcomes: isSure ? SURE : perhaps(SURE, path) })

/** The same, where it may be another file that is meant. */
function perhaps(outcomes: readonly Outcome[], path: string): readonly Outcome[] {
  const key = `file ${path}`
  return outcomes.flatMap(({ holds, by }): readonly Outcome[] =>
    holds ? [true, false].map((is) => ({ holds: is, by: new Map([...by, [key, is]]) })) : [{ holds, by }],
  )
}

/** What a name is like of which a part is decided when the program starts; `undefined`: nothing of it is known. */
function patternOf(file: Value): RegExp | undefined {
  if (file.kind !== 'joined') return undefined
  const known = file.parts.flatMap((part) => (part.kind === 'known' ? [String(part.value)] : []))
  if (known.join('').replace(/[/.]/g, '') === '') return undefined
  const source = file.parts.map((part) =>
    part.kind === 'known' ? String(part.value).replace(/[^\w/]/g, (character) => `\\${character}`) : '[^/]{0,100}',
  )
  return source.length > MOST_PARTS ? undefined : new RegExp(`^${source.join('').replace(/^(?:\\\.\/)+/, '')}$`)
}

/** Of a name of more parts nobody says what it is like. */
const MOST_PARTS = 8

/** The path from a directory, of a file in it. */
const below = (directory: string, path: string): string =>
  directory === '' ? path : path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : ''

/** One of the ways in which a variable may be set. */
interface Alternative {
  readonly value: Value
  /** `false`: by nothing so far. */
  readonly isSet: boolean
  /** What came out so for it, as in `Outcome`. */
  readonly by: Outcome['by']
}

/** More ways to set one variable are not kept apart by what decides between them. */
const MOST_ALTERNATIVES = 24

/** Puts the variables of files into an environment. One that is set already stays, unless the loader says that files win. */
export class LoadedEnvironment {
  readonly variables: Map<string, Setting>
  /** Of the names that a file sets which may be loaded, or not. */
  readonly #open = new Map<string, readonly Alternative[]>()

  constructor(variables: ReadonlyMap<string, Setting>) {
    this.variables = new Map(variables)
  }

  /** `outcomes`: whether its file is loaded. `unseen`: something may have set any variable before. */
  add({ claim, origin }: Evidence<Variable>, outcomes: readonly Outcome[], overrides: boolean, unseen: Unseen | undefined): void {
    if (origin.kind !== 'file') return
    const { name, value: given } = claim
    const before = this.variables.get(name)
    const open = this.#open.get(name)
    if (before !== undefined && !overrides && open === undefined) return
    const value: Value =
      overrides || unseen === undefined ? given : { kind: 'environment', name, fallback: given, emptyIsUnset: false, origin }
    if (outcomes.every(({ holds }) => holds) && (before === undefined || overrides)) {
      this.#open.delete(name)
      this.variables.set(name, { value, origin })
      return
    }
    const unset: Value = { kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin }
    const earlier = open ?? [{ value: before?.value ?? unset, isSet: before !== undefined, by: new Map() }]
    const alternatives = withLoaded(earlier, value, outcomes, overrides)
    this.#open.set(name, alternatives)
    // A port stays, as in `resolveValue`: another one opens nothing wider.
    const loaded = alternatives.filter(({ isSet }) => isSet)
    const told = loaded.length > 0 && loaded.every((one) => isPort(one.value)) ? loaded : alternatives
    const options = [...new Set(told.map((one) => one.value))]
    const [only] = options
    const found: Value = options.length === 1 && only !== undefined ? only : { kind: 'choice', options, origin }
    this.variables.set(name, { value: found, origin: before?.origin ?? origin })
  }
}

const isPort = (value: Value): boolean => value.kind === 'known' && /^\d{2,5}$/.test(String(value.value))

/** The ways in which a variable may be set once a file that has it is loaded, or is not: what was loaded last first. */
function withLoaded(
  earlier: readonly Alternative[],
  value: Value,
  outcomes: readonly Outcome[],
  overrides: boolean,
): readonly Alternative[] {
  const isOpen = ({ isSet }: Alternative): boolean => overrides || !isSet
  const under = (one: Alternative, holds: boolean): readonly Alternative[] =>
    outcomes.flatMap((outcome) => {
      const by = outcome.holds === holds ? together(one.by, outcome.by) : undefined
      return by === undefined ? [] : [holds ? { value, isSet: true, by } : { ...one, by }]
    })
  const isSure = outcomes.every(({ holds }) => holds)
  const found = isSure
    ? earlier.flatMap((one) => (isOpen(one) ? under(one, true) : [one]))
    : [...earlier.filter(isOpen).flatMap((one) => under(one, true)), ...earlier.flatMap((one) => (isOpen(one) ? under(one, false) : [one]))]
  return found.length <= MOST_ALTERNATIVES ? found : [...new Map(found.map((one) => [one.value, { ...one, by: new Map() }])).values()]
}

/** What has come out for both; `undefined`: they do not come together. */
function together(one: Outcome['by'], other: Outcome['by']): Outcome['by'] | undefined {
  return [...other].some(([key, verdict]) => one.get(key) === !verdict) ? undefined : new Map([...one, ...other])
}
