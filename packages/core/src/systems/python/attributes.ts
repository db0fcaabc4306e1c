import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { afterDataWrites } from './mappings.ts'
import { type Frame, type Thing, unknown } from './thing.ts'
import { sanicWrites } from './sanic-config.ts'
import { afterWrites, ownWrites, type Write, writesElsewhere, writesInCalls } from './writes.ts'

/** What an object can be whose attributes a program may set from outside. */
const SETTABLE: ReadonlySet<Thing['kind']> = new Set<Thing['kind']>(['instance', 'external', 'class', 'module', 'several'])

/** `object.name`, and what is assigned to it before. */
export function attributeThing(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const object = node.field('object')
  const name = node.field('attribute')?.content
  if (object === undefined || name === undefined) return unknown('not understood', node.origin)
  const base = evaluator.evaluate({ node: object, frame })
  const before = evaluator.member(base, name, node.origin)
  if (base.kind === 'data') return afterDataWrites(evaluator, base, before, object, name, node, frame)
  if (!SETTABLE.has(base.kind)) return before
  return afterWrites(evaluator, before, written(evaluator, node, object, base, name), node, frame) ?? before
}

/** Those to `self` belong to the class. */
function written(evaluator: Evaluator, use: Node, object: Node, base: Thing, name: string): readonly Write[] {
  const module = evaluator.moduleOf(use)
  if (module === undefined || object.content === 'self' || object.kind === 'call') return []
  const own = ownWrites(module, object, name)
  if (base.kind === 'external') return [...own, ...sanicWrites(module, object, base, name)]
  return [...own, ...writesInCalls(evaluator, module, object.content, name), ...writesElsewhere(evaluator, use, object.content, name)]
}
