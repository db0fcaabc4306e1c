import { BITS, parseAddress } from '../../../../network/index.ts'
import { field, items, type Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import { readData, readOperand } from './operand.ts'
import { isBitmask, readSelector, typeOf } from './selector.ts'
import { elementsOf, readElements, readVerdict, resolvedElement } from './set.ts'
import { readStateful } from './stateful.ts'
import { readTranslation, TRANSLATIONS } from './translation.ts'
import { readValue, resolved } from './value.ts'
import { RELATIONS } from './words.ts'

/** What of its surroundings a rule depends on. */
export interface RulePlace {
  readonly family: string
  /** Reads a chain in place (`jump { … }`) behind its brace, and gives it a name. */
  chain(cursor: Cursor): string
}

/** One statement in the form of `nft -j`; goes on behind it. Throws NotUnderstood. */
export function readStatement(cursor: Cursor, place: RulePlace): Json {
  const verdict = readVerdict(cursor) ?? readStateful(cursor)
  if (verdict !== undefined) return verdict
  const { kind, text } = cursor.token
  const reader = kind === 'word' && Object.hasOwn(READERS, text) ? READERS[text] : undefined
  if (reader !== undefined) {
    cursor.next()
    return reader(cursor, place)
  }
  if (kind === 'word' && TRANSLATIONS.has(text)) return readTranslation(cursor, place.family)
  return readAsked(cursor)
}

/** What begins with a field: a match, a verdict map, or a change of the field. */
function readAsked(cursor: Cursor): Json {
  if (cursor.is('ct') && (cursor.following.text === 'timeout' || cursor.following.text === 'expectation')) {
    cursor.next()
    const object = cursor.next().text
    cursor.expect('set')
    return { [`ct ${object}`]: cursor.name() }
  }
  const left = readSelector(cursor)
  if (cursor.take('vmap')) return { vmap: { key: left, data: readData(cursor, typeOf(left), 'verdict') } }
  if (cursor.take('set')) return changed(left, readOperand(cursor, typeOf(left)))
  const { kind, text } = cursor.token
  const stated = (kind === 'word' || kind === 'mark') && Object.hasOwn(RELATIONS, text) ? RELATIONS[text] : undefined
  if (stated !== undefined) cursor.next()
  const right = readRight(cursor, left)
  if (cursor.take('/')) {
    const mask = readBits(cursor)
    return { match: { op: stated ?? '==', left: { '&': [left, mask] }, right } }
  }
  if (isBitmask(left) && !isSet(right)) return { match: bitMatch(stated, left, right) }
  const [base, prefix] = maskedAddress(left, right) ?? [left, right]
  return { match: { op: stated ?? '==', left: base, right: prefix } }
}

/** `ip saddr & 255.255.255.0 == 192.0.2.0` is `ip saddr 192.0.2.0/24`, as nft itself prints it. */
function maskedAddress(left: Json, right: Json): readonly [Json, Json] | undefined {
  const [base, mask] = items(field(left, '&'))
  const ones = typeof mask === 'string' ? parseAddress(mask) : undefined
  const address = typeof right === 'string' ? parseAddress(right) : undefined
  if (base === undefined || ones === undefined || address?.family !== ones.family) return undefined
  const host = (1n << BigInt(BITS[ones.family])) - 1n - ones.value
  // Ones before zeros, and nothing asked of what is masked away.
  if ((host & (host + 1n)) !== 0n || (address.value & host) !== 0n) return undefined
  return [base, { prefix: { addr: right, len: BITS[ones.family] - host.toString(2).replace(/^0$/, '').length } }]
}

/** One of the bits, or none: `ct state & (new | untracked) != 0` is `ct state new,untracked`. */
function bitMatch(stated: string | undefined, left: Json, right: Json): Json {
  const [base, mask] = items(field(left, '&'))
  if (base !== undefined && mask !== undefined && right === 0 && (stated === '==' || stated === '!='))
    return { op: stated === '==' ? '!' : 'in', left: base, right: mask }
  return { op: stated ?? 'in', left, right }
}

function isSet(right: Json): boolean {
  return elementsOf(right) !== undefined || (typeof right === 'string' && right.startsWith('@'))
}

function readRight(cursor: Cursor, left: Json): Json {
  const { kind, text } = cursor.token
  const type = typeOf(left)
  if (kind === 'reference') {
    cursor.next()
    return `@${text}`
  }
  if (cursor.is('{')) return { set: readElements(cursor, type, undefined) }
  if (cursor.take('exists')) return true
  if (cursor.take('missing')) return false
  if (isBitmask(left)) return readBits(cursor)
  const value = readValue(cursor)
  if (cursor.is(',') || Array.isArray(value)) cursor.fail('several values outside of braces')
  const set = elementsOf(value)
  return set === undefined ? resolved(value, type) : { set: set.map((each) => resolvedElement(each, type, undefined)) }
}

/** `syn,ack`: bits that belong together, as a list. */
function readBits(cursor: Cursor): Json {
  const first = readValue(cursor)
  if (!cursor.is(',')) return first
  const bits = Array.isArray(first) ? [...items(first as Json)] : [first]
  while (cursor.take(',')) bits.push(readValue(cursor))
  return bits
}

/** Objects that are set have a form of their own in `nft -j`. */
function changed(key: Json, value: Json): Json {
  const of = field(key, 'ct')
  const name = field(of, 'key')
  if (name === 'helper' && typeof value === 'string') return { 'ct helper': value }
  return { mangle: { key, value } }
}

const READERS: Readonly<Record<string, (cursor: Cursor, place: RulePlace) => Json>> = {
  jump: (cursor, place) => {
    cursor.expect('{')
    return { jump: { target: cursor.deeper(() => place.chain(cursor)) } }
  },
  goto: (cursor, place) => {
    cursor.expect('{')
    return { goto: { target: cursor.deeper(() => place.chain(cursor)) } }
  },
  notrack: () => ({ notrack: null }),
  queue: readQueue,
  reject: readReject,
  log: readLog,
  xt: (cursor) => ({ xt: { type: cursor.name(), name: cursor.name() } }),
  flow: (cursor) => {
    if (!cursor.take('add', 'offload')) cursor.fail()
    return { flow: { op: 'add', flowtable: reference(cursor) } }
  },
  synproxy: (cursor) => {
    if (cursor.take('name')) return { synproxy: cursor.name() }
    const options: Record<string, Json> = {}
    while (!cursor.atEnd && cursor.is('mss', 'wscale', 'timestamp', 'sack-perm')) {
      const { text } = cursor.next()
      options[text] = text === 'mss' || text === 'wscale' ? cursor.number() : true
    }
    return { synproxy: options }
  },
  dup: (cursor) => ({ dup: readDestination(cursor) }),
  fwd: (cursor) => ({ fwd: readDestination(cursor) }),
  reset: (cursor) => ({ reset: readSelector(cursor) }),
  add: (cursor) => readUpdate(cursor, 'add'),
  update: (cursor) => readUpdate(cursor, 'update'),
  delete: (cursor) => readUpdate(cursor, 'delete'),
  set: readOldUpdate,
  map: readOldUpdate,
  meter: readMeter,
}

function reference(cursor: Cursor): string {
  const { kind, text } = cursor.next()
  return kind === 'reference' ? `@${text}` : cursor.fail()
}

/** `queue num 1-3 bypass,fanout`, `queue flags bypass to 3`. */
function readQueue(cursor: Cursor): Json {
  const flags: Json[] = []
  let number: Json | undefined
  while (!cursor.atEnd) {
    if (cursor.take('num', 'to')) number = readOperand(cursor, 'other')
    else if (cursor.is('bypass', 'fanout')) flags.push(cursor.next().text)
    else if (!cursor.take('flags', ',')) break
  }
  return { queue: { ...(number === undefined ? {} : { num: number }), ...(flags.length === 0 ? {} : { flags }) } }
}

const REJECTIONS: Readonly<Record<string, string>> = { ip: 'icmp', ip6: 'icmpv6' }

function readReject(cursor: Cursor, place: RulePlace): Json {
  if (!cursor.take('with')) return { reject: { type: REJECTIONS[place.family] ?? 'icmpx', expr: 'port-unreachable' } }
  if (cursor.take('tcp')) {
    cursor.expect('reset')
    return { reject: { type: 'tcp reset' } }
  }
  if (!cursor.is('icmp', 'icmpv6', 'icmpx')) cursor.fail()
  const type = cursor.next().text
  cursor.take('type')
  const { text } = cursor.next()
  return { reject: { type, expr: text } }
}

/** `log prefix "x: " level info flags tcp sequence,options`: nothing of it decides anything. */
function readLog(cursor: Cursor): Json {
  const options: Record<string, Json> = {}
  while (cursor.is('prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags')) {
    const { text } = cursor.next()
    if (text === 'flags') {
      cursor.take('tcp', 'ip')
      do options['flags'] = cursor.name()
      while (cursor.take(','))
    } else options[text] = cursor.token.kind === 'number' ? cursor.number() : cursor.name()
  }
  return { log: Object.keys(options).length === 0 ? null : options }
}

/** `dup to 192.0.2.1 device "eth0"`, `fwd to eth1`. */
function readDestination(cursor: Cursor): Json {
  cursor.take('ip', 'ip6')
  cursor.expect('to')
  const to = readOperand(cursor, 'other')
  return { addr: to, ...(cursor.take('device') ? { dev: readOperand(cursor, 'other') } : {}) }
}

/** `add @seen { ip saddr timeout 5m limit rate over 3/minute }`. */
function readUpdate(cursor: Cursor, op: string): Json {
  const name = reference(cursor)
  cursor.expect('{')
  return updated(cursor, op, name)
}

/** `set add ip saddr @seen`, of older releases. */
function readOldUpdate(cursor: Cursor): Json {
  const op = cursor.name()
  const elem = readSelector(cursor)
  if (cursor.take('timeout')) cursor.next()
  return { set: { op, elem, set: reference(cursor) } }
}

function updated(cursor: Cursor, op: string, name: string): Json {
  const elem = readSelector(cursor)
  const stmt: Json[] = []
  let data: Json | undefined
  while (!cursor.take('}')) {
    if (cursor.take('timeout', 'expires')) cursor.next()
    else if (cursor.take('comment')) cursor.name()
    else if (cursor.take(':')) data = readVerdict(cursor) ?? readOperand(cursor, 'other')
    else stmt.push(readStateful(cursor) ?? cursor.fail())
  }
  const counted = stmt.length === 0 ? {} : { stmt }
  return data === undefined ? { set: { op, elem, set: name, ...counted } } : { map: { op, elem, data, map: name, ...counted } }
}

/** `meter seen size 65535 { ip saddr limit rate 3/minute }`. */
function readMeter(cursor: Cursor): Json {
  const name = cursor.name()
  const size = cursor.take('size') ? { size: cursor.number() } : {}
  cursor.expect('{')
  const key = readSelector(cursor)
  if (cursor.take('timeout')) cursor.next()
  const stmt = readStateful(cursor) ?? cursor.fail()
  cursor.expect('}')
  return { meter: { key, stmt, ...size, name } }
}
