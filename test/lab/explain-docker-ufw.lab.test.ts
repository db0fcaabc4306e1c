import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DockerEngine, type DockerOptions, Lab, type Outcome } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { adviceIn } from './advice.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const POLICY = 'version: 1\nhosts: { server: { upstream: none } }\nservices: { web: { host: server, port: 8080 } }\n'

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

const DOORS = [
  { zone: 'internet', address: '198.51.100.10', source: '203.0.113.9' },
  { zone: 'internet', address: '2001:db8:51::10', source: '2001:db8:ffff::9' },
  { zone: 'lan', address: '192.168.1.10', source: '192.168.1.66' },
  { zone: 'lan', address: '2001:db8:1::10', source: '2001:db8:1::66' },
] as const

interface Situation {
  readonly title: string
  readonly docker: DockerOptions
  /** What ufw is told of the port. */
  readonly ufw: 'deny' | 'allow'
  /** What becomes of packets by each door, before anything is done about it. */
  readonly before: readonly Outcome[]
}

const IPV6: DockerOptions = { ipv6: 'fd00:d0c::/64', args: ['--experimental', '--ip6tables'] }

const SITUATIONS: readonly Situation[] = [
  {
    title: 'ufw denies it; IPv6 is docker-proxy’s',
    docker: {},
    ufw: 'deny',
    before: ['delivered', 'dropped', 'delivered', 'dropped'],
  },
  {
    title: 'ufw denies it; both families are translated',
    docker: IPV6,
    ufw: 'deny',
    before: ['delivered', 'delivered', 'delivered', 'delivered'],
  },
  {
    title: 'ufw allows it; IPv6 is docker-proxy’s, and comes by INPUT',
    docker: {},
    ufw: 'allow',
    before: ['delivered', 'delivered', 'delivered', 'delivered'],
  },
]

await describeLab('a published port behind ufw', () => {
  describe.each(SITUATIONS)('$title', ({ docker: options, ufw, before }) => {
    let lab: Awaited<ReturnType<typeof build>>
    let docker: DockerEngine
    const sallyport = (...args: readonly string[]) =>
      lab.hosts.server.run(['node', CLI, ...args, '--scope', 'host', '--policy', '/var/sallyport.yaml'], {
        cwd: '/var',
        exit: 'any',
        timeoutMs: 60_000,
      })
    const explain = async () => (await sallyport('explain', '8080')).stdout
    /** What a test has had the packet filter do. */
    const applied: string[] = []
    const apply = async (commands: readonly string[]) => {
      for (const command of commands) {
        await shell(command)
        applied.push(command)
      }
    }
    const shell = (command: string) => lab.hosts.server.run(['/bin/sh', '-e', '-c', command])
    /** By each door, then to the container's own address as a neighbour that knows it. */
    const probe = async (own: string) => {
      const doors = DOORS.map(({ zone, address, source }) => ({
        from: { zone, address: source },
        to: { address, port: 8080 },
        protocol: 'tcp' as const,
      }))
      const direct = { from: { zone: 'lan' as const }, to: { address: own, port: 80, via: 'server' as const }, protocol: 'tcp' as const }
      return lab.probeAll([...doors, direct])
    }
    const address = async () => (await docker.cli(['inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'web'])).stdout.trim()

    const expectClosed = async () => {
      const said = await explain()
      expect(said).not.toMatch(/From (?:neighbours|the internet).*ARRIVE/)
      const { stdout } = await sallyport('check', '--format', 'json')
      const { services, findings } = JSON.parse(stdout) as ReportData
      const ways = services.flatMap(({ endpoints }) => endpoints.flatMap(({ reach }) => reach))
      expect(ways.filter(({ from }) => from !== 'host')).toEqual([])
      expect(findings.map(({ rule }) => rule)).not.toContain('docker-past-firewall')
    }

    beforeAll(async () => {
      lab = await build()
      const { server } = lab.hosts
      await server.ufw(['default deny incoming', 'allow 22/tcp', `${ufw} 8080/tcp`, 'enable'])
      docker = await server.docker(options)
      await server.write('/var/sallyport.yaml', POLICY)
    }, 120_000)
    afterAll(() => lab?.close())

    beforeEach(async () => {
      await docker.run({ name: 'web', publish: ['8080:80'], serve: [80] })
    })
    afterEach(async () => {
      await docker.cli(['rm', '--force', 'web'])
      for (const command of applied.splice(0)) await shell(command.replace(' -I ', ' -D '))
    })

    it('C3 M1 · explain tells the whole story, and packets agree', async () => {
      expect(await probe(await address())).toEqual([...before, 'delivered'])
      const said = await explain()
      const steps = [
        /comes in at internet for 198\.51\.100\.10:8080/,
        /prerouting: iptables nat PREROUTING #\d+ leads on: .* -j DOCKER\n/,
        /prerouting: iptables nat DOCKER #\d+ translates it to 172\.17\.0\.\d+:80: .*--dport 8080 -j DNAT/,
        /forwarded to docker0/,
        /forward: iptables filter DOCKER #\d+ accepts: .*--dport 80 -j ACCEPT/,
        /goes on through docker0 into web/,
        /is taken by the socket on \S+:80/,
        /\(hook input, ufw’s allow and deny\) are never asked: the packet is translated before them, and forwarded/,
      ]
      const way = said.split('\n\n').find((part) => /From the internet, IPv4, to 198\.51\.100\.10:8080: ARRIVES/.test(part)) ?? said
      const order = steps.map((step) => way.search(step))
      expect(order, way).not.toContain(-1)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      if (ufw === 'deny')
        expect(way).toMatch(/so iptables filter ufw-user-input #\d+ is never asked, which refuses it: .*--dport 8080 -j DROP/)
      expect(/From the internet, IPv6, to \S+: ARRIVES/.test(said)).toBe(before[1] === 'delivered')
    })

    it('C3 M1 · the rules that it proposes, run as they are printed, close it by both families', async () => {
      const [, rules] = adviceIn(await explain(), 'close')
      expect(rules?.length).toBeGreaterThan(1)
      expect(rules?.filter((line) => !/^ip6?tables -I /.test(line))).toEqual([])
      await apply(rules ?? [])
      expect(await probe(await address())).toEqual(['dropped', 'dropped', 'dropped', 'dropped', 'dropped'])
      await expectClosed()
      // What this machine itself and its containers are sent goes on.
      expect((await shell('curl --silent --max-time 5 http://127.0.0.1:8080/')).stdout).toContain('delivered')
    })

    it('C3 M1 · publishing as it proposes, with the rules that belong to it, closes it by both families', async () => {
      const [publishing] = adviceIn(await explain(), 'close')
      const [flag = '', ...commands] = publishing ?? []
      expect(flag).toMatch(/^--publish 127\.0\.0\.1:/)
      await docker.cli(['rm', '--force', 'web'])
      await docker.run({ name: 'web', serve: [80], args: flag.split(' ') })
      await apply(commands)
      const outcomes = await probe(await address())
      expect(outcomes.filter((outcome) => outcome === 'delivered')).toEqual([])
      expect(outcomes.at(-1)).toBe('dropped')
      await expectClosed()
      expect((await shell('curl --silent --max-time 5 http://127.0.0.1:8080/')).stdout).toContain('delivered')
    })
  })
})
