import { describe, expect, it } from 'vitest'
import { address, device, namespace, route } from '../../test/reach.ts'
import { formatAddress, formatAddressSet } from '../network/index.ts'
import { chosenSource, ownAddresses } from './own-packets.ts'

const OWN = namespace('server', {
  interfaces: [
    device('lo', ['127.0.0.1/8', '::1/128'], { loopback: true }),
    device('eth0', ['192.0.2.1/24', '198.51.100.1/24', '2001:db8:1::1/64', 'fe80::1/64']),
    device('eth1', ['2001:db8:2::1/64', '2001:db8:2::2/64']),
  ],
  routes: [
    'unicast 192.0.2.0/24 eth0',
    'unicast 198.51.100.0/24 eth0',
    'unicast 0.0.0.0/0 eth0 198.51.100.254',
    'unicast 2001:db8:1::/64 eth0',
    'unicast 2001:db8:2::/64 eth1',
    'blackhole 203.0.113.0/24 -',
  ]
    .map(route)
    .concat({ ...route('unicast 10.0.0.0/8 eth0'), source: address('198.51.100.1') }),
})

describe('the source of a packet that names none', () => {
  it.each([
    ['10.1.2.3', '198.51.100.1'],
    ['192.0.2.9', '192.0.2.1'],
    ['100.64.0.9', '198.51.100.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:2::9', undefined],
    ['203.0.113.9', undefined],
  ])('to %s: %s', (to, expected) => {
    const source = chosenSource(OWN, address(to))
    expect(source && formatAddress(source)).toBe(expected)
  })
})

describe('the addresses that its packets may have', () => {
  it.each([
    ['10.1.2.3', ['192.0.2.1', '198.51.100.1']],
    ['127.0.0.1', ['127.0.0.0/8', '192.0.2.1', '198.51.100.1']],
    ['2001:db8:2::9', ['2001:db8:1::1', '2001:db8:2::1', '2001:db8:2::2']],
    ['::1', ['::1', '2001:db8:1::1', '2001:db8:2::1', '2001:db8:2::2']],
  ])('to %s', (to, expected) => {
    expect(formatAddressSet(ownAddresses(OWN, address(to)))).toEqual(expected)
  })
})
