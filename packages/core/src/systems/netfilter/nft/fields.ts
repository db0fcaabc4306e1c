import type { AddressType, Condition, Direction, PacketType } from '../../../evidence/index.ts'
import { entries, field, items, type Json, textField } from '../../json.ts'
import { ALWAYS, not } from '../conditions.ts'
import { ctField, STATE_BITS, STATUS_BITS } from './connection.ts'
import { familyFacts, type Field, markFacts, type NumberFacts, numberField, protocolFacts, protocolIs, valueField } from './field.ts'
import { strangeKey } from './keys.ts'
import { ETHER_TYPE, optionalHeader, payloadField, TCP_FLAG_BITS } from './payload.ts'
import { devicesOf, numbersOf, wordsOf } from './values.ts'

function device(of: Direction): Field {
  return valueField(ALWAYS, (values) => {
    const names = devicesOf(values)
    return names === undefined ? undefined : { kind: 'device', of, names }
  })
}

const PACKET_TYPES: Readonly<Record<string, PacketType>> = {
  host: 'host',
  unicast: 'host',
  broadcast: 'broadcast',
  multicast: 'multicast',
  other: 'otherhost',
}

const ADDRESS_TYPES: Readonly<Record<string, AddressType>> = {
  unspec: 'unspec',
  unicast: 'unicast',
  local: 'local',
  broadcast: 'broadcast',
  anycast: 'anycast',
  multicast: 'multicast',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
}

function metaField(key: string | undefined): Field | NumberFacts | undefined {
  switch (key) {
    case 'iif':
    case 'iifname':
      return device('inbound')
    case 'oif':
    case 'oifname':
      return device('outbound')
    case 'mark':
      return markFacts('packet')
    case 'l4proto':
      return protocolFacts(ALWAYS)
    case 'nfproto':
      return familyFacts({ ipv4: 2, ipv6: 10, inet: 1, arp: 3, netdev: 5, bridge: 7 }, 2, 10)
    case 'protocol':
      return ETHER_TYPE
    case 'skuid':
    case 'skgid':
    case 'cgroup':
      return valueField({ kind: 'own-process' }, () => undefined)
    case 'pkttype':
      return valueField(ALWAYS, (values) => {
        const types = wordsOf(values, PACKET_TYPES)
        return types === undefined ? undefined : { kind: 'packet-type', types }
      })
    default:
      return undefined
  }
}

function fibField(body: Json): Field | undefined {
  const flagged = field(body, 'flags')
  const flags = typeof flagged === 'string' ? [flagged] : items(flagged)
  const of = flags.includes('saddr') ? 'source' : flags.includes('daddr') ? 'destination' : undefined
  const result = textField(body, 'result')
  if (of === undefined) return undefined
  if (result === 'type') {
    const limited = flags.includes('iif') ? { device: 'inbound' as const } : flags.includes('oif') ? { device: 'outbound' as const } : {}
    return valueField(ALWAYS, (values) => {
      const types = wordsOf(values, ADDRESS_TYPES)
      return types === undefined ? undefined : { kind: 'address-type', of, types, ...limited }
    })
  }
  if (of === 'destination' || result !== 'oif') return undefined
  // `exists` is true, `missing` false; older releases print a missing device as "0".
  return valueField(ALWAYS, (values) => {
    const back: Condition = { kind: 'reverse-path', device: flags.includes('iif') }
    if (values.length !== 1) return undefined
    return values[0] === true ? back : values[0] === false || values[0] === '0' || values[0] === 0 ? not(back) : undefined
  })
}

function isKnown(kind: string): kind is 'payload' | 'meta' | 'ct' | 'fib' {
  return kind === 'payload' || kind === 'meta' || kind === 'ct' || kind === 'fib'
}

const BITWISE: ReadonlySet<string> = new Set(['&', '|', '^'])

/** The field that a left-hand side names. `undefined`: not understood. */
export function readField(expression: Json | undefined): Field | undefined {
  const masked = readMasked(expression, 0xffff_ffff, 0)
  if (masked === undefined) return undefined
  const { base, mask, flipped } = masked
  const found = baseField(base)
  if (found === undefined) return undefined
  if ('among' in found) return base === expression ? found : undefined
  return numberField(found, (mask & found.largest) >>> 0, flipped)
}

function baseField(expression: Json): Field | NumberFacts | undefined {
  // More than is known may make another field of it.
  const [first, another] = entries(expression)
  const [kind = '', body] = first ?? []
  if (another !== undefined || (isKnown(kind) && strangeKey(kind, body) !== undefined)) return undefined
  const payload = field(expression, 'payload')
  if (payload !== undefined) return payloadField(payload)
  const meta = field(expression, 'meta')
  if (meta !== undefined) return metaField(textField(meta, 'key'))
  const ct = field(expression, 'ct')
  if (ct !== undefined) return ctField(textField(ct, 'key'), textField(ct, 'dir'))
  const fib = field(expression, 'fib')
  if (fib !== undefined) return fibField(fib)
  const extension = field(expression, 'exthdr')
  if (extension !== undefined) return optionalHeader(extension, `exthdr ${textField(extension, 'name') ?? ''}`)
  if (field(expression, 'tcp option') !== undefined) return valueField(protocolIs(6), () => undefined)
  const option = field(expression, 'ip option')
  return option === undefined ? undefined : optionalHeader(option, `ip option ${textField(option, 'name') ?? ''}`)
}

interface Masked {
  readonly base: Json
  readonly mask: number
  readonly flipped: number
}

/** As deep as such expressions are followed. */
const DEEPEST = 8

/** `((x & a) | b) ^ c` is `(x & mask) ^ flipped`. */
export function readMasked(expression: Json | undefined, mask: number, flipped: number, depth: number = DEEPEST): Masked | undefined {
  if (expression === undefined) return undefined
  const operator =
    typeof expression === 'object' && expression !== null ? Object.keys(expression).find((key) => BITWISE.has(key)) : undefined
  if (operator === undefined) return { base: expression, mask, flipped }
  if (entries(expression).length > 1) return undefined
  const [left, right] = items(field(expression, operator))
  const constant = numbersOf([right ?? null], BIT_NAMES, 0xffff_ffff)?.[0]
  if (constant === undefined || constant.first !== constant.last || depth === 0) return undefined
  const inner = readMasked(left, mask, flipped, depth - 1)
  if (inner === undefined) return undefined
  const value = constant.first
  switch (operator) {
    case '&':
      return { base: inner.base, mask: (inner.mask & value) >>> 0, flipped: (inner.flipped & value) >>> 0 }
    case '|':
      return { base: inner.base, mask: (inner.mask & ~value) >>> 0, flipped: (inner.flipped | value) >>> 0 }
    default:
      return { base: inner.base, mask: inner.mask, flipped: (inner.flipped ^ value) >>> 0 }
  }
}

/** Names that stand for bits inside of such expressions; no two fields share one with another meaning. */
const BIT_NAMES: Readonly<Record<string, number>> = { ...TCP_FLAG_BITS, ...STATE_BITS, ...STATUS_BITS }
