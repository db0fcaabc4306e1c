import type { FileOrigin } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import type { Node } from '../tree.ts'
import { type Frame, several, type Thing, unknown } from './thing.ts'
import { afterWrites, ownWrites, type Write, writesInCalls, writesUnderNames } from './writes.ts'

type Mapping = Thing & { readonly kind: 'mapping' }

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
  const isNamed = object.kind === 'identifier' || object.kind === 'attribute'
  const names = [...(isNamed ? [object] : []), ...(mapping.names ?? [])]
  const writes = new Map<Node, Write>()
  for (const name of names) {
    const module = evaluator.moduleOf(name)
    if (module === undefined) continue
    const found = [
      ...ownWrites(module, name, key),
      ...writesUnderNames(module, name, key),
      ...writesInCalls(evaluator, module, name.content, key),
    ]
    for (const write of found) if (!writes.has(write.node)) writes.set(write.node, write)
  }
  return afterWrites(evaluator, before, [...writes.values()], use, frame)
}

/** An entry of what a configuration file says where it is used, after what the program has written over it. */
export function afterDataWrites(
  evaluator: Evaluator,
  before: Thing,
  object: Node,
  key: string,
  use: Node,
  frame: Frame | undefined,
): Thing {
  const module = evaluator.moduleOf(object)
  const isNamed = object.kind === 'identifier' || object.kind === 'subscript' || object.kind === 'attribute'
  if (module === undefined || !isNamed) return before
  const writes = [
    ...ownWrites(module, object, key),
    ...writesUnderNames(module, object, key),
    ...writesInCalls(evaluator, module, object.content, key),
  ]
  return afterWrites(evaluator, before, writes, use, frame) ?? before
}

/** As it is written; `undefined`: surely none. */
export function entryOf(evaluator: Evaluator, mapping: Mapping, key: string, origin: FileOrigin): Thing | undefined {
  const entry = mapping.entries.get(key)
  if (entry === undefined) return mapping.complete ? undefined : unknown('part of it is not known', origin)
  const thing = evaluator.evaluate(entry)
  return mapping.doubtful?.has(key) === true ? several([thing, unknown('part of it is not known', origin)], origin) : thing
}

/** A dictionary that was come to by this name. */
export function named(thing: Thing, name: Node): Thing {
  return thing.kind === 'mapping' && (thing.names?.length ?? 0) < NAMES ? { ...thing, names: [...(thing.names ?? []), name] } : thing
}

const NAMES = 4
