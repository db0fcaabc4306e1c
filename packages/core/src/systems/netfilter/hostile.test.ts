import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../../test/proportion.ts'
import { addressSet, FAMILIES, isSubset, parseAddress, sourceAddresses, sourceSet, unionOf } from '../../network/index.ts'
import { type NetfilterHost, walkInbound } from '../../reach/netfilter/index.ts'
import { Text } from '../../evidence/index.ts'
import { joinRulesets, type NetfilterReading, readIptablesSave, readNftJson, readNftText } from './index.ts'

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

  it.each<readonly [string, (count: number) => string]>([
    ['rules', (count) => `table ip t {\nchain c {\n${'tcp dport 22 ip saddr 192.0.2.1 accept\n'.repeat(count)}}\n}`],
    ['inserted rules', (count) => `table t; chain t c\n${'insert rule t c drop\n'.repeat(count)}`],
    ['rules that are not understood', (count) => `table ip t {\nchain c {\n${'tcp dport { frob { 1 } x\n'.repeat(count)}}\n}`],
    ['open braces', (count) => `table ip t {\nchain c {\ntcp dport ${'{'.repeat(count * 5)}`],
    ['chains in place', (count) => `table ip t {\nchain c {\n${'jump {\n'.repeat(count)}`],
    ['open brackets', (count) => `table ip t {\nchain c {\nmeta mark set ${'('.repeat(count * 5)}`],
    ['open quotes', (count) => `table ip t {\n${'chain " {\n'.repeat(count)}`],
    ['elements', (count) => `table ip t {\nset s {\ntype ipv4_addr\nelements = { ${'192.0.2.1, '.repeat(count)} }\n}\n}`],
    ['bits', (count) => `table ip t {\nchain c {\ntcp flags ${'syn|'.repeat(count)}ack drop\n}\n}`],
    ['parts in a row', (count) => `table ip t {\nchain c {\nip saddr ${'. tcp dport '.repeat(count)} drop\n}\n}`],
    ['colons', (count) => `table ip t {\nchain c {\nip6 saddr ${':'.repeat(count * 10)} drop\n}\n}`],
    ['lines that go on', (count) => `table ip t {\nchain c {\n${'\\\n'.repeat(count * 10)}}\n}`],
    ['variables', (count) => Array.from({ length: count }, (_, index) => `define v${index + 1} = { $v${index}, $v${index} }\n`).join('')],
  ])('%s of nft’s own language take time in proportion', (_, text) => {
    expectProportional((count) => readNftText(new Text('rules.nft', text(count))), 5000)
  })

  it('C4 · variables of variables come to an end, and it is said', () => {
    const doubled = Array.from({ length: 64 }, (_, index) => `define v${index + 1} = { $v${index}, $v${index} }\n`).join('')
    const { gaps, ruleset } = readNftText(new Text('rules.nft', `define v0 = { 1, 2 }\n${doubled}`))
    expect(gaps[0]?.gap.what).toBe('nft: more than 1048576 values of variables')
    expect(ruleset.unread.length).toBeGreaterThan(0)
  })

  it('C4 · a text of nft past the limit is not read, and says so', () => {
    const { gaps, ruleset } = readNftText(new Text('rules.nft', '#'.repeat((16 << 20) + 1)))
    expect(gaps.map(({ gap }) => gap.code)).toEqual(['limit'])
    expect(ruleset.unread).toHaveLength(1)
  })

  it('C4 · files that include ever more files come to an end, and it is said', () => {
    const reading = readNftText(new Text('0', 'include "1"\ninclude "2"\n'), {
      file: () => ({ kind: 'text', text: 'include "1"\ninclude "2"\n' }),
      glob: () => [],
      resolve: (what, within) => within + what,
    })
    expect(new Set(reading.gaps.map(({ gap }) => gap.code))).toEqual(new Set(['limit']))
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
