import { ABSENT, type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { withFallback } from '../shell/expand.ts'
import type { ScriptBlock } from './syntax.ts'

/** What a script holds in a variable: one value, a list, a table, or statements to be run. */
export type Datum = Value | List | Table | Block

export interface List {
  readonly kind: 'list'
  readonly items: readonly Item[]
}

/** A part of a list; or several ways that it may go on, one of which is taken. */
export type Item = Datum | Fork

export interface Fork {
  readonly kind: 'fork'
  readonly ways: readonly (readonly Item[])[]
}

/** By name in lower case. */
export interface Table {
  readonly kind: 'table'
  readonly entries: ReadonlyMap<string, Datum>
}

export interface Block {
  readonly kind: 'block'
  readonly block: ScriptBlock
  readonly source: Source
}

/** A text that was parsed; `holes`: what the characters of the private use area in it stand for (see `Template`). */
export interface Source {
  readonly passage: Passage
  readonly holes: readonly Value[]
}

/** A test of whether a variable or a parameter has a value: the branch behind it runs where that is so, or (`set: false`) where it is not. */
export interface Condition {
  readonly reference: Extract<Value, { readonly kind: 'environment' | 'argument' }>
  readonly set: boolean
}

/** The most parts of one list. */
export const ITEMS = 256
/** The most values that one variable may have before it counts as not known. */
const OPTIONS = 8
/** The most ways of one list that are told apart. */
const WAYS = 16

export function known(value: string | number | boolean, origin: FileOrigin): Value {
  return { kind: 'known', value, origin }
}

export function unknown(reason: string, origin: FileOrigin): Value {
  return { kind: 'unknown', reason, origin }
}

export function isValue(item: Item): item is Value {
  return item.kind !== 'list' && item.kind !== 'table' && item.kind !== 'block' && item.kind !== 'fork'
}

export function listOf(items: readonly Item[]): List {
  return { kind: 'list', items: items.slice(0, ITEMS) }
}

/** The parts of a datum that may be a list; nothing has none. */
export function itemsOf(datum: Datum): readonly Item[] {
  if (datum.kind === 'list') return datum.items
  return datum.kind === 'absent' ? [] : [datum]
}

/** The known text of a datum. */
export function plain(datum: Item | undefined): string | undefined {
  return datum?.kind === 'known' ? String(datum.value) : undefined
}

/** A datum as a string takes it: parts of a list have blanks between them. */
export function textOf(datum: Datum, origin: FileOrigin): Value {
  if (isValue(datum)) return datum
  if (datum.kind !== 'list') return unknown(datum.kind === 'table' ? 'a table as text' : 'a script block as text', origin)
  return joined(datum, ' ', origin)
}

export function joined(list: List, separator: string, origin: FileOrigin): Value {
  const [first = [], ...others] = variantsOf(list.items)
  const texts = [first, ...others].map((items) =>
    joinValues(
      items.flatMap((item, index) => {
        const value = isValue(item) ? item : unknown('a list in a list', origin)
        return index === 0 ? [value] : [known(separator, origin), value]
      }),
      origin,
    ),
  )
  return choiceOf(texts, origin)
}

function choiceOf(values: readonly Value[], origin: FileOrigin): Value {
  const options = distinct(values.flatMap((value) => (value.kind === 'choice' ? value.options : [value])))
  const [only] = options
  if (only === undefined) return ABSENT
  if (options.length === 1) return only
  return options.length > OPTIONS ? unknown('too many possible values', origin) : { kind: 'choice', options, origin }
}

function distinct(values: readonly Value[]): readonly Value[] {
  const found: Value[] = []
  for (const value of values) if (found.length <= OPTIONS && !found.some((other) => sameValue(other, value))) found.push(value)
  return found
}

/** Whether two values say the same, wherever they stand. */
function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  if (a.kind === 'known' && b.kind === 'known') return a.value === b.value
  return a.kind === 'absent'
}

/**
 * The lists that a list may be. Of several forks not every combination is made: one list takes the first way everywhere, and each
 * further way stands in one other list.
 */
export function variantsOf(items: readonly Item[]): readonly (readonly Datum[])[] {
  const forks = items.flatMap((item, index) => (item.kind === 'fork' ? item.ways.slice(1).map((_, way) => ({ index, way: way + 1 })) : []))
  const choices = [undefined, ...forks].slice(0, WAYS)
  return choices.map((choice) =>
    items.flatMap((item, index): readonly Datum[] => {
      if (item.kind !== 'fork') return [item]
      const way = item.ways[choice?.index === index ? choice.way : 0] ?? []
      // A fork inside a fork: its first way.
      return variantsOf(way)[0] ?? []
    }),
  )
}

/** What a variable holds behind a branch: `one` where it was taken, `other` where not. */
export function mergeData(condition: Condition | undefined, one: Datum, other: Datum, origin: FileOrigin): Datum {
  if (one === other) return one
  if (isValue(one) && isValue(other)) return mergeValues(condition, one, other, origin)
  if (one.kind === 'list' || other.kind === 'list') return mergeLists(itemsOf(one), itemsOf(other))
  if (one.kind === 'table' && other.kind === 'table') {
    const entries = new Map(one.entries)
    for (const [name, datum] of other.entries) {
      const before = entries.get(name)
      entries.set(name, before === undefined ? datum : mergeData(condition, before, datum, origin))
    }
    return { kind: 'table', entries }
  }
  return isValue(one) ? other : one
}

function mergeValues(condition: Condition | undefined, one: Value, other: Value, origin: FileOrigin): Value {
  if (condition === undefined) return choiceOf([one, other], origin)
  const { reference, set } = condition
  const [whenSet, whenUnset] = set ? [one, other] : [other, one]
  if (whenSet.kind === reference.kind && whenSet.name === reference.name) return withFallback(whenSet, whenUnset, true)
  if (reference.kind === 'argument') return choiceOf([whenUnset, whenSet], origin)
  return { ...reference, fallback: whenUnset, emptyIsUnset: true, whenSet }
}

/** Two lists that begin alike: what they have in common, and a fork for the rest. */
function mergeLists(one: readonly Item[], other: readonly Item[]): List {
  let shared = 0
  while (shared < one.length && shared < other.length && one[shared] === other[shared]) shared++
  const ways = [other.slice(shared), one.slice(shared)]
  return listOf([...one.slice(0, shared), ...(ways.every((way) => way.length === 0) ? [] : [{ kind: 'fork', ways } as const])])
}
