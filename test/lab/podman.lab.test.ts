import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Host, Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { type Backend, podman, rootlessPodman } from './podman.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')
const POLICY = 'version: 1\nname: shop\nhosts:\n  server: { upstream: none }\nservices: {}\n'

const ZONES = {
  internet: ['198.51.100.0/24', '2001:db8:51::/64'],
  lan: ['192.168.1.0/24', '2001:db8:1::/64'],
} as const
const on = (number: number) => ({
  internet: [`198.51.100.${number}`, `2001:db8:51::${number}`],
  lan: [`192.168.1.${number}`, `2001:db8:1::${number}`],
})
const build = () =>
  Lab.create({
    zones: ZONES,
    hosts: {
      netavark: { on: on(10), defaultRoute: 'internet', forwarding: true },
      cni: { on: on(11), defaultRoute: 'internet', forwarding: true },
      rootless: { on: on(12), defaultRoute: 'internet' },
    },
  })
type PodmanLab = Awaited<ReturnType<typeof build>>

const CLIENTS = {
  lan: { 4: '192.168.1.66', 6: '2001:db8:1::66' },
  internet: { 4: '198.51.100.66', 6: '2001:db8:51::66' },
} as const

const CONTAINERS = [{ name: 'web', publish: '8080:80' }, { name: 'local', publish: '127.0.0.1:8081:80' }, { name: 'none' }]

async function check(host: Host): Promise<ReportData> {
  await host.write('/var/sallyport.yaml', POLICY)
  const { stdout, stderr } = await host.run(
    ['node', CLI, 'check', '--scope', 'host', '--policy', '/var/sallyport.yaml', '--format', 'json'],
    { cwd: '/var', exit: 'any', timeoutMs: 60_000 },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout) as ReportData
}

/** Where what is computed differs from what packets do, for every address of the host and of its containers, from both zones. */
async function differences(lab: PodmanLab, name: keyof PodmanLab['hosts'], report: ReportData, containers: readonly string[]) {
  const host = lab.hosts[name]
  const ways = report.services.flatMap((service) => service.endpoints.flatMap((endpoint) => endpoint.reach))
  const cases = (['lan', 'internet'] as const).flatMap((zone) =>
    [
      ...host.addresses().flatMap((address) => [8080, 8081, 80].map((port) => ({ address, port }))),
      ...containers.map((address) => ({ address, port: 80 })),
    ].map((to) => ({ zone, to, client: CLIENTS[zone][to.address.includes(':') ? 6 : 4] })),
  )
  const outcomes = await lab.probeAll(
    cases.map(({ zone, to, client }) => ({ from: { zone, address: client }, to: { ...to, via: name }, protocol: 'tcp' as const })),
  )
  const wrong = cases.flatMap(({ zone, to, client }, index) => {
    const at = to.address.includes(':') ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`
    const sender = parseAddress(client)
    const found = ways.filter(
      (way) => way.at === at && way.interface === zone && sender !== undefined && hasAddress(addressSet(...way.sources), sender),
    )
    const computed = found.some((way) => way.verdict === 'open') ? 'open' : found.length > 0 ? 'maybe' : 'closed'
    return computed === (outcomes[index] === 'delivered' ? 'open' : 'closed') ? [] : [`${zone} → ${at}: ${computed}, ${outcomes[index]}`]
  })
  return { wrong, delivered: outcomes.filter((outcome) => outcome === 'delivered').length, of: cases.length }
}

const told = (report: ReportData) =>
  report.services.map(({ name, container }) => ({ name, container })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
const NAMED = ['local', 'none', 'web'].map((name) => ({ name, container: { name, image: 'localhost/lab:1' } }))

await describeLab('check on a host with Podman', () => {
  let lab: PodmanLab
  beforeAll(async () => {
    lab = await build()
  })
  afterAll(() => lab?.close())

  describe.each<[Backend]>([['netavark'], ['cni']])('whose rules %s writes', (backend) => {
    const addresses = [2, 3, 4].map((number) => `10.88.0.${number}`)
    let report: ReportData
    beforeAll(async () => {
      await podman(lab.hosts[backend], backend, CONTAINERS)
      report = await check(lab.hosts[backend])
    }, 120_000)

    it('C2 M1 · published everywhere, on 127.0.0.1, and not at all: verdicts are what packets do', async () => {
      const { wrong, delivered, of } = await differences(lab, backend, report, addresses)
      expect(wrong).toEqual([])
      expect(delivered).toBeGreaterThan(4)
      expect(of - delivered).toBeGreaterThan(8)
    })

    it('C2 · a service is the container and its image, without an engine’s socket; conmon is none', () => {
      expect(told(report)).toEqual(NAMED)
      expect(report.undecided).toBe(false)
      expect(report.notSeen).toEqual([])
    })

    it('C2 · Podman’s own socket tells the same, and what is published', async () => {
      const host = lab.hosts[backend]
      await host.run(['mkdir', '-p', '/run/podman'])
      const service = await host.spawn(['podman', 'system', 'service', '--time', '0', 'unix:///run/podman/podman.sock'])
      await host.run(['/bin/sh', '-c', 'for try in $(seq 100); do test -S /run/podman/podman.sock && exit 0; sleep 0.05; done; exit 1'])
      const asked = await check(host)
      expect(told(asked)).toEqual(NAMED)
      expect((await differences(lab, backend, asked, addresses)).wrong).toEqual([])
      const explained = await host.run(['node', CLI, 'explain', 'local', '--folder', '/var/lib/dpkg'], { cwd: '/var' })
      expect(explained.stdout).toContain('container local of localhost/lab:1, publishes 127.0.0.1:8081 → tcp 80')
      await service.stop()
    })
  })

  describe('of a user', () => {
    let report: ReportData
    beforeAll(async () => {
      const local = { name: 'local', publish: '127.0.0.1:8081:80', network: 'slirp4netns:port_handler=slirp4netns' }
      await rootlessPodman(lab.hosts.rootless, [...CONTAINERS.filter(({ name }) => name !== 'local'), local])
      report = await check(lab.hosts.rootless)
    }, 120_000)

    it('C2 M1 · what rootlessport and slirp4netns take is what packets reach, and nothing comes by the container’s own device', async () => {
      const { wrong, delivered } = await differences(lab, 'rootless', report, ['10.0.2.100'])
      expect(wrong).toEqual([])
      expect(delivered).toBe(8)
      const beyond = report.services.flatMap(({ name, endpoints }) =>
        endpoints.flatMap(({ port, reach }) => (reach.some(({ from }) => from === 'internet') ? [`${name} ${port}`] : [])),
      )
      expect(beyond).toEqual(['web 8080'])
    })

    it('C2 · their sockets are the containers’', () => {
      expect(told(report)).toEqual(NAMED)
      const local = report.services.find(({ name }) => name === 'local')
      expect(local?.endpoints.map(({ port }) => port).toSorted()).toEqual([80, 8081])
    })
  })
})
