import { describe, expect, it } from 'vitest'
import { address, device, machine, namespace, route, socket } from '../../test/reach.ts'
import type { Claim, Evidence, Ruleset } from '../evidence/index.ts'
import { hasAddress, sourceAddresses } from '../network/index.ts'
import { readIptablesSave, readNftJson } from '../systems/netfilter/index.ts'
import { computeReach } from './index.ts'

const seen = <C extends Claim>(claim: C): Evidence<C> => ({
  claim,
  origin: { kind: 'kernel', path: '/proc' },
  standing: 'running',
  host: 'server',
  capturedAt: 0,
})

/** What somebody far away gets at a port of a machine with this packet filter, and why if it is not sure. */
function verdict(ruleset: Ruleset, port: number, listener = socket('tcp', '0.0.0.0', port)): string {
  const host = machine(
    namespace('server', {
      interfaces: [device('eth0', ['192.0.2.1/24'], { index: 3 })],
      routes: ['unicast 0.0.0.0/0 eth0 192.0.2.254', 'unicast 192.0.2.0/24 eth0'].map(route),
      filters: [seen({ claim: 'netfilter', ruleset })],
      sockets: [seen(listener)],
    }),
  )
  const ways = computeReach(host, 'none')
    .flatMap((item) => item.ways)
    .filter((way) => hasAddress(sourceAddresses(way.sources), address('203.0.113.9')))
  const best = ways.find((way) => way.certainty === 'open') ?? ways[0]
  return best === undefined ? 'closed' : [best.certainty, ...best.reasons.map(({ text }) => text)].join(': ')
}

const iptables = (...lines: readonly string[]) =>
  readIptablesSave([...lines, 'COMMIT', ''].join('\n'), { family: 4, backend: 'nft' }).ruleset

const nft = (set: object, ...rules: readonly (readonly object[])[]): Ruleset => {
  const of = { family: 'inet', table: 't' }
  const objects = [
    { table: { family: 'inet', name: 't' } },
    { set: { ...of, name: 's', type: 'ipv4_addr', ...set } },
    { chain: { ...of, name: 'c', type: 'filter', hook: 'input', prio: 0, policy: 'accept' } },
    ...rules.map((expr) => ({ rule: { ...of, chain: 'c', expr } })),
  ]
  return readNftJson(JSON.stringify({ nftables: objects })).ruleset
}

const EXPECTED =
  'a connection that a helper of the connection tracker expects (of FTP, SIP …) is related to another from its first packet on'

describe('what a helper of the connection tracker expects is related from its first packet on', () => {
  const input = ['*filter', ':INPUT DROP [0:0]', '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']
  it('so that rules which accept what is related may let it in', () => {
    const raw = ['*raw', ':PREROUTING ACCEPT [0:0]', '-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp', 'COMMIT']
    expect(verdict(iptables(...raw, ...input), 50_000)).toBe(`maybe: ${EXPECTED}`)
  })
  it('and past rules for what is new', () => {
    const rules = [[{ 'ct helper': 'ftp' }], [{ match: { op: 'in', left: { ct: { key: 'state' } }, right: 'new' } }, { drop: null }]]
    expect(verdict(nft({}, ...rules), 50_000)).toBe(`maybe: ${EXPECTED}`)
  })
  it('of which there is none where no rule gives a helper', () => {
    expect(verdict(iptables(...input), 50_000)).toBe('closed')
    expect(verdict(iptables(...input, '-A INPUT -m helper --helper ftp -j DROP'), 50_000)).toBe('closed')
  })
})

describe('a rule that adds to a set ends there for whom there is no room', () => {
  const add = { set: { op: 'add', elem: { payload: { protocol: 'ip', field: 'saddr' } }, set: '@s' } }
  it.each([
    ['whom it would drop gets past it once the set is full', { size: 9 }, 'maybe: room in the set: add @s { ip saddr }'],
    ['nothing is sure where it is full', { size: 1, elem: ['192.0.2.9'] }, 'maybe: room in the set: add @s { ip saddr }'],
  ])('%s', (_title, set, said) => {
    expect(verdict(nft(set, [add, { drop: null }]), 80)).toBe(said)
  })
})

it('a socket of IPv6 that is bound to ::ffff:0.0.0.0 takes every address of IPv4', () => {
  const listener = { ...socket('tcp', '::ffff:0.0.0.0', 80), accepts: 'ipv4' as const }
  expect(verdict(iptables('*filter', ':INPUT ACCEPT [0:0]'), 80, listener)).toBe('open')
})
