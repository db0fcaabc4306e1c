import { afterAll, beforeAll, expect, it } from 'vitest'
import { listen } from '../../lab/listener.ts'
import { describeLab } from '../../lab/testing.ts'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { build, check, FAR, inhabit, place, said, shell, type TestLab } from './reach-cases.ts'

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
