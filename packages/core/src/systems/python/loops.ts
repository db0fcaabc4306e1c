import type { Definition } from './definitions.ts'
import type { Evaluator } from './evaluator.ts'
import { argumentsOf } from './call-arguments.ts'
import { known, type Located, several, type Thing, unknown } from './thing.ts'

/** A longer table is not gone through. */
const ROUNDS = 12

/** What the variable of a loop is in one of its rounds: of a table that the file gives, any of its entries. */
export function loopValue(evaluator: Evaluator, { items, path, node }: Definition & { readonly kind: 'loop' }): Thing {
  const lost = unknown('one of the values of a loop', node.origin)
  const call = items.kind === 'call' ? items : undefined
  const callee = call?.field('function')
  const method = callee?.kind === 'attribute' ? callee.field('attribute')?.content : callee?.content
  const [first] = call === undefined ? [] : argumentsOf(call, undefined).positional
  if (method === 'enumerate' && first !== undefined) {
    const [index, ...rest] = path
    return index === 1 ? oneOf(evaluator, evaluator.evaluate(first), rest, lost) : lost
  }
  const object = callee?.kind === 'attribute' ? callee.field('object') : undefined
  if (object !== undefined && (method === 'items' || method === 'values')) {
    const thing = evaluator.evaluate({ node: object, frame: undefined })
    if (thing.kind !== 'mapping' || !thing.complete || thing.entries.size > ROUNDS) return lost
    const [index, ...rest] = method === 'values' ? [1, ...path] : path
    if (index === 0)
      return several(
        [...thing.entries.keys()].map((key) => known(key, node.origin)),
        node.origin,
      )
    return index === 1 ? each(evaluator, [...thing.entries.values()], rest, lost) : lost
  }
  return oneOf(evaluator, evaluator.evaluate({ node: items, frame: undefined }), path, lost)
}

function oneOf(evaluator: Evaluator, list: Thing, path: readonly number[], lost: Thing): Thing {
  return list.kind === 'sequence' && list.items.length <= ROUNDS ? each(evaluator, list.items, path, lost) : lost
}

function each(evaluator: Evaluator, items: readonly Located[], path: readonly number[], lost: Thing): Thing {
  const [first] = items
  if (first === undefined) return lost
  const { origin } = first.node
  return several(
    items.map((item) => path.reduce((thing, index) => evaluator.item(thing, index, origin), evaluator.evaluate(item))),
    origin,
  )
}
