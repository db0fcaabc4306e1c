import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Host, Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { adviceIn } from './advice.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: { server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet' } },
  })

const DOORS = [
  { address: '198.51.100.10', source: '203.0.113.9' },
  { address: '2001:db8:51::10', source: '2001:db8:ffff::9' },
] as const

interface Firewall {
  readonly title: string
  readonly load: (server: Host) => Promise<unknown>
  /** What stops a packet of the internet by IPv4, one after the other. */
  readonly stops: readonly RegExp[]
  /** What it proposes, in order. */
  readonly commands: readonly RegExp[]
}

const TABLES =
  '*raw\n-A PREROUTING -p tcp --dport 8080 -j DROP\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 8000:8100 -j REJECT\nCOMMIT\n'

const FIREWALLS: readonly Firewall[] = [
  {
    title: 'iptables, in raw and in filter',
    load: async (server) => {
      await server.iptables(TABLES)
      await server.ip6tables(TABLES)
    },
    stops: [/iptables raw PREROUTING #1 drops/, /iptables filter INPUT #1 rejects/, /iptables filter INPUT: .* its policy is drop/],
    commands: [/^iptables -t raw -I PREROUTING /, /^iptables -I INPUT /, /^ip6tables -t raw -I PREROUTING /, /^ip6tables -I INPUT /],
  },
  {
    title: 'nftables, in two chains of one hook',
    load: (server) =>
      server.nft(`
        table inet early {
          chain in { type filter hook input priority -10; policy accept; tcp dport 8080 drop
          }
        }
        table inet filter {
          chain services { tcp dport { 22, 443 } accept; tcp dport 8000-9000 reject
          }
          chain input { type filter hook input priority 0; policy drop; iif lo accept; jump services
          }
        }`),
    stops: [/nft inet early in #1 drops/, /nft inet filter services #2 rejects/, /nft filter input: .* its policy is drop/],
    commands: [/^nft 'insert rule inet early in /, /^nft 'insert rule inet filter input /],
  },
  {
    title: 'iptables and nftables together',
    load: async (server) => {
      const closed = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 22,443 -j ACCEPT\nCOMMIT\n'
      await server.iptables(closed)
      await server.ip6tables(closed)
      await server.nft('table inet late { chain in { type filter hook input priority 20; policy drop\n}\n}\n')
    },
    stops: [/iptables filter INPUT: .* its policy is drop/, /nft late in: .* its policy is drop/],
    commands: [/^iptables -I INPUT /, /^nft 'insert rule inet late in /, /^ip6tables -I INPUT /],
  },
  {
    title: 'ufw, which denies the port and everything else',
    load: (server) => server.ufw(['default deny incoming', 'allow 22/tcp', 'deny 8080', 'enable']),
    stops: [/iptables filter ufw-user-input #\d+ drops/, /iptables filter INPUT: .* its policy is drop/],
    commands: [/^ufw prepend allow 8080\/tcp$/],
  },
]

await describeLab('a port that is closed', () => {
  let lab: Awaited<ReturnType<typeof build>>
  const explain = async (): Promise<string> =>
    (
      await lab.hosts.server.run(['node', CLI, 'explain', '8080', '--scope', 'host', '--folder', '/var'], {
        cwd: '/var',
        timeoutMs: 60_000,
      })
    ).stdout
  const probe = () =>
    lab.probeAll(
      DOORS.map(({ address, source }) => ({
        from: { zone: 'internet' as const, address: source },
        to: { address, port: 8080 },
        protocol: 'tcp' as const,
      })),
    )

  beforeAll(async () => {
    lab = await build()
    await lab.hosts.server.listen({ protocol: 'tcp', address: '::', port: 8080 })
  }, 120_000)
  afterAll(() => lab?.close())

  it('C3 V5 · of a service on loopback: that stops everybody, the rules would too, and with both changed it is open', async () => {
    const { server } = lab.hosts
    await server.flushFilters()
    await server.iptables('*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 8000:8100 -j REJECT\nCOMMIT\n')
    const bound = await server.listen({ protocol: 'tcp', address: '127.0.0.1', port: 8081 })
    const tell = async (): Promise<string> =>
      (await server.run(['node', CLI, 'explain', '8081', '--scope', 'host', '--folder', '/var'], { cwd: '/var', timeoutMs: 60_000 })).stdout
    const open = async () =>
      lab.probe({ from: { zone: 'internet', address: '203.0.113.9' }, to: { address: '198.51.100.10', port: 8081 }, protocol: 'tcp' })
    const said = await tell()
    expect(said).toContain('the socket takes none')
    expect(said).toMatch(
      /If it listened on every address:\n[^]*from the internet, IPv4: REFUSED by [^\n]*INPUT #1 rejects[^\n]*; then by [^\n]*its policy is drop/,
    )
    const [commands] = adviceIn(said, 'open')
    expect(commands).toEqual(['iptables -I INPUT -p tcp --dport 8081 -j ACCEPT'])
    await server.run(['/bin/sh', '-e', '-c', commands?.[0] ?? ''])
    expect(await open()).not.toBe('delivered')
    expect(await tell()).toMatch(/from the internet, IPv4: ARRIVES[^\n]*, nothing else stops it/)
    await bound.close()
    const wide = await server.listen({ protocol: 'tcp', address: '0.0.0.0', port: 8081 })
    expect(await open()).toBe('delivered')
    await wide.close()
  })

  describe.each(FIREWALLS)('$title', ({ load, stops, commands }) => {
    beforeAll(async () => {
      await lab.hosts.server.flushFilters()
      await load(lab.hosts.server)
    }, 60_000)

    it('C3 V5 · the first thing that stops it is told, every other one that would, and what opens it; all of that and no less does', async () => {
      expect(await probe()).not.toContain('delivered')
      const said = await explain()
      const way = said.split('\n\n').find((part) => part.includes('From the internet, IPv4')) ?? said
      const order = stops.map((stop) => way.search(stop))
      expect(order, way).not.toContain(-1)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      expect(way.match(/without that, it would be stopped/g) ?? []).toHaveLength(stops.length - 1)
      expect(way).toContain('nothing else stops it')

      const [proposed] = adviceIn(said, 'open')
      expect(proposed, said).toHaveLength(commands.length)
      for (const [index, command] of (proposed ?? []).entries()) {
        expect(command).toMatch(commands[index] ?? /nothing/)
        // Each is needed: before the last, one family at least is still closed.
        expect((await probe()).filter((outcome) => outcome !== 'delivered')).not.toEqual([])
        await lab.hosts.server.run(['/bin/sh', '-e', '-c', command])
      }
      expect(await probe()).toEqual(['delivered', 'delivered'])
      expect(await explain()).toMatch(
        /From the internet, IPv4, to 198\.51\.100\.10:8080: ARRIVES[^]*From the internet, IPv6, to \S+: ARRIVES/,
      )
    })

    it('C3 V5 · what it then proposes to close it does', async () => {
      const [closing] = adviceIn(await explain(), 'close')
      expect(closing?.length).toBeGreaterThan(0)
      for (const command of closing ?? []) await lab.hosts.server.run(['/bin/sh', '-e', '-c', command])
      expect(await probe()).toEqual(['dropped', 'dropped'])
      expect(await explain()).not.toMatch(/From (?:the internet|neighbours).*ARRIVE/)
    })
  })
})
