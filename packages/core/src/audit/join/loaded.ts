import {
  type EnvironmentLoad,
  type Evidence,
  resolveValue,
  type Setting,
  type Surroundings,
  type Unseen,
  type Value,
  type Variable,
} from '../../evidence/index.ts'
import { joinPath } from '../../systems/index.ts'

/** Files of variables that code loads. */
export interface Loaded {
  /** In the order in which they are looked at; `sure`: it is this one that is loaded, if it is there. */
  readonly files: readonly { readonly path: string; readonly sure: boolean }[]
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
  let unseen: Unseen | undefined
  const files = load.files.flatMap((file): Loaded['files'] => {
    const found = resolveValue(file, around)
    const texts = [...new Set(found.flatMap((one) => (one.kind === 'known' ? [String(one.value)] : [])))]
    if (texts.length === found.length && found.length > 0)
      return texts.flatMap((text) => {
        const path = joinPath(from, text)
        return path === undefined ? [] : [{ path, sure: texts.length === 1 }]
      })
    const pattern = patternOf(file)
    if (pattern === undefined) {
      if (file.kind === 'unknown') unseen = { how: 'in a file that is not known', origin: file.origin }
      return []
    }
    const fits = [...new Set(variables.map(({ claim }) => claim.file))].filter((path) => pattern.test(below(from, path)))
    return fits.map((path) => ({ path, sure: false }))
  })
  return { files, ...(unseen === undefined ? {} : { unseen }) }
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

/** Puts the variables of files into an environment. One that is set already stays, unless the loader says that files win. */
export class LoadedEnvironment {
  readonly variables: Map<string, Setting>
  /** Names that a file sets which may be loaded, or not: with what stands for their not being set by any. */
  readonly #open = new Map<string, Value>()

  constructor(variables: ReadonlyMap<string, Setting>) {
    this.variables = new Map(variables)
  }

  /** `unseen`: something may have set any variable before. */
  add({ claim, origin }: Evidence<Variable>, sure: boolean, overrides: boolean, unseen: Unseen | undefined): void {
    if (origin.kind !== 'file') return
    const { name, value: given } = claim
    const before = this.variables.get(name)
    if (before !== undefined && !overrides && !this.#open.has(name)) return
    const value: Value =
      overrides || unseen === undefined ? given : { kind: 'environment', name, fallback: given, emptyIsUnset: false, origin }
    if (sure && (before === undefined || overrides)) {
      this.#open.delete(name)
      this.variables.set(name, { value, origin })
      return
    }
    const unset = this.#open.get(name)
    const other: Value = before?.value ?? { kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin }
    if (sure && unset !== undefined && other.kind === 'choice') {
      // Where none of them was loaded, this one is.
      this.#open.delete(name)
      const options = other.options.map((option) => (option === unset ? value : option))
      this.variables.set(name, { value: { ...other, options }, origin: before?.origin ?? origin })
      return
    }
    const options = other.kind === 'choice' && unset !== undefined ? [value, ...other.options] : [value, other]
    if (before === undefined) this.#open.set(name, other)
    this.variables.set(name, { value: { kind: 'choice', options, origin }, origin: before?.origin ?? origin })
  }
}
