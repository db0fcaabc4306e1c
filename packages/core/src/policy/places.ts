import { type FileOrigin, Text } from '../evidence/index.ts'

/** A piece of a file; `end` is exclusive. Lines are counted only when somebody asks. */
export interface Place {
  readonly text: Text
  readonly start: number
  readonly end: number
}

export type Path = readonly (string | number)[]

/** Plain values as YAML has them; mappings have no prototype, so that no key means anything to JavaScript. */
export type Tree = null | boolean | number | string | readonly Tree[] | TreeMap
export interface TreeMap {
  readonly [key: string]: Tree
}

export function isMap(value: Tree | undefined): value is TreeMap {
  return typeof value === 'object' && value !== null && !isList(value)
}

export function isList(value: Tree | undefined): value is readonly Tree[] {
  return Array.isArray(value)
}

/** `undefined`: there is no such entry. */
export function child(value: Tree | undefined, step: string | number): Tree | undefined {
  if (isList(value)) return value[Number(step)]
  return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined
}

export function valueAt(root: Tree, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>(child, root)
}

/** Where one entry of a list or mapping stands. */
export interface Entry {
  readonly key: Place | undefined
  readonly value: Place
}

/**
 * Where the entries of plain lists and mappings came from. Kept beside the values, by container, so that values of
 * several files and overlays can be put together and each still knows its own line.
 */
export class Places {
  readonly #entries = new WeakMap<object, Map<string | number, Entry>>()

  set(container: object, key: string | number, entry: Entry): void {
    let entries = this.#entries.get(container)
    if (entries === undefined) this.#entries.set(container, (entries = new Map()))
    entries.set(key, entry)
  }

  get(container: object, key: string | number): Entry | undefined {
    return this.#entries.get(container)?.get(key)
  }

  /** The place to show for the value at `path`: the value itself when it fits a line, else its key, else what holds it. */
  at(root: TreeMap, path: Path, fallback: Place): Place {
    const { entry, value } = this.#walk(root, path)
    if (entry === undefined) return fallback
    return typeof value === 'object' && value !== null && entry.key !== undefined ? entry.key : entry.value
  }

  /** The place of the last key on `path`. */
  key(root: TreeMap, path: Path, fallback: Place): Place {
    const { entry } = this.#walk(root, path)
    return entry === undefined ? fallback : (entry.key ?? entry.value)
  }

  #walk(root: TreeMap, path: Path): { entry: Entry | undefined; value: Tree | undefined } {
    let value: Tree | undefined = root
    let entry: Entry | undefined
    for (const step of path) {
      if (typeof value !== 'object' || value === null) break
      const next = this.get(value, step)
      if (next === undefined) break
      entry = next
      value = child(value, step)
    }
    return { entry, value }
  }
}

export function originOf(place: Place): FileOrigin {
  return place.text.origin(place.start, place.end)
}

/** `file:line:column`, for messages that point at a second place. */
export function positionOf(place: Place): string {
  const { line, column } = place.text.position(place.start)
  return `${place.text.path}:${line}:${column}`
}
