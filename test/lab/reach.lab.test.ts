import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { listen } from '../../lab/listener.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const POLICY = `
version: 1
name: router
hosts:
  server: { upstream: none }
services:
  web: { host: server, port: 443, from: internet }
`

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'], lan: ['192.168.1.0/24', '2001:db8:1::/64'] },
    hosts: {
      server: {
        on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10', '2001:db8:1::10'] },
        defaultRoute: 'internet',
      },
      client: { on: { lan: ['192.168.1.55', '2001:db8:1::55'] }, defaultRoute: 'server' },
    },
  })

type TestLab = Awaited<ReturnType<typeof build>>

const FAR = '203.0.113.99'
const FAR6 = '2001:db8:ffff::9'
const NEAR = '192.168.1.66'

/** A namespace with one address in `net`, and a way back through the one it hangs on. */
const namespace = (name: string, net: string, on = ''): string => `
ip netns add ${name}
ip ${on} link add v${name} type veth peer name eth0 netns ${name}
ip -n ${name} link set lo up
ip -n ${name} addr add ${net}.2/24 dev eth0
ip -n ${name} link set eth0 up
ip ${on} addr add ${net}.1/24 dev v${name}
ip ${on} link set v${name} up
ip -n ${name} route add default via ${net}.1
`

/** A process of its own in a namespace, that its sockets are somebody's. */
const inhabit = (lab: TestLab, name: string) => lab.hosts.server.spawn(['ip', 'netns', 'exec', name, 'sleep', '600'])

const shell = (lab: TestLab, host: 'server' | 'client', script: string) =>
  lab.hosts[host].run(['/bin/sh', '-ec', script], { timeoutMs: 30_000 })

interface Case {
  readonly title: string
  readonly from: 'internet' | 'lan'
  readonly source: string
  readonly to: string
  readonly port: number
  readonly protocol?: 'tcp' | 'udp'
  /** The port that the socket has, where rules translate. */
  readonly socket?: number
  readonly said: 'open' | 'maybe' | 'closed'
  readonly real: 'delivered' | 'dropped' | 'refused'
  /** The address and port by which the report tells it, where it stands for others too. */
  readonly at?: string
}

async function check(lab: TestLab): Promise<ReportData> {
  await lab.hosts.server.write('/var/sallyport.yaml', POLICY)
  const args = ['check', '--scope', 'host', '--policy', '/var/sallyport.yaml', '--format', 'json']
  const { stdout, stderr } = await lab.hosts.server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as ReportData
}

/** What is said of packets from one source for a socket at this port. `from`: by which interface. */
function said(
  report: ReportData,
  asked: Pick<Case, 'source' | 'protocol'> & { readonly from?: string; readonly at: string; readonly socket: number },
): Case['said'] {
  const client = parseAddress(asked.source)
  const ways = report.services
    .flatMap((service) => service.endpoints)
    .filter((endpoint) => endpoint.port === asked.socket && endpoint.protocol === (asked.protocol ?? 'tcp'))
    .flatMap((endpoint) => endpoint.reach)
    .filter((way) => way.at === asked.at && (asked.from === undefined || way.interface === asked.from))
    .filter((way) => client !== undefined && hasAddress(addressSet(...way.sources), client))
  return ways.some((way) => way.verdict === 'open') ? 'open' : ways.length > 0 ? 'maybe' : 'closed'
}

const place = (address: string, port: number): string => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)

/** Each case as it is computed, and as packets find it. */
function agrees(lab: () => TestLab, report: () => ReportData, cases: readonly Case[]): void {
  it.each(cases)(
    'C2 · $title: $said',
    async ({ title: _title, from, source, to, port, protocol = 'tcp', socket = port, at = place(to, port), ...expected }) => {
      const probe = { from: { zone: from, address: source }, to: { address: to, port, via: 'server' }, protocol } as const
      expect({
        said: said(report(), { from, source, protocol, socket, at }),
        real: await lab().probe(probe),
      }).toEqual({ said: expected.said, real: expected.real })
    },
  )
}

const TRANSPARENT = `
import socket
s = socket.socket()
s.setsockopt(socket.SOL_IP, 19, 1)
s.bind(('127.0.0.1', 50080))
s.listen(9)
while True:
    c = s.accept()[0]
    c.recv(999)
    c.send(b'delivered')
    c.close()
`

/** Rules, routes and settings beside each other, each of which decides about ports of its own. */
const ROUTER = `
sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.lan.rp_filter=2 net.ipv4.conf.internet.rp_filter=2
${namespace('gate', '10.77.0')}
${namespace('inner', '10.88.0', '-n gate')}
ip netns exec gate sysctl -qw net.ipv4.ip_forward=1
ip -n gate route add local 10.77.0.64/26 dev lo
ip -n gate addr add 2001:db8:77::2/64 dev eth0 nodad
ip addr add 2001:db8:77::1/64 dev vgate nodad
ip -n gate -6 route add default via 2001:db8:77::1
ip route add 10.88.0.0/24 via 10.77.0.2
sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.internet.forwarding=1 net.ipv4.conf.vgate.forwarding=1
for device in internet vgate; do
  if [ -e /proc/sys/net/ipv6/conf/$device/force_forwarding ]; then echo 1 > /proc/sys/net/ipv6/conf/$device/force_forwarding; fi
done

ip route add blackhole 10.77.0.2/32 table 99
ip rule add from 192.0.2.0/24 iif lan dport 9301 lookup 99 pref 500
ip route add local 203.0.113.0/28 dev lo
ip addr add 192.0.2.7/32 dev lan
ip route del local 192.0.2.7 dev lan table local
ip addr add 169.254.7.7/16 dev lan

iptables -t nat -A PREROUTING -p tcp --dport 5000:6000 -j DNAT --to 10.77.0.2
iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to 10.88.0.2:80
iptables -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to 10.77.0.64-10.77.0.127:8443
iptables -t nat -A PREROUTING -p tcp --dport 20000:30000 -j DNAT --to 10.77.0.2:8444
ip netns exec gate iptables -t nat -A PREROUTING -p tcp --dport 9000 -j DNAT --to 10.88.0.2:80
iptables -t nat -A PREROUTING -p tcp --dport 8082 -j DNAT --to 10.77.0.2:9000
ip6tables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to [2001:db8:77::2]:8444
nft -f - <<END
table inet own {
  chain raw {
    type filter hook prerouting priority -300
    udp dport 9402 drop
    udp dport 9401 udp dport set 9402
    udp dport 9602 fib daddr type local drop
    udp dport 9602 meta nfproto ipv6 drop
  }
  chain input {
    type filter hook input priority 0
    tcp dport 9501 meta mark 7 accept
    tcp dport 9501 drop
    udp dport 9301 ip saddr != 10.0.0.0/8 drop
  }
}
table netdev early {
  chain ingress { type filter hook ingress device "internet" priority 0; tcp dport 9501 meta mark set 7; }
}
table ip proxy {
  chain prerouting {
    type filter hook prerouting priority -150
    iifname "internet" tcp dport 9701 tproxy to 127.0.0.1:50080 meta mark set 1 accept
  }
}
END
ip rule add fwmark 1 lookup 100
ip route add local default dev lo table 100
`

const LISTENERS = [
  ...[9101, 9102, 9103].map((port) => ({ protocol: 'tcp' as const, address: '0.0.0.0', port })),
  { protocol: 'tcp', address: '169.254.7.7', port: 9104 },
  { protocol: 'udp', address: '0.0.0.0', port: 9301 },
  { protocol: 'udp', address: '0.0.0.0', port: 9402 },
  { protocol: 'tcp', address: '0.0.0.0', port: 9501 },
  { protocol: 'udp', address: '0.0.0.0', port: 9602 },
  { protocol: 'udp', address: '192.168.1.255', port: 9603 },
  { protocol: 'udp', address: '224.0.0.1', port: 9604 },
] as const

const IN = { from: 'internet', source: FAR, to: '198.51.100.10' } as const

const ROUTER_CASES: readonly Case[] = [
  { ...IN, title: 'a range of ports, each kept, to another namespace', port: 5432, said: 'open', real: 'delivered' },
  { ...IN, title: 'of the range a port where nobody listens', port: 5433, said: 'closed', real: 'refused' },
  {
    ...IN,
    title: 'a range of ports that all become one',
    port: 25_000,
    socket: 8444,
    at: '198.51.100.10:20000',
    said: 'open',
    real: 'delivered',
  },
  { ...IN, title: 'one of many destinations', port: 8081, socket: 8443, said: 'maybe', real: 'delivered' },
  { ...IN, title: 'through a namespace that forwards to a further one', port: 8080, socket: 80, said: 'open', real: 'delivered' },
  { ...IN, title: 'through a namespace that translates again', port: 8082, socket: 80, said: 'open', real: 'delivered' },
  {
    title: 'an interface that forwards nothing',
    from: 'lan',
    source: NEAR,
    to: '192.168.1.10',
    port: 8080,
    socket: 80,
    said: 'closed',
    real: 'dropped',
  },
  {
    title: 'IPv6, forwarded for two interfaces only',
    from: 'internet',
    source: FAR6,
    to: '2001:db8:51::10',
    port: 8080,
    socket: 8444,
    said: 'open',
    real: 'delivered',
  },
  {
    ...IN,
    title: 'an address of a prefix that is local',
    to: '203.0.113.5',
    port: 9102,
    at: '203.0.113.0:9102',
    source: '198.51.100.66',
    said: 'open',
    real: 'delivered',
  },
  {
    title: 'an address whose local route is gone',
    from: 'lan',
    source: NEAR,
    to: '192.0.2.7',
    port: 9101,
    said: 'closed',
    real: 'dropped',
  },
  {
    ...IN,
    title: 'an IPv4 link-local address, from a neighbour elsewhere',
    source: '198.51.100.66',
    to: '169.254.7.7',
    port: 9104,
    said: 'open',
    real: 'delivered',
  },
  {
    title: 'a source without a way back by this interface, the looser of two reverse path filters',
    from: 'lan',
    source: '10.5.5.5',
    to: '192.168.1.10',
    port: 9301,
    protocol: 'udp',
    said: 'open',
    real: 'delivered',
  },
  { ...IN, title: 'a port written over before the tracker', port: 9401, protocol: 'udp', socket: 9402, said: 'open', real: 'delivered' },
  { ...IN, title: 'the port that it becomes', port: 9402, protocol: 'udp', said: 'closed', real: 'dropped' },
  { ...IN, title: 'a mark set at the ingress of a device', port: 9501, said: 'maybe', real: 'delivered' },
  { ...IN, title: 'a transparent proxy on loopback', port: 9701, socket: 50_080, said: 'maybe', real: 'delivered' },
]

await describeLab('reach on a router', () => {
  let lab: TestLab
  let report: ReportData
  beforeAll(async () => {
    lab = await build()
    await shell(lab, 'server', ROUTER)
    const { server } = lab.hosts
    await Promise.all(['gate', 'inner'].map((name) => inhabit(lab, name)))
    await server.listenAll(LISTENERS)
    const of = (name: string, ports: readonly number[]) =>
      listen(
        server.agent,
        name,
        ports.map((port) => ({ protocol: 'tcp', address: '::', port })),
        `/run/netns/${name}`,
      )
    await Promise.all([of('gate', [5432, 8443, 8444]), of('inner', [80])])
    await server.spawn(['/usr/bin/python3', '-c', TRANSPARENT])
    await server.untilListening([{ protocol: 'tcp', port: 50_080 }])
    report = await check(lab)
  }, 60_000)
  afterAll(() => lab?.close())

  agrees(
    () => lab,
    () => report,
    ROUTER_CASES,
  )

  it('C2 · broadcasts and groups reach the sockets that are told to have them', async () => {
    const sends = [
      ['192.168.1.255', 9602],
      ['192.168.1.255', 9603],
      ['224.0.0.1', 9604],
    ] as const
    const send = sends.map(([address, port]) => `s.sendto(b'/sp-${port} ', ('${address}', ${port}))`)
    const script = [
      'import socket',
      's = socket.socket(2, 2)',
      's.setsockopt(1, 6, 1)',
      "s.setsockopt(0, 32, socket.inet_aton('192.168.1.55'))",
      ...send,
    ]
    await lab.hosts.client.run(['/usr/bin/python3', '-c', script.join('\n')])
    const { receipts } = await lab.hosts.server.agent.ask('received', { tokens: sends.map(([, port]) => String(port)) })
    expect(receipts.map(({ token }) => token)).toEqual(['9602', '9603', '9604'])
    const told = sends.map(([address, port]) =>
      said(report, { source: '192.168.1.55', protocol: 'udp', socket: port, at: place(address, port), from: 'lan' }),
    )
    expect(told).toEqual(['open', 'open', 'open'])
    // From beyond the link nobody can.
    expect(said(report, { source: FAR, protocol: 'udp', socket: 9603, at: '192.168.1.255:9603' })).toBe('closed')
  })
})

/** A container on the bridge that has the uplink, and another way in without a default route. */
const BRIDGED = `
ip link set internet down
ip addr flush dev internet
ip link add up0 link internet type macvlan mode passthru
ip link set internet up
ip link add br0 type bridge
ip link set up0 up
ip link set up0 master br0
ip addr add 198.51.100.10/24 dev br0
ip link set br0 up
for tool in iptables ip6tables; do
  if [ -e /proc/sys/net/bridge/bridge-nf-call-$tool ]; then echo 0 > /proc/sys/net/bridge/bridge-nf-call-$tool; fi
done
ip netns add guest
ip link add vguest type veth peer name eth0 netns guest
ip link set vguest up master br0
ip -n guest link set lo up
ip -n guest link set eth0 address 02:00:00:00:77:77
ip -n guest addr add 198.51.100.77/24 dev eth0
ip -n guest link set eth0 up
ip -n guest route add default via 198.51.100.1
ip route add default nexthop via 192.168.1.1 dev lan nexthop via 198.51.100.1 dev br0
sysctl -qw net.ipv4.conf.all.route_localnet=1 net.ipv6.conf.all.forwarding=1
nft -f - <<END
table inet own {
  chain input {
    type filter hook input priority 0
    udp dport 9801 iifname lan drop
    udp dport 9804 ip6 daddr { 2001:db8:1::10, 2001:db8:51::10, fe80::/10, ff00::/8 } drop
  }
}
END
`

await describeLab('reach where a container is bridged with the uplink', () => {
  let lab: TestLab
  let report: ReportData
  beforeAll(async () => {
    lab = await build()
    await shell(lab, 'server', BRIDGED)
    const { server } = lab.hosts
    await inhabit(lab, 'guest')
    await listen(server.agent, 'guest', [{ protocol: 'tcp', address: '0.0.0.0', port: 5432 }], '/run/netns/guest')
    await server.listenAll([
      { protocol: 'udp', address: '0.0.0.0', port: 9801 },
      { protocol: 'udp', address: '::', port: 9804, v6only: true },
      { protocol: 'tcp', address: '127.0.0.53', port: 9802 },
      { protocol: 'tcp', address: '127.0.0.1', port: 9803 },
    ])
    report = await check(lab)
  }, 60_000)
  afterAll(() => lab?.close())

  it('C2 · the container is reached past the host, which forwards nothing', async () => {
    const probe = {
      from: { zone: 'internet', address: '198.51.100.66' },
      to: { address: '198.51.100.77', port: 5432 },
      protocol: 'tcp',
    } as const
    expect(await lab.probe(probe)).toBe('delivered')
    expect(said(report, { from: 'eth0', source: FAR, socket: 5432, at: '198.51.100.77:5432' })).toBe('open')
  })

  it('C2 · the second of two equal ways to the internet is a way in', async () => {
    const probe = {
      from: { zone: 'internet', address: FAR },
      to: { address: '198.51.100.10', port: 9801, via: 'server' },
      protocol: 'udp',
    } as const
    expect(await lab.probe(probe)).toBe('delivered')
    expect(said(report, { from: 'br0', source: FAR, protocol: 'udp', socket: 9801, at: '198.51.100.10:9801' })).toBe('open')
  })

  it('C2 · UDP for the anycast address of a router is its own', async () => {
    const from = { zone: 'lan', address: '2001:db8:1::66' } as const
    const at = async (address: string) => ({
      real: await lab.probe({ from, to: { address, port: 9804, via: 'server' }, protocol: 'udp' }),
      said: said(report, { from: 'lan', source: from.address, protocol: 'udp', socket: 9804, at: place(address, 9804) }),
    })
    expect(await at('2001:db8:1::')).toEqual({ real: 'delivered', said: 'open' })
    expect(await at('2001:db8:1::10')).toEqual({ real: 'dropped', said: 'closed' })
  })

  it('C2 · with route_localnet a neighbour reaches every address of 127.0.0.0/8', async () => {
    const connect = `
sysctl -qw net.ipv4.conf.all.route_localnet=1
ip addr del 127.0.0.1/8 dev lo
ip route flush table local type local 127.0.0.0/8
ip route add 127.0.0.0/8 via 192.168.1.10 src 192.168.1.55
for to in 127.0.0.53/9802 127.0.0.1/9803; do timeout 3 bash -c "echo > /dev/tcp/$to" && echo $to; done`
    expect((await shell(lab, 'client', connect)).stdout.split('\n')).toEqual(['127.0.0.53/9802', '127.0.0.1/9803', ''])
    for (const [address, port] of [
      ['127.0.0.53', 9802],
      ['127.0.0.1', 9803],
    ] as const)
      expect(said(report, { from: 'lan', source: '192.168.1.55', socket: port, at: place(address, port) })).toBe('open')
  })
})
