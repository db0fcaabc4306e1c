import { child, isList, isMap, type Path, type Places, type Tree, type TreeMap } from './places.ts'

/** Keys of a service whose value makes sense only as a whole: `run: { pm2: … }` laid over `run: { compose: … }` is not both. */
const WHOLE: ReadonlySet<string> = new Set(['run', 'tls'])
/** `services`, a name, then the keys of the service. */
const SERVICE_LEVEL = 2

/** `over` laid on `base`: mappings are merged key by key, anything else is replaced. Each entry keeps its own place, and a merged one that of `base`. */
export function layOver(base: TreeMap, over: TreeMap, places: Places, level = 0): TreeMap {
  const result: Record<string, Tree> = Object.create(null)
  for (const key of new Set([...Object.keys(base), ...Object.keys(over)])) {
    const from = Object.hasOwn(over, key) ? over : base
    const below = child(base, key)
    const above = child(over, key)
    const merges = isMap(below) && isMap(above) && !(level === SERVICE_LEVEL && WHOLE.has(key))
    result[key] = merges ? layOver(below, above, places, level + 1) : (from[key] ?? null)
    const entry = places.get(merges ? base : from, key)
    if (entry !== undefined) places.set(result, key, entry)
  }
  return result
}

/** What becomes of an entry: it stays, it goes, or some of its own entries go. */
type Cut = 'keep' | 'out' | ReadonlyMap<string | number, Cut>

/** A copy of `tree` without the entries at `paths`. */
export function without(tree: TreeMap, paths: readonly Path[], places: Places): TreeMap {
  const cuts = new Map<string | number, Cut>()
  for (const path of paths) mark(cuts, path)
  return copyMap(tree, cuts, places)
}

function mark(cuts: Map<string | number, Cut>, path: Path): void {
  let level = cuts
  for (const [index, step] of path.entries()) {
    const existing = level.get(step)
    if (existing === 'out') return
    if (index === path.length - 1) level.set(step, 'out')
    else if (existing instanceof Map) level = existing
    else {
      const next = new Map<string | number, Cut>()
      level.set(step, next)
      level = next
    }
  }
}

function copy(value: Tree, cut: Cut, places: Places): Tree {
  if (typeof cut === 'string') return value
  if (isMap(value)) return copyMap(value, cut, places)
  return isList(value) ? copyList(value, cut, places) : value
}

function copyMap(map: TreeMap, cuts: ReadonlyMap<string | number, Cut>, places: Places): TreeMap {
  const result: Record<string, Tree> = Object.create(null)
  for (const [key, value] of Object.entries(map)) {
    const cut = cuts.get(key) ?? 'keep'
    if (cut === 'out') continue
    result[key] = copy(value, cut, places)
    const entry = places.get(map, key)
    if (entry !== undefined) places.set(result, key, entry)
  }
  return result
}

function copyList(list: readonly Tree[], cuts: ReadonlyMap<string | number, Cut>, places: Places): readonly Tree[] {
  const result: Tree[] = []
  for (const [index, value] of list.entries()) {
    const cut = cuts.get(index) ?? 'keep'
    if (cut === 'out') continue
    result.push(copy(value, cut, places))
    const entry = places.get(list, index)
    if (entry !== undefined) places.set(result, result.length - 1, entry)
  }
  return result
}
