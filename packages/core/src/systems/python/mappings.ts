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
