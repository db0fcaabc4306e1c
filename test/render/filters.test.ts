import fc from 'fast-check'
import { compareFilters } from '@sallyport/core/reach'
import type { Difference, FileState, WrittenFile } from '@sallyport/core/systems'
import { describe, expect, it } from 'vitest'
import { NO_TOOLS } from '../../packages/core/test/reader.ts'
import { policyOf, rendered, writerOf } from './written.ts'

const POLICY = policyOf(`version: 1
sources: { admin: [203.0.113.7, "2001:db8:77::/48"] }
services:
  https: { port: 443, from: internet }
  ssh: { port: 22, from: admin }
  sip: { port: 5060, protocol: [tcp, udp], from: internet }
  db: { port: 5432, from: host }
`)

/** What differs from the rendered files once they are changed. */
async function differing(system: string, change: (file: WrittenFile) => FileState): Promise<readonly string[]> {
  const { files } = await rendered(system, POLICY)
  const states = new Map(files.map((file) => [file.path, change(file)]))
  const found = (await writerOf(system)).compare(files, (path) => states.get(path) ?? { kind: 'absent' }, {
    filters: compareFilters,
    tools: NO_TOOLS,
  })
  return found.map(inWords)
}

function inWords({ what, wanted = 'nobody', there = 'nobody' }: Difference): string {
  return `${what}: ${wanted} → ${there}`
}

const text = (content: string): FileState => ({ kind: 'text', text: content })

describe('nftables: what is there, compared in what it means', () => {
  const changed = (change: (text: string) => string) => differing('nftables', (file) => text(change(file.text)))

  it('V5 · the same differs in nothing, whatever it looks like', async () => {
    expect(await changed((file) => file)).toEqual([])
    const other = (file: string) =>
      file
        .replaceAll(/^ *#.*\n/gm, '')
        .replaceAll(/ comment "\w+"/g, '')
        .replaceAll('admin_v4', 'us')
        .replace('elements = { 203.0.113.7 }', 'elements = { 203.0.113.7-203.0.113.7 }')
        .replace(/( *tcp dport 443 accept)\n([^}]*)\n( {2}\})/, '$2\n$1\n$3')
    expect(other('tcp dport 443 accept\nx\n  }')).not.toBe('tcp dport 443 accept\nx\n  }')
    expect(await changed(other)).toEqual([])
  })

  it('V5 · a port that is opened besides', async () => {
    expect(await changed((file) => file.replace('chain services {', 'chain services {\n tcp dport { 8000, 8080-8081 } accept'))).toEqual([
      'tcp 8000 by IPv4: nobody → everyone',
      'tcp 8080-8081 by IPv4: nobody → everyone',
      'tcp 8000 by IPv6: nobody → everyone',
      'tcp 8080-8081 by IPv6: nobody → everyone',
    ])
  })

  it('M12 · a port that is missing, in one family or for one protocol', async () => {
    expect(await changed((file) => file.replace(/^ *tcp dport 443.*\n/m, ' meta nfproto ipv4 tcp dport 443 accept\n'))).toEqual([
      'tcp 443 by IPv6: everyone → nobody',
    ])
    expect(await changed((file) => file.replace(/^ *udp dport 5060.*\n/m, ''))).toContain('udp 5060 by IPv4: everyone → nobody')
  })

  it('I3 · a source that is wider, or narrower', async () => {
    const wider = await changed((file) => file.replace('{ 203.0.113.7 }', '{ 203.0.113.0/24 }'))
    expect(wider).toContain('tcp 22 by IPv4: 203.0.113.7 → 203.0.113.0/24')
    const narrower = await changed((file) => file.replace('2001:db8:77::/48', '2001:db8:77::7'))
    expect(narrower).toContain('tcp 22 by IPv6: 2001:db8:77::/48 → 2001:db8:77::7')
  })

  it('M1 · published ports, and what only containers may', async () => {
    expect(await changed((file) => file.replace('ct status dnat goto published', 'ct status dnat accept'))).toContain(
      'tcp 1-21 by IPv4, published by a container: nobody → everyone',
    )
    expect(await changed((file) => file.replace(/^ *iifname "docker\*" jump from_containers\n/m, ''))).toEqual([
      'tcp 5432 by IPv4, from containers: everyone → nobody',
      'tcp 5432 by IPv6, from containers: everyone → nobody',
    ])
  })

  it('M1 · what is closed beside the ports: bridges, addresses of containers, loopback, and neighbours by ICMP', async () => {
    expect(await changed((file) => file.replace(/^ *oifname "br-\*".*\n/m, ''))).toContain(
      'tcp 1-21 by IPv4, published by a container (br-*): nobody → everyone',
    )
    expect(await changed((file) => file.replace(/^ *drop\n {2}\}\n\n {2}# Translated/m, '  }\n\n  # Translated'))).toContain(
      'tcp 1-65535 by IPv6, to a container’s own address: nobody → everyone',
    )
    expect(await changed((file) => file.replace(/^ *iifname != "lo" ip daddr.*\n/m, ''))).toContain(
      'tcp 443 by IPv4, for 127.0.0.1: nobody → everyone',
    )
    const [first = '', ...others] = await changed((file) => file.replace(/^ *icmpv6 type \{ nd-.*\n/m, ''))
    expect(first).toMatch(/^ICMP: .*nd-neighbor-solicit.* → nobody$/)
    expect(others).toEqual([])
  })

  it('C4 · what cannot be read is a difference, and so is no file', async () => {
    const [first = ''] = await changed((file) => file.replace('jump services', 'jump services\n    frobnicate 7 accept'))
    expect(first).toBe('tcp 1-21 by IPv4: nobody → perhaps everyone')
    const [where = ''] = await changed((file) => file.replace(/ {2}chain services[^}]*\}\n/, '  frobnicate 7 accept\n'))
    expect(where).toMatch(/sallyport\.nft:\d+:\d+: rules that can be read → /)
    expect(await differing('nftables', () => ({ kind: 'absent' }))).toEqual(['/etc/nftables.d/sallyport.nft: a file → nobody'])
    expect(await differing('nftables', () => ({ kind: 'denied' }))).toEqual(['/etc/nftables.d/sallyport.nft: a file → denied'])
  })
})

describe('iptables: what is there, compared in what it means', () => {
  const changed = (end: string, change: (text: string) => string) =>
    differing('iptables', (file) => text(file.path.endsWith(end) ? change(file.text) : file.text))

  it('V5 · the same differs in nothing', async () => {
    expect(await changed('v4', (file) => file.replaceAll(/^#.*\n/gm, '').replaceAll(/-m comment --comment \w+ /g, ''))).toEqual([])
  })

  it('V5 · ports opened, closed and published, by family', async () => {
    expect(
      await changed('v6', (file) => file.replace('-A SALLYPORT-INPUT -j DROP', '-A SALLYPORT-INPUT -p tcp --dport 8080 -j RETURN\n$&')),
    ).toEqual(['tcp 8080 by IPv6: nobody → everyone'])
    expect(await changed('v4', (file) => file.replace('-s 203.0.113.7 -p tcp -m tcp', '-p tcp -m tcp'))).toContain(
      'tcp 22 by IPv4: 203.0.113.7 → everyone',
    )
    expect(await changed('v4', (file) => file.replace('-A SALLYPORT-CONTAINERS -j DROP\n', ''))).toContain(
      'udp 1-5059 by IPv4, published by a container: nobody → everyone',
    )
  })

  it('C4 · the script that loads them counts as well', async () => {
    expect(await changed('sallyport', (script) => script.replace('set -eu', 'set -e'))).toEqual([
      '/etc/iptables/sallyport: the script that loads the rules → another',
    ])
  })
})

describe('hostile files', () => {
  it.each(['nftables', 'iptables', 'ufw'])('C4 · %s: whatever is there is compared', async (system) => {
    const { files } = await rendered(system, POLICY)
    const writer = await writerOf(system)
    const compare = (text: string) => writer.compare(files, () => ({ kind: 'text', text }), { filters: compareFilters, tools: NO_TOOLS })
    for (const { text: own } of files)
      fc.assert(
        fc.property(fc.nat(own.length), fc.nat(80), fc.string({ unit: 'binary', maxLength: 40 }), (at, length, inserted) => {
          expect(Array.isArray(compare(own.slice(0, at) + inserted + own.slice(at + length)))).toBe(true)
        }),
        { numRuns: 15 },
      )
  })

  it('C4 · more rules than can be compared in seconds differ', async () => {
    const { files } = await rendered('nftables', POLICY)
    const many = Array.from({ length: 4000 }, (_, index) => `tcp dport ${10000 + 2 * index} accept`).join('\n')
    const text = (files[0]?.text ?? '').replace('chain services {', `chain services {\n${many}`)
    const found = (await writerOf('nftables')).compare(files, () => ({ kind: 'text', text }), { filters: compareFilters, tools: NO_TOOLS })
    expect(found.map(({ what }) => what)).toEqual(['by IPv4', 'by IPv6'])
  })
})

describe('who is let in', () => {
  const POLICY_OF_TWO = policyOf(`version: 1
hosts: { one: { aws: { securityGroup: a } }, two: { aws: { securityGroup: b } } }
services:
  ssh: { host: [one, two], port: 22, from: 203.0.113.7 }
  cache: { host: one, port: 6379, from: [worker, two] }
  worker: { host: one, port: 9200 }
`)

  it('M1 · a source of the same machine, without an address, is its containers; one of another machine is nobody, and that is said', async () => {
    const { files, notes } = await rendered('nftables', POLICY_OF_TWO, { host: 'one' })
    const lines = (files[0]?.text ?? '').split('\n').filter((line) => line.includes('"cache"'))
    expect(lines.map((line) => line.trim())).toEqual([
      'tcp dport 6379 accept comment "cache"',
      'meta l4proto tcp ct original proto-dst 6379 accept comment "cache"',
    ])
    expect(files[0]?.text).toMatch(/chain from_containers \{\n\s*tcp dport 6379/)
    expect(notes).toEqual(['cache: two has no address, so nothing is opened for it'])
  })

  it('M12 · where nobody may connect by SSH, that is said', async () => {
    const policy = policyOf('version: 1\nservices: { https: { port: 443, from: internet }, ssh: { port: 22 } }\n')
    for (const system of ['nftables', 'iptables', 'ufw'])
      expect((await rendered(system, policy)).notes.join()).toContain('nobody may connect by SSH')
  })
})
