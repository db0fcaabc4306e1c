import { afterAll, beforeAll, expect, it } from 'vitest'
import { listen } from '../../lab/listener.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { agrees, build, type Case, check, FAR, FAR6, inhabit, namespace, NEAR, place, said, shell, type TestLab } from './reach-cases.ts'

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
  { ...IN, title: 'a source of 0.0.0.0/8', source: '0.1.2.3', port: 9101, said: 'open', real: 'delivered' },
  { ...IN, title: 'a source of 240.0.0.0/4', source: '240.5.5.5', port: 9101, said: 'open', real: 'delivered' },
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
