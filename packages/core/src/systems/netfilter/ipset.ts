import type { Condition, DeviceName } from '../../evidence/index.ts'
import {
  type AddressSet,
  ALL_PORTS,
  BITS,
  difference,
  type Family,
  numberSet,
  parseAddress,
  parseRange,
  portSet,
  prefixRange,
  rangeSet,
  union,
  unionOf,
} from '../../network/index.ts'
import { all, any, anyOf, NEVER, opaque } from './conditions.ts'
import { readMark, readNumber } from './iptables/values.ts'
import { protocolNumber } from './protocols.ts'

interface IpSet {
  readonly type: string
  readonly family: Family
  /** Entries are networks of this length (`netmask`). */
  readonly netmask: number | undefined
  /** An option that changes what entries mean, and is not understood. */
  readonly odd: boolean
  readonly entries: { readonly text: string; readonly nomatch: boolean }[]
}

/** `undefined`: nothing is known of the set. */
export type IpSetReader = (
  name: string,
  directions: readonly string[],
  family: Family,
  changing: ReadonlySet<string>,
) => Condition | undefined

/** As deep as sets of sets go; the kernel allows one level. */
const DEEPEST = 3

/** Reads what `ipset save` prints: `create NAME TYPE …` and `add NAME ENTRY …`, one a line. What is not understood leaves its set unknown. */
export function ipsetReader(text: string | undefined): IpSetReader {
  if (text === undefined) return () => undefined
  const sets = parse(text)
  const known = new Map<string, Condition | undefined>()
  return (name, directions, family, changing) => {
    const key = `${family} ${name} ${directions.join(',')}`
    if (!known.has(key)) known.set(key, member(sets, name, directions, family, DEEPEST))
    const condition = known.get(key)
    if (condition === undefined || !changing.has(name)) return condition
    return any(condition, opaque(`the set ${name}, to which rules add`))
  }
}

function parse(text: string): ReadonlyMap<string, IpSet> {
  const sets = new Map<string, IpSet>()
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/)
    const [command, name = '', what = ''] = words
    if (command === 'create') {
      const options = words.slice(3)
      const after = (option: string): string | undefined => (options.includes(option) ? options[options.indexOf(option) + 1] : undefined)
      const family = after('family') === 'inet6' ? 6 : 4
      sets.set(name, {
        type: what,
        family,
        netmask: readNumber(after('netmask'), BITS[family]),
        odd: options.includes('bitmask'),
        entries: [],
      })
    } else if (command === 'add') sets.get(name)?.entries.push({ text: what, nomatch: words.includes('nomatch') })
  }
  return sets
}

function member(
  sets: ReadonlyMap<string, IpSet>,
  name: string,
  directions: readonly string[],
  family: Family,
  depth: number,
): Condition | undefined {
  const set = sets.get(name)
  if (set === undefined || set.odd || depth === 0) return undefined
  if (set.type === 'list:set') {
    const members = set.entries.map(({ text }) => member(sets, text, directions, family, depth - 1))
    return members.every((one) => one !== undefined) ? anyOf(members) : undefined
  }
  const [method, kinds] = set.type.split(':')
  if (kinds === undefined || (method !== 'hash' && method !== 'bitmap')) return undefined
  const fields = kinds.split(',')
  // A set of one family never holds an address of the other; sets of ports and marks alone have none.
  if (set.family !== family && fields.some((field) => field === 'ip' || field === 'net')) return NEVER
  if (directions.length < fields.length) return undefined
  if (fields.length === 1 && (fields[0] === 'ip' || fields[0] === 'net')) return addressMember(set, directions[0])
  const conditions: Condition[] = []
  for (const { text, nomatch } of set.entries) {
    if (nomatch) return undefined
    const values = text.split(',')
    const parts = fields.map((field, index) => part(field, values[index] ?? '', directions[index], set))
    if (values.length !== fields.length || !parts.every((one) => one !== undefined)) return undefined
    conditions.push(all(...parts))
  }
  return anyOf(conditions)
}

/** Networks may have exceptions (`nomatch`); the longest prefix decides, so the shorter ones are laid down first. */
function addressMember(set: IpSet, direction: string | undefined): Condition | undefined {
  const kind = direction === 'src' ? 'source' : direction === 'dst' ? 'destination' : undefined
  if (kind === undefined) return undefined
  const plain: AddressSet[] = []
  const entries: { readonly length: number; readonly nomatch: boolean; readonly addresses: AddressSet }[] = []
  const exceptions = set.entries.some(({ nomatch }) => nomatch)
  for (const { text, nomatch } of set.entries) {
    const addresses = entryAddresses(text, set)
    if (addresses === undefined) return undefined
    if (exceptions) entries.push({ length: Number(text.split('/')[1] ?? BITS[set.family]), nomatch, addresses })
    else plain.push(addresses)
  }
  const sorted = entries.sort((a, b) => a.length - b.length)
  const addresses = sorted.reduce(
    (result, one) => (one.nomatch ? difference(result, one.addresses) : union(result, one.addresses)),
    unionOf(plain),
  )
  return { kind, addresses }
}

function entryAddresses(text: string, set: IpSet): AddressSet | undefined {
  if (set.netmask !== undefined && !text.includes('/') && !text.includes('-')) {
    const address = parseAddress(text)
    return address === undefined || address.family !== set.family ? undefined : rangeSet([prefixRange(address, set.netmask)])
  }
  const range = parseRange(text)
  return range === undefined || range.first.family !== set.family ? undefined : rangeSet([range])
}

/** One dimension of one entry. */
function part(field: string, text: string, direction: string | undefined, set: IpSet): Condition | undefined {
  const source = direction === 'src'
  if (!source && direction !== 'dst') return undefined
  switch (field) {
    case 'ip':
    case 'net': {
      const addresses = entryAddresses(text, set)
      return addresses === undefined ? undefined : { kind: source ? 'source' : 'destination', addresses }
    }
    case 'port':
      return portPart(text, source)
    case 'iface': {
      if (text.startsWith('physdev:') || text === '') return undefined
      const name: DeviceName = text.endsWith('+') ? { name: text.slice(0, -1), prefix: true } : { name: text, prefix: false }
      return { kind: 'device', of: source ? 'inbound' : 'outbound', names: [name] }
    }
    case 'mark': {
      const mark = readMark(text)
      return mark === undefined ? undefined : { kind: 'mark', of: 'packet', mask: 0xffff_ffff, values: numberSet(mark.value) }
    }
    default:
      return undefined
  }
}

/** `tcp:80`, `udp:53`; of a bitmap the port alone, whatever the protocol. */
function portPart(text: string, source: boolean): Condition | undefined {
  const colon = text.indexOf(':')
  const protocol = colon < 0 ? undefined : protocolNumber(text.slice(0, colon))
  if (colon >= 0 && protocol === undefined) return undefined
  const [first, last] = text.slice(colon + 1).split('-')
  const low = readNumber(first, 65535)
  const high = last === undefined ? low : readNumber(last, 65535)
  if (low === undefined || high === undefined) return undefined
  const ports = low === 0 && high === 65535 ? ALL_PORTS : portSet([low, high])
  const condition: Condition = { kind: source ? 'source-port' : 'destination-port', ports }
  return protocol === undefined ? condition : all({ kind: 'protocol', protocols: numberSet(protocol) }, condition)
}
