import { field, items, type Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import type { ValueType } from './selector.ts'
import { OPERATIONS, SERVICES } from './words.ts'

/** One number, address or name, in the form of `nft -j`; a variable is what it stands for. */
export function readScalar(cursor: Cursor): Json {
  const { kind, text } = cursor.token
  switch (kind) {
    case 'number': {
      cursor.next()
      const value = Number(text)
      return Number.isSafeInteger(value) ? value : text
    }
    case 'word':
    case 'string':
    case 'address':
      cursor.next()
      return text
    case 'variable':
      return cursor.variable()
    default:
      return cursor.fail()
  }
}

/** A constant with operations on its bits: `(syn | ack)`, `0x1 << 4`. Operators of a level below `level` end it. */
export function readConstant(cursor: Cursor, level = 0): Json {
  const operators = OPERATIONS[level]
  if (operators === undefined) return readBracketed(cursor)
  let left = readConstant(cursor, level + 1)
  let bits: Json[] | undefined
  for (;;) {
    const { kind, text } = cursor.token
    const operator = (kind === 'word' || kind === 'mark') && Object.hasOwn(operators, text) ? operators[text] : undefined
    if (operator === undefined) return left
    cursor.next()
    const right = readConstant(cursor, level + 1)
    // Numbers are worked out; the bits of names stay a list, as in `nft -j`.
    if (typeof left === 'number' && typeof right === 'number') left = WORKED_OUT[operator]?.(left, right) ?? null
    else if (operator !== '|') left = { [operator]: [left, right] }
    else {
      bits ??= bitsOf(left)
      for (const bit of bitsOf(right)) bits.push(bit)
      left = { '|': bits }
    }
  }
}

function bitsOf(value: Json): Json[] {
  const inner = field(value, '|')
  return Array.isArray(inner) ? [...items(inner as Json)] : [value]
}

function readBracketed(cursor: Cursor): Json {
  if (!cursor.is('(')) return readScalar(cursor)
  return cursor.deeper(() => {
    cursor.next()
    const inner = readConstant(cursor)
    cursor.expect(')')
    return inner
  })
}

const WORKED_OUT: Readonly<Record<string, (left: number, right: number) => number>> = {
  '|': (left, right) => (left | right) >>> 0,
  '^': (left, right) => (left ^ right) >>> 0,
  '&': (left, right) => (left & right) >>> 0,
  '<<': (left, right) => (left << right) >>> 0,
  '>>': (left, right) => left >>> right,
}

/** A value, a prefix, a range, or several of them in a row (`192.0.2.1 . 80-90`). */
export function readValue(cursor: Cursor): Json {
  const parts = [readInterval(cursor)]
  while (cursor.take('.')) parts.push(readInterval(cursor))
  return parts.length === 1 ? (parts[0] as Json) : { concat: parts.flatMap((part) => concatenated(part)) }
}

/** A variable may itself be several in a row. */
function concatenated(part: Json): readonly Json[] {
  const inner = field(part, 'concat')
  return Array.isArray(inner) ? items(inner as Json) : [part]
}

function readInterval(cursor: Cursor): Json {
  const first = readConstant(cursor)
  if (cursor.is('/') && cursor.following.kind === 'number') {
    cursor.next()
    return ranged(cursor, { prefix: { addr: first, len: cursor.number() } })
  }
  return ranged(cursor, first)
}

function ranged(cursor: Cursor, first: Json): Json {
  return cursor.take('-') ? { range: [first, readConstant(cursor)] } : first
}

/** The same value with the names of ports as their numbers. A name that is not known stays, and is not understood later. */
export function resolved(value: Json, type: ValueType): Json {
  if (type === 'other') return value
  if (typeof value === 'string') return type === 'port' && Object.hasOwn(SERVICES, value) ? (SERVICES[value] as number) : value
  if (Array.isArray(value)) return value.map((item) => resolved(item as Json, type))
  const element = field(value, 'elem')
  if (element !== undefined) return { elem: { ...(element as object), val: resolved(field(element, 'val') ?? null, type) } }
  const concat = field(value, 'concat')
  if (concat !== undefined)
    return { concat: items(concat).map((part, index) => resolved(part, Array.isArray(type) ? (type[index] ?? 'other') : 'other')) }
  if (typeof type !== 'string') return value
  const range = field(value, 'range')
  if (range !== undefined) return { range: items(range).map((end) => resolved(end, type)) }
  return value
}
