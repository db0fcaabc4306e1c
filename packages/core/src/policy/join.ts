import type { Diagnostics } from './diagnostic.ts'
import type { PolicyFile } from './files.ts'
import { quoted } from './found.ts'
import { child, isList, isMap, type Places, positionOf, type Tree, type TreeMap } from './places.ts'

/** What may stand in several files of one policy, and how it is put together. */
type Level = 'file' | 'overlays' | 'names' | 'listeners'

const OF_A_FILE: ReadonlyMap<string, Level> = new Map([
  ['environments', 'overlays'],
  ['listeners', 'listeners'],
  ['sources', 'names'],
  ['hosts', 'names'],
  ['services', 'names'],
  ['buckets', 'names'],
  ['alarms', 'names'],
])

function next(level: Level, key: string): Level | undefined {
  if (level === 'overlays') return 'file'
  return level === 'file' ? OF_A_FILE.get(key) : undefined
}

/** Said of the file rather than of the deployment: the first file's holds. */
const OF_THE_FILE: ReadonlySet<string> = new Set(['version', 'name', 'catalogue', 'include'])

/** All files as one: names are put side by side (the same name twice is an error), lists one after the other. */
export function joinFiles(files: readonly PolicyFile[], places: Places, diagnostics: Diagnostics): TreeMap {
  return files.map((file) => file.tree).reduce((all, tree) => join(all, tree, 'file', places, diagnostics))
}

function join(first: TreeMap, second: TreeMap, level: Level, places: Places, diagnostics: Diagnostics): TreeMap {
  const result: Record<string, Tree> = Object.create(null)
  for (const map of [first, second]) {
    for (const [key, value] of Object.entries(map)) {
      const entry = places.get(map, key)
      const earlier = child(result, key)
      if (earlier === undefined || earlier === null) {
        result[key] = value
        if (entry !== undefined) places.set(result, key, entry)
        continue
      }
      const below = next(level, key)
      if (isMap(earlier) && isMap(value) && below !== undefined) result[key] = join(earlier, value, below, places, diagnostics)
      else if (isList(earlier) && isList(value) && level !== 'names') result[key] = append(earlier, value, places)
      else if (!(level === 'file' && OF_THE_FILE.has(key)) && value !== null && entry?.key !== undefined) {
        const other = places.get(result, key)?.key
        const message = `${quoted(key)} is already declared${other === undefined ? '' : ` at ${positionOf(other)}`}`
        diagnostics.add(entry.key, { code: 'duplicate-name', message, hint: 'declare it in one file only' })
      }
    }
  }
  return result
}

function append(first: readonly Tree[], second: readonly Tree[], places: Places): readonly Tree[] {
  const result: Tree[] = []
  for (const list of [first, second]) {
    for (const [index, value] of list.entries()) {
      result.push(value)
      const entry = places.get(list, index)
      if (entry !== undefined) places.set(result, result.length - 1, entry)
    }
  }
  return result
}
