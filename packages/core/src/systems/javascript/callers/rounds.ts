import type { FileOrigin } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import { memberNames } from '../values/members.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { originOf } from '../../yaml.ts'
import { dataNames } from '../values/data-values.ts'
import { type Argument, type Frame, type Meaning, unknownMeaning, valueMeaning } from '../values/meaning.ts'
import { counterOf } from '../source/loops.ts'
import { known } from '../values/values.ts'

/** One call of a function (or one round of a loop), and the file that it stands in. */
export interface Caller {
  readonly frame: Frame
  readonly path: string
  readonly call?: Node
  /** Of a round: the entry of the table that it takes, where that is an object or list of its own. */
  readonly entry?: FileOrigin
}

/** More calls of one function, or rounds of one loop, are not told apart. */
export const MAX_CALLERS = 24

/** Of so many as may be told apart all, and for the others one of which nothing is known. */
export function bounded<T>(list: readonly T[], callee: Node, callerOf: (item: T, index: number) => Caller): readonly Caller[] {
  const told = list.slice(0, MAX_CALLERS).map(callerOf)
  return list.length > MAX_CALLERS ? [...told, another(callee)] : told
}

/** A call of which it is not known what it gives. */
function another(callee: Node): Caller {
  const unseen = given(unknownMeaning(`more than ${MAX_CALLERS} calls or rounds lead here`, callee.origin))
  const count = Math.max(2, callee.field('parameters')?.named.length ?? 0)
  return {
    frame: { callee, arguments: Array.from({ length: count }, () => unseen), self: undefined, outer: undefined },
    path: callee.file.path,
  }
}

/** Methods that call what they are given once for each item. */
export const EACH: ReadonlySet<string> = new Set(['forEach', 'map', 'flatMap', 'filter', 'some', 'every'])

const given = (meaning: Meaning): Argument => ({ node: undefined, meaning: () => meaning })

export const only = (callee: Node, meaning: Meaning, at: Node): Caller => ({
  frame: { callee, arguments: [given(meaning)], self: undefined, outer: undefined },
  path: at.file.path,
})

function round(callee: Node, meanings: readonly Meaning[], entry: Meaning | undefined): Caller {
  const place = entry === undefined ? undefined : entryOf(entry)
  return {
    frame: { callee, arguments: meanings.map(given), self: undefined, outer: undefined },
    path: callee.file.path,
    ...(place === undefined ? {} : { entry: place }),
  }
}

/** Where an entry of a table stands; of `[name, entry]`, the entry. */
function entryOf(meaning: Meaning): FileOrigin | undefined {
  if (meaning.kind === 'object' || meaning.kind === 'array') return meaning.node.origin
  if (meaning.kind === 'data') return originOf(meaning.tree)
  return meaning.kind === 'list' ? meaning.items.map((item) => entryOf(item.meaning())).find((place) => place !== undefined) : undefined
}

/** The rounds of a `for` loop that can be told. */
export function roundsOf(loop: Node, evaluator: Evaluator): readonly Caller[] {
  if (loop.kind === 'for_statement') return counted(loop, evaluator)
  const right = loop.field('right')
  if (right === undefined) return []
  const over = evaluator.meaning(right, undefined)
  if (loop.field('operator')?.content !== 'in')
    return bounded(evaluator.elements(over) ?? [], loop, (element) => round(loop, [element], element))
  return bounded(keysOf(over, evaluator), loop, (key) =>
    round(loop, [valueMeaning(known(key, right.origin))], evaluator.property(over, key, right)),
  )
}

/** The names that `for (… in …)` goes through. */
function keysOf(over: Meaning, evaluator: Evaluator): readonly string[] {
  if (over.kind === 'object') return memberNames(over.node) ?? []
  if (over.kind === 'data' && over.tree.kind === 'mapping') return dataNames(over.tree)
  return (evaluator.elements(over) ?? []).map((_, index) => String(index))
}

/** `list.forEach((item, index) => …)`; of a `Map`, the value comes before the key. */
export function roundsOver(callee: Node, list: Node, method: string, evaluator: Evaluator): readonly Caller[] {
  const over = evaluator.meaning(list, undefined)
  const isMap = over.kind === 'result' && over.of === '#Map' && method === 'forEach'
  return bounded(evaluator.elements(over) ?? [], callee, (element, index) => {
    const position = valueMeaning(known(index, list.origin))
    const meanings = isMap ? [evaluator.element(element, 1, list), evaluator.element(element, 0, list)] : [element, position]
    return round(callee, meanings, element)
  })
}

/** `for (let i = 0; i < services.length; i++)`. */
function counted(loop: Node, evaluator: Evaluator): readonly Caller[] {
  const condition = loop.field('condition')?.kind === 'expression_statement' ? loop.field('condition')?.named[0] : loop.field('condition')
  const operator = condition?.field('operator')?.content
  const [end, first] = [condition?.field('right'), counterOf(loop)?.field('value')]
  if (end === undefined || first === undefined || (operator !== '<' && operator !== '<=')) return []
  const start = evaluator.value(first, undefined)
  const last = lengthOf(end, evaluator)
  if (start.kind !== 'known' || typeof start.value !== 'number' || last === undefined) return []
  const count = Math.floor(last.count + (operator === '<=' ? 1 : 0) - start.value)
  if (!(count >= 0 && count <= MAX_CALLERS)) return []
  const from = start.value
  return Array.from({ length: count }, (_, index) =>
    round(loop, [valueMeaning(known(from + index, first.origin))], last.list?.[from + index]),
  )
}

function lengthOf(end: Node, evaluator: Evaluator): { readonly count: number; readonly list?: readonly Meaning[] } | undefined {
  const object = end.kind === 'member_expression' && end.field('property')?.content === 'length' ? end.field('object') : undefined
  if (object !== undefined) {
    const list = evaluator.elements(evaluator.meaning(object, undefined))
    return list === undefined ? undefined : { count: list.length, list }
  }
  const value = evaluator.value(end, undefined)
  return value.kind === 'known' && typeof value.value === 'number' ? { count: value.value } : undefined
}
