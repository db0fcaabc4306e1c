import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import type { Explained } from './own-cases.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const POLICY = `
version: 1
name: shop
hosts:
  server: { upstream: none }
services:
  ssh: { host: server, port: 22, from: internet }
  web: { host: server, port: 8080 }
  local: { host: server, port: 8081 }
  lan: { host: server, port: 8082, from: private }
  metrics: { host: server, port: 9000 }
`

const build = () =>
  Lab.create({
    zones: {
      internet: ['198.51.100.0/24', '2001:db8:51::/64'],
      lan: ['192.168.1.0/24', '2001:db8:1::/64'],
    },
    hosts: {
      server: {
        on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10', '2001:db8:1::10'] },
        defaultRoute: 'internet',
        forwarding: true,
      },
    },
  })

const CLIENTS = {
  lan: { 4: '192.168.1.66', 6: '2001:db8:1::66' },
  internet: { 4: '198.51.100.66', 6: '2001:db8:51::66' },
} as const
const SERVER = { 4: ['192.168.1.10', '198.51.100.10'], 6: ['2001:db8:1::10', '2001:db8:51::10'] } as const
const PORTS = [22, 8080, 8081, 8082, 9000]

await describeLab('check on a host with ufw and Docker', () => {
  let lab: Awaited<ReturnType<typeof build>>
  let report: ReportData
  const sallyport = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.ufw(['default deny incoming', 'allow 22/tcp', 'deny 8080', 'enable'])
    await server.listenAll([22, 9000].map((port) => ({ protocol: 'tcp', address: '::', port })))
    const docker = await server.docker()
    await docker.run({ name: 'web', publish: ['8080:80'], serve: [80] })
    await docker.run({ name: 'local', publish: ['127.0.0.1:8081:80'], serve: [80] })
    await docker.run({ name: 'lan', publish: ['192.168.1.10:8082:80'], serve: [80] })
    await server.write('/var/sallyport.yaml', POLICY)
    const { stdout, stderr } = await sallyport('check', '--scope', 'host', '--policy', '/var/sallyport.yaml', '--format', 'json')
    expect(stderr).toBe('')
    report = JSON.parse(stdout) as ReportData
  }, 120_000)
  afterAll(() => lab?.close())

  /** The verdict for one packet: does any endpoint's reach hold it? */
  function verdict(zone: keyof typeof CLIENTS, family: 4 | 6, to: string): 'open' | 'maybe' | 'closed' {
    const client = parseAddress(CLIENTS[zone][family])
    const ways = report.services.flatMap((service) => service.endpoints.flatMap((endpoint) => endpoint.reach))
    const found = ways.filter(
      (way) => way.at === to && way.interface === zone && client !== undefined && hasAddress(addressSet(...way.sources), client),
    )
    return found.some((way) => way.verdict === 'open') ? 'open' : found.length > 0 ? 'maybe' : 'closed'
  }

  it('C2 M1 · the verdict for every address, port, zone and family is what packets do', async () => {
    const cases = (['lan', 'internet'] as const).flatMap((zone) =>
      ([4, 6] as const).flatMap((family) => SERVER[family].flatMap((address) => PORTS.map((port) => ({ zone, family, address, port })))),
    )
    const outcomes = await lab.probeAll(
      cases.map(({ zone, family, address, port }) => ({
        from: { zone, address: CLIENTS[zone][family] },
        to: { address, port, via: 'server' as const },
        protocol: 'tcp' as const,
      })),
    )
    const wrong = cases.flatMap(({ zone, family, address, port }, index) => {
      const to = family === 6 ? `[${address}]:${port}` : `${address}:${port}`
      const computed = verdict(zone, family, to)
      const real = outcomes[index] === 'delivered' ? 'open' : 'closed'
      return computed === real ? [] : [`${zone} IPv${family} → ${to}: computed ${computed}, packets say ${outcomes[index]}`]
    })
    expect(wrong).toEqual([])
    // Both verdicts occur, so that agreement means something.
    expect(outcomes.filter((outcome) => outcome === 'delivered').length).toBeGreaterThan(8)
    expect(outcomes.filter((outcome) => outcome !== 'delivered').length).toBeGreaterThan(8)
  })

  it('M1 · a neighbour reaches a container that is published on 127.0.0.1 by its own address, and check says so', async () => {
    const way = report.services
      .find((service) => service.name === 'local')
      ?.endpoints[0]?.reach.find((item) => item.from === 'private' && item.interface === 'lan')
    expect(way?.at).toMatch(/^172\.17\.0\.\d+:80$/)
    const [address = '', port = ''] = way?.at.split(':') ?? []
    expect(await lab.probe({ from: { zone: 'lan' }, to: { address, port: Number(port), via: 'server' }, protocol: 'tcp' })).toBe(
      'delivered',
    )
  })

  it('C1 · a capture tells elsewhere what the host itself tells', async () => {
    const { stdout } = await sallyport('capture')
    const file = join(mkdtempSync(join(tmpdir(), 'sp-capture-')), 'server.jsonl')
    writeFileSync(file, stdout)
    writeFileSync(join(dirname(file), 'sallyport.yaml'), POLICY)
    const there = spawnSync(process.execPath, [CLI, 'check', dirname(file), '--scope', 'host', '--evidence', file, '--format', 'json'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    rmSync(dirname(file), { recursive: true, force: true })
    expect(there.stderr).toBe('')
    const said = JSON.parse(there.stdout) as ReportData
    expect(said.host?.capturedAt).toMatch(/^20\d\d-/)
    const of = ({ score, services, findings }: ReportData) => ({ score, services, findings })
    // Where the policy lies is all that differs.
    expect(JSON.stringify(of(said))).toBe(JSON.stringify(of(report)))
  })

  describe('what it says', () => {
    it('M1 · the private web service is critical, with the rules that let it in', () => {
      const finding = report.findings.find((item) => item.rule === 'private-reachable' && item.service === 'web')
      expect(finding?.severity).toBe('critical')
      expect(finding?.places.map((place) => place.shown).join('\n')).toMatch(/--dport 8080 -j DNAT/)
    })

    it('M1 · Docker past the firewall is a finding for the port that ufw denies', () => {
      const finding = report.findings.find((item) => item.rule === 'docker-past-firewall' && item.service === 'web')
      expect(finding?.message).toContain('refuses port 8080')
    })

    it('M1 · docker-proxy is not shown as the service', () => {
      expect(report.services.map((service) => service.name).toSorted()).toEqual(['lan', 'local', 'metrics', 'ssh', 'web'])
      expect(JSON.stringify(report.services.map((service) => service.endpoints.map((endpoint) => endpoint.processes)))).not.toContain(
        'docker-proxy',
      )
    })

    it('C3 · explain shows the translation, and says that ufw was never asked', async () => {
      const { stdout } = await sallyport('explain', 'web', '--policy', '/var/sallyport.yaml', '--folder', '/var/lib/dpkg')
      expect(stdout).toMatch(/prerouting: iptables nat DOCKER #\d+ translates it to 172\.17\.0\.\d+:80/)
      expect(stdout).toContain('are never asked')
      expect(stdout).toMatch(/IPv6, to \[2001:db8:\d+::10\]:8080: DROPPED/)
    })

    it('C3 · explain of containers by name: what they publish, who comes by which path, what would open or close it', async () => {
      const explain = (...args: readonly string[]) =>
        sallyport('explain', ...args, '--policy', '/var/sallyport.yaml', '--folder', '/var/lib/dpkg').then(({ stdout }) => stdout)
      const local = await explain('local')
      expect(local).toMatch(/container local of \S+, publishes 127\.0\.0\.1:8081 → tcp 80/)
      expect(local).toMatch(/to close it: they come by the container’s own address/)
      expect(await explain('web')).toMatch(/to close it: publish it on 127\.0\.0\.1, or not at all/)
      const asked = await explain('web', '--from', '192.168.1.20')
      expect(asked).toMatch(/From 192\.168\.1\.20 \(as a neighbour\), IPv4, to [\d.]+:80\d*: ARRIVES/)
      expect(asked).not.toContain('From the internet')
      const loopback = await explain('web', '--from', 'loopback')
      expect(loopback).toMatch(/From loopback, IPv4, to 127\.0\.0\.1:8080: ARRIVES/)
      expect(loopback).not.toContain('From this machine')
      expect(loopback).toMatch(/docker-proxy takes it and connects to 172\.17\.0\.\d+:80/)
    })

    it('C3 · explain tells what the host itself sends to a container, as data too', async () => {
      const explain = (...args: readonly string[]) =>
        sallyport('explain', 'web', '--folder', '/var/lib/dpkg', ...args).then(({ stdout }) => stdout)
      const own = await explain('--from', 'host')
      expect(own).toMatch(
        /From this machine, IPv4, to 172\.17\.0\.\d+:80: ARRIVES\n +1\. this machine sends it to 172\.17\.0\.\d+:80, as 172\.17\.0\.1 unless the sender chooses otherwise\n +2\. routed out by docker0\n/,
      )
      expect(own).toMatch(/output: iptables nat DOCKER #\d+ translates it to 172\.17\.0\.\d+:80: .*\n +\d+\. routed out by docker0/)
      expect(own).not.toContain('are never asked')
      expect(await explain('--from', 'containers')).not.toContain('this machine sends it')
      const asLan = await explain('--from', '192.168.1.10')
      expect(asLan).toMatch(/From 192\.168\.1\.10 \(this machine itself\), IPv4, to 172\.17\.0\.\d+:80: ARRIVES/)
      const { services } = JSON.parse(await explain('--from', 'loopback', '--format', 'json')) as Explained
      const reach = services.flatMap(({ endpoints }) => endpoints.flatMap(({ fromMachine }) => fromMachine?.reach ?? []))
      expect(reach.map(({ at, interface: device, verdict }) => [at, device, verdict])).toEqual([
        ['127.0.0.1:8080', 'lo', 'open'],
        ['127.0.0.2:8080', 'lo', 'open'],
        ['[::1]:8080', 'lo', 'open'],
      ])
    })

    it('C4 · nothing is left undecided where everything was seen', () => {
      expect(report.undecided).toBe(false)
      expect(report.notSeen).toEqual([])
    })
  })
})
