import { type Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import { readSelector, typeOf, type ValueType } from './selector.ts'
import { type DataType, elementsOf, readElements } from './set.ts'
import { readQuota, readRate, readStateful } from './stateful.ts'
import { type ElementTypes, objectOf, type OpenTable } from './tables.ts'

/** Objects with a name (nft(8), SETS, MAPS, FLOWTABLES, STATEFUL OBJECTS), by the words that begin them. */
const OBJECTS: ReadonlySet<string> = new Set(['set', 'map', 'flowtable', 'counter', 'quota', 'limit', 'secmark', 'synproxy', 'tunnel'])
const CT_OBJECTS: ReadonlySet<string> = new Set(['helper', 'timeout', 'expectation'])

/** `set`, `ct helper`: the kind of an object, and goes on behind it. `undefined`: something else. */
export function readKind(cursor: Cursor): string | undefined {
  const { kind, text } = cursor.token
  if (kind !== 'word') return undefined
  if (text === 'ct' && CT_OBJECTS.has(cursor.following.text)) {
    cursor.next()
    return `ct ${cursor.next().text}`
  }
  return OBJECTS.has(text) ? cursor.next().text : undefined
}

/** What stands within the braces of an object, or behind its name. */
export function readObject(cursor: Cursor, table: OpenTable, kind: string, name: string): void {
  const object = objectOf(table, kind, name)
  if (!cursor.is('{')) {
    if (!cursor.atEnd) object.body = readPlain(cursor, kind)
    return
  }
  cursor.next()
  cursor.separators()
  while (!cursor.take('}')) {
    if (kind === 'set' || kind === 'map') readSetMember(cursor, table, kind, name)
    else object.body = { ...object.body, ...readPlain(cursor, kind) }
    if (!cursor.atEnd) cursor.fail()
    cursor.separators()
    if (cursor.token.kind === 'end') cursor.fail()
  }
}

/** Of all others only limits and quotas decide anything: whether they are over or not. */
function readPlain(cursor: Cursor, kind: string): { readonly [key: string]: Json } {
  if (kind === 'limit' && cursor.take('rate')) return readRate(cursor) as { readonly [key: string]: Json }
  if (kind === 'quota' && !cursor.is('comment')) return readQuota(cursor) as { readonly [key: string]: Json }
  if (kind === 'limit' && !cursor.is('comment')) cursor.fail()
  cursor.skip()
  return {}
}

function readSetMember(cursor: Cursor, table: OpenTable, kind: string, name: string): void {
  const object = objectOf(table, kind, name)
  const { text } = cursor.token
  if (cursor.take('type', 'typeof')) object.types = text === 'type' ? readTypes(cursor) : readTypesOf(cursor)
  else if (cursor.take('elements')) {
    cursor.expect('=')
    for (const element of readElementList(cursor)) object.elements.push(element)
  } else if (cursor.take('flags')) {
    do cursor.name()
    while (cursor.take(','))
  } else if (cursor.take('timeout', 'gc-interval')) cursor.next()
  else if (cursor.take('size')) cursor.number()
  else if (cursor.take('policy', 'comment')) cursor.name()
  else if (!cursor.take('auto-merge')) {
    const counted = readStateful(cursor)
    if (counted === undefined) cursor.fail()
    object.each = { ...object.each, ...counted }
  }
}

/** Braces, or a variable. Types are looked at when all is read: they may follow. */
export function readElementList(cursor: Cursor): readonly Json[] {
  if (cursor.token.kind !== 'variable') return readElements(cursor, 'other', undefined)
  return elementsOf(cursor.variable()) ?? cursor.fail()
}

/** `ipv4_addr . inet_service : verdict`. */
function readTypes(cursor: Cursor): ElementTypes {
  const key = readNamed(cursor)
  if (!cursor.take(':')) return { key, data: undefined }
  cursor.take('interval')
  return cursor.take('verdict') ? { key, data: 'verdict' } : { key, data: readNamed(cursor) }
}

function readNamed(cursor: Cursor): ValueType {
  const types: ValueType[] = []
  do types.push(cursor.name() === 'inet_service' ? 'port' : 'other')
  while (cursor.take('.'))
  return types.length === 1 ? (types[0] as ValueType) : types
}

/** `ip saddr . tcp dport : meta mark`. */
function readTypesOf(cursor: Cursor): ElementTypes {
  const key = typeOf(readSelector(cursor))
  if (!cursor.take(':')) return { key, data: undefined }
  cursor.take('interval')
  const data: DataType = cursor.take('verdict') ? 'verdict' : typeOf(readSelector(cursor))
  return { key, data }
}
