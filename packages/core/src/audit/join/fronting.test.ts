import { expect, test } from 'vitest'
import { isHere } from './fronting.ts'

test('C4 · loopback as nginx reaches it: test/nginx/cases/passes.ts tries these on a real one', () => {
  for (const host of [
    '127.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0x7f.1',
    '0',
    'LOCALHOST',
    'localhost.',
    '::ffff:127.0.0.1',
    '::1',
    '::',
  ])
    expect([host, isHere(host)]).toEqual([host, true])
  for (const host of ['example.com', '198.51.100.7', '10.1', 'localhost.example.com', '0x', '1.2.3.4.5'])
    expect([host, isHere(host)]).toEqual([host, false])
})
