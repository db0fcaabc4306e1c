import { mapLeaves } from '../../evidence/index.ts'
import { argumentsOf } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import { literalText, scopeOf } from './syntax.ts'
import { several, type Thing, unknown } from './thing.ts'
import { afterWrites, type Write, writesTo, writeUnderKey } from './writes.ts'

/** How a module writes its own names as those of a dictionary or an object. */
const OBJECTS = ['globals()', 'vars()', 'locals()', 'sys.modules[__name__]'] as const
const MAY = /\b(?:globals|vars|locals)\s*\(\s*\)|\bsys\s*\.\s*modules\s*\[\s*__name__|\bexec(?:file)?\s*\(/

/** What a name of the module is after `globals()["NAME"] = …`, `globals().update(…)`, `exec(…)`. */
export function afterGlobals(evaluator: Evaluator, module: Module, name: string, thing: Thing, use: Node): Thing {
  if (!MAY.test(module.file.content)) return thing
  const writes = OBJECTS.flatMap((object) => writesTo(module, object, name))
  const found = [...writes, ...underNames(module, name), ...executed(module)].toSorted((a, b) => a.node.start - b.node.start)
  return afterWrites(evaluator, thing, found, use, undefined) ?? thing
}

/** `globals()[key] = value`. */
function underNames(module: Module, name: string): readonly Write[] {
  return ['globals', 'vars', 'locals'].flatMap((word) =>
    module.occurrences(word).flatMap((node): readonly Write[] => {
      const call = node.parent
      const target = call?.kind === 'call' && argumentsOf(call, undefined).positional.length === 0 ? call.parent : undefined
      const statement = target?.kind === 'subscript' && target.field('value') === call ? target.parent : undefined
      const key = target?.named[1]
      if (statement?.kind !== 'assignment' || statement.field('left') !== target || key === undefined || literalText(key) !== undefined)
        return []
      return [writeUnderKey(key, statement.field('right'), statement, name)]
    }),
  )
}

/** `exec(open("local_settings.py").read())` at the top of a module. */
function executed(module: Module): readonly Write[] {
  return ['exec', 'execfile'].flatMap((word) =>
    module.occurrences(word).flatMap((node): readonly Write[] => {
      const call = node.parent
      const given = call?.kind === 'call' && call.field('function') === node ? argumentsOf(call, undefined).positional : []
      if (call === undefined || given.length !== 1 || scopeOf(call) !== module.root) return []
      const thing: Write['thing'] = (_, __, before) => {
        const perhaps = unknown('code that is run from a file or text may change it', call.origin)
        return before === undefined ? perhaps : staysAsItIs(before) ? before : several([before, perhaps], call.origin)
      }
      return [{ node: call, thing }]
    }),
  )
}

const DATA: ReadonlySet<Thing['kind']> = new Set<Thing['kind']>(['value', 'several', 'sequence', 'mapping', 'data'])

/** What a file of settings hardly sets: functions, classes and objects. A number stays as well: another port opens nothing wider. */
export function staysAsItIs(thing: Thing): boolean {
  if (thing.kind !== 'value') return !DATA.has(thing.kind)
  const known: (string | number | boolean)[] = []
  mapLeaves(thing.value, (leaf) => {
    if (leaf.kind === 'known') known.push(leaf.value)
    return leaf
  })
  return known.length > 0 && known.every((value) => typeof value !== 'string' || /^\d+$/.test(value))
}
