import type { Node } from '../tree.ts'
import { combine } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { reaching } from './flow.ts'
import { type Frame, type Thing, unknown } from './thing.ts'

/** `object.name`, and what is assigned to it before. */
export function attributeThing(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const object = node.field('object')
  const name = node.field('attribute')?.content
  if (object === undefined || name === undefined) return unknown('not understood', node.origin)
  const base = evaluator.evaluate({ node: object, frame })
  const assigned = base.kind === 'instance' || base.kind === 'external' ? written(evaluator, node, object, name) : []
  if (assigned.length === 0) return evaluator.member(base, name, node.origin)
  const first = assigned[0]?.under === undefined ? undefined : evaluator.member(base, name, node.origin)
  return combine(
    evaluator,
    first,
    assigned.map((candidate) => ({ ...candidate, thing: () => evaluator.evaluate({ node: candidate.place.value, frame }) })),
    frame,
    node.origin,
  )
}

/** Assignments to `object.name` that may hold here; those to `self` belong to the class. */
function written(
  evaluator: Evaluator,
  use: Node,
  object: Node,
  name: string,
): ReturnType<typeof reaching<{ readonly node: Node; readonly value: Node }>> {
  const module = evaluator.moduleOf(use)
  if (module === undefined || object.content === 'self') return []
  const places = module.writes(object.content, name).filter((place) => !use.within(place.node))
  return places.length === 0
    ? []
    : reaching(
        places.filter((place) => place.node.start < use.start),
        use,
        module.root,
      )
}
