import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../network/index.ts'
import { readProcRoute, readProcRoute6 } from './index.ts'

const shown = (routes: ReturnType<typeof readProcRoute>) =>
  routes.map(
    ({ type, destination, gateway, device, metric }) =>
      `${type} ${formatAddress(destination.address)}/${destination.prefixLength} via ${gateway === undefined ? '-' : formatAddress(gateway)} dev ${device ?? '-'} metric ${metric}`,
  )

describe('routes as the kernel lists them', () => {
  it('of IPv4', () => {
    const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
internet\t00000000\t016433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
lan\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
*\t0071CB00\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t0072CB00\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
a\u00a0b\t0073CB00\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
wg0\t0200020A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`
    expect(shown(readProcRoute(text))).toEqual([
      'unicast 0.0.0.0/0 via 198.51.100.1 dev internet metric 0',
      'unicast 192.168.1.0/24 via - dev lan metric 100',
      'unreachable 0.203.113.0/24 via - dev - metric 0',
      'blackhole 0.203.114.0/24 via - dev - metric 0',
      'unicast 0.203.115.0/24 via - dev a\u00a0b metric 0',
      'unicast 10.2.0.2/32 via - dev wg0 metric 0',
    ])
  })

  it('of IPv6', () => {
    const zero = '0'.repeat(32)
    const text = `20010db8005100000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 internet
${zero} 00 ${zero} 00 20010db8005100000000000000000001 00000400 00000002 00000000 00000003 internet
20010db8005100000000000000000010 80 ${zero} 00 ${zero} 00000000 00000003 00000000 80200001       lo
${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo
${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200201       lo
`
    expect(shown(readProcRoute6(text))).toEqual([
      'unicast 2001:db8:51::/64 via - dev internet metric 256',
      'unicast ::/0 via 2001:db8:51::1 dev internet metric 1024',
      'local 2001:db8:51::10/128 via - dev lo metric 0',
      'unreachable ::/0 via - dev - metric 4294967295',
    ])
  })

  it('and nothing from what is no route', () => {
    for (const text of [
      '',
      '\n\n',
      'x',
      'eth0\t00000000\t0\t1',
      'eth0\t00000000\t00000000\t0001\t0\t0\t0\t0F0F0F0F',
      `${'0'.repeat(32)} 81 x`,
    ]) {
      expect(readProcRoute(text)).toEqual([])
      expect(readProcRoute6(text)).toEqual([])
    }
  })
})
