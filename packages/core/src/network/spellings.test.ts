import { expect, test } from 'vitest'
import { formatAddress } from './address.ts'
import { isLoopbackName, spelledAddress } from './spellings.ts'

const shown = (text: string): string | undefined => {
  const address = spelledAddress(text)
  return address === undefined ? undefined : formatAddress(address)
}

test('addresses as inet_aton takes them', () => {
  for (const text of ['127.0.0.1', '127.1', '127.0.1', '0x7f000001', '0x7f.1', '2130706433', '017700000001', '0177.0.0.0x1'])
    expect([text, shown(text)]).toEqual([text, '127.0.0.1'])
  expect(shown('0')).toBe('0.0.0.0')
  expect(shown('10.65535')).toBe('10.0.255.255')
  expect(shown('[::1]')).toBe('::1')
})

test('what is none', () => {
  for (const text of ['', '.', '1.2.3.4.5', '256.1', '1.2.3.256', '4294967296', '0x', '08', 'abc', '1..2', '127.1.', '0xffffffffff'])
    expect([text, shown(text)]).toEqual([text, undefined])
})

test('names of loopback', () => {
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost', 'localhost6.localdomain6', 'ip6-loopback'])
    expect([name, isLoopbackName(name)]).toEqual([name, true])
  for (const name of ['localhosts', 'localhost.example.com', 'notlocalhost', ''])
    expect([name, isLoopbackName(name)]).toEqual([name, false])
})
