import type { Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import { readSelector, startsSelector, typeOf, type ValueType } from './selector.ts'
import { type DataType, elementsOf, readElements, resolvedElement } from './set.ts'
import { readValue, resolved } from './value.ts'

/** What a map is asked with, and leads to: braces, or the name of a map. */
export function readData(cursor: Cursor, type: ValueType, data: DataType): Json {
  const { kind, text } = cursor.token
  if (kind === 'reference') {
    cursor.next()
    return `@${text}`
  }
  if (kind !== 'variable') return { set: readElements(cursor, type, data) }
  const set = elementsOf(cursor.variable())
  return set === undefined ? cursor.fail() : { set: set.map((each) => resolvedElement(each, type, data)) }
}

/** A value that may be taken from the packet, or from a map. */
export function readOperand(cursor: Cursor, type: ValueType): Json {
  if (!cursor.is('(') && !startsSelector(cursor)) return resolved(readValue(cursor), type)
  const key = readSelector(cursor)
  return cursor.take('map') ? { map: { key, data: readData(cursor, typeOf(key), type) } } : key
}
