import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../network/index.ts'
import { readKernelInterfaces } from './index.ts'

const TABLES = {
  dev: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
internet: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
  v\u001b"|: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
`,
  if_inet6: `00000000000000000000000000000001 01 80 10 80       lo
20010db8005100000000000000000010 03 40 00 01 internet
fe8000000000000000000000000000a1 03 40 20 80 internet
`,
  fib_trie: `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 198.51.100.0
        /24 link UNICAST
     |-- 198.51.100.10
        /32 host LOCAL
     |-- 198.51.100.255
        /32 link BROADCAST
Local:
     |-- 198.51.100.10
        /32 host LOCAL
     |-- 203.0.113.9
        /32 host LOCAL
     |-- 10.66.0.1
        /32 host LOCAL
`,
  route: `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
internet\t00000000\t016433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
internet\t006433C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
v\u001b"|\t0000420A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`,
}

describe('interfaces as the kernel lists them', () => {
  it('are all there, whatever they are named, with every address', () => {
    const shown = readKernelInterfaces(TABLES).map(
      ({ name, index, loopback, addresses }) =>
        `${index} ${name}${loopback ? ' loopback' : ''}: ${addresses.map(({ address, prefixLength, scope, temporary }) => `${formatAddress(address)}/${prefixLength} ${scope}${temporary ? ' temporary' : ''}`).join(', ')}`,
    )
    expect(shown).toEqual([
      '1 lo loopback: ::1/128 host, 127.0.0.1/32 global, 203.0.113.9/32 global',
      '3 internet: 2001:db8:51::10/64 global temporary, fe80::a1/64 link, 198.51.100.10/24 global',
      '0 v\u001b"|: 10.66.0.1/16 global',
    ])
  })

  it('are none where there is no text', () => {
    expect(readKernelInterfaces({ dev: '', if_inet6: '', fib_trie: '', route: '' })).toEqual([])
  })
})
