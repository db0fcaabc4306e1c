import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import { argumentsOf } from './call-arguments.ts'
import { several, type Thing, unknown, valueOf, valueThing } from './thing.ts'
import type { Write } from './writes.ts'

const CONFIG = /^sanic\.(?:app\.)?Sanic\(\)\.config$/

/** What fills the configuration of a Sanic application beside assignments (sanic.dev, Configuration: Environment Variables, Using Sanic.update_config). */
export function sanicWrites(module: Module, object: Node, base: Thing, name: string): readonly Write[] {
  if (base.kind !== 'external' || !CONFIG.test(base.name)) return []
  return ['load_environment_vars', 'update_config'].flatMap((method) =>
    module.occurrences(method).flatMap((node): readonly Write[] => {
      const callee = node.parent
      const call = callee?.kind === 'attribute' && callee.field('attribute') === node ? callee.parent : undefined
      if (call?.kind !== 'call' || call.field('function') !== callee) return []
      const filled = callee?.field('object')?.content ?? ''
      if (filled !== object.content && `${filled}.config` !== object.content) return []
      const given = argumentsOf(call, undefined)
      const prefix = given.positional[0] ?? given.keywords.get('prefix')
      const { origin } = call
      const thing = (evaluator: Evaluator, before: Thing): Thing => {
        const text = prefix === undefined ? 'SANIC_' : evaluator.text(evaluator.evaluate(prefix))
        if (method === 'update_config' || text === undefined)
          return several([before, unknown('part of what it is changed to is not known', origin)], origin)
        const fallback = valueOf(before, origin)
        return valueThing({ kind: 'environment', name: `${text}${name}`, fallback, emptyIsUnset: false, optional: true, origin })
      }
      return [{ node: call, thing: (evaluator, _, before) => thing(evaluator, before ?? valueThing({ kind: 'absent' })), keeps: true }]
    }),
  )
}
