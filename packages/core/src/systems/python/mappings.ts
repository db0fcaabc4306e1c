import type { FileOrigin } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import type { Node } from '../tree.ts'
import { rootOf, scopeOf } from './syntax.ts'
import { type Frame, NONE, several, type Thing, unknown, type Way } from './thing.ts'
import { cameBy, wayOf, within, writesAlong } from './ways.ts'
import { afterWrites, type Write } from './writes.ts'

type Mapping = Thing & { readonly kind: 'mapping' }
type Data = Thing & { readonly kind: 'data' }

/** An entry of a dictionary where it is used, after what has changed it; `undefined`: surely none. */
export function mappingEntry(
  evaluator: Evaluator,
  mapping: Mapping,
  object: Node,
  key: string,
  use: Node,
  frame: Frame | undefined,
): Thing | undefined {
  const before = entryOf(evaluator, mapping, key, use.origin)
  const ways = waysTo(object, mapping)
  const after = afterWays(evaluator, before, ways, key, use, frame)
  return after === undefined ? undefined : cameBy(after, within([...ways, ...(mapping.copied ?? [])], key))
}

/** An entry of what a configuration file says where it is used, after what the program has written over it. */
export function afterDataWrites(
  evaluator: Evaluator,
  data: Data,
  before: Thing,
  object: Node,
  key: string,
  use: Node,
  frame: Frame | undefined,
): Thing {
  const ways = waysTo(object, data)
  return cameBy(afterWays(evaluator, before, ways, key, use, frame) ?? before, within(ways, key))
}

function waysTo(object: Node, thing: Mapping | Data): readonly Way[] {
  const own = wayOf(object)
  return [...(thing.ways ?? []), ...(own === undefined ? [] : [own])]
}

/** What is left of an entry at its use, after what is written along each way: those that lead further off happened first. */
function afterWays(
  evaluator: Evaluator,
  before: Thing | undefined,
  ways: readonly Way[],
  key: string,
  use: Node,
  frame: Frame | undefined,
): Thing | undefined {
  const seen = new Set<Node>()
  const groups = new Map<Node, Write[]>()
  for (const way of ways) {
    const module = evaluator.moduleOf(way.node)
    if (module === undefined) continue
    const at = timeOf(way.node, use)
    const found = groups.get(at) ?? []
    groups.set(at, found)
    for (const write of writesAlong(evaluator, module, way, key)) {
      if (seen.has(write.node)) continue
      seen.add(write.node)
      found.push(write)
    }
  }
  let thing = before
  for (const [at, writes] of groups) {
    if (at === use) thing = afterWrites(evaluator, thing, writes, use, frame)
    else {
      thing = afterWrites(evaluator, thing, writes, at, undefined)
      for (const write of at === rootOf(at) ? [] : writes.filter(({ node }) => scopeOf(node) === scopeOf(at) && node.start > at.start))
        thing = several([thing ?? NONE, write.thing(evaluator, undefined, thing)], use.origin)
    }
  }
  return thing
}

/** When what is written under a name has been written: in another function by the place where it is handed on, in another file by its end. */
function timeOf(name: Node, use: Node): Node {
  const scope = scopeOf(name)
  const root = rootOf(name)
  if (scope === scopeOf(use)) return use
  if (scope === root) return name.file === use.file ? use : root
  return use.within(scope) ? use : name
}

/** As it is written; `undefined`: surely none. */
export function entryOf(evaluator: Evaluator, mapping: Mapping, key: string, origin: FileOrigin): Thing | undefined {
  const entry = mapping.entries.get(key)
  if (entry === undefined) return mapping.complete ? undefined : unknown('part of it is not known', origin)
  const thing = evaluator.evaluate(entry)
  return mapping.doubtful?.has(key) === true ? several([thing, unknown('part of it is not known', origin)], origin) : thing
}

/** A dictionary that was come to by this name. */
export const named = (thing: Thing, name: Node): Thing => cameBy(thing, [{ node: name, keys: [] }])
