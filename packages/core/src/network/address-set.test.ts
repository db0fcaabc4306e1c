import { BlockList } from 'node:net'
import fc from 'fast-check'
import { Address4, Address6 } from 'ip-address'
import { describe, expect, it } from 'vitest'
import {
  type Address,
  addressAt,
  addressSet,
  addressSetOf,
  ALL_ADDRESSES,
  BITS,
  countAddresses,
  difference,
  FAMILIES,
  FAMILY_ADDRESSES,
  familyOf,
  formatAddress,
  formatAddressSet,
  hasAddress,
  otherAddresses,
  parseRange,
  positionOf,
  prefixesOf,
  prefixRange,
  rangeSet,
  sameSet,
  someAddress,
  union,
  unionOf,
} from './index.ts'

const address = fc
  .constantFrom(...FAMILIES)
  .chain((family) => fc.bigInt({ min: 0n, max: (1n << BigInt(BITS[family])) - 1n }).map((value): Address => ({ family, value })))

const prefix = address.chain((base) => fc.nat(BITS[base.family]).map((length) => ({ base, length })))

describe('address sets', () => {
  it('hold both families apart on one line', () => {
    fc.assert(
      fc.property(address, (one) => {
        expect(addressAt(positionOf(one))).toEqual(one)
      }),
    )
    expect(FAMILY_ADDRESSES[4]).toHaveLength(1)
    expect(ALL_ADDRESSES).toHaveLength(2)
    expect(countAddresses(ALL_ADDRESSES)).toBe((1n << 32n) + (1n << 128n))
    expect(familyOf(addressSet('192.0.2.1', '2001:db8::1'))).toEqual([4, 6])
    expect(familyOf(addressSet('255.255.255.255'))).toEqual([4])
  })

  it('agree with net.BlockList on what prefixes hold', () => {
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 1, maxLength: 5 }), fc.array(address, { maxLength: 4 }), (prefixes, probes) => {
        // A list for each family: BlockList takes an IPv4 address for the mapped one that is in ::/0 too.
        const lists = { 4: new BlockList(), 6: new BlockList() }
        for (const { base, length } of prefixes) {
          lists[base.family].addSubnet(formatAddress(prefixRange(base, length).first), length, `ipv${base.family}`)
        }
        const set = unionOf(prefixes.map(({ base, length }) => rangeSet([prefixRange(base, length)])))
        // A mapped address is its IPv4 address to BlockList, and an IPv6 address to us.
        const asked = [...probes, ...prefixes.map(({ base }) => base)].filter(
          ({ family, value }) => family === 4 || value >> 32n !== 0xffffn,
        )
        for (const one of asked) expect(hasAddress(set, one)).toBe(lists[one.family].check(formatAddress(one), `ipv${one.family}`))
      }),
    )
  })

  it('agree with ip-address on the ends of a prefix', () => {
    fc.assert(
      fc.property(prefix, ({ base, length }) => {
        const oracle = new (base.family === 4 ? Address4 : Address6)(`${formatAddress(base)}/${length}`)
        const [range] = rangeSet([prefixRange(base, length)])
        expect(addressAt(range?.first ?? 0n).value).toBe(oracle.startAddress().bigInt())
        expect(addressAt(range?.last ?? 0n).value).toBe(oracle.endAddress().bigInt())
      }),
    )
  })

  it('are written as the fewest prefixes, and read back the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(address, address), { maxLength: 4 }), (pairs) => {
        const set = rangeSet(
          pairs
            .filter(([a, b]) => a.family === b.family)
            .map(([a, b]) => (a.value <= b.value ? { first: a, last: b } : { first: b, last: a })),
        )
        const prefixes = prefixesOf(set)
        const texts = prefixes.map((one) => `${formatAddress(one.address)}/${one.length}`)
        expect(sameSet(addressSet(...texts), set)).toBe(true)
        expect(sameSet(addressSet(...formatAddressSet(set)), set)).toBe(true)
        // No two of them are the halves of one larger prefix.
        for (const [index, one] of prefixes.entries()) {
          const next = prefixes[index + 1]
          if (next === undefined || next.length !== one.length || next.address.family !== one.address.family) continue
          const bit = 1n << BigInt(BITS[one.address.family] - one.length)
          expect(next.address.value === one.address.value + bit && (one.address.value & bit) === 0n).toBe(false)
        }
      }),
    )
  })

  it.each([
    [['192.0.2.0/25', '192.0.2.128/25'], ['192.0.2.0/24']],
    [['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
    [['2000::/3', '2001:db8::/32'], ['2000::/3']],
    [
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      ['192.0.2.1', '192.0.2.2/31'],
    ],
    [['192.0.2.1-192.0.2.14'], ['192.0.2.1-192.0.2.14']],
    [['10.0.0.0-10.255.255.255'], ['10.0.0.0/8']],
    [[], []],
  ])('%j is written %j', (texts, expected) => {
    expect(formatAddressSet(addressSet(...texts))).toEqual(expected)
  })

  it.each(['192.0.2.9-192.0.2.1', '192.0.2.1-2001:db8::1', '192.0.2.1-', '-', '192.0.2.0/33', 'example.com', ''])(
    '%j is no range',
    (text) => {
      expect(parseRange(text)).toBeUndefined()
    },
  )

  it('complement, and a witness', () => {
    const most = otherAddresses(addressSet('192.0.2.0/24'))
    expect(sameSet(union(most, addressSet('192.0.2.0/24')), ALL_ADDRESSES)).toBe(true)
    expect(someAddress(difference(addressSet('192.0.2.0/30'), addressSet('192.0.2.0')))).toEqual({ family: 4, value: 0xc0000201n })
    expect(someAddress(addressSet())).toBeUndefined()
    expect(sameSet(addressSetOf({ family: 4, value: 0n }), addressSet('0.0.0.0'))).toBe(true)
  })
})
