import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../../test/proportion.ts'
import { addressSet, FAMILIES, isSubset, parseAddress, sourceAddresses, sourceSet, unionOf } from '../../network/index.ts'
import { type NetfilterHost, walkInbound } from '../../reach/netfilter/index.ts'
import { joinRulesets, type NetfilterReading, readIptablesSave, readNftJson } from './index.ts'

const ADDRESS = parseAddress('198.51.100.10')
const SIX = parseAddress('2001:db8:51::10')
const SOURCES = sourceSet(addressSet('203.0.113.0/24', '2001:db8:77::/48'))
const HOST: NetfilterHost = { localAddresses: addressSet('198.51.100.10', '2001:db8:51::10'), route: () => ({ kind: 'local' }) }

/** A reading can always be walked, and what comes of it covers everything that was asked. */
function walk(reading: NetfilterReading, name: string): void {
  const filters = joinRulesets(
    name === 'nft' ? { nft: reading, iptables: [] } : { iptables: [{ family: 4, backend: 'nft', reading }] },
  ).rulesets
  for (const family of FAMILIES) {
    const destination = family === 4 ? ADDRESS : SIX
    if (destination === undefined) throw new Error('no destination')
    const outcomes = walkInbound(filters, { inbound: 'eth0', family, protocol: 'tcp', destination, port: 80, sources: SOURCES }, HOST)
    const covered = unionOf(outcomes.map(({ sources }) => sourceAddresses(sources)))
    if (!isSubset(addressSet(family === 4 ? '203.0.113.0/24' : '2001:db8:77::/48'), covered))
      throw new Error('some packets have no outcome')
    for (const { trail, reasons } of outcomes)
      JSON.stringify([trail, reasons], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  }
}

describe('hostile rules', () => {
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
  const set = (count: number): string => {
    const elements = numbers(count).map((index) => ({ concat: [`192.0.2.${index % 256}`, index % 65_536, index] }))
    const match = {
      op: '==',
      left: { concat: [{ payload: { protocol: 'ip', field: 'saddr' } }, { meta: { key: 'mark' } }, { meta: { key: 'mark' } }] },
      right: { set: elements },
    }
    return JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 't' } },
        { chain: { family: 'ip', table: 't', name: 'c' } },
        { rule: { family: 'ip', table: 't', chain: 'c', expr: [{ match }] } },
      ],
    })
  }

  it.each<readonly [string, (count: number) => string]>([
    ['matches without an end', (count) => `*filter\n-A INPUT ${'-m x '.repeat(count)}`],
    ['rules', (count) => `*filter\n${'-A INPUT -j x\n'.repeat(count)}`],
    ['open quotes', (count) => `*filter\n-A INPUT ${'"'.repeat(count * 10)}`],
    ['addresses', (count) => `*filter\n-A INPUT -s ${'1,'.repeat(count * 5)}`],
  ])('%s of iptables take time in proportion', (_, text) => {
    expectProportional((count) => readIptablesSave(text(count), { family: 4, backend: 'nft' }), 5000)
  })

  it.each<readonly [string, (count: number) => string]>([
    ['open brackets', (count) => '{"nftables":'.padEnd(count * 10, '[')],
    ['depth', (count) => `{"nftables":[{"rule":${'{"&":['.repeat(count)}1${',1]}'.repeat(count)}}]}`],
    ['elements of a set', set],
    ['rules without a chain', (count) => `{"nftables":[${'{"rule":{"expr":[]}},'.repeat(count)}{}]}`],
  ])('%s of nft take time in proportion', (_, text) => {
    expectProportional((count) => readNftJson(text(count)), 5000)
  })

  it('C4 · a text past the limit is not read, and says so', () => {
    const reading = readIptablesSave('#'.repeat((64 << 20) + 1), { family: 4, backend: 'nft' })
    expect(reading.gaps.map(({ gap }) => gap.code)).toEqual(['limit'])
    expect(reading.ruleset.unread).toHaveLength(1)
  })

  it('C4 · of a table that is there twice the second holds, as restored, and it is said', () => {
    const table = (policy: string): string => `*filter\n:INPUT ${policy} [0:0]\nCOMMIT\n`
    const { ruleset, gaps } = readIptablesSave(table('ACCEPT') + table('DROP'), { family: 4, backend: 'nft', path: 'rules' })
    expect(ruleset.tables.map(({ chains }) => chains.get('INPUT')?.base?.policy)).toEqual(['drop'])
    expect(ruleset.unread).toHaveLength(1)
    expect(gaps.map(({ origin }) => (origin.kind === 'file' ? origin.span.start.line : origin.kind))).toEqual([4])
  })

  it('jumps in circles end', () => {
    const reading = readIptablesSave(
      '*filter\n:INPUT DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A a -j b\n-A b -j a\n-A b -j a\nCOMMIT\n',
      { family: 4, backend: 'nft' },
    )
    walk(reading, 'iptables-nft')
  })
})
