import { parseAddress } from '../../../../network/index.ts'
import { entries, field, items, type Json } from '../../../json.ts'
import type { Cursor } from './cursor.ts'
import { startsSelector } from './selector.ts'
import { readOperand } from './operand.ts'

/** NAT STATEMENTS and TPROXY STATEMENT. */
export const TRANSLATIONS: ReadonlySet<string> = new Set(['dnat', 'snat', 'masquerade', 'redirect', 'tproxy'])

const FLAGS = ['random', 'fully-random', 'persistent'] as const

/** `dnat ip to 192.0.2.1:80 random`, `snat ip prefix to …`, `redirect to :8080`, in the form of `nft -j`. */
export function readTranslation(cursor: Cursor, family: string): Json {
  const { text } = cursor.next()
  const stated = cursor.is('ip', 'ip6') && !startsSelector(cursor) ? cursor.next().text : undefined
  const portOnly = text === 'redirect' || text === 'masquerade'
  const prefix = cursor.take('prefix')
  // `addr . port to` says what the map has to say itself. Before release 0.9 there was no `to`.
  for (const word of ['addr', 'interval', '.', 'port']) cursor.take(word)
  const to = cursor.take('to')
  const address = portOnly || cursor.is(':', ...FLAGS) || cursor.atEnd ? undefined : readAddress(cursor)
  const port = cursor.take(':') || (portOnly && to) ? readOperand(cursor, 'port') : undefined
  const flags: Json[] = prefix ? ['netmap'] : []
  while (cursor.is(...FLAGS)) {
    flags.push(cursor.next().text)
    cursor.take(',')
  }
  const of = stated ?? (family === 'inet' && address !== undefined ? familyOf(address) : undefined)
  return {
    [text]: {
      ...(of === undefined ? {} : { family: of }),
      ...(address === undefined ? {} : { addr: address }),
      ...(port === undefined ? {} : { port }),
      ...(flags.length === 0 ? {} : { flags }),
    },
  }
}

function readAddress(cursor: Cursor): Json {
  if (cursor.take('[')) {
    const address = readOperand(cursor, 'other')
    cursor.expect(']')
    if (!cursor.take('-')) return address
    cursor.expect('[')
    const last = readOperand(cursor, 'other')
    cursor.expect(']')
    return { range: [address, last] }
  }
  // Of a map, the port may stand beside the address.
  return readOperand(cursor, ['other', 'port'])
}

/** Of the addresses that stand there: a table of both families translates one of them. */
function familyOf(value: Json): string | undefined {
  if (typeof value === 'string') {
    const found = parseAddress(value)?.family
    return found === undefined ? undefined : found === 4 ? 'ip' : 'ip6'
  }
  const inner = entries(value)[0]?.[1]
  const first = Array.isArray(inner) ? items(inner as Json)[0] : (field(inner, 'addr') ?? items(field(field(inner, 'data'), 'set'))[0])
  const leaf = Array.isArray(first) ? (first as readonly Json[])[1] : first
  return leaf === undefined ? undefined : familyOf(leaf)
}
