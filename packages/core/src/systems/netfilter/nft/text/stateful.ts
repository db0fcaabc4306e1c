import type { Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'

/** Statements that count: of a rule, and of each element of a set. `undefined`: not one of them. */
export function readStateful(cursor: Cursor): { readonly [name: string]: Json } | undefined {
  if (cursor.is('ct') && cursor.following.text === 'count') {
    cursor.next()
    cursor.next()
    return { 'ct count': { ...over(cursor), val: cursor.number() } }
  }
  const reader = cursor.token.kind === 'word' && Object.hasOwn(READERS, cursor.token.text) ? READERS[cursor.token.text] : undefined
  if (reader === undefined) return undefined
  const { text } = cursor.next()
  if (text !== 'last' && cursor.take('name')) return { [text]: cursor.name() }
  return { [text]: reader(cursor) }
}

const READERS: Readonly<Record<string, (cursor: Cursor) => Json>> = {
  counter: (cursor) => {
    const counted: Record<string, Json> = {}
    while (cursor.is('packets', 'bytes')) counted[cursor.next().text] = cursor.number()
    return Object.keys(counted).length === 0 ? null : counted
  },
  limit: (cursor) => {
    cursor.expect('rate')
    return readRate(cursor)
  },
  quota: readQuota,
  last: (cursor) => {
    if (cursor.take('used')) cursor.next()
    return null
  },
}

/** `over` and `until`; without either, `until` is meant. */
function over(cursor: Cursor): { readonly inv?: true } {
  if (cursor.take('over')) return { inv: true }
  cursor.take('until')
  return {}
}

/** `10/second`, `over 400 kbytes/minute burst 5 packets`. */
export function readRate(cursor: Cursor): Json {
  const inverted = over(cursor)
  const rate = cursor.number()
  const [unit, per] = cursor.is('/') ? [undefined, time(cursor)] : byteRate(cursor)
  const burst = cursor.take('burst') ? cursor.number() : undefined
  const burstUnit = burst === undefined ? undefined : cursor.name()
  return {
    rate,
    ...(burst === undefined ? { burst: unit === undefined ? 5 : 0 } : { burst }),
    per,
    ...inverted,
    ...(unit === undefined ? {} : { rate_unit: unit, burst_unit: burstUnit ?? 'bytes' }),
  }
}

/** A name has its slashes within: `kbytes/second` is one word, `kbytes / second` are three. */
function byteRate(cursor: Cursor): readonly [string, string] {
  const [unit = '', per] = cursor.name().split('/')
  return [unit, per ?? time(cursor)]
}

function time(cursor: Cursor): string {
  cursor.expect('/')
  return cursor.name()
}

/** `over 10 mbytes used 3 bytes`. */
export function readQuota(cursor: Cursor): Json {
  const inverted = over(cursor)
  const value = cursor.number()
  const unit = cursor.name()
  if (cursor.take('used')) {
    cursor.number()
    cursor.name()
  }
  return { val: value, val_unit: unit, ...inverted }
}
