import { Text } from '../evidence/index.ts'
import type { Diagnostics } from './diagnostic.ts'
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

/** Reads the entry and whatever it and the others include. */
export function loadFiles(input: FileInput, places: Places, diagnostics: Diagnostics): PolicyFiles {
  const files: PolicyFile[] = []
  const needs = new Set<string>()
  const queue: { readonly path: string; readonly named: Place }[] = []
  const seen = new Set([input.entry])
  const budget = { values: MOST_VALUES }
  let complete = true
  let total = 0
  const refuse = (place: Place, problem: Parameters<Diagnostics['add']>[1]): void => {
    diagnostics.add(place, problem)
    complete = false
  }
  queue.push({ path: input.entry, named: { text: new Text(input.entry, ''), start: 0, end: 0 } })
  for (let index = 0; index < queue.length; index++) {
    const { path, named } = queue[index] as (typeof queue)[number]
    const content = input.files.get(path)
    if (content === undefined) {
      needs.add(path)
      refuse(named, {
        code: 'file-missing',
        message: `${quoted(path)} is not there or cannot be read`,
        hint: 'check the path; it is relative to the file that names it',
      })
      continue
    }
    total += content.length
    if (total > LARGEST_TOTAL || files.length >= MOST_FILES) {
      const message = `the policy has more than ${MOST_FILES} files or ${LARGEST_TOTAL} characters`
      refuse(named, { code: 'too-large', message, hint: 'make several policies of it' })
      break
    }
    const text = new Text(path, content)
    const tree = readDocument(text, places, diagnostics, budget)
    if (tree === undefined) {
      complete = false
      continue
    }
    files.push({ text, tree })
    for (const include of includesOf(tree, text, places)) {
      const target = resolve(path, include.path)
      if (target === undefined || !target.startsWith(folderOf(input.entry))) {
        const hint = 'name files within the folder of the first policy file, with / between names'
        refuse(include.place, { code: 'include-outside', message: `${quoted(include.path)} leads out of the policy's folder`, hint })
        continue
      }
      const matches = isGlob(target) ? input.globs.get(target) : [target]
      if (matches === undefined) {
        needs.add(target)
        refuse(include.place, {
          code: 'file-missing',
          message: `${quoted(target)} was not looked up`,
          hint: 'check that the folder can be read',
        })
      } else if (matches.length === 0) {
        refuse(include.place, {
          code: 'include-empty',
          message: `no file matches ${quoted(target)}`,
          hint: `correct the pattern, or take it out of ${code('include')}`,
        })
      }
      for (const match of matches ?? []) {
        if (seen.has(match)) continue
        seen.add(match)
        queue.push({ path: match, named: include.place })
      }
    }
  }
  return { files, needs: [...needs], complete }
}

/** What a file includes, as far as it is text: the rest is reported with the file's other faults. */
function includesOf(tree: TreeMap, text: Text, places: Places): readonly { readonly path: string; readonly place: Place }[] {
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
