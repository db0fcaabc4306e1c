import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container } from '../../lab/docker.ts'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { type Explained, explained, saidOfOwn } from './own-cases.ts'
import { place } from './reach-cases.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

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

/** Each in its own way published: what `docker run` is given, and the port of the server. */
const PUBLISHED = [
  ['everywhere', ['8080:80'], undefined],
  ['loopback', ['127.0.0.1:8081:80'], undefined],
  ['lan', ['192.168.1.10:8082:80'], undefined],
  ['six', ['[::]:8083:80'], undefined],
  ['lan-six', ['[2001:db8:1::10]:8084:80'], undefined],
  ['own-network', ['8085:80'], 'own'],
  ['inner', ['8086:80'], 'inner'],
  ['unpublished', [], undefined],
  ['unpublished-own', [], 'own'],
] as const

const ZONES = {
  internet: { from: { 4: '198.51.100.66', 6: '2001:db8:51::66' }, server: { 4: '198.51.100.10', 6: '2001:db8:51::10' } },
  lan: { from: { 4: '192.168.1.66', 6: '2001:db8:1::66' }, server: { 4: '192.168.1.10', 6: '2001:db8:1::10' } },
} as const

const LOCALHOST = { 4: '127.0.0.1', 6: '::1' } as const

/** Every port of the server that is asked about. */
const ASKED = [...Array.from({ length: 7 }, (_one, index) => 8080 + index), 8090]

/** What stands in the way, and by whom. */
const SETTINGS = [
  ['with docker-proxy', { userlandProxy: true }, []],
  ['without docker-proxy', { userlandProxy: false }, []],
  [
    'with rules of DOCKER-USER',
    { userlandProxy: true },
    ['-i internet -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP', '-s 192.168.1.0/25 -p tcp --dport 80 -j REJECT'],
  ],
] as const

interface Case {
  readonly title: string
  readonly source: string
  readonly at: string
  readonly real: string
}

await describeLab('M1 · containers published in every way', () => {
  describe.each(SETTINGS)('%s, ufw denying every port', (_, options, rules) => {
    let lab: Awaited<ReturnType<typeof build>>
    let cases: readonly Case[]
    let report: ReportData
    let ownCases: readonly Case[]
    let explanations: readonly Explained[]

    beforeAll(async () => {
      lab = await build()
      const { server } = lab.hosts
      await server.ufw(['default deny incoming', 'allow 22/tcp', ...PUBLISHED.map((_one, index) => `deny ${8080 + index}`), 'enable'])
      const docker = await server.docker({ ...options, ipv6: '2001:db8:d0::/64' })
      await docker.cli(['network', 'create', 'own'])
      await docker.cli(['network', 'create', '--internal', 'inner'])
      const containers: Container[] = []
      for (const [name, publish, network] of PUBLISHED)
        containers.push(await docker.run({ name, publish, serve: [80], ...(network === undefined ? {} : { network }) }))
      const host = await docker.run({ name: 'on-host', serve: [8090], network: 'host' })
      expect(host.name).toBe('on-host')
      for (const rule of rules) await server.run(['iptables', '-I', 'DOCKER-USER', ...rule.split(' ')])
      const checked = await server.run(['node', CLI, 'check', '--scope', 'host', '--format', 'json', '--fail-on', 'never'], {
        cwd: '/var',
        timeoutMs: 60_000,
      })
      report = JSON.parse(checked.stdout) as ReportData
      cases = await probe(containers)
      ownCases = await probeFromHost(containers)
      explanations = [await explained(server, '80'), await explained(server, '8090')]
    }, 180_000)
    afterAll(() => lab?.close())

    /** From both zones and from containers, to the server's and the containers' own addresses. */
    async function probe(containers: readonly Container[]): Promise<readonly Case[]> {
      const fromZones = (['internet', 'lan'] as const).flatMap((zone) =>
        ([4, 6] as const).flatMap((family) => {
          const from = ZONES[zone].from[family]
          const own = ASKED.map((port) => ({ address: ZONES[zone].server[family], port }))
          const inside = containers.flatMap(({ addresses }) =>
            addresses.filter((one) => one.includes(':') === (family === 6)).map((address) => ({ address, port: 80 })),
          )
          return [...own, ...inside].map((to) => ({
            title: zone,
            source: from,
            from: { zone, address: from },
            to: { ...to, via: 'server' as const },
          }))
        }),
      )
      const fromContainers = ['unpublished', 'unpublished-own'].flatMap((name) => {
        const sender = containers.find((one) => one.name === name) ?? expect.fail()
        return containers
          .filter((one) => one !== sender)
          .flatMap(({ addresses }) =>
            addresses.flatMap((address) => {
              const source = sender.addresses.find((one) => one.includes(':') === address.includes(':'))
              return source === undefined
                ? []
                : [{ title: name, source, from: { container: sender, address: source }, to: { address, port: 80 } }]
            }),
          )
      })
      const all = [...fromZones, ...fromContainers]
      const outcomes = await lab.probeAll(all.map(({ from, to }) => ({ from, to, protocol: 'tcp' as const })))
      return all.map(({ title, source, to }, index) => ({
        title,
        source,
        at: place(to.address, to.port),
        real: outcomes[index] ?? '',
      }))
    }

    /** From the server itself, as whichever address routing chooses and as others of its own, to loopback, its own and the containers' addresses. */
    async function probeFromHost(containers: readonly Container[]): Promise<readonly Case[]> {
      const all = ([4, 6] as const).flatMap((family) => {
        const own = [LOCALHOST[family], ZONES.internet.server[family], ZONES.lan.server[family]]
        const toOwn = own.flatMap((address) => ASKED.map((port) => ({ address, port })))
        const toContainers = containers.flatMap(({ name, addresses }) =>
          addresses.filter((one) => one.includes(':') === (family === 6)).map((address) => ({ address, port: 80, name })),
        )
        // A container of an internal network has a way back to its own bridge only.
        const answered = toContainers.filter(({ name }) => name !== 'inner')
        const bound = own.flatMap((source) =>
          [...toOwn, ...answered]
            .filter(({ address }) => source !== LOCALHOST[family] || address === LOCALHOST[family])
            .map(({ address, port }) => ({ source, address, port })),
        )
        return [...bound, ...[...toOwn, ...toContainers].map(({ address, port }) => ({ source: '', address, port }))]
      })
      const probes = all.map(({ source, ...to }) => ({
        from: { host: 'server' as const, ...(source === '' ? {} : { address: source }) },
        to,
        protocol: 'tcp' as const,
      }))
      const outcomes = [...(await lab.probeAll(probes))]
      // On a busy machine a packet is lost that nothing drops: what nobody answered is sent once more.
      const silent = [...outcomes.keys()].filter((index) => outcomes[index] === 'dropped')
      const again = await lab.probeAll(silent.flatMap((index) => probes[index] ?? []))
      for (const [at, index] of silent.entries()) outcomes[index] = again[at] ?? 'dropped'
      return all.map(({ source, address, port }, index) => ({
        title: 'the server itself',
        source,
        at: place(address, port),
        real: outcomes[index] ?? '',
      }))
    }

    it('the verdict for what the host itself sends is what its packets do', () => {
      const wrong = ownCases.flatMap(({ source, at, real }) => {
        const computed = saidOfOwn(explanations, at, source === '' ? undefined : source)
        return computed === (real === 'delivered' ? 'open' : 'closed')
          ? []
          : [`${source === '' ? 'unbound' : source} → ${at}: computed ${computed}, packets say ${real}`]
      })
      expect(wrong).toEqual([])
      const delivered = ownCases.filter(({ real }) => real === 'delivered').length
      process.stderr.write(`${ownCases.length} packets of the host itself, ${delivered} delivered, ${wrong.length} verdicts wrong\n`)
      expect(delivered).toBeGreaterThan(30)
      expect(ownCases.length - delivered).toBeGreaterThan(10)
    })

    it('the verdict for every address, port, sender and family is what packets do', () => {
      const ways = report.services.flatMap(({ endpoints }) => endpoints.flatMap(({ reach }) => reach))
      const wrong = cases.flatMap(({ title, source, at, real }) => {
        const client = parseAddress(source) ?? expect.fail()
        const zone = title === 'internet' || title === 'lan' ? title : undefined
        const found = ways.filter(
          (way) =>
            way.at === at &&
            (zone === undefined ? way.from === 'host' : way.interface === zone) &&
            hasAddress(addressSet(...way.sources), client),
        )
        const said = found.some(({ verdict }) => verdict === 'open') ? 'open' : found.length > 0 ? 'maybe' : 'closed'
        return said === (real === 'delivered' ? 'open' : 'closed')
          ? []
          : [`${title} ${source} → ${at}: computed ${said}, packets say ${real}`]
      })
      expect(wrong).toEqual([])
      // Both occur, so that agreement means something.
      expect(cases.filter(({ real }) => real === 'delivered').length).toBeGreaterThan(10)
      expect(cases.filter(({ real }) => real !== 'delivered').length).toBeGreaterThan(10)
    })
  })
})
