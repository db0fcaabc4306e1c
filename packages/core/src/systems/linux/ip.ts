import { type Address, BITS, type Family, parseAddress } from '../../network/index.ts'
import type { Interface, InterfaceAddress, Route } from '../../evidence/index.ts'
import { field, items, type Json, numberField, textField } from '../json.ts'

/** Reads `ip -j -d address show` (ip-address(8)). What cannot be read, an interface or an address of one, is left out and counted. */
export function readInterfaces(json: Json | undefined): { readonly interfaces: readonly Interface[]; readonly unread: number } {
  const interfaces: Interface[] = []
  let unread = 0
  for (const item of items(json)) {
    const read = readInterface(item)
    if (read === undefined) unread++
    else {
      interfaces.push(read)
      unread += items(field(item, 'addr_info')).length - read.addresses.length
    }
  }
  return { interfaces, unread: Array.isArray(json) ? unread : 1 }
}

function readInterface(item: Json): Interface | undefined {
  const index = numberField(item, 'ifindex')
  const name = textField(item, 'ifname')
  if (index === undefined || !Number.isSafeInteger(index) || name === undefined) return undefined
  const flags = items(field(item, 'flags'))
  const linkinfo = field(item, 'linkinfo')
  const master = textField(item, 'master')
  const peerIndex = numberField(item, 'link_index')
  const elsewhere = field(item, 'link_netnsid') !== undefined
  return {
    claim: 'interface',
    index,
    name: name.split('@')[0] ?? name,
    up: flags.includes('UP'),
    loopback: flags.includes('LOOPBACK'),
    kind: textField(linkinfo, 'info_kind') ?? textField(item, 'link_type') ?? 'unknown',
    ...(master === undefined ? {} : { master }),
    ...(peerIndex === undefined ? {} : { peer: { index: peerIndex, elsewhere } }),
    addresses: items(field(item, 'addr_info')).flatMap((address) => readInterfaceAddress(address) ?? []),
    programs: field(item, 'xdp') === undefined ? [] : ['xdp'],
  }
}

function readInterfaceAddress(item: Json): InterfaceAddress | undefined {
  const address = parseAddress(textField(item, 'local') ?? '')
  const prefixLength = numberField(item, 'prefixlen')
  if (address === undefined || !isPrefixLength(prefixLength, address.family)) return undefined
  const scope = textField(item, 'scope')
  return {
    address,
    prefixLength,
    scope: scope === 'link' || scope === 'host' ? scope : 'global',
    temporary: field(item, 'temporary') === true,
  }
}

const ROUTE_TYPES = new Set<Route['type']>(['unicast', 'local', 'broadcast', 'multicast', 'blackhole', 'unreachable', 'prohibit'])

/** Reads `ip -j -d route show table all` (ip-route(8)), both families. */
export function readRoutes(json: Json | undefined): readonly Route[] {
  return items(json).flatMap((item) => readRoute(item) ?? [])
}

/** A default route names no address: that of its gateway tells the family, and without one the router preference, which IPv6 routes alone have (RFC 4191). */
function familyOf(item: Json): Family {
  const text = `${textField(item, 'dst') ?? ''}${textField(item, 'gateway') ?? ''}`
  if (text.includes(':')) return 6
  return text === 'default' && field(item, 'pref') !== undefined ? 6 : 4
}

function readRoute(item: Json): Route | undefined {
  const family = familyOf(item)
  const destination = readDestination(textField(item, 'dst') ?? '', family)
  if (destination === undefined) return undefined
  const gateway = parseAddress(textField(item, 'gateway') ?? textField(field(item, 'via'), 'host') ?? '')
  // A multipath route's first hop stands for all: for reach it matters that there is one.
  const device = textField(item, 'dev') ?? textField(items(field(item, 'nexthops'))[0], 'dev')
  const type = (textField(item, 'type') ?? 'unicast') as Route['type']
  return {
    claim: 'route',
    family,
    type: ROUTE_TYPES.has(type) ? type : 'other',
    destination,
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { device }),
    table: textField(item, 'table') ?? 'main',
    metric: numberField(item, 'metric') ?? 0,
  }
}

function readDestination(text: string, family: Family): { readonly address: Address; readonly prefixLength: number } | undefined {
  if (text === 'default') return { address: { family, value: 0n }, prefixLength: 0 }
  const [head = '', length] = text.split('/')
  const address = parseAddress(head)
  if (address === undefined || address.family !== family) return undefined
  const prefixLength = length === undefined ? BITS[family] : /^\d{1,3}$/.test(length) ? Number(length) : undefined
  return isPrefixLength(prefixLength, family) ? { address, prefixLength } : undefined
}

function isPrefixLength(value: number | undefined, family: Family): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= BITS[family]
}
