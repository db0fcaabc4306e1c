import { expect, test } from 'vitest'
import { verdictOf } from './policy.ts'

const ask = (address: string | undefined, ipv6Only = false, port = 3000) => ({ address, port, ipv6Only })

test.each([
  ['127.0.0.1', false],
  ['127.9.9.9', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
])('P1 · %s is loopback and stays', (address, ipv6Only) => {
  expect(verdictOf(ask(address, ipv6Only), [])).toEqual({ kind: 'as-asked' })
})

test.each([
  [undefined, false, 'both'],
  ['::', false, 'both'],
  ['::', true, '::1'],
  ['0.0.0.0', false, '127.0.0.1'],
  ['192.168.1.10', false, '127.0.0.1'],
  ['203.0.113.7', false, '127.0.0.1'],
  ['::ffff:192.168.1.10', false, '127.0.0.1'],
  ['::ffff:0.0.0.0', false, '127.0.0.1'],
  ['2001:db8::1', false, '::1'],
  ['fe80::1%eth0', false, '::1'],
] as const)('P1 · %s (IPv6 only: %s) becomes %s', (address, ipv6Only, expected) => {
  expect(verdictOf(ask(address, ipv6Only), [])).toEqual({ kind: 'instead', address: expected })
})

test('E8 · what the policy allows stays: the address as text, and the port where it names one', () => {
  const allowed = [{ address: '192.168.1.10', port: 3000 }, { address: '::' }]
  expect(verdictOf(ask('192.168.1.10'), allowed)).toEqual({ kind: 'as-asked' })
  expect(verdictOf(ask('192.168.1.10', false, 3001), allowed)).toEqual({ kind: 'instead', address: '127.0.0.1' })
  expect(verdictOf(ask('192.168.1.11'), allowed)).toEqual({ kind: 'instead', address: '127.0.0.1' })
  for (const every of [undefined, '::']) expect(verdictOf(ask(every), allowed)).toEqual({ kind: 'as-asked' })
  expect(verdictOf(ask('0.0.0.0'), allowed)).toEqual({ kind: 'instead', address: '127.0.0.1' })
})
