import { Text } from '../evidence/index.ts'
import type { Diagnostics, Problem } from './diagnostic.ts'
import { readDocument } from './document.ts'
import { code, quoted } from './found.ts'
import { child, isList, type Place, type Places, type TreeMap } from './places.ts'
import { MOST_VALUES } from './tree.ts'

export interface PolicyFile {
  readonly text: Text
  readonly tree: TreeMap
}

export interface PolicyFiles {
  /** The entry first, then the others in the order that they are named; each once, however often it is named. */
  readonly files: readonly PolicyFile[]
  readonly needs: readonly string[]
  /** Whether every file was there and could be read as YAML. */
  readonly complete: boolean
}

export interface FileInput {
  readonly files: ReadonlyMap<string, string>
  readonly globs: ReadonlyMap<string, readonly string[]>
  readonly entry: string
}

const MOST_FILES = 500
/** UTF-16 code units, all files together. */
const LARGEST_TOTAL = 2 * 1024 * 1024

/** `*`, `?` and `[…]` make a pattern, as in glob(7). */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path)
}

/** A file to read, and the place that names it. */
interface Named {
  readonly path: string
  readonly place: Place
}

/** Reads the entry and whatever it and the others include. */
export function loadFiles(input: FileInput, places: Places, diagnostics: Diagnostics): PolicyFiles {
  return new Loader(input, places, diagnostics).load()
}

class Loader {
  readonly #input: FileInput
  readonly #places: Places
  readonly #diagnostics: Diagnostics
  readonly #files: PolicyFile[] = []
  readonly #needs = new Set<string>()
  readonly #budget = { values: MOST_VALUES }
  #characters = 0
  #complete = true

  constructor(input: FileInput, places: Places, diagnostics: Diagnostics) {
    this.#input = input
    this.#places = places
    this.#diagnostics = diagnostics
  }

  load(): PolicyFiles {
    const { entry } = this.#input
    const queue: Named[] = [{ path: entry, place: { text: new Text(entry, ''), start: 0, end: 0 } }]
    const seen = new Set([entry])
    for (const named of queue) {
      const file = this.#read(named)
      if (file === undefined) continue
      this.#files.push(file)
      for (const next of includesOf(file, this.#places).flatMap((include) => this.#follow(file, include))) {
        if (seen.has(next.path)) continue
        seen.add(next.path)
        queue.push(next)
      }
    }
    return { files: this.#files, needs: [...this.#needs], complete: this.#complete }
  }

  #refuse(place: Place, problem: Problem): void {
    this.#complete = false
    this.#diagnostics.add(place, problem)
  }

  #read({ path, place }: Named): PolicyFile | undefined {
    const content = this.#input.files.get(path)
    if (content === undefined) {
      this.#needs.add(path)
      const hint = 'check the path; it is relative to the file that names it'
      this.#refuse(place, { code: 'file-missing', message: `${quoted(path)} is not there or cannot be read`, hint })
      return undefined
    }
    this.#characters += content.length
    if (this.#characters > LARGEST_TOTAL || this.#files.length >= MOST_FILES) {
      const message = `the policy has more than ${MOST_FILES} files or ${LARGEST_TOTAL} characters`
      this.#refuse(place, { code: 'too-large', message, hint: 'make several policies of it' })
      return undefined
    }
    const text = new Text(path, content)
    const tree = readDocument(text, this.#places, this.#diagnostics, this.#budget)
    if (tree !== undefined) return { text, tree }
    this.#complete = false
    return undefined
  }

  /** The files that an include means. */
  #follow(file: PolicyFile, { path, place }: Named): readonly Named[] {
    const target = resolve(file.text.path, path)
    if (target === undefined || !target.startsWith(folderOf(this.#input.entry))) {
      const hint = 'name files within the folder of the first policy file, with / between names'
      this.#refuse(place, { code: 'include-outside', message: `${quoted(path)} leads out of the policy's folder`, hint })
      return []
    }
    const matches = isGlob(target) ? this.#input.globs.get(target) : [target]
    if (matches === undefined) {
      this.#needs.add(target)
      this.#refuse(place, {
        code: 'file-missing',
        message: `${quoted(target)} was not looked up`,
        hint: 'check that the folder can be read',
      })
      return []
    }
    if (matches.length === 0) {
      const hint = `correct the pattern, or take it out of ${code('include')}`
      this.#refuse(place, { code: 'include-empty', message: `no file matches ${quoted(target)}`, hint })
    }
    return matches.map((match) => ({ path: match, place }))
  }
}

/** What a file includes, as far as it is text: the rest is reported with the file's other faults. */
function includesOf({ tree, text }: PolicyFile, places: Places): readonly Named[] {
  const include = child(tree, 'include')
  const whole = { text, start: 0, end: 0 }
  const items = isList(include) ? include.map((path, index) => ({ path, at: ['include', index] })) : [{ path: include, at: ['include'] }]
  return items.flatMap(({ path, at }) => (typeof path === 'string' && path !== '' ? [{ path, place: places.at(tree, at, whole) }] : []))
}

/** With a slash at its end, unless it is the folder that all paths are relative to. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** `undefined`: not a relative path, or one that leaves the folder that all paths are relative to. */
function resolve(from: string, include: string): string | undefined {
  if (/^\/|\\|^[A-Za-z]:/.test(include)) return undefined
  const folder = folderOf(from)
  const parts = folder.split('/').slice(0, -1)
  for (const part of include.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
