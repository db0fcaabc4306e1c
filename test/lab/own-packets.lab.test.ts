import { afterAll, beforeAll, expect, it } from 'vitest'
import { listen } from '../../lab/listener.ts'
import { describeLab } from '../../lab/testing.ts'
import { type Explained, explained, saidOfOwn } from './own-cases.ts'
import { build, inhabit, namespace, place, shell, type TestLab } from './reach-cases.ts'

const LAN = '192.168.1.10'
const WAN = '198.51.100.10'
const GATE = '10.77.0.1'

/** What stands in OUTPUT, and around it, each deciding about a port of its own. */
const RULES = `
${namespace('gate', '10.77.0')}
${namespace('strict', '10.88.0')}
ip -n gate addr add 2001:db8:77::2/64 dev eth0 nodad
ip addr add 2001:db8:77::1/64 dev vgate nodad
ip -n gate -6 route add default via 2001:db8:77::1
ip -n strict route del default
ip netns exec strict sysctl -qw net.ipv4.conf.all.rp_filter=1

ip route add blackhole default table 99
ip rule add fwmark 1 lookup 99 pref 500
ip route add unreachable 10.77.0.2/32 table 98
ip rule add from ${LAN} to 10.77.0.2 lookup 98 pref 502

iptables -A OUTPUT -d 10.77.0.2 -p tcp --dport 5001 -j DROP
ip6tables -A OUTPUT -d 2001:db8:77::2 -p tcp --dport 5001 -j REJECT
iptables -A OUTPUT -p tcp --dport 5002 -m owner --uid-owner 33 -j DROP
iptables -A OUTPUT -p tcp --dport 5003 -m owner ! --uid-owner 33 -j REJECT
iptables -A OUTPUT -p udp --dport 5002 -j DROP
iptables -t nat -A OUTPUT -d 203.0.113.77 -p tcp --dport 80 -j DNAT --to-destination 10.77.0.2:5004
iptables -t nat -A OUTPUT -d 10.77.0.2 -p tcp --dport 5005 -j REDIRECT --to-ports 9999
iptables -t mangle -A OUTPUT -d 10.77.0.2 -p tcp --dport 5006 -j MARK --set-mark 1
nft add table ip own
nft add chain ip own out '{ type filter hook output priority -160; }'
nft add rule ip own out ip daddr 10.77.0.2 tcp dport 5007 meta mark set 1
iptables -t raw -A OUTPUT -d 203.0.113.79 -p tcp --dport 80 -j NOTRACK
iptables -t nat -A OUTPUT -d 203.0.113.79 -p tcp --dport 80 -j DNAT --to-destination 10.77.0.2:5004
iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 5010 -j DNAT --to-destination 10.77.0.2:5010
iptables -A INPUT -i lo -s ${LAN} -p tcp --dport 8081 -j DROP
iptables -t raw -A PREROUTING -i lo -s ${GATE} -p tcp --dport 8081 -m conntrack --ctstate NEW -j DROP
`

const TCP = [5001, 5002, 5003, 5004, 5005, 5006, 5007, 5010]

interface Case {
  readonly title: string
  readonly to: string
  readonly port: number
  readonly protocol?: 'udp'
  /** Left out: as routing chooses. */
  readonly source?: string
  readonly said: 'open' | 'maybe' | 'closed'
  readonly real: 'delivered' | 'dropped' | 'refused'
}

const CASES: readonly Case[] = [
  { title: 'a destination that OUTPUT drops', to: '10.77.0.2', port: 5001, said: 'closed', real: 'dropped' },
  { title: 'a destination that it rejects, by IPv6', to: '2001:db8:77::2', port: 5001, said: 'closed', real: 'refused' },
  { title: 'a rule for one user', to: '10.77.0.2', port: 5002, said: 'maybe', real: 'delivered' },
  { title: 'a rule for every user but one', to: '10.77.0.2', port: 5003, said: 'maybe', real: 'refused' },
  { title: 'IPv6 beside it', to: '2001:db8:77::2', port: 5003, said: 'open', real: 'delivered' },
  { title: 'UDP', to: '10.77.0.2', port: 5001, protocol: 'udp', said: 'open', real: 'delivered' },
  { title: 'UDP that is dropped', to: '10.77.0.2', port: 5002, protocol: 'udp', said: 'closed', real: 'dropped' },
  { title: 'an address of somebody else that OUTPUT translates', to: '203.0.113.77', port: 80, said: 'open', real: 'delivered' },
  { title: 'the same, exempt from tracking', to: '203.0.113.79', port: 80, said: 'closed', real: 'dropped' },
  { title: 'an address redirected to the machine itself', to: '10.77.0.2', port: 5005, said: 'closed', real: 'refused' },
  { title: 'an address redirected to docker-proxy', to: '203.0.113.78', port: 80, said: 'open', real: 'delivered' },
  { title: 'a mark that has it routed again', to: '10.77.0.2', port: 5006, said: 'closed', real: 'dropped' },
  { title: 'a mark in a chain that does not', to: '10.77.0.2', port: 5007, said: 'open', real: 'delivered' },
  { title: 'a rule of routing for another source', to: '10.77.0.2', port: 5004, said: 'open', real: 'delivered' },
  { title: 'for this source', to: '10.77.0.2', port: 5004, source: LAN, said: 'closed', real: 'dropped' },
  { title: '127.0.0.1, translated without route_localnet', to: '127.0.0.1', port: 5010, said: 'closed', real: 'dropped' },
  { title: 'the same from an address that may leave', to: '127.0.0.1', port: 5010, source: WAN, said: 'open', real: 'delivered' },
  { title: 'docker-proxy', to: '127.0.0.1', port: 8081, said: 'open', real: 'delivered' },
  { title: 'a source that INPUT refuses by lo', to: '127.0.0.1', port: 8081, source: LAN, said: 'closed', real: 'dropped' },
  { title: 'a source that PREROUTING refuses by lo', to: '127.0.0.1', port: 8081, source: GATE, said: 'closed', real: 'dropped' },
  { title: 'docker-proxy, whose own packets OUTPUT drops', to: '127.0.0.1', port: 8082, said: 'closed', real: 'dropped' },
  { title: 'a namespace with a reverse path filter', to: '10.88.0.2', port: 5004, said: 'open', real: 'delivered' },
  { title: 'the same as a source without a way back', to: '10.88.0.2', port: 5004, source: WAN, said: 'closed', real: 'dropped' },
]

await describeLab('what a host itself sends past rules in OUTPUT', () => {
  let lab: TestLab
  let all: readonly Explained[]

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    const docker = await server.docker()
    await docker.run({ name: 'web', publish: ['127.0.0.1:8081:80'], serve: [80] })
    const shut = await docker.run({ name: 'shut', publish: ['127.0.0.1:8082:81'], serve: [81] })
    await shell(lab, 'server', RULES)
    await shell(lab, 'server', `iptables -A OUTPUT -d ${shut.addresses[0]} -p tcp --dport 81 -j DROP`)
    await shell(lab, 'server', 'iptables -t nat -A OUTPUT -d 203.0.113.78 -p tcp --dport 80 -j REDIRECT --to-ports 8081')
    await Promise.all(['gate', 'strict'].map((name) => inhabit(lab, name)))
    const tcp = TCP.map((port) => ({ protocol: 'tcp' as const, address: '::', port }))
    const udp = [5001, 5002].map((port) => ({ protocol: 'udp' as const, address: '::', port }))
    await listen(server.agent, 'gate', [...tcp, ...udp], '/run/netns/gate')
    await listen(server.agent, 'strict', [{ protocol: 'tcp', address: '::', port: 5004 }], '/run/netns/strict')
    all = []
    for (const subject of [...TCP.map(String), 'web', 'shut']) all = [...all, await explained(server, subject)]
  }, 120_000)
  afterAll(() => lab?.close())

  it.each(CASES)('C2 · $title: $said', async ({ to, port, protocol = 'tcp' as const, source, said, real }) => {
    const from = { host: 'server', ...(source === undefined ? {} : { address: source }) } as const
    expect({
      said: saidOfOwn(all, place(to, port), source, protocol),
      real: await lab.probe({ from, to: { address: to, port }, protocol }),
    }).toEqual({ said, real })
  })
})
