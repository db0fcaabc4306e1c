import { formatAddress } from '../../network/index.ts'
import { describe, expect, it } from 'vitest'
import { exposureOf } from './exposure.ts'

function told(host: string): string {
  const exposure = exposureOf({ kind: 'known', value: host, origin: undefined }, '*')
  return exposure.kind === 'undecided' ? exposure.kind : `${exposure.kind} ${formatAddress(exposure.address)}`
}

describe('E2, P1 · hosts as getaddrinfo takes them', () => {
  it.each([
    ['0.0.0.0', 'every-interface 0.0.0.0'],
    ['0', 'every-interface 0.0.0.0'],
    ['0x0', 'every-interface 0.0.0.0'],
    ['0.0', 'every-interface 0.0.0.0'],
    ['000.00.0.0x0', 'every-interface 0.0.0.0'],
    ['::', 'every-interface ::'],
    ['[::]', 'every-interface ::'],
    ['0:0:0:0:0:0:0:0', 'every-interface ::'],
    ['::ffff:0.0.0.0', 'every-interface 0.0.0.0'],
    ['127.0.0.1', 'loopback 127.0.0.1'],
    ['127.1', 'loopback 127.0.0.1'],
    ['0177.0.0.1', 'loopback 127.0.0.1'],
    ['0x7f.1', 'loopback 127.0.0.1'],
    ['2130706433', 'loopback 127.0.0.1'],
    ['::ffff:127.0.0.1', 'loopback ::ffff:127.0.0.1'],
    ['localhost', 'loopback 127.0.0.1'],
    ['LOCALHOST.', 'loopback 127.0.0.1'],
    ['ip6-loopback', 'loopback 127.0.0.1'],
    // Octal: 10.0.0.1 to the eye, 8.0.0.1 to the resolver.
    ['010.0.0.1', 'address 8.0.0.1'],
    ['192.168.1.7', 'address 192.168.1.7'],
    ['3232235783', 'address 192.168.1.7'],
    // No octal digits, too many parts, too large, nothing behind 0x: names that somebody's DNS answers for.
    ['08.0.0.1', 'undecided'],
    ['0.0.0.0.0', 'undecided'],
    ['4294967296', 'undecided'],
    ['256.1', 'undecided'],
    ['0x', 'undecided'],
    ['localhost.example.com', 'undecided'],
  ])('%s is %s', (host, expected) => {
    expect(told(host)).toBe(expected)
  })
})
