import type { Route } from '../../evidence/index.ts'
import { type Address, BITS, type Family } from '../../network/index.ts'
import { readHexAddress } from './proc-net.ts'

/** Flags of a route (include/uapi/linux/route.h, ipv6_route.h). */
const UP = 0x1
const REJECT = 0x200
const ANYCAST = 0x10_0000
const LOCAL = 0x8000_0000

/** Reads /proc/net/route: the main table of IPv4 (net/ipv4/fib_trie.c, fib_route_seq_show). What cannot be read is left out. */
export function readProcRoute(text: string): readonly Route[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', destination = '', gateway = '', flags = '', , , metric = '', mask = ''] = line
      .split('\t')
      .map((cell) => cell.trim())
    if (![destination, gateway, mask].every((hex) => /^[0-9A-F]{8}$/i.test(hex))) return []
    const bits = readHexAddress(mask).value.toString(2)
    return routeOf(4, {
      destination: readHexAddress(destination),
      // A mask that is no prefix is none of a route that the kernel takes (bad_mask of net/ipv4/fib_frontend.c).
      prefixLength: /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : Number.NaN,
      gateway: readHexAddress(gateway),
      flags: Number.parseInt(flags, 16),
      metric: Number(metric),
      device,
    })
  })
}

/** Reads /proc/net/ipv6_route: all tables of IPv6, without their names (net/ipv6/route.c, ipv6_route_native_seq_show). */
export function readProcRoute6(text: string): readonly Route[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', length = '', , , gateway = '', metric = '', , , flags = '', device = ''] = line.split(/ +/)
    if (![destination, gateway].every((hex) => /^[0-9a-f]{32}$/i.test(hex))) return []
    return routeOf(6, {
      destination: { family: 6, value: BigInt(`0x${destination}`) },
      prefixLength: Number.parseInt(length, 16),
      gateway: { family: 6, value: BigInt(`0x${gateway}`) },
      flags: Number.parseInt(flags, 16),
      metric: Number.parseInt(metric, 16),
      device,
    })
  })
}

interface Row {
  readonly destination: Address
  readonly prefixLength: number
  readonly gateway: Address
  readonly flags: number
  readonly metric: number
  readonly device: string
}

function routeOf(family: Family, { destination, prefixLength, gateway, flags, metric, device }: Row): readonly Route[] {
  if (!(prefixLength >= 0 && prefixLength <= BITS[family]) || Number.isNaN(flags + metric) || (flags & UP) === 0) return []
  const type = typeOf(flags, device)
  return [
    {
      claim: 'route',
      family,
      type,
      destination: { address: destination, prefixLength },
      ...(gateway.value === 0n ? {} : { gateway }),
      ...(device === '' || type === 'unreachable' || type === 'blackhole' ? {} : { device }),
      table: type === 'local' || type === 'anycast' ? 'local' : 'main',
      metric,
    },
  ]
}

function typeOf(flags: number, device: string): Route['type'] {
  if ((flags & REJECT) !== 0) return 'unreachable'
  // A route of IPv4 that drops without an answer has no device, and no flag of its own.
  if (device === '*') return 'blackhole'
  // `>>> 0`: the highest bit is a sign to the operators of JavaScript.
  if ((flags & LOCAL) >>> 0 === LOCAL) return 'local'
  return (flags & ANYCAST) !== 0 ? 'anycast' : 'unicast'
}
