import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../network/index.ts'
import { parseJson } from '../json.ts'
import { readRoutes, readRules } from './index.ts'

/** As `ip -j rule show` of iproute2 6.1 prints them. */
const RULES = `[{"priority":0,"src":"all","table":"local"},{"priority":100,"src":"all","goto":32766},{"priority":101,"src":"all","nop":null},
{"priority":1000,"src":"all","l3mdev":null},{"priority":32760,"src":"all","oif":"eth0","table":"5"},{"priority":32761,"src":"10.0.0.0","srclen":8,"action":"blackhole"},
{"priority":32762,"src":"192.0.2.0","srclen":24,"dst":"10.0.0.0","dstlen":8,"iif":"d0","iif_detached":null,"ipproto":"tcp","dport_start":80,"dport_end":90,"table":"7"},
{"priority":32763,"src":"all","table":"main","suppress_prefixlen":0},{"priority":32764,"not":null,"src":"all","fwmark":"0xca6c","table":"51820"},
{"priority":32765,"src":"all","fwmark":"0x1","fwmask":"0xff","table":"100","protocol":"unspec"}]`

describe('rules of routing', () => {
  it('say what they ask and where they lead', () => {
    const { rules, unread } = readRules(parseJson(RULES), 4)
    expect(unread).toBe(0)
    expect(
      rules.map(({ priority, not, mark, inbound, ownOnly, asks, action }) => ({ priority, not, mark, inbound, ownOnly, asks, action })),
    ).toMatchObject([
      { priority: 0, action: { kind: 'lookup', table: 'local', suppress: -1 } },
      { priority: 100, action: { kind: 'other' } },
      { priority: 101, action: { kind: 'nop' } },
      { priority: 1000, action: { kind: 'lookup-vrf' } },
      { priority: 32760, ownOnly: true },
      { priority: 32761, action: { kind: 'blackhole' } },
      { priority: 32762, inbound: 'd0', asks: ['ipproto', 'dport_start', 'dport_end'] },
      { priority: 32763, action: { kind: 'lookup', table: 'main', suppress: 0 } },
      { priority: 32764, not: true, mark: { value: 0xca6c, mask: 0xffff_ffff } },
      { priority: 32765, not: false, mark: { value: 1, mask: 0xff }, asks: [] },
    ])
    const { from, to } = rules[6] ?? {}
    expect([from, to].map((one) => one && `${formatAddress(one.address)}/${one.prefixLength}`)).toEqual(['192.0.2.0/24', '10.0.0.0/8'])
  })

  it('C4 · that cannot be read are counted', () => {
    expect(readRules(parseJson('[{"priority":1,"src":"nonsense"},{"src":"all"},{"priority":2,"fwmark":"x"},7]'), 4)).toEqual({
      rules: [],
      unread: 4,
    })
    expect(readRules(parseJson('cut shor'), 6).unread).toBe(1)
  })
})

describe('routes with several next hops', () => {
  it('are one for each', () => {
    const text = `[{"type":"unicast","dst":"default","table":"main","metric":1024,"nexthops":[{"gateway":"2001:db8::1","dev":"d0","weight":1},{"gateway":"2001:db8::2","dev":"d1"}]},
{"type":"anycast","dst":"2001:db8::","dev":"d0","table":"local"},{"type":"throw","dst":"10.9.0.0/16","table":"main"},{"dst":"10.8.0.0/16","dev":"d0","prefsrc":"10.8.0.1"},{"dst":"nonsense"}]`
    const { routes, unread } = readRoutes(parseJson(text))
    expect(routes.map(({ family, type, device, gateway }) => [family, type, device, gateway && formatAddress(gateway)])).toEqual([
      [6, 'unicast', 'd0', '2001:db8::1'],
      [6, 'unicast', 'd1', '2001:db8::2'],
      [6, 'anycast', 'd0', undefined],
      [4, 'throw', undefined, undefined],
      [4, 'unicast', 'd0', undefined],
    ])
    expect(routes.map(({ source }) => source && formatAddress(source)).at(-1)).toBe('10.8.0.1')
    expect(unread).toBe(1)
  })
})
