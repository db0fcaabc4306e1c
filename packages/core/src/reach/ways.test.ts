import { describe, expect, it } from 'vitest'
import { address, device, machine, namespace, route, rule, socket } from '../../test/reach.ts'
import { formatAddress, hasAddress, sourceAddresses } from '../network/index.ts'
import type { Evidence, Interface, Ruleset, Socket } from '../evidence/index.ts'
import { readIptablesSave, readNftJson } from '../systems/netfilter/index.ts'
import { computeReach, type HostModel, type NamespaceModel, type Way } from './index.ts'

const seen = <C extends Evidence['claim']>(claim: C): Evidence<C> => ({
  claim,
  origin: { kind: 'kernel', path: '/proc' },
  standing: 'running',
  host: 'server',
  capturedAt: 0,
})
const sockets = (...all: readonly Socket[]) => all.map(seen)
const filters = (...rulesets: readonly Ruleset[]) => rulesets.map((ruleset) => seen({ claim: 'netfilter', ruleset }))
const nat = (...rules: readonly string[]): Ruleset => {
  const text = ['*nat', ':PREROUTING ACCEPT [0:0]', ...rules.map((one) => `-A PREROUTING ${one}`), 'COMMIT', ''].join('\n')
  return readIptablesSave(text, { family: 4, backend: 'nft' }).ruleset
}

/** `open`, `maybe` or `closed` for a packet, and on what it depends. */
function verdict(ways: readonly Way[], from: string, at: string): string {
  const [to = '', port] = at.split(' ')
  const found = ways.filter(
    (way) =>
      formatAddress(way.at.address) === to && way.at.port === Number(port) && hasAddress(sourceAddresses(way.sources), address(from)),
  )
  const best = found.find((way) => way.certainty === 'open') ?? found[0]
  if (best === undefined) return 'closed'
  return [best.certainty, ...(best.upstream === undefined ? [] : [`if ${best.upstream}`]), ...best.reasons.map(({ text }) => text)].join(
    ': ',
  )
}

function waysTo(host: HostModel, port: number): readonly Way[] {
  return computeReach(host, 'none').flatMap((item) => (item.endpoint.port === port ? item.ways : []))
}

const NEAR = '192.0.2.77'
const FAR = '203.0.113.9'

/** A server at the internet, with a container behind it. */
function server(parts: Partial<NamespaceModel>, container: Partial<NamespaceModel> = {}): HostModel {
  const inside = device('eth0', ['10.77.0.2/24'], { index: 2, kind: 'veth', peer: { index: 7, elsewhere: true } })
  const own = namespace('server', {
    interfaces: [
      device('eth0', ['192.0.2.1/24'], { index: 3 }),
      device('veth7', ['10.77.0.1/24'], { index: 7, kind: 'veth', peer: { index: 2, elsewhere: true } }),
    ],
    routes: ['unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 192.0.2.0/24 eth0', 'unicast 10.77.0.0/24 veth7'].map(route),
    ...parts,
  })
  return machine(own, namespace('container', { interfaces: [inside], sockets: sockets(socket('tcp', '0.0.0.0', 5432)), ...container }))
}

describe('rules whose destination is not one', () => {
  it.each([
    [
      'a range that is kept, of more ports than are counted',
      nat('-i eth0 -p tcp --dport 5000:6000 -j DNAT --to-destination 10.77.0.2'),
      '5432',
      'open',
    ],
    ['whatever the port', nat('-i eth0 -p tcp -j DNAT --to-destination 10.77.0.2'), '5432', 'open'],
    ['every port but one', nat('-i eth0 -p tcp ! --dport 22 -j DNAT --to-destination 10.77.0.2'), '5432', 'open'],
    ['a range that becomes one', nat('-i eth0 -p tcp --dport 20000:30000 -j DNAT --to-destination 10.77.0.2:5432'), '20000', 'open'],
    [
      'a range mapped to another',
      nat('-i eth0 -p tcp --dport 20000:30000 -j DNAT --to-destination 10.77.0.2:1000-11000/20000'),
      '24432',
      'open',
    ],
    [
      'one of many addresses',
      nat('-i eth0 -p tcp --dport 80 -j DNAT --to-destination 10.77.0.2-10.77.0.99:5432'),
      '80',
      'maybe: translated to one of many destinations',
    ],
    ['many addresses, not this one', nat('-i eth0 -p tcp --dport 80 -j DNAT --to-destination 10.77.0.3-10.77.0.99:5432'), '80', 'closed'],
    ['many ports, not this one', nat('-i eth0 -p tcp --dport 80 -j DNAT --to-destination 10.77.0.2-10.77.0.99:80'), '80', 'closed'],
    ['a target that is not understood', nat('-i eth0 -p tcp --dport 80 -j WHATEVER'), '80', 'maybe'],
  ])('%s', (_title, ruleset, port, expected) => {
    const found = verdict(waysTo(server({ filters: filters(ruleset) }), 5432), FAR, `192.0.2.1 ${port}`)
    expect(found.slice(0, expected.length)).toBe(expected)
  })

  it('written over: one constant is followed, raw payload may be anything', () => {
    const rewrite = (key: object, value: unknown): Ruleset => {
      const base = { family: 'ip', table: 't' }
      const chain = { ...base, name: 'c', handle: 1, type: 'filter', hook: 'prerouting', prio: -300, policy: 'accept' }
      const match = { match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right: 99 } }
      const one = { ...base, chain: 'c', handle: 2, expr: [match, { mangle: { key, value } }] }
      return readNftJson(JSON.stringify({ nftables: [{ table: { family: 'ip', name: 't', handle: 1 } }, { chain }, { rule: one }] }))
        .ruleset
    }
    const host = (ruleset: Ruleset): HostModel =>
      server(
        { filters: filters(ruleset), sockets: sockets(socket('udp', '0.0.0.0', 53)) },
        { sockets: sockets(socket('udp', '0.0.0.0', 5353)) },
      )
    const port = rewrite({ payload: { protocol: 'udp', field: 'dport' } }, 53)
    expect(verdict(waysTo(host(port), 53), FAR, '192.0.2.1 99')).toBe('open')
    const daddr = rewrite({ payload: { protocol: 'ip', field: 'daddr' } }, '10.77.0.2')
    expect(verdict(waysTo(host(daddr), 5353), FAR, '192.0.2.1 99')).toBe('closed')
    const raw = rewrite({ payload: { base: 'th', offset: 16, len: 16 } }, 53)
    expect(verdict(waysTo(host(raw), 53), FAR, '192.0.2.1 99')).toMatch(/^maybe: /)
    expect(verdict(waysTo(host(raw), 5353), FAR, '192.0.2.1 99')).toMatch(/^maybe: /)
  })

  it.each([
    [{ dev: 'eth0' }, 'open'],
    [{ dev: ['veth7', 'eth9'] }, 'closed'],
    [{ dev: ['up0'] }, 'maybe: chain i of early stands at the ingress of up0, by which they may have come'],
    [{}, 'maybe: chain i of early stands at the ingress of a device that is not named, by which they may have come'],
  ])('a mark at the ingress of %j: %s', (dev, expected) => {
    const early = { family: 'netdev', table: 'early' }
    const own = { family: 'inet', table: 'own' }
    const mark = { meta: { key: 'mark' } }
    const rules = [
      { ...early, chain: 'i', handle: 3, expr: [{ mangle: { key: mark, value: 7 } }] },
      { ...own, chain: 'i', handle: 4, expr: [{ match: { op: '==', left: mark, right: 7 } }, { accept: null }] },
    ]
    const nftables = [
      { table: { family: 'netdev', name: 'early', handle: 1 } },
      { table: { family: 'inet', name: 'own', handle: 2 } },
      { chain: { ...early, name: 'i', handle: 1, type: 'filter', hook: 'ingress', prio: 0, policy: 'accept', ...dev } },
      { chain: { ...own, name: 'i', handle: 2, type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      ...rules.map((one) => ({ rule: one })),
    ]
    const interfaces = [device('eth0', ['192.0.2.1/24'], { index: 3 }), device('up0', [], { index: 8, master: 'eth0' })]
    const parts = {
      interfaces,
      filters: filters(readNftJson(JSON.stringify({ nftables })).ruleset),
      sockets: sockets(socket('tcp', '0.0.0.0', 80)),
    }
    expect(verdict(waysTo(server(parts), 80), FAR, '192.0.2.1 80')).toBe(expected)
  })

  it.each([
    ['translates again', '10.77.0.2:8080'],
    ['forwards to the next', '10.88.0.2:443'],
  ])('a namespace behind that %s', (_title, to) => {
    const middle = [
      device('eth0', ['10.77.0.2/24'], { index: 2, kind: 'veth', peer: { index: 7, elsewhere: true } }),
      device('eth1', ['10.88.0.1/24'], { index: 4, kind: 'veth', peer: { index: 9, elsewhere: true } }),
    ]
    const routes = ['unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 10.77.0.0/24 veth7', 'unicast 10.88.0.0/24 veth7 10.77.0.2'].map(route)
    const host = server(
      { routes, filters: filters(nat(`-p tcp --dport 80 -j DNAT --to-destination ${to}`)) },
      {
        interfaces: middle,
        routes: ['local 10.77.0.2 eth0', 'unicast 10.88.0.0/24 eth1'].map(route),
        filters: filters(nat('-p tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:443')),
        sockets: [],
      },
    )
    const last = namespace('last', {
      interfaces: [device('eth0', ['10.88.0.2/24'], { index: 9, kind: 'veth', peer: { index: 4, elsewhere: true } })],
      sockets: sockets(socket('tcp', '0.0.0.0', 443)),
    })
    expect(verdict(waysTo(machine(...host.namespaces.values(), last), 443), FAR, '192.0.2.1 80')).toBe('open')
  })
})

describe('who is let in by routing', () => {
  const SERVED = { sockets: sockets(socket('tcp', '0.0.0.0', 80)) }
  const PLAIN = [route('unicast 192.0.2.0/24 eth0')]
  const by = (settings: Readonly<Record<string, string>>, more: Partial<NamespaceModel> = {}): string =>
    verdict(waysTo(server({ ...SERVED, settings: new Map(Object.entries(settings)), ...more }), 80), '10.5.5.5', '192.0.2.1 80')

  it.each([
    ['0', '0', 'open'],
    ['1', '0', 'closed'],
    ['0', '1', 'closed'],
    ['1', '2', 'open'],
    ['2', '1', 'open'],
  ])('reverse path filters of %s and %s', (all, own, expected) => {
    const routes = ['unicast 0.0.0.0/0 veth7 10.77.0.9', 'unicast 192.0.2.0/24 eth0'].map(route)
    expect(by({ 'net.ipv4.conf.all.rp_filter': all, 'net.ipv4.conf.eth0.rp_filter': own }, { routes })).toBe(expected)
  })

  it('the loose filter refuses what has no way back at all; rules that are not followed leave the strict one open', () => {
    const loose = { 'net.ipv4.conf.eth0.rp_filter': '2' }
    expect(by(loose, { routes: PLAIN })).toBe('closed')
    const strict = { 'net.ipv4.conf.eth0.rp_filter': '1' }
    expect(by(strict, { routes: PLAIN, rules: [rule(0, 'local'), rule(9, 'main', { asks: ['ipproto'] })] })).toMatch(
      /^maybe: the reverse path filter of eth0 /,
    )
  })

  it('a public address without a default route is reached if others send by it', () => {
    const found = waysTo(server({ ...SERVED, routes: PLAIN }), 80)
    expect(verdict(found, FAR, '192.0.2.1 80')).toMatch(/^open: if the router of the network at eth0/)
    expect(verdict(found, NEAR, '192.0.2.1 80')).toBe('open')
  })

  it('half of the internet is as good as a default route', () => {
    const routes = ['unicast 0.0.0.0/1 eth0 192.0.2.254', 'unicast 128.0.0.0/1 eth0 192.0.2.254'].map(route)
    const found = waysTo(server({ ...SERVED, routes }), 80)
    expect(found.filter((way) => way.sender === 'private').some((way) => hasAddress(sourceAddresses(way.sources), address(FAR)))).toBe(
      false,
    )
    expect(verdict(found, FAR, '192.0.2.1 80')).toBe('open')
  })

  it('forwarding is a setting of the interface', () => {
    const filtersOf = { filters: filters(nat('-p tcp --dport 80 -j DNAT --to-destination 10.77.0.2:5432')) }
    const at = (settings: Readonly<Record<string, string>>): string =>
      verdict(waysTo(server({ ...filtersOf, settings: new Map(Object.entries(settings)) }), 5432), FAR, '192.0.2.1 80')
    expect(at({ 'net.ipv4.ip_forward': '0' })).toBe('closed')
    expect(at({ 'net.ipv4.ip_forward': '0', 'net.ipv4.conf.eth0.forwarding': '1' })).toBe('open')
    expect(at({ 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.forwarding': '0' })).toBe('closed')
  })

  it('a group is for neighbours, and for sockets of the wildcard too', () => {
    const eth0 = device('eth0', ['192.0.2.1/24'], { index: 3, groups: [address('224.0.0.251')] })
    const closed = readIptablesSave(
      '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.1 -j DROP\n-A PREROUTING -d 10.77.0.1 -j DROP\nCOMMIT\n',
      { family: 4, backend: 'nft' },
    ).ruleset
    const parts = { interfaces: [eth0], sockets: sockets(socket('udp', '0.0.0.0', 5353)), filters: filters(closed) }
    const found = waysTo(server(parts, { sockets: [] }), 5353)
    expect(verdict(found, NEAR, '224.0.0.251 5353')).toBe('open')
    expect(verdict(found, NEAR, '192.0.2.1 5353')).toBe('closed')
    expect(found.every((way) => way.sender === 'private')).toBe(true)
  })
})

describe('a container on a bridge', () => {
  const bridged = (uplink: Partial<Interface>, parts: Partial<NamespaceModel> = {}): HostModel =>
    machine(
      namespace('server', {
        interfaces: [
          device('br0', ['192.0.2.1/24'], { index: 5, kind: 'bridge' }),
          device('up0', [], { index: 6, master: 'br0', ...uplink }),
          device('veth7', [], { index: 7, kind: 'veth', master: 'br0', peer: { index: 2, elsewhere: true } }),
        ],
        ...parts,
      }),
      namespace('guest', {
        interfaces: [device('eth0', ['192.0.2.77/24'], { index: 2, kind: 'veth', peer: { index: 7, elsewhere: true } })],
        routes: ['local 192.0.2.77 eth0', 'unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 192.0.2.0/24 eth0'].map(route),
        sockets: sockets(socket('tcp', '0.0.0.0', 5432)),
      }),
    )
  const at = (host: HostModel): string => verdict(waysTo(host, 5432), FAR, '192.0.2.77 5432')

  it('is reached by the uplink, past the host', () => {
    expect(at(bridged({}))).toBe('open')
    expect(at(bridged({ kind: 'dummy' }))).toBe('closed')
  })

  it('C4 · may be reached by a veth whose other end was not seen', () => {
    expect(at(bridged({ kind: 'veth', peer: { index: 3, elsewhere: true } }))).toBe(
      'maybe: eth0 leads to a device whose other end is not known',
    )
  })

  it('C4 · may be kept out by what filters on the bridge', () => {
    const filtersOf = { filters: filters(nat('-p tcp --dport 80 -j DNAT --to-destination 192.0.2.77')) }
    expect(at(bridged({}, filtersOf))).toBe('open')
    const settings = new Map([['net.bridge.bridge-nf-call-iptables', '1']])
    expect(at(bridged({}, { ...filtersOf, settings }))).toBe('maybe: frames through the bridge br0 meet the packet filter of server')
  })
})

describe('ends of a veth', () => {
  it('are told by the numbers of namespaces where indexes repeat', () => {
    const host = machine(
      namespace('server', {
        interfaces: [
          device('eth0', ['192.0.2.1/24'], { index: 2, kind: 'veth', peer: { index: 3, elsewhere: true, namespace: 0 } }),
          device('veth4', ['10.77.0.1/24'], { index: 4, kind: 'veth', peer: { index: 2, elsewhere: true, namespace: 1 } }),
        ],
        sockets: sockets(socket('tcp', '0.0.0.0', 80)),
        routes: ['local 192.0.2.1 eth0', 'unicast 0.0.0.0/0 eth0 192.0.2.254'].map(route),
      }),
      namespace('gate', {
        interfaces: [
          device('eth0', ['10.77.0.2/24'], { index: 2, kind: 'veth', peer: { index: 4, elsewhere: true, namespace: 0 } }),
          device('eth1', ['10.88.0.1/24'], { index: 3, kind: 'veth', peer: { index: 2, elsewhere: true, namespace: 1 } }),
        ],
      }),
    )
    expect(verdict(waysTo(host, 80), FAR, '192.0.2.1 80')).toBe('open')
  })
})
