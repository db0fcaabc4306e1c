import { type Action, type Expression, type MarkOwner, type Rewritten, show } from '../../../evidence/index.ts'
import { parseAddress } from '../../../network/index.ts'
import { field, type Json, textField } from '../../json.ts'
import { ALWAYS, isAlways, match } from '../conditions.ts'
import { readField, readMasked } from './fields.ts'
import { type NftObjects, readMapping } from './match.ts'
import { printExpression } from './print.ts'

/** Fields of a packet that decide where it goes. */
const ADDRESSING: ReadonlySet<string> = new Set(['saddr', 'daddr', 'sport', 'dport', 'protocol', 'nexthdr'])

/** `X set VALUE`: marks are followed; what rewrites addresses or ports is told apart from what no condition asks for. `undefined`: not understood. */
export function readMangle(body: Json, objects: NftObjects): readonly Expression[] | undefined {
  const key = field(body, 'key')
  const value = field(body, 'value') ?? null
  const text = show(`${printExpression(key)} set ${printExpression(value)}`)
  const of = markOwner(key)
  if (of !== undefined) return readMarkValue(of, value, objects)
  const part = textField(field(key, 'payload'), 'field')
  if (part !== undefined) {
    // nft leaves out the match that makes sure of the header, as of a field that is asked.
    const requires = readField(key)?.requires ?? ALWAYS
    const action: Action = ADDRESSING.has(part) ? { kind: 'rewrite', text, to: rewritten(part, value) } : { kind: 'no-effect', text }
    return isAlways(requires) ? [action] : [match(requires), action]
  }
  // Raw payload may be an address as well as anything else.
  if (field(key, 'payload') !== undefined) return [{ kind: 'rewrite', text, to: { part: 'unknown' } }]
  const name = textField(field(key, 'meta'), 'key') ?? textField(field(key, 'ct'), 'key')
  return UNASKED.has(name ?? '') || field(key, 'tcp option') !== undefined || field(key, 'exthdr') !== undefined
    ? [{ kind: 'no-effect', text }]
    : undefined
}

function rewritten(part: string, value: Json): Rewritten {
  if (part === 'saddr' || part === 'sport') return { part: 'source' }
  if (part === 'dport' && typeof value === 'number') return { part: 'destination', port: value }
  const address = part === 'daddr' && typeof value === 'string' ? parseAddress(value) : undefined
  return address === undefined ? { part: 'unknown' } : { part: 'destination', address }
}

/** Of `meta` and `ct`: what can be set and no condition that is understood asks for. */
const UNASKED: ReadonlySet<string> = new Set(['priority', 'nftrace', 'secmark', 'zone', 'event', 'label', 'helper', 'cgroup'])

function markOwner(expression: Json | undefined): MarkOwner | undefined {
  if (textField(field(expression, 'meta'), 'key') === 'mark') return 'packet'
  return textField(field(expression, 'ct'), 'key') === 'mark' ? 'connection' : undefined
}

const EVERY_BIT = 0xffff_ffff

function readMarkValue(of: MarkOwner, value: Json, objects: NftObjects): readonly Expression[] | undefined {
  const map = field(value, 'map')
  if (map !== undefined) {
    const mapping = readMapping(field(map, 'key'), field(map, 'data'), objects)
    const branches = mapping?.map(({ when, value: mark }) => ({ when, then: markActions(of, mark) ?? [] }))
    if (branches === undefined || branches.some(({ then }) => then.length === 0)) return undefined
    return [{ kind: 'branch', branches }]
  }
  const actions = markActions(of, value)
  // Reading the mark of a connection that is not there ends the rule; writing it does nothing (nft_ct.c).
  return actions !== undefined && readsConnection(value) ? [match({ kind: 'tracked' }), ...actions] : actions
}

function readsConnection(value: Json): boolean {
  const base = readMasked(value, EVERY_BIT, 0)?.base
  return markOwner(base) === 'connection'
}

/** Every value is `(mark & mask) ^ flipped` of one of the marks, or a constant. */
function markActions(of: MarkOwner, value: Json): readonly Action[] | undefined {
  const masked = readMasked(value, EVERY_BIT, 0)
  if (masked === undefined) return undefined
  const { base, mask, flipped } = masked
  if (typeof base === 'number')
    return Number.isInteger(base) && base >= 0 && base <= EVERY_BIT
      ? [{ kind: 'set-mark', of, clear: EVERY_BIT, toggle: ((base & mask) ^ flipped) >>> 0 }]
      : undefined
  const from = markOwner(base)
  if (from === undefined) return undefined
  if (from === of) return [{ kind: 'set-mark', of, clear: ~mask >>> 0, toggle: flipped }]
  const copy: Action = { kind: 'set-mark', of, clear: EVERY_BIT, toggle: { of: from, mask } }
  return flipped === 0 ? [copy] : [copy, { kind: 'set-mark', of, clear: 0, toggle: flipped }]
}
