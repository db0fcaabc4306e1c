import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contains, DrawingError, type LabSpec, plan } from './drawing.ts'

const zones = { internet: ['198.51.100.0/24', '2001:db8:51::/64'], lan: ['192.168.1.0/24'] }

describe('a drawing', () => {
  it('becomes a plan: names, gateways, ports, routes', () => {
    const { zones: planned, hosts } = plan(
      {
        zones,
        hosts: {
          router: {
            on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10'] },
            defaultRoute: 'internet',
            forwarding: true,
          },
          inner: { on: { lan: ['192.168.1.20'] }, defaultRoute: 'router', sysctl: { 'net.ipv4.conf.all.rp_filter': 1 } },
        },
      },
      'sp-1-1-',
    )
    expect(planned.map((zone) => [zone.name, zone.netns, zone.networks.map((net) => net.gateway)])).toEqual([
      ['internet', 'sp-1-1-internet', ['198.51.100.1', '2001:db8:51::1']],
      ['lan', 'sp-1-1-lan', ['192.168.1.1']],
    ])
    expect(planned[1]?.ports).toEqual([
      { host: 'router', netns: 'sp-1-1-router', addresses: ['192.168.1.10'], mac: '02:00:00:00:01:00', mark: 1000 },
      { host: 'inner', netns: 'sp-1-1-inner', addresses: ['192.168.1.20'], mac: '02:00:00:00:01:01', mark: 1001 },
    ])
    expect(hosts[0]?.defaultVia).toEqual([
      { zone: 'internet', gateway: '198.51.100.1' },
      { zone: 'internet', gateway: '2001:db8:51::1' },
    ])
    expect(hosts[0]?.sysctls.map(([name]) => name)).toEqual(['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])
    expect(hosts[1]?.defaultVia).toEqual([{ zone: 'lan', gateway: '192.168.1.10' }])
    expect(hosts[1]?.neighbours).toEqual([
      { zone: 'lan', address: '192.168.1.1', mac: '02:00:00:00:00:01' },
      { zone: 'lan', address: '192.168.1.10', mac: '02:00:00:00:01:00' },
    ])
    expect(hosts[1]?.sysctls).toEqual([['net.ipv4.conf.all.rp_filter', '1']])
  })

  const on = (addresses: readonly string[]): LabSpec => ({ zones, hosts: { server: { on: { internet: addresses } } } })
  const wrong: readonly (readonly [what: string, spec: LabSpec, says: string])[] = [
    ['an address outside its zone', on(['203.0.113.7']), '203.0.113.7 is in no network'],
    ['the gateway as an address', on(['198.51.100.1']), 'taken by the gateway'],
    ['one address twice', on(['198.51.100.9', '198.51.100.9']), 'taken by server'],
    ['one address twice, spelled differently', on(['2001:db8:51::A', '2001:db8:51:0::a']), '2001:db8:51::a is taken by server'],
    ['a zone that is not drawn', { zones, hosts: { server: { on: { dmz: ['198.51.100.9'] } } } }, "zone 'dmz'"],
    ['a name too long for an interface', { zones: { 'a-name-of-sixteen': [] }, hosts: {} }, 'up to 14'],
    ['a name used twice', { zones, hosts: { lan: { on: {} } } }, 'both a zone and a host'],
    ['a network without a length', { zones: { a: ['198.51.100.0'] }, hosts: {} }, 'not a network'],
    ['a length without room', { zones: { a: ['198.51.100.0/31'] }, hosts: {} }, 'not a network'],
    ['an IPv6 network spelled with its last group', { zones: { a: ['2001:db8::1/64'] }, hosts: {} }, 'ends in ::'],
    ['a default route by a zone without the host', { zones, hosts: { server: { on: {}, defaultRoute: 'lan' } } }, 'share no zone'],
  ]
  it.each(wrong)('is refused with %s', (_, spec, says) => {
    expect(() => plan(spec, 'sp-1-1-')).toThrow(DrawingError)
    expect(() => plan(spec, 'sp-1-1-')).toThrow(says)
  })

  it('knows which addresses lie in a network', () => {
    const net = { family: 6, address: '2001:db8:51::', length: 64, gateway: '2001:db8:51::1' } as const
    expect(
      ['2001:db8:51::ffff', '2001:db8:51:1::1', '198.51.100.1', 'x', '::ffff:198.51.100.1'].map((each) => contains(net, each)),
    ).toEqual([true, false, false, false, false])
  })
})

it('the documentation shows the example that runs as a test', () => {
  const [documentation, example] = ['../docs/lab.md', 'example.lab.test.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  expect(documentation).toContain(`\`\`\`ts\n${example}\`\`\``)
})
