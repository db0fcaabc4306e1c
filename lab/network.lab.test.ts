import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from './lab.ts'
import { describeLab } from './testing.ts'

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
      inner: { on: { lan: ['192.168.1.20', '2001:db8:1::20'] }, defaultRoute: 'server' },
      old: { on: { lan: ['192.168.1.30', '2001:db8:1::30'] }, iptables: 'legacy' },
    },
  })

const INTERNET = ['198.51.100.10', '2001:db8:51::10'] as const
const LAN = ['192.168.1.10', '2001:db8:1::10'] as const
const PROTOCOLS = ['tcp', 'udp'] as const

await describeLab('the lab’s network', () => {
  let lab: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    lab = await build()
    await lab.hosts.server.listenAll(PROTOCOLS.map((protocol) => ({ protocol, address: '::', port: 8080 })))
    await lab.hosts.server.listenAll(PROTOCOLS.map((protocol) => ({ protocol, address: '127.0.0.1', port: 9090 })))
    for (const host of [lab.hosts.inner, lab.hosts.old]) {
      await host.listenAll(PROTOCOLS.map((protocol) => ({ protocol, address: '::', port: 8080 })))
    }
  })
  afterAll(() => lab?.close())

  const every = (addresses: readonly string[], zone: 'internet' | 'lan', port: number, timeoutMs?: number) =>
    lab.observe(
      addresses.flatMap((address) =>
        PROTOCOLS.map((protocol) => ({
          from: { zone },
          to: { address, port },
          protocol,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        })),
      ),
    )
  const outcomes = async (...asked: Parameters<typeof every>) => (await every(...asked)).map((each) => each.outcome)
  const all = (outcome: string) => [outcome, outcome, outcome, outcome]

  it('delivers TCP and UDP by both families, and the listener has them', async () => {
    const seen = await every(LAN, 'lan', 8080)
    expect(seen.map((each) => each.outcome)).toEqual(all('delivered'))
    expect(seen.map((each) => each.receipt?.from.address)).toEqual([
      '::ffff:192.168.1.1',
      '::ffff:192.168.1.1',
      '2001:db8:1::1',
      '2001:db8:1::1',
    ])
  })

  it('tells a port nobody listens on: a reset for TCP, port unreachable for UDP', async () => {
    const seen = await every(INTERNET, 'internet', 1)
    expect(seen.map((each) => `${each.outcome}: ${each.detail}`)).toEqual([
      'refused: reset',
      'refused: icmp 3/3',
      'refused: reset',
      'refused: icmpv6 1/4',
    ])
  })

  it('tells an address nobody has: silence, for as long as a probe may wait', async () => {
    expect(await outcomes(['192.168.1.99', '2001:db8:1::99'], 'lan', 8080, 2500)).toEqual(all('dropped'))
  })

  it('E6 · reaches no listener on 127.0.0.1 from another host, and reaches it from the host itself', async () => {
    expect(await outcomes(LAN, 'lan', 9090)).toEqual(all('refused'))
    expect(await lab.probe({ from: { host: 'server' }, to: { address: '127.0.0.1', port: 9090 }, protocol: 'tcp' })).toBe('delivered')
    expect(await lab.probe({ from: { host: 'inner' }, to: { address: '127.0.0.1', port: 9090 }, protocol: 'tcp' })).toBe('refused')
  })

  it('sends from any address, in the zone or beyond it', async () => {
    const sources = ['198.51.100.77', '203.0.113.7', '2001:db8:51::77', '2001:db8:ffff::7']
    const seen = await lab.observe(
      sources.map((address) => ({
        from: { zone: 'internet' as const, address },
        to: { address: address.includes(':') ? INTERNET[1] : INTERNET[0], port: 8080 },
        protocol: 'tcp',
      })),
    )
    expect(seen.map((each) => each.receipt?.from.address.replace('::ffff:', ''))).toEqual(sources)
  })

  it('sends from a chosen port', async () => {
    const probe = { from: { zone: 'lan', port: 53 }, to: { address: LAN[0], port: 8080 }, protocol: 'udp' } as const
    const [seen] = await lab.observe([probe])
    expect(seen?.receipt?.from.port).toBe(53)
  })

  it('reaches a host’s address of another zone, as a neighbour with a route can', async () => {
    expect(await outcomes(LAN, 'internet', 8080)).toEqual(all('delivered'))
  })

  it('sends from a host’s own address only as that host, however it is spelled', async () => {
    const probe = {
      from: { zone: 'internet', address: '2001:DB8:51:0::10' },
      to: { address: INTERNET[1], port: 8080 },
      protocol: 'tcp',
    } as const
    await expect(lab.probe(probe)).rejects.toThrow('2001:db8:51::10 belongs to server')
  })

  it('forwards through a host', async () => {
    const to = { address: '2001:db8:1::20', port: 8080, via: 'server' } as const
    expect(await lab.probe({ from: { zone: 'internet' }, to, protocol: 'tcp' })).toBe('delivered')
    await expect(lab.probe({ from: { zone: 'internet' }, to: { address: '192.168.1.20', port: 8080 }, protocol: 'tcp' })).rejects.toThrow(
      'via inner, which has no such address there',
    )
    await expect(lab.probe({ from: { zone: 'internet' }, to: { address: '10.0.0.1', port: 8080 }, protocol: 'tcp' })).rejects.toThrow(
      'say which host',
    )
  })

  it('keeps v6-only listeners from IPv4', async () => {
    const listener = await lab.hosts.server.listen({ protocol: 'tcp', address: '::', port: 8081, v6only: true })
    expect(await outcomes(LAN, 'lan', 8081)).toEqual(['refused', 'refused', 'delivered', 'refused'])
    expect(await listener.received()).toHaveLength(1)
    await listener.close()
    expect(await outcomes(LAN, 'lan', 8081)).toEqual(all('refused'))
  })

  it('says which listeners cannot be bound, and then binds none', async () => {
    const wanted = [8082, 8080].map((port) => ({ protocol: 'tcp' as const, address: '0.0.0.0', port }))
    await expect(lab.hosts.server.listenAll(wanted)).rejects.toThrow('tcp 0.0.0.0 port 8080: Address already in use')
    expect(await outcomes(LAN, 'lan', 8082)).toEqual(all('refused'))
  })

  it('knows a delivery whose answer was lost', async () => {
    await lab.hosts.server.nft('table inet t { chain out { type filter hook output priority 0; udp sport 8080 drop; }; }')
    const [seen] = await lab.observe([{ from: { zone: 'lan' }, to: { address: LAN[0], port: 8080 }, protocol: 'udp' }])
    expect(seen).toMatchObject({ outcome: 'delivered', detail: 'received, the answer was lost' })
    await lab.hosts.server.flushFilters()
  })

  it('counts what reached a listener whose process had no time to look', async () => {
    const { pid } = lab.hosts.server
    process.kill(pid, 'SIGSTOP')
    setTimeout(() => process.kill(pid, 'SIGCONT'), 500)
    expect(await outcomes(LAN, 'lan', 8080)).toEqual(all('delivered'))
  })

  it('sends 800 probes, half of them dropped, without one false outcome', async () => {
    await lab.hosts.server.nft(
      'table inet t { chain in { type filter hook input priority 0; tcp dport 7000-7099 drop; udp dport 7000-7099 drop; }; }',
    )
    const ports = Array.from({ length: 200 }, (_, index) => 7000 + index)
    const probes = ports.flatMap((port) =>
      LAN.flatMap((address) =>
        PROTOCOLS.map((protocol) => ({ from: { zone: 'lan' as const }, to: { address, port }, protocol, timeoutMs: 150 })),
      ),
    )
    const seen = await lab.probeAll(probes)
    expect(probes.filter((probe, index) => seen[index] !== (probe.to.port < 7100 ? 'dropped' : 'refused'))).toEqual([])
    await lab.hosts.server.flushFilters()
  })

  it('waits longer before it calls silence a drop while the machine is busy', async () => {
    await lab.hosts.server.nft('table inet t { chain in { type filter hook input priority 0; tcp dport 7000 drop; }; }')
    const probe = { from: { zone: 'lan' }, to: { address: LAN[0], port: 7000 }, protocol: 'tcp' } as const
    const spinning = await Promise.all(
      Array.from({ length: availableParallelism() * 2 + 2 }, () => lab.hosts.server.spawn(['/bin/sh', '-c', 'while :; do :; done'])),
    )
    const [seen] = await lab.observe([probe])
    await Promise.all(spinning.map((each) => each.stop()))
    expect(seen?.outcome).toBe('dropped')
    expect(seen?.ms).toBeGreaterThan(2000)
    await lab.hosts.server.flushFilters()
  })

  const inputRules = (target: string, reject: string) => `*filter
:INPUT ACCEPT [0:0]
-A INPUT -p tcp --dport 8080 -s ${target} -j DROP
-A INPUT -p udp --dport 8080 -s ${target} -j REJECT --reject-with ${reject}
COMMIT
`
  describe.each(['nft', 'legacy'] as const)('iptables, %s back end', (backend) => {
    afterAll(() => lab.hosts.server.flushFilters())

    it('decides by both families; the other back end does not see its rules', async () => {
      await lab.hosts.server.iptables(inputRules('192.168.1.0/24', 'icmp-admin-prohibited'), backend)
      await lab.hosts.server.ip6tables(inputRules('2001:db8:1::/64', 'icmp6-adm-prohibited'), backend)
      const seen = await every(LAN, 'lan', 8080)
      expect(seen.map((each) => `${each.outcome}: ${each.detail}`)).toEqual([
        'dropped: silence',
        'refused: icmp 3/13',
        'dropped: silence',
        'refused: icmpv6 1/1',
      ])
      expect(await outcomes(INTERNET, 'internet', 8080)).toEqual(all('delivered'))
      const other = backend === 'nft' ? 'legacy' : 'nft'
      expect((await lab.hosts.server.run([`iptables-${other}-save`])).stdout).not.toContain('8080')
      await lab.hosts.server.flushFilters()
      expect(await outcomes(LAN, 'lan', 8080)).toEqual(all('delivered'))
    })
  })

  it('a dropping policy that forgets neighbour discovery leaves open what it accepts', async () => {
    const policy = `*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 8080 -j ACCEPT\nCOMMIT\n`
    await lab.hosts.server.iptables(policy)
    await lab.hosts.server.ip6tables(policy)
    expect(await outcomes(LAN, 'lan', 8080)).toEqual(['delivered', 'dropped', 'delivered', 'dropped'])
    const from = { zone: 'lan', address: '2001:db8:1::abcd' } as const
    expect(await lab.probe({ from, to: { address: LAN[1], port: 8080 }, protocol: 'tcp' })).toBe('delivered')
    expect(await lab.probe({ from: { host: 'inner' }, to: { address: LAN[1], port: 8080 }, protocol: 'tcp' })).toBe('delivered')
    await lab.hosts.server.flushFilters()
  })

  it('tells a TCP connection rejected by an ICMP error from a drop', async () => {
    await lab.hosts.server.nft(
      'table inet t { chain in { type filter hook input priority 0; tcp dport 8080 reject with icmpx host-unreachable; }; }',
    )
    const seen = await lab.observe(LAN.map((address) => ({ from: { zone: 'lan' }, to: { address, port: 8080 }, protocol: 'tcp' })))
    expect(seen.map((each) => `${each.outcome}: ${each.detail}`)).toEqual(['refused: icmp 3/1', 'refused: icmpv6 1/3'])
    await lab.hosts.server.flushFilters()
  })

  it.each(['inner', 'old'] as const)(
    'V5 · ufw on %s: what it denies is dropped, what it rejects refused, what it allows delivered',
    async (name) => {
      const host = lab.hosts[name]
      await host.ufw(['default deny incoming', 'allow 8080', ['reject', 'from', '192.168.1.66', 'to', 'any', 'port', '8081'], 'enable'])
      const from = { zone: 'lan' } as const
      const [address = '', v6 = ''] = host.addresses('lan')
      expect(
        await lab.probeAll([
          { from, to: { address, port: 8080 }, protocol: 'tcp' },
          { from, to: { address: v6, port: 8080 }, protocol: 'udp' },
          { from, to: { address, port: 8081 }, protocol: 'tcp' },
          { from: { zone: 'lan', address: '192.168.1.66' }, to: { address, port: 8081 }, protocol: 'tcp' },
        ]),
      ).toEqual(['delivered', 'delivered', 'dropped', 'refused'])
      const tables = await Promise.all(['nft', 'legacy'].map(async (backend) => (await host.run([`ip6tables-${backend}-save`])).stdout))
      expect(tables.map((text) => text.includes('ufw6-user-input'))).toEqual([name === 'inner', name === 'old'])
      expect((await host.run(['cat', '/etc/ufw/user.rules'])).stdout).toContain('8081')
      expect((await lab.hosts.server.run(['cat', '/etc/ufw/user.rules'])).stdout).not.toContain('8081')
    },
  )

  it('answers at once when it is asked for no probe', async () => {
    expect(await lab.observe([])).toEqual([])
  })

  it('tells a server that accepts and says nothing, and one that is only slow', async () => {
    const server = await lab.hosts.server.spawn(['busybox', 'httpd', '-f', '-p', '8090'])
    await lab.hosts.server.untilListening([{ protocol: 'tcp', port: 8090 }])
    const probe = { from: { zone: 'lan' }, to: { address: LAN[0], port: 8090 }, protocol: 'tcp' } as const
    await server.signal('SIGSTOP')
    const [mute] = await lab.observe([probe])
    expect(mute).toMatchObject({ outcome: 'dropped', detail: 'connected, but not a byte came back' })
    expect(await lab.probe({ ...probe, expect: 'connection' })).toBe('delivered')
    setTimeout(() => server.signal('SIGCONT'), 500)
    expect(await lab.probe(probe)).toBe('delivered')
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGTERM' })
    expect(await lab.probe(probe)).toBe('refused')
  })
})
