import type { Evaluator } from './evaluator.ts'
import type { Node } from '../tree.ts'
import { type Frame, type Thing, unknown } from './thing.ts'
import { afterWrites, writesInCalls, writesTo } from './writes.ts'

/** An entry of a dictionary where it is used, after what has changed it; `undefined`: surely none. */
export function mappingEntry(
  evaluator: Evaluator,
  mapping: Thing & { readonly kind: 'mapping' },
  object: Node,
  key: string,
  use: Node,
  frame: Frame | undefined,
): Thing | undefined {
  const entry = mapping.entries.get(key)
  const before =
    entry === undefined ? (mapping.complete ? undefined : unknown('part of it is not known', use.origin)) : evaluator.evaluate(entry)
  const module = object.kind === 'identifier' || object.kind === 'attribute' ? evaluator.moduleOf(object) : undefined
  if (module === undefined) return before
  const writes = [...writesTo(module, object.content, key), ...writesInCalls(evaluator, module, object.content, key)]
  return afterWrites(evaluator, before, writes, use, frame)
}
