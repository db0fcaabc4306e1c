import { type Condition, show } from '../../../evidence/index.ts'
import { field, items, type Json, textField } from '../../json.ts'
import { all, ALWAYS, any, anyOf, isAlways, NEVER, not, opaque } from '../conditions.ts'
import type { Field } from './field.ts'
import { readField } from './fields.ts'
import { strangeKey } from './keys.ts'
import { printStatement } from './print.ts'
import { bareValue } from './values.ts'

/** The named objects of one table that rules refer to. */
export interface NftObjects {
  /** `undefined`: there is no such set, or it could not be read. */
  readonly sets: ReadonlyMap<string, NftSet>
  /** Keys and values of a map. */
  readonly maps: ReadonlyMap<string, readonly Json[]>
  /** Of named limits and quotas: whether it holds once used up (`over`). */
  readonly limits: ReadonlyMap<string, boolean>
  /** Of the whole ruleset: whether rules give connections a helper, or say which others are expected. */
  readonly expects: boolean
}

export interface NftSet {
  readonly elements: readonly Json[]
  /**
   * Rules add to it as packets pass, so that it may hold more than was seen: `rarely` when each of them asks a rate first, which a
   * plain packet on an idle host does not exceed; `always` otherwise.
   */
  readonly changing: 'never' | 'rarely' | 'always'
  /** As many elements as it can have are in it. */
  readonly full: boolean
}

/** Stands for everything that no other element names (nft(8), MAPS). */
const CATCH_ALL = '*'

/** What a `match` statement asks. What is not understood of it may hold or not, where its field exists at all. */
export function readMatch(body: Json, objects: NftObjects): Condition {
  const left = field(body, 'left')
  const right = field(body, 'right') ?? null
  const operator = textField(body, 'op')
  if (strangeKey('match', body) !== undefined) return opaqueMatch(body)
  const parts = items(field(left, 'concat'))
  if (parts.length > 0) {
    const tuple = operator === '==' || operator === '!=' ? member(right, objects, (values) => tupleAmong(parts, values)) : undefined
    const asked = tuple === undefined ? opaqueMatch(body) : operator === '==' ? tuple : not(tuple)
    return all(...requirements(parts), asked)
  }
  const found = readField(left)
  return found === undefined ? opaqueMatch(body) : all(found.requires, ask(found, operator, right, objects) ?? opaqueMatch(body))
}

function ask(found: Field, operator: string | undefined, right: Json, objects: NftObjects): Condition | undefined {
  switch (operator) {
    case '==':
    case '!=': {
      const among = member(right, objects, (values) => found.among(values))
      return among === undefined || operator === '==' ? among : not(among)
    }
    case 'in':
      return found.anyBit(Array.isArray(right) ? right : [right])
    case '!': {
      const some = found.anyBit(Array.isArray(right) ? right : [right])
      return some === undefined ? undefined : not(some)
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return found.ordered(right, operator.startsWith('>'), operator.endsWith('='))
    default:
      return undefined
  }
}

/** Membership in what stands on the right: one value, a set in place, or a named set. */
function member(right: Json, objects: NftObjects, among: (values: readonly Json[]) => Condition | undefined): Condition | undefined {
  if (typeof right === 'string' && right.startsWith('@')) {
    const set = objects.sets.get(right.slice(1))
    if (set === undefined) return undefined
    const seen = elementsAmong(set.elements, among)
    if (seen === undefined || set.changing === 'never') return seen
    const text = `the set ${right}, to which rules add`
    const more = opaque(text)
    return any(seen, set.changing === 'rarely' && more.kind === 'unknown' ? { kind: 'circumstance', plain: false, text: more.text } : more)
  }
  const set = field(right, 'set')
  return set === undefined ? among([right]) : elementsAmong(Array.isArray(set) ? set : [set], among)
}

function elementsAmong(elements: readonly Json[], among: (values: readonly Json[]) => Condition | undefined): Condition | undefined {
  if (elements.some((element) => strangeKey('elem', field(element, 'elem')) !== undefined)) return undefined
  const counted = elements.filter((element) => rateOf(element) !== undefined)
  const values = (counted.length === 0 ? elements : elements.filter((element) => rateOf(element) === undefined)).map(bareValue)
  const always = values.includes(CATCH_ALL) ? ALWAYS : among(values)
  if (counted.length === 0 || always === undefined || isAlways(always)) return always
  const alternatives = [always]
  for (const over of [false, true]) {
    const of = counted.filter((element) => rateOf(element)?.over === over)
    const some = of.length === 0 ? NEVER : among(of.map(bareValue))
    if (some === undefined) return undefined
    const text = show(`elements of the set, each with its own ${over ? 'limit that has to be passed' : 'limit'}`)
    alternatives.push(all(some, { kind: 'circumstance', plain: !over, text }))
  }
  return anyOf(alternatives)
}

/** An element that is asked for how often it was met, too: where its limit does not hold, it is as if it were not there (nft_lookup.c). */
function rateOf(element: Json): { readonly over: boolean } | undefined {
  const body = field(element, 'elem')
  const rate = field(body, 'limit') ?? field(body, 'quota') ?? field(body, 'ct count')
  return rate === undefined ? undefined : { over: field(rate, 'inv') === true }
}

/** That the fields, one after the other, have the values of one of the tuples. */
function tupleAmong(parts: readonly Json[], tuples: readonly Json[]): Condition | undefined {
  const fields: Field[] = []
  for (const part of parts) {
    const found = readField(part)
    if (found === undefined) return undefined
    fields.push(found)
  }
  const alternatives: Condition[] = []
  for (const group of groupTuples(tuples, fields.length)) {
    if (group === undefined) return undefined
    const conditions = group.map((values, index) => fields[index]?.among(values))
    if (!conditions.every((condition) => condition !== undefined)) return undefined
    alternatives.push(all(...conditions))
  }
  return anyOf(alternatives)
}

function requirements(parts: readonly Json[]): readonly Condition[] {
  return parts.map((part) => readField(part)?.requires ?? ALWAYS)
}

/** Tuples that differ in their first value alone are asked together: sets of many addresses with one port are common. `undefined`: not a tuple. */
function groupTuples(tuples: readonly Json[], length: number): readonly (readonly (readonly Json[])[] | undefined)[] {
  const groups = new Map<string, { readonly first: Json[]; readonly rest: readonly Json[] }>()
  for (const tuple of tuples) {
    const [first, ...rest] = items(field(bareValue(tuple), 'concat'))
    if (first === undefined || rest.length !== length - 1) return [undefined]
    const key = JSON.stringify(rest)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: [first], rest })
    else group.first.push(first)
  }
  return Array.from(groups.values(), ({ first, rest }) => [first, ...rest.map((value) => [value])])
}

/** A key of a map and what it stands for, grouped by the latter; what catches all the rest comes last. `undefined`: not understood. */
export function readMapping(
  key: Json | undefined,
  data: Json | undefined,
  objects: NftObjects,
): readonly { readonly when: Condition; readonly value: Json }[] | undefined {
  const pairs = typeof data === 'string' && data.startsWith('@') ? objects.maps.get(data.slice(1)) : items(field(data, 'set'))
  if (pairs === undefined || key === undefined) return undefined
  const groups = new Map<string, { readonly keys: Json[]; readonly value: Json }>()
  let rest: Json | undefined
  for (const pair of pairs) {
    const [from, value] = items(pair)
    if (from === undefined || value === undefined || rateOf(from) !== undefined) return undefined
    if (bareValue(from) === CATCH_ALL) {
      rest = value
      continue
    }
    const text = JSON.stringify(value)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, { keys: [from], value })
    else group.keys.push(from)
  }
  const parts = items(field(key, 'concat'))
  const single = parts.length === 0 ? readField(key) : undefined
  if (parts.length === 0 && single === undefined) return undefined
  const requires = single === undefined ? requirements(parts) : [single.requires]
  const result: { when: Condition; value: Json }[] = []
  for (const { keys, value } of groups.values()) {
    const among = single === undefined ? tupleAmong(parts, keys) : single.among(keys.map(bareValue))
    if (among === undefined) return undefined
    result.push({ when: all(...requires, among), value })
  }
  return rest === undefined ? result : [...result, { when: all(...requires), value: rest }]
}

function opaqueMatch(body: Json): Condition {
  return opaque(printStatement({ match: body }))
}
