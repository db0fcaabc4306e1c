import { type Address, BITS, type Family, parseAddress } from '../../network/index.ts'
import type { Interface, InterfaceAddress, Prefix, Route } from '../../evidence/index.ts'
import { field, items, type Json, numberField, textField } from '../json.ts'

/**
 * Reads `ip -j -d address show` (ip-address(8)), and what `ip -j maddress show` prints of the same interfaces. What cannot be read, an
 * interface or an address of one, is left out and counted.
 */
export function readInterfaces(
  json: Json | undefined,
  groups?: Json,
): { readonly interfaces: readonly Interface[]; readonly unread: number } {
  const interfaces: Interface[] = []
  const groupsOf = new Map(items(groups).map((item) => [numberField(item, 'ifindex'), readGroups(item)]))
  let unread = 0
  for (const item of items(json)) {
    const read = readInterface(item)
    if (read === undefined) unread++
    else {
      const taken = groupsOf.get(read.index)
      interfaces.push(taken === undefined ? read : { ...read, groups: taken })
      unread += items(field(item, 'addr_info')).length - read.addresses.length
    }
  }
  return { interfaces, unread: Array.isArray(json) ? unread : 1 }
}

function readInterface(item: Json): Interface | undefined {
  const index = numberField(item, 'ifindex')
  const name = textField(item, 'ifname')
  // A name that is not UTF-8 comes with U+FFFD in it: it could be that of another as well.
  if (index === undefined || !Number.isSafeInteger(index) || name === undefined || name.includes('\ufffd')) return undefined
  const flags = items(field(item, 'flags'))
  const linkinfo = field(item, 'linkinfo')
  const master = textField(item, 'master')
  const peerIndex = numberField(item, 'link_index')
  const elsewhere = field(item, 'link_netnsid') !== undefined
  const namespace = numberField(item, 'link_netnsid')
  return {
    claim: 'interface',
    index,
    name,
    up: flags.includes('UP'),
    loopback: flags.includes('LOOPBACK'),
    kind: textField(linkinfo, 'info_kind') ?? textField(item, 'link_type') ?? 'unknown',
    ...(master === undefined ? {} : { master }),
    ...(peerIndex === undefined ? {} : { peer: { index: peerIndex, elsewhere, ...(namespace === undefined ? {} : { namespace }) } }),
    addresses: items(field(item, 'addr_info')).flatMap((address) => readInterfaceAddress(address) ?? []),
    // A program decides about all that crosses a pair of netkit devices; whether there is one, ip does not say.
    programs: [...(field(item, 'xdp') === undefined ? [] : ['xdp']), ...(textField(linkinfo, 'info_kind') === 'netkit' ? ['netkit'] : [])],
  }
}

/** Its groups of both families; those of the link layer are not addresses of packets. */
function readGroups(item: Json): readonly Address[] {
  return items(field(item, 'maddr')).flatMap((group) => parseAddress(textField(group, 'address') ?? '') ?? [])
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

const ROUTE_TYPES = new Set<Route['type']>([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
])

/** Reads `ip -j -d route show table all` (ip-route(8)), both families. Routes that cannot be read are left out and counted. */
export function readRoutes(json: Json | undefined): { readonly routes: readonly Route[]; readonly unread: number } {
  const found = items(json).map(readRoute)
  return { routes: found.flat(), unread: Array.isArray(json) ? found.filter((read) => read.length === 0).length : 1 }
}

/** A default route names no address: those of its gateways tell the family, and without one the router preference, which IPv6 routes alone have (RFC 4191). */
function familyOf(item: Json): Family {
  const gateways = [item, ...items(field(item, 'nexthops'))].map((hop) => textField(hop, 'gateway') ?? '')
  const text = `${textField(item, 'dst') ?? ''}${gateways.join('')}`
  if (text.includes(':')) return 6
  return text === 'default' && field(item, 'pref') !== undefined ? 6 : 4
}

/** One for each next hop; none where the destination cannot be read. */
function readRoute(item: Json): readonly Route[] {
  const family = familyOf(item)
  const destination = readPrefix(textField(item, 'dst') ?? '', family)
  if (destination === undefined) return []
  const type = (textField(item, 'type') ?? 'unicast') as Route['type']
  const hops = items(field(item, 'nexthops'))
  const source = parseAddress(textField(item, 'prefsrc') ?? '')
  return (hops.length === 0 ? [item] : hops).map((hop): Route => {
    const gateway = parseAddress(textField(hop, 'gateway') ?? textField(field(hop, 'via'), 'host') ?? '')
    const device = textField(hop, 'dev')
    return {
      claim: 'route',
      family,
      type: ROUTE_TYPES.has(type) ? type : 'other',
      destination,
      ...(gateway === undefined ? {} : { gateway }),
      ...(device === undefined ? {} : { device }),
      ...(source === undefined ? {} : { source }),
      table: textField(item, 'table') ?? 'main',
      metric: numberField(item, 'metric') ?? 0,
    }
  })
}

/** `default`, an address, or an address and the length of its prefix. */
export function readPrefix(text: string, family: Family): Prefix | undefined {
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
