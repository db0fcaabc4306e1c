import type { FileOrigin } from '../evidence/index.ts'
import type { Diagnostics, Problem } from './diagnostic.ts'
import { code, quoted } from './found.ts'
import { originOf, type Path, type Place, type Places, positionOf, type TreeMap } from './places.ts'
import { BUILT_IN_SOURCES, THIS_HOST } from './policy.ts'
import { suggest } from './suggest.ts'

export type NameKind = 'source' | 'host' | 'service'

const SECTIONS: readonly (readonly [string, NameKind])[] = [
  ['sources', 'source'],
  ['hosts', 'host'],
  ['services', 'service'],
]

export interface Item<T> {
  readonly value: T
  readonly path: Path
}

/** One policy as written, while it is resolved: where everything stands, and what every name means. */
export class Scope {
  readonly #tree: TreeMap
  readonly #places: Places
  readonly #whole: Place
  readonly #diagnostics: Diagnostics
  readonly #names = new Map<string, NameKind>()
  readonly #byKind: Readonly<Record<NameKind, string[]>> = { source: [], host: [], service: [] }

  /** `written` has also what was refused: a name declared wrongly is still declared. `tree` is what is left to resolve. */
  constructor(written: TreeMap, tree: TreeMap, places: Places, whole: Place, diagnostics: Diagnostics) {
    this.#tree = tree
    this.#places = places
    this.#whole = whole
    this.#diagnostics = diagnostics
    this.#declare(written)
  }

  /** `localhost` can be named wherever other hosts can, declared or not. */
  #declare(written: TreeMap): void {
    const first = new Map<string, Place>()
    for (const [section, kind] of SECTIONS) {
      const names = written[section]
      if (typeof names !== 'object' || names === null || Array.isArray(names)) continue
      for (const name of Object.keys(names)) {
        const place = this.#places.key(written, [section, name], this.#whole)
        const other = first.get(name)
        if ((BUILT_IN_SOURCES as readonly string[]).includes(name) || (name === THIS_HOST && kind !== 'host')) {
          this.#diagnostics.add(place, {
            code: 'reserved-name',
            message: `${quoted(name)} has a meaning of its own`,
            hint: 'choose another name',
          })
        } else if (other !== undefined) {
          const message = `${quoted(name)} is already the ${this.#names.get(name)} at ${positionOf(other)}`
          this.#diagnostics.add(place, {
            code: 'duplicate-name',
            message,
            hint: 'sources, hosts and services share their names: rename one of them',
          })
        } else {
          first.set(name, place)
          this.#names.set(name, kind)
          this.#byKind[kind].push(name)
        }
      }
    }
    if (this.#byKind.host.length === 0 || this.#names.has(THIS_HOST)) return
    this.#names.set(THIS_HOST, 'host')
    this.#byKind.host.push(THIS_HOST)
  }

  kindOf(name: string): NameKind | undefined {
    return this.#names.get(name)
  }

  names(...kinds: readonly NameKind[]): readonly string[] {
    return kinds.flatMap((kind) => this.#byKind[kind])
  }

  place(path: Path): Place {
    return this.#places.at(this.#tree, path, this.#whole)
  }

  /** Where the value at `path` is written. */
  origin(path: Path): FileOrigin {
    return originOf(this.place(path))
  }

  report(path: Path, problem: Problem): void {
    this.#diagnostics.add(this.place(path), problem)
  }

  /** One or many → many, each with its path. `identity` tells which are the same; a repetition is reported and left out. */
  items<T>(value: T | readonly T[] | undefined, path: Path, identity: (item: T) => string = String): readonly Item<T>[] {
    if (value === undefined) return []
    const seen = new Set<string>()
    const all = isMany(value) ? value.map((item, index) => ({ value: item, path: [...path, index] })) : [{ value, path }]
    return all.filter((item) => {
      const key = identity(item.value)
      if (!seen.has(key)) return seen.add(key)
      this.report(item.path, { code: 'repeated', message: `${quoted(key)} is already in the list`, hint: 'take it out' })
      return false
    })
  }

  /** The candidate that `word` was meant to be; nothing once nobody reads it any more. */
  suggest(word: string, candidates: readonly string[]): string | undefined {
    return this.#diagnostics.overflowed ? undefined : suggest(word, candidates)
  }

  /** Whether `name` is declared as one of `kinds`; reported when it is not. */
  expectName(name: string, path: Path, ...kinds: readonly NameKind[]): boolean {
    const kind = this.#names.get(name)
    const wanted = kinds.map((each) => `a ${each}`).join(' or ')
    if (kind !== undefined && kinds.includes(kind)) return true
    if (kind !== undefined) {
      const names = this.names(...kinds)
      const hint = names.length === 0 ? `declare ${wanted}` : `name ${wanted}: ${names.slice(0, 10).join(', ')}`
      this.report(path, { code: 'wrong-kind', message: `${quoted(name)} is a ${kind}, and ${wanted} belongs here`, hint })
      return false
    }
    const near = this.suggest(name, this.names(...kinds))
    const hint =
      near === undefined ? `declare it under ${kinds.map((each) => code(`${each}s`)).join(' or ')}` : `did you mean ${code(near)}?`
    this.report(path, { code: 'unknown-name', message: `no ${kinds.join(' or ')} is called ${quoted(name)}`, hint })
    return false
  }
}

function isMany<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
