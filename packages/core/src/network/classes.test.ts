import { describe, expect, it } from 'vitest'
import {
  ADDRESS_CLASSES,
  ALL_ADDRESSES,
  type AddressClass,
  classOf,
  isEmpty,
  intersection,
  parseAddress,
  sameSet,
  unionOf,
} from './index.ts'

describe('address classes', () => {
  it('are disjoint, and together every address', () => {
    const sets = Object.values(ADDRESS_CLASSES)
    for (const [index, set] of sets.entries())
      for (const other of sets.slice(index + 1)) expect(isEmpty(intersection(set, other))).toBe(true)
    expect(sameSet(unionOf(sets), ALL_ADDRESSES)).toBe(true)
  })

  it.each<[string, AddressClass]>([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.0', 'private'],
    ['172.15.255.255', 'internet'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'internet'],
    ['192.168.255.255', 'private'],
    ['192.169.0.0', 'internet'],
    ['100.63.255.255', 'internet'],
    ['100.64.0.0', 'private'],
    ['100.127.255.255', 'private'],
    ['100.128.0.0', 'internet'],
    ['169.254.169.254', 'private'],
    ['fe80::1', 'private'],
    ['febf::1', 'private'],
    ['fec0::1', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fbff::1', 'internet'],
    ['2001:db8::1', 'internet'],
    ['203.0.113.7', 'internet'],
    ['8.8.8.8', 'internet'],
    ['0.0.0.0', 'special'],
    ['0.0.0.1', 'internet'],
    ['240.0.0.1', 'internet'],
    ['255.255.255.254', 'internet'],
    ['224.0.0.251', 'special'],
    ['255.255.255.255', 'special'],
    ['ff02::fb', 'special'],
    ['::', 'special'],
    ['::2', 'internet'],
    ['::ffff:127.0.0.1', 'special'],
  ])('V10 · %s is %s', (text, expected) => {
    const address = parseAddress(text)
    expect(address && classOf(address)).toBe(expected)
  })
})
