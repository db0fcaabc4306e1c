import { field, type Json, textField } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import { readConstant, readScalar } from './value.ts'
import { BARE_META, BITMASKS, CT, EXTENSIONS, HEADERS, META, OPERATIONS, OPTION_FIELDS, TRANSPORTS } from './words.ts'

/** What kind of value a place holds, as far as its symbols are read differently. */
export type ValueType = 'port' | 'other' | readonly ValueType[]

/** What a field of a packet holds. */
export function typeOf(selector: Json | undefined): ValueType {
  const concat = field(selector, 'concat')
  if (Array.isArray(concat)) return (concat as readonly Json[]).map((part) => typeOf(part))
  const payload = field(innermost(selector), 'payload')
  const protocol = textField(payload, 'protocol') ?? ''
  const name = textField(payload, 'field') ?? textField(field(innermost(selector), 'ct'), 'key') ?? ''
  if (TRANSPORTS.has(protocol) && (name === 'sport' || name === 'dport')) return 'port'
  return name.startsWith('proto-') ? 'port' : 'other'
}

/** Whether a value alone asks for one of its bits. */
export function isBitmask(selector: Json): boolean {
  const base = innermost(selector)
  const payload = field(base, 'payload')
  const key = textField(field(base, 'ct'), 'key')
  return BITMASKS.has(key === undefined ? `${textField(payload, 'protocol') ?? ''} ${textField(payload, 'field') ?? ''}` : `ct ${key}`)
}

function innermost(selector: Json | undefined): Json | undefined {
  let base = selector
  for (;;) {
    const parts = ['&', '|', '^', '<<', '>>'].map((operator) => field(base, operator)).find((found) => found !== undefined)
    if (!Array.isArray(parts)) return base
    base = (parts as readonly Json[])[0]
  }
}

/** Whether what comes names a field of the packet rather than a value. */
export function startsSelector(cursor: Cursor): boolean {
  const { kind, text } = cursor.token
  if (kind === 'reference') return ['ll', 'nh', 'th', 'ih'].includes(text) && cursor.following.text === ','
  if (kind !== 'word') return false
  const then = cursor.following.text
  if (text === 'meta') return META.has(then)
  if (text === 'ct') return CT.has(then) || then === 'original' || then === 'reply'
  if (STARTS.has(text)) return true
  if (text === 'tcp' && then === 'option') return true
  if (text === 'ip' && then === 'option') return true
  if (text === 'sctp' && then === 'chunk') return true
  if (text === 'dccp' && then === 'option') return true
  return (fieldsOf(HEADERS, text) ?? fieldsOf(EXTENSIONS, text))?.includes(then) === true || BARE_META.has(text)
}

const STARTS: ReadonlySet<string> = new Set(['fib', 'socket', 'numgen', 'jhash', 'symhash', 'osf', 'ipsec', 'exthdr', 'rt'])

function fieldsOf(table: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Fields one after the other (`ip saddr . tcp dport`), with operations on their bits, in the form of `nft -j`. */
export function readSelector(cursor: Cursor): Json {
  const parts = [readOperation(cursor, 0)]
  while (cursor.take('.')) parts.push(readOperation(cursor, 0))
  return parts.length === 1 ? (parts[0] as Json) : { concat: parts }
}

function readOperation(cursor: Cursor, level: number): Json {
  const operators = OPERATIONS[level]
  if (operators === undefined) return readPrimary(cursor)
  let left = readOperation(cursor, level + 1)
  for (;;) {
    const { kind, text } = cursor.token
    const operator = (kind === 'word' || kind === 'mark') && Object.hasOwn(operators, text) ? operators[text] : undefined
    if (operator === undefined) return left
    cursor.next()
    left = { [operator]: [left, startsSelector(cursor) ? readOperation(cursor, level + 1) : bits(readConstant(cursor, level + 1))] }
  }
}

/** Bits that belong together are a list to `nft -j` where they are a mask. */
function bits(value: Json): Json {
  const list = field(value, '|')
  return Array.isArray(list) ? list : value
}

function readPrimary(cursor: Cursor): Json {
  if (cursor.is('(')) {
    return cursor.deeper(() => {
      cursor.next()
      const inner = readOperation(cursor, 0)
      cursor.expect(')')
      return inner
    })
  }
  if (!startsSelector(cursor)) cursor.fail()
  const { kind, text } = cursor.next()
  if (kind === 'reference') return rawPayload(cursor, text)
  const reader = Object.hasOwn(READERS, text) ? READERS[text] : undefined
  if (text === 'rt' && fieldsOf(EXTENSIONS, 'rt')?.includes(cursor.token.text) === true)
    return { exthdr: { name: 'rt', field: cursor.next().text } }
  if (reader !== undefined) return reader(cursor)
  if (OPTIONED.has(text) && cursor.is('option', 'chunk')) return option(cursor, `${text} ${cursor.next().text}`)
  if (text === 'arp' && cursor.is('saddr', 'daddr')) return { payload: { protocol: text, field: `${cursor.next().text} ${cursor.name()}` } }
  if (Object.hasOwn(HEADERS, text)) return { payload: { protocol: text, field: cursor.next().text } }
  if (Object.hasOwn(EXTENSIONS, text)) return { exthdr: { name: text, field: cursor.next().text } }
  return { meta: { key: text } }
}

const OPTIONED: ReadonlySet<string> = new Set(['tcp', 'ip', 'sctp', 'dccp'])

const READERS: Readonly<Record<string, (cursor: Cursor) => Json>> = {
  meta: (cursor) => ({ meta: { key: cursor.next().text } }),
  ct: (cursor) => {
    const direction = cursor.is('original', 'reply') ? cursor.next().text : undefined
    const family = cursor.is('ip', 'ip6') ? `${cursor.next().text} ` : ''
    const { text } = cursor.token
    if (!CT.has(text)) cursor.fail()
    cursor.next()
    return { ct: { key: `${family}${text}`, ...(direction === undefined ? {} : { dir: direction }) } }
  },
  fib: (cursor) => {
    const flags = [cursor.name()]
    while (cursor.take('.')) flags.push(cursor.name())
    const result = cursor.name()
    return { fib: { result, flags } }
  },
  exthdr: (cursor) => ({ exthdr: { name: cursor.name() } }),
  rt: (cursor) => ({ rt: { key: cursor.is('ip', 'ip6') ? `${cursor.next().text} ${cursor.name()}` : cursor.name() } }),
  socket: (cursor) => {
    const key = cursor.name()
    return { socket: { key, ...(cursor.take('level') ? { level: cursor.number() } : {}) } }
  },
  osf: (cursor) => {
    if (cursor.take('ttl')) cursor.name()
    return { osf: { key: cursor.name() } }
  },
  ipsec: (cursor) => {
    const dir = cursor.name()
    const number = cursor.take('spnum') ? { spnum: cursor.number() } : {}
    const family = cursor.is('ip', 'ip6') ? { family: cursor.next().text } : {}
    return { ipsec: { dir, key: cursor.name(), ...number, ...family } }
  },
  numgen: (cursor) => {
    const mode = cursor.name()
    cursor.expect('mod')
    return { numgen: { mode, mod: cursor.number(), offset: cursor.take('offset') ? cursor.number() : 0 } }
  },
  symhash: (cursor) => {
    cursor.expect('mod')
    return { symhash: { mod: cursor.number(), ...(cursor.take('offset') ? { offset: cursor.number() } : {}) } }
  },
  jhash: (cursor) => {
    const expr = readSelector(cursor)
    cursor.expect('mod')
    const mod = cursor.number()
    const seed = cursor.take('seed') ? { seed: cursor.number() } : {}
    return { jhash: { mod, expr, ...seed, ...(cursor.take('offset') ? { offset: cursor.number() } : {}) } }
  },
}

/** `tcp option maxseg size`, `ip option rr`, `sctp chunk init`. */
function option(cursor: Cursor, kind: string): Json {
  if (cursor.take('@')) cursor.fail('a raw option')
  const { kind: form, text } = cursor.token
  const name = form === 'number' ? readScalar(cursor) : (cursor.next(), text)
  const part = cursor.token.kind === 'word' && OPTION_FIELDS.has(cursor.token.text) ? { field: cursor.next().text } : {}
  return { [kind]: { name, ...part } }
}

/** `@nh,96,32`: offset and length in bits. */
function rawPayload(cursor: Cursor, base: string): Json {
  cursor.expect(',')
  const offset = cursor.number()
  cursor.expect(',')
  return { payload: { base, offset, len: cursor.number() } }
}
