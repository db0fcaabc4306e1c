import { field, items, type Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import type { ValueType } from './selector.ts'
import { readStateful } from './stateful.ts'
import { readValue, resolved } from './value.ts'

/** What a map leads to: values of a type, or verdicts. `undefined`: a set. */
export type DataType = ValueType | 'verdict' | undefined

/** Variables of variables can stand for more than anybody could hold. */
export const MOST_VALUES = 1 << 20

/** `{ … }` with its braces: elements, and pairs of a key and what it leads to. Sets within sets, by variables, are taken apart. */
export function readElements(cursor: Cursor, type: ValueType, data: DataType): readonly Json[] {
  cursor.expect('{')
  const elements: Json[] = []
  cursor.newlines()
  while (!cursor.take('}')) {
    readElement(cursor, type, data, elements)
    cursor.newlines()
    if (!cursor.take(',') && !cursor.is('}')) cursor.fail()
    cursor.newlines()
  }
  return elements
}

function readElement(cursor: Cursor, type: ValueType, data: DataType, into: Json[]): void {
  if (cursor.is('{')) {
    for (const each of cursor.deeper(() => readElements(cursor, type, data))) into.push(each)
    return
  }
  const { start } = cursor.token
  const raw = cursor.take('*') ? '*' : readValue(cursor)
  const nested = elementsOf(raw)
  if (nested !== undefined) {
    // A set that a variable stands for.
    cursor.budget.values -= nested.length
    if (cursor.budget.values < 0) cursor.fail(`more than ${MOST_VALUES} values of variables`)
    for (const each of nested) into.push(resolvedElement(each, type, data))
    return
  }
  const key = withOptions(cursor, raw)
  cursor.newlines()
  if (!cursor.take(':')) {
    into.push(resolved(key, type))
    return
  }
  cursor.newlines()
  const value = readVerdict(cursor) ?? readValue(cursor)
  if (elementsOf(value) !== undefined) cursor.fail(cursor.text.content.slice(start, cursor.token.start))
  into.push(resolvedElement([key, withOptions(cursor, value)], type, data))
}

/** The elements of a set that a variable stands for; a set is all that a variable can be besides a value. */
export function elementsOf(value: Json): readonly Json[] | undefined {
  const set = field(value, 'set')
  return set === undefined ? undefined : items(set)
}

/** The names of ports are told by the type of the set, which may follow its elements. */
export function resolvedElement(element: Json, type: ValueType, data: DataType): Json {
  if (!Array.isArray(element)) return resolved(element, type)
  const [key = null, value = null] = element as readonly Json[]
  return [resolved(key, type), data === undefined || data === 'verdict' ? value : resolved(value, data)]
}

/** `timeout 5m`, `comment "x"` and counters behind an element. */
function withOptions(cursor: Cursor, value: Json): Json {
  const options: Record<string, Json> = {}
  for (;;) {
    if (cursor.take('timeout', 'expires')) cursor.next()
    else if (cursor.take('comment')) options['comment'] = cursor.name()
    else {
      const stateful = readStateful(cursor)
      if (stateful === undefined) break
      Object.assign(options, stateful)
    }
  }
  return Object.keys(options).length === 0 ? value : { elem: { val: value, ...options } }
}

/** As they stand in rules and in maps. */
export function readVerdict(cursor: Cursor): Json | undefined {
  if (cursor.is('accept', 'drop', 'continue', 'return')) return { [cursor.next().text]: null }
  if (cursor.is('jump', 'goto') && cursor.following.text !== '{') {
    const verdict = cursor.next().text
    return { [verdict]: { target: cursor.name() } }
  }
  return undefined
}
