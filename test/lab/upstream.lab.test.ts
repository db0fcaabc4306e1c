import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCapture, writeCapture } from '@sallyport/core/capture'
import type { Evidence, UpstreamFilter } from '@sallyport/core/evidence'
import { addressSet, hasAddress, parseAddress, parsePrefix } from '@sallyport/core/network'
import { readNftJson } from '@sallyport/core/systems'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const PUBLIC = '198.51.100.10'
const OWN = { 4: '10.0.1.10', 6: '2001:db8:10:1::10' }
const PORTS = [22, 443, 5432, 6379, 8080]

/** What a cloud does before a network card, done by a router: public addresses, a network ACL, and a security group of each family. */
const CLOUD = `
table ip nat { chain pre { type nat hook prerouting priority -100;
  ip daddr ${PUBLIC} dnat to ${OWN[4]}; }; }
table inet acl { chain subnet { type filter hook forward priority -10; policy accept;
  ip saddr 203.0.113.0/25 drop; }; }
table inet groups { chain prod { type filter hook forward priority 0; policy drop;
  ct state established accept; iifname "inner" accept;
  tcp dport 443 accept;
  ip saddr 203.0.113.0/24 tcp dport 22 accept;
  ip saddr 10.0.2.0/24 tcp dport { 5432, 6379 } accept;
  ip6 saddr 2001:db8:10::/48 tcp dport 5432 accept; }; }
`

const build = () =>
  Lab.create({
    zones: {
      internet: ['198.51.100.0/24', '2001:db8:51::/64'],
      peers: ['10.0.2.0/24', '2001:db8:10:2::/64'],
      inner: ['10.0.1.0/24', '2001:db8:10:1::/64'],
    },
    hosts: {
      cloud: {
        on: {
          internet: [PUBLIC, '2001:db8:51::10'],
          peers: ['10.0.2.254', '2001:db8:10:2::fe'],
          inner: ['10.0.1.254', '2001:db8:10:1::fe'],
        },
        defaultRoute: 'internet',
        forwarding: true,
      },
      server: { on: { inner: [OWN[4], OWN[6]] }, defaultRoute: 'cloud' },
    },
  })

const SENDERS = [
  { zone: 'internet', from: '203.0.113.200', to: PUBLIC },
  { zone: 'internet', from: '203.0.113.7', to: PUBLIC },
  { zone: 'internet', from: '192.0.2.33', to: PUBLIC },
  { zone: 'internet', from: '2001:db8:77::7', to: OWN[6] },
  { zone: 'peers', from: '10.0.2.66', to: OWN[4] },
  { zone: 'peers', from: '2001:db8:10:2::66', to: OWN[6] },
] as const

function prefix(text: string) {
  const [address = '', length] = text.split('/')
  expect(parsePrefix(text)).toBeDefined()
  return { address: parseAddress(address) ?? expect.fail(text), prefixLength: Number(length) }
}

await describeLab('I4 · a host behind security groups, whose evidence is given', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let report: ReportData
  beforeAll(async () => {
    lab = await build()
    const { cloud, server } = lab.hosts
    await cloud.nft(CLOUD)
    await server.nft('table inet own { chain in { type filter hook input priority 0; tcp dport 6379 drop; }; }')
    await server.listenAll(PORTS.map((port) => ({ protocol: 'tcp', address: '::', port })))
    const captured = readCapture((await server.run(['node', CLI, 'capture'], { timeoutMs: 60_000 })).stdout)
    if (captured.kind === 'mistake') expect.fail(captured.mistake.message)
    const { capture } = captured
    const host = capture.evidence.find(({ claim }) => claim.claim === 'namespace' && claim.kind === 'host') ?? expect.fail()
    const { ruleset } = readNftJson((await cloud.run(['nft', '-j', 'list', 'ruleset'])).stdout)
    const groups = { ...ruleset, tables: ruleset.tables.filter(({ name }) => name !== 'nat') }
    const claim: UpstreamFilter = {
      claim: 'upstream-filter',
      label: 'security group prod',
      device: 'inner',
      network: [prefix('10.0.0.0/16'), prefix('2001:db8:10::/48')],
      translated: [{ from: parseAddress(PUBLIC) ?? expect.fail(), to: parseAddress(OWN[4]) ?? expect.fail() }],
      rulesets: [groups],
    }
    const evidence: readonly Evidence[] = [...capture.evidence, { ...host, namespace: (host.claim as { id: string }).id, claim }]
    await server.write('/var/server.jsonl', writeCapture({ ...capture, evidence }))
    const args = ['check', '--scope', 'host', '--evidence', '/var/server.jsonl', '--format', 'json']
    const { stdout, stderr } = await server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
    expect(stderr).toBe('')
    report = JSON.parse(stdout) as ReportData
  }, 60_000)
  afterAll(() => lab?.close())

  it('every verdict through them is what packets do', async () => {
    const cases = SENDERS.flatMap((sender) => PORTS.map((port) => ({ ...sender, port })))
    const outcomes = await lab.probeAll(
      cases.map(({ zone, from, to, port }) => ({
        from: { zone, address: from },
        to: { address: to, port, via: 'cloud' as const },
        protocol: 'tcp' as const,
      })),
    )
    const ways = report.services.flatMap(({ endpoints }) => endpoints.flatMap(({ reach }) => reach))
    const wrong = cases.flatMap(({ from, to, port }, index) => {
      const at = to.includes(':') ? `[${to}]:${port}` : `${to}:${port}`
      const client = parseAddress(from) ?? expect.fail()
      const found = ways.filter((way) => way.at === at && hasAddress(addressSet(...way.sources), client))
      const said = found.some(({ verdict }) => verdict === 'open') ? 'delivered' : found.length > 0 ? 'maybe' : 'closed'
      const real = outcomes[index] === 'delivered' ? 'delivered' : 'closed'
      return said === real ? [] : [`${from} to ${at}: computed ${said}, packets say ${outcomes[index]}`]
    })
    expect(wrong).toEqual([])
    expect(outcomes.filter((outcome) => outcome === 'delivered').length).toBeGreaterThan(7)
    // Nothing else stands before the host: what is seen is no condition any more.
    expect(ways.flatMap(({ unless }) => unless ?? [])).toEqual([])
  })

  it('C3 · explain tells the way through them, and what of them stops the rest', async () => {
    const explain = async (...args: readonly string[]) =>
      (await lab.hosts.server.run(['node', CLI, 'explain', ...args, '--scope', 'host', '--evidence', '/var/server.jsonl'], { cwd: '/var' }))
        .stdout
    expect(await explain('443', '--from', '192.0.2.33')).toMatch(
      /comes in at the network of inner for 198\.51\.100\.10:443\n.*is translated to 10\.0\.1\.10[\s\S]*tcp dport 443 accept[\s\S]*goes on through security group prod into this machine/,
    )
    expect(await explain('22', '--from', '203.0.113.7')).toMatch(/DROPPED[\s\S]*acl subnet[\s\S]*203\.0\.113\.0\/25 drop/)
  })
})
