import { describe, expect, it } from 'vitest'
import { address, device, namespace, prefix, route, rule } from '../../test/reach.ts'
import { addressSet, formatAddressSet, sourceSet } from '../network/index.ts'
import type { Route, RoutingRule } from '../evidence/index.ts'
import { castOf, Routing, takesGroup } from './routing.ts'

const ROUTES = [
  'local 192.0.2.1 eth0',
  'unicast 192.0.2.0/24 eth0',
  'unicast 0.0.0.0/0 eth0 192.0.2.254',
  'unicast 10.0.0.0/8 vpn -',
  'blackhole 10.1.0.0/16 - -',
  'unicast 10.0.0.0/8 eth1 192.0.2.9 99',
  'throw 10.2.0.0/16 - - 99',
]
const ALL = sourceSet(addressSet('0.0.0.0/0'))

/** What becomes of a packet: the devices, next hops or types of the routes that may be taken, by answer. */
function routed(destination: string, rules: readonly RoutingRule[], asked: { inbound?: string; mark?: number; from?: string } = {}) {
  const routing = new Routing(namespace('1', { routes: ROUTES.map(route), rules }))
  const { inbound = 'eth0', from } = asked
  const sources = from === undefined ? ALL : sourceSet(addressSet(from))
  const { answers, doubt } = routing.route({ inbound, destination: address(destination), sources, mark: 'mark' in asked ? asked.mark : 0 })
  const shown = answers.map((answer) => answer.map((one: Route) => (one.type === 'unicast' ? one.device : one.type)).join('+') || 'none')
  return doubt === undefined ? shown : [...shown, '?']
}

const LOCAL = rule(0, 'local')
const MAIN = rule(32766, 'main')

describe('routes', () => {
  it.each([
    ['192.0.2.1', ['local']],
    ['192.0.2.7', ['eth0']],
    ['10.9.9.9', ['vpn']],
    ['10.1.9.9', ['blackhole']],
    ['10.2.9.9', ['vpn']],
    ['203.0.113.9', ['eth0']],
  ])('to %s: %s; a table that no rule names is not asked', (destination, expected) => {
    expect(routed(destination, [])).toEqual(expected)
    expect(routed(destination, [LOCAL, MAIN])).toEqual(expected)
  })

  it.each<[string, Partial<RoutingRule>, Parameters<typeof routed>[2], readonly string[]]>([
    ['everything', {}, {}, ['eth1']],
    ['another interface', { inbound: 'eth9' }, {}, ['vpn']],
    ['this interface', { inbound: 'eth0' }, {}, ['eth1']],
    ['another destination', { to: prefix('10.8.0.0/16') }, {}, ['vpn']],
    ['this destination', { to: prefix('10.9.0.0/16') }, {}, ['eth1']],
    ['no source of these', { from: prefix('172.16.0.0/12') }, { from: '203.0.113.0/24' }, ['vpn']],
    ['some of the sources', { from: prefix('203.0.113.0/25') }, { from: '203.0.113.0/24' }, ['eth1', 'vpn', '?']],
    ['all of the sources', { from: prefix('203.0.113.0/24') }, { from: '203.0.113.7' }, ['eth1']],
    ['a mark that it has not', { mark: { value: 1, mask: 1 } }, { mark: 2 }, ['vpn']],
    ['a mark that it has', { mark: { value: 1, mask: 1 } }, { mark: 3 }, ['eth1']],
    ['a mark that is not known', { mark: { value: 1, mask: 1 } }, { mark: undefined } as never, ['eth1', 'vpn', '?']],
    ['no mark of these', { not: true, mark: { value: 1, mask: 1 } }, {}, ['eth1']],
    ['what this machine sends', { ownOnly: true }, {}, ['vpn']],
    ['more than is followed', { asks: ['ipproto'] }, {}, ['eth1', 'vpn', '?']],
  ])('a rule for %s', (_title, more, asked, expected) => {
    expect(routed('10.9.9.9', [LOCAL, rule(100, '99', more), MAIN], asked)).toEqual(expected)
  })

  it('a table says throw, a rule suppresses, forbids, or is of a kind that is not known', () => {
    expect(routed('10.2.9.9', [LOCAL, rule(100, '99'), MAIN])).toEqual(['vpn'])
    const suppressed = rule(100, { kind: 'lookup', table: 'main', suppress: 0 })
    expect(routed('203.0.113.9', [LOCAL, suppressed, rule(101, '99')])).toEqual(['none'])
    expect(routed('10.9.9.9', [LOCAL, suppressed, rule(101, '99')])).toEqual(['vpn'])
    expect(routed('10.9.9.9', [LOCAL, rule(100, { kind: 'prohibit' }), MAIN])).toEqual(['none'])
    expect(routed('10.9.9.9', [LOCAL, rule(100, { kind: 'nop' }), MAIN])).toEqual(['vpn'])
    expect(routed('10.9.9.9', [LOCAL, rule(100, { kind: 'other' }), MAIN])).toEqual(['vpn', '?'])
    expect(routed('10.9.9.9', [LOCAL, rule(100, { kind: 'lookup-vrf' }), MAIN])).toEqual(['vpn'])
  })

  it('several next hops are equal', () => {
    const routes = ['unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 0.0.0.0/0 eth1 198.51.100.1'].map(route)
    const routing = new Routing(namespace('1', { routes }))
    const { answers } = routing.route({ inbound: 'eth0', destination: address('203.0.113.9'), sources: ALL, mark: 0 })
    expect(answers.map((answer) => answer.map((one) => one.device))).toEqual([['eth0', 'eth1']])
    expect(formatAddressSet(routing.through('eth1', 4))).toEqual(formatAddressSet(routing.through('eth0', 4)))
  })
})

describe('what is local', () => {
  it('says the local table, and interfaces where none was read', () => {
    const interfaces = [device('eth0', ['192.0.2.1/24', '192.0.2.2/24'])]
    const read = new Routing(namespace('1', { interfaces, routes: ['local 192.0.2.1 eth0', 'local 203.0.113.0/24 lo'].map(route) }))
    expect(formatAddressSet(read.locals('local'))).toEqual(['192.0.2.1', '203.0.113.0/24', '::1'])
    expect(formatAddressSet(new Routing(namespace('1', { interfaces })).locals('local'))).toEqual([
      '127.0.0.0/8',
      '192.0.2.1',
      '192.0.2.2',
      '::1',
    ])
  })

  it('tells the way back by an interface: longer prefixes take from shorter ones', () => {
    const routing = new Routing(namespace('1', { routes: ROUTES.map(route) }))
    expect(formatAddressSet(routing.through('vpn', 4))).toEqual(['10.0.0.0/16', '10.2.0.0-10.255.255.255'])
    expect(routing.isPlain(4)).toBe(true)
    expect(new Routing(namespace('1', { rules: [LOCAL, rule(5, 'main', { inbound: 'eth0' })] })).isPlain(4)).toBe(false)
  })

  it('tells broadcasts, groups and anycast from addresses of one machine', () => {
    const routes = ['broadcast 192.0.2.255 eth0', 'anycast 2001:db8:: eth0', 'local 192.0.2.1 eth0'].map(route)
    const one = namespace('1', { routes, interfaces: [device('eth0', [], { groups: [address('224.0.0.251')] }), device('eth1', [])] })
    const casts = ['192.0.2.1', '192.0.2.255', '255.255.255.255', '224.0.0.251', 'ff02::fb', '2001:db8::']
    expect(casts.map((text) => castOf(one, address(text)))).toEqual([
      'unicast',
      'broadcast',
      'broadcast',
      'multicast',
      'multicast',
      'anycast',
    ])
    expect(['224.0.0.251', '224.0.0.1', '224.0.0.9'].map((text) => takesGroup(one, 'eth0', address(text)))).toEqual([true, true, false])
    expect(takesGroup(one, 'eth1', address('224.0.0.9'))).toBeUndefined()
  })
})
