import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FUZZ, mutate, random } from '../../../test/fuzz.ts'
import { goldenCases } from '../../../test/reader.ts'
import { addressSet, FAMILIES, isSubset, parseAddress, sourceAddresses, sourceSet, unionOf } from '../../network/index.ts'
import { type NetfilterHost, walkInbound } from '../../reach/netfilter/index.ts'
import { joinRulesets, type NetfilterReading, readIptablesSave, readNftJson } from './index.ts'

const FILES = [
  `${import.meta.dirname}/golden/iptables.golden`,
  `${import.meta.dirname}/golden/nft.golden`,
  `${import.meta.dirname}/golden/hostile.golden`,
  ...['docker-past-ufw', 'docker-28', 'nft-server', 'ufw-legacy'].map(
    (name) => `${import.meta.dirname}/../../reach/netfilter/golden/${name}.golden`,
  ),
]

/** Large inputs take their time to mutate; every file of every case is here, most of them once more in a part of its own size. */
const TEXTS = FILES.flatMap((path) => goldenCases(readFileSync(path, 'utf8')))
  .flatMap(({ files }) => [...files])
  .filter(([name]) => name === 'nft' || name === 'ipset' || name.includes('tables-'))

const TOKENS = [
  '-A ',
  '-j ',
  '! ',
  '-m ',
  '--dport ',
  'COMMIT',
  '*nat',
  ':INPUT ',
  '/0',
  '/33',
  '::',
  '0x',
  '{"match":',
  '"right":',
  '[[',
  '"@x"',
  'null',
  '1e99',
  '-1',
  '"prefix":',
  '"range":[',
  '"concat":[',
]

/** The longest that one small input may take, in milliseconds. */
const SLOW = 3000

const ADDRESS = parseAddress('198.51.100.10')
const SIX = parseAddress('2001:db8:51::10')
const SOURCES = sourceSet(addressSet('203.0.113.0/24', '2001:db8:77::/48'))
const HOST: NetfilterHost = { localAddresses: addressSet('198.51.100.10', '2001:db8:51::10'), route: () => ({ kind: 'local' }) }

function read(name: string, text: string): NetfilterReading {
  if (name === 'nft') return readNftJson(text)
  if (name === 'ipset') {
    const rules =
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set s src,dst -j ACCEPT\n-A INPUT -m set --match-set nn src -j ACCEPT\nCOMMIT\n'
    return readIptablesSave(rules, { family: 4, backend: 'nft', ipsets: text })
  }
  const family = name.startsWith('iptables') ? 4 : 6
  return readIptablesSave(text, {
    family,
    backend: name.endsWith('nft') ? 'nft' : 'legacy',
    path: 'rules',
    ipsets: 'create s hash:net\nadd s 192.0.2.0/24\n',
  })
}

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
  it('C4 · are read and walked without an exception, without a hang, and with a place for every gap', {
    timeout: 60_000 + FUZZ * 20,
  }, () => {
    let gaps = 0
    for (let run = 0; run < FUZZ; run++) {
      const next = random(run * 2_654_435_761 + 1)
      const [name, whole] = TEXTS[next(TEXTS.length)] ?? ['nft', '']
      // A part of a long text is as good, and quicker.
      const lines = whole.split('\n')
      const from = lines.length > 60 && next(4) > 0 ? next(lines.length - 50) : 0
      const text = mutate(from === 0 && next(8) > 0 ? lines.slice(0, 60).join('\n') : lines.slice(from, from + 50).join('\n'), next, TOKENS)
      const parsable = name === 'nft' && next(3) > 0 ? repaired(text) : text
      const before = performance.now()
      try {
        const reading = read(name, parsable)
        gaps += reading.gaps.length
        for (const { origin } of reading.gaps)
          if (origin.kind === 'file') expect(origin.span.start.line).toBeLessThanOrEqual(parsable.split(/\r\n|\n|\r/).length)
        walk(reading, name)
      } catch (error) {
        throw new Error(`run ${run}, ${name}: ${JSON.stringify(parsable)}`, { cause: error })
      }
      const took = performance.now() - before
      if (took > SLOW) throw new Error(`run ${run}, ${name}, took ${took | 0} ms: ${JSON.stringify(parsable).slice(0, 2000)}`)
    }
    expect(gaps).toBeGreaterThan(FUZZ / 10)
  })

  it('a line and a text without end take time in proportion', () => {
    const before = performance.now()
    for (const text of [
      '*filter\n-A INPUT '.padEnd(2_000_000, '-m x '),
      `*filter\n${'-A INPUT -j x\n'.repeat(100_000)}`,
      `*filter\n-A INPUT ${'"'.repeat(1_000_000)}`,
      `*filter\n-A INPUT -s ${'1,'.repeat(500_000)}`,
    ]) {
      readIptablesSave(text, { family: 4, backend: 'nft' })
    }
    const deep = `${'{"&":['.repeat(50_000)}1${',1]}'.repeat(50_000)}`
    const elements = Array.from({ length: 200_000 }, (_, index) => ({ concat: [`192.0.2.${index % 256}`, index % 65_536, index] }))
    const match = {
      op: '==',
      left: { concat: [{ payload: { protocol: 'ip', field: 'saddr' } }, { meta: { key: 'mark' } }, { meta: { key: 'mark' } }] },
      right: { set: elements },
    }
    const many = {
      nftables: [
        { table: { family: 'ip', name: 't' } },
        { chain: { family: 'ip', table: 't', name: 'c' } },
        { rule: { family: 'ip', table: 't', chain: 'c', expr: [{ match }] } },
      ],
    }
    for (const text of [
      '{"nftables":'.padEnd(2_000_000, '['),
      `{"nftables":[{"rule":${deep}}]}`,
      JSON.stringify(many),
      `{"nftables":[${'{"rule":{"expr":[]}},'.repeat(50_000)}{}]}`,
    ])
      readNftJson(text)
    expect(performance.now() - before).toBeLessThan(20_000)
  })

  it('C4 · a text past the limit is not read, and says so', () => {
    const reading = readIptablesSave('#'.repeat((64 << 20) + 1), { family: 4, backend: 'nft' })
    expect(reading.gaps.map(({ gap }) => gap.code)).toEqual(['limit'])
    expect(reading.ruleset.unread).toHaveLength(1)
  })

  it('jumps in circles end', () => {
    const reading = readIptablesSave(
      '*filter\n:INPUT DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A a -j b\n-A b -j a\n-A b -j a\nCOMMIT\n',
      { family: 4, backend: 'nft' },
    )
    walk(reading, 'iptables-nft')
  })
})

/** Valid JSON again, most of the time: the lines that parse by themselves. */
function repaired(text: string): string {
  const objects = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line.replace(/,$/, '')) as unknown]
    } catch {
      return []
    }
  })
  return JSON.stringify({ nftables: objects })
}
