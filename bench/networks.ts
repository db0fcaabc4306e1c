import type { Evidence } from '@sallyport/core/evidence'
import type { Address } from '@sallyport/core/network'
import { buildHost, computeReach, type EndpointReach } from '@sallyport/core/reach'
import { joinRulesets, readIptablesSave } from '@sallyport/core/systems'
import { address, device, loopback, route, seen, sysctl, type Write } from './machine.ts'

/** Of Docker: 28 added what keeps packets out that are sent to a container directly. */
export type Release = 26 | 28

/** Milliseconds of the processor to compute the reach of a Docker host, without reading its rules. The best of so many. */
export function walkNetworks(count: number, release: Release, rounds: number): number {
  const evidence = dockerHost(count, release)
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage()
    reachOf(evidence)
    return process.cpuUsage(start).user / 1_000
  })
  return Math.min(...times)
}

export function reachOf(evidence: readonly Evidence[]): readonly EndpointReach[] {
  const model = buildHost(evidence)
  if (model === undefined) throw new Error('no host')
  return computeReach(model, 'unknown')
}

/** A host of Docker with so many networks, on each one container that serves 80 and publishes it at 8001 and up, by both families and docker-proxy. */
export function dockerHost(count: number, release: Release): readonly Evidence[] {
  const rulesets = joinRulesets({
    iptables: [
      { family: 4, backend: 'legacy', reading: readIptablesSave(rules(count, release), { family: 4, backend: 'legacy' }) },
      { family: 6, backend: 'legacy', reading: readIptablesSave(rules6(count, release), { family: 6, backend: 'legacy' }) },
    ],
  }).rulesets
  return [
    seen({ claim: 'namespace', id: '1', kind: 'host', label: 'bench', pid: 1 }),
    seen(sysctl('net.ipv4.ip_forward', '1')),
    seen(sysctl('net.ipv6.conf.all.forwarding', '1')),
    ...rulesets.map((ruleset) => seen({ claim: 'netfilter', ruleset })),
    ...loopback(seen),
    ...device(seen, { name: 'eth0', index: 2, kind: 'ether' }, ['198.51.100.10/24', '2001:db8:51::10/64', 'fe80::10/64']),
    seen(route('0.0.0.0/0', 'eth0', '198.51.100.1')),
    seen(route('::/0', 'eth0', '2001:db8:51::1')),
    seen({ claim: 'socket', protocol: 'tcp', address: address('0.0.0.0'), port: 22, accepts: 'ipv4', inode: '22', processes: [] }),
    ...Array.from({ length: count }, (_, index) => network(seen, index)).flat(),
  ]
}

const inContainer = () =>
  joinRulesets({
    iptables: [{ family: 4, backend: 'legacy', reading: readIptablesSave(RESOLVER, { family: 4, backend: 'legacy' }) }],
  }).rulesets

/** A bridge, a container on it, and the proxies of its port. */
function network(see: Write, index: number): readonly Evidence[] {
  const { bridge, gateway, container, subnet, port } = names(index)
  const own = `ns${index}`
  const id = String(index)
  const pid = 1000 + 10 * index
  const inside: Write = (claim) => see(claim, own)
  const addresses = [address(container)]
  const published = [address('0.0.0.0'), address('::')]
  return [
    ...device(see, { name: bridge, index: 10 + 2 * index, kind: 'bridge' }, [`${gateway}/20`, `fe80::1:${index + 1}/64`]),
    ...device(
      see,
      { name: `veth${index}`, index: 11 + 2 * index, kind: 'veth', master: bridge, peer: { index: 2, elsewhere: true, namespace: index } },
      [`fe80::2:${index + 1}/64`],
    ),
    see({ claim: 'namespace', id: own, kind: 'other', label: `c${index}`, pid: pid + 2 }),
    ...loopback(inside),
    ...device(inside, { name: 'eth0', index: 2, kind: 'veth', peer: { index: 11 + 2 * index, elsewhere: true, namespace: 0 } }, [
      `${container}/20`,
      `fe80::3:${index + 1}/64`,
    ]),
    inside(route('0.0.0.0/0', 'eth0', gateway)),
    inside(sysctl('net.ipv4.ip_forward', '1')),
    inside(sysctl('net.ipv6.conf.all.forwarding', '1')),
    ...inContainer().map((ruleset) => inside({ claim: 'netfilter', ruleset })),
    ...(['tcp', 'udp'] as const).map((protocol, at) =>
      inside({
        claim: 'socket',
        protocol,
        address: address('127.0.0.11'),
        port: 36001 + at,
        accepts: 'ipv4',
        inode: `d${id}${at}`,
        processes: [],
      }),
    ),
    inside({ claim: 'socket', protocol: 'tcp', address: address('::'), port: 80, accepts: 'dual', inode: `s${id}`, processes: [pid + 2] }),
    see({
      claim: 'container',
      engine: 'docker',
      id,
      name: `c${index}`,
      image: 'web',
      running: true,
      pid: pid + 2,
      namespace: own,
      networkMode: `n${index}`,
      networks: [{ name: `n${index}`, addresses }],
      published: published.map((hostAddress) => ({
        protocol: 'tcp',
        hostAddress,
        hostPorts: { first: port, last: port },
        containerPorts: { first: 80, last: 80 },
      })),
      restart: '',
    }),
    see({
      claim: 'container-network',
      engine: 'docker',
      id: `n${id}`,
      name: `n${index}`,
      driver: 'bridge',
      internal: false,
      bridge,
      subnets: [subnet],
    }),
    ...published.flatMap((at, number) => proxy(see, at, container, port, pid + number)),
  ]
}

function proxy(see: Write, at: Address, container: string, port: number, pid: number): readonly Evidence[] {
  const host = at.family === 4 ? '0.0.0.0' : '::'
  const words = `/usr/bin/docker-proxy -proto tcp -host-ip ${host} -host-port ${port} -container-ip ${container} -container-port 80`
  return [
    see({
      claim: 'process',
      pid,
      parent: 1,
      name: 'docker-proxy',
      command: words.split(' ') as never,
      executable: '/usr/bin/docker-proxy',
      trusted: true,
      user: 'root',
      namespace: '1',
      environment: new Map(),
    }),
    see({
      claim: 'socket',
      protocol: 'tcp',
      address: at,
      port,
      accepts: at.family === 4 ? 'ipv4' : 'ipv6',
      inode: `p${pid}`,
      processes: [pid],
    }),
  ]
}

function names(index: number) {
  const net = `172.${18 + (index >> 4)}.${(index & 15) << 4}`
  return {
    bridge: `br-${index.toString(16).padStart(12, '0')}`,
    gateway: `${net}.1`,
    container: `${net}.2`,
    prefix: `${net}.0/20`,
    subnet: { address: address(`${net}.0`), prefixLength: 20 },
    port: 8001 + index,
  }
}

function rules(count: number, release: Release): string {
  const all = Array.from({ length: count }, (_, index) => names(index))
  const each = (text: (one: ReturnType<typeof names>) => string): readonly string[] => all.map(text)
  return [
    ...(release === 26
      ? []
      : table(
          'raw',
          ['PREROUTING ACCEPT', 'OUTPUT ACCEPT'],
          each(({ container, bridge }) => `-A PREROUTING -d ${container}/32 ! -i ${bridge} -j DROP`),
        )),
    ...table(
      'nat',
      ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT', 'DOCKER -'],
      [
        '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
        '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
        ...each(({ prefix, bridge }) => `-A POSTROUTING -s ${prefix} ! -o ${bridge} -j MASQUERADE`),
        ...each(({ container }) => `-A POSTROUTING -s ${container}/32 -d ${container}/32 -p tcp -m tcp --dport 80 -j MASQUERADE`),
        ...(release === 26 ? each(({ bridge }) => `-A DOCKER -i ${bridge} -j RETURN`) : []),
        ...each(
          ({ container, bridge, port }) =>
            `-A DOCKER ! -i ${bridge} -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${container}:80`,
        ),
      ],
    ),
    ...table('filter', FILTER_CHAINS[release], [
      ...each(({ container, bridge }) => `-A DOCKER -d ${container}/32 ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport 80 -j ACCEPT`),
      ...FILTER[release](all.map(({ bridge }) => bridge)),
    ]),
  ].join('\n')
}

/** Without networks of this family there is nothing to translate. */
function rules6(count: number, release: Release): string {
  const bridges = Array.from({ length: count }, (_, index) => names(index).bridge)
  return table('filter', FILTER_CHAINS[release], FILTER[release](bridges)).join('\n')
}

const BASE = ['INPUT ACCEPT', 'FORWARD DROP', 'OUTPUT ACCEPT']
const OWN = ['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'].map((name) => `${name} -`)

const FILTER_CHAINS: Readonly<Record<Release, readonly string[]>> = {
  26: [...BASE, ...OWN],
  28: [...BASE, ...OWN, 'DOCKER-BRIDGE -', 'DOCKER-CT -', 'DOCKER-FORWARD -'],
}

const FILTER: Readonly<Record<Release, (bridges: readonly string[]) => readonly string[]>> = {
  26: (bridges) => [
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
    ...bridges.flatMap((bridge) => [
      `-A FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A FORWARD -o ${bridge} -j DOCKER`,
      `-A FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`,
      `-A FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
    ]),
    ...isolation(bridges),
  ],
  28: (bridges) => [
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -j DOCKER-FORWARD',
    ...bridges.map((bridge) => `-A DOCKER ! -i ${bridge} -o ${bridge} -j DROP`),
    ...bridges.map((bridge) => `-A DOCKER-BRIDGE -o ${bridge} -j DOCKER`),
    ...bridges.map((bridge) => `-A DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    '-A DOCKER-FORWARD -j DOCKER-CT',
    '-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1',
    '-A DOCKER-FORWARD -j DOCKER-BRIDGE',
    ...bridges.map((bridge) => `-A DOCKER-FORWARD -i ${bridge} -j ACCEPT`),
    ...isolation(bridges),
  ],
}

function isolation(bridges: readonly string[]): readonly string[] {
  return [
    ...bridges.map((bridge) => `-A DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`),
    ...bridges.map((bridge) => `-A DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`),
  ]
}

/** Docker's own name server in a container (moby libnetwork/resolver_unix.go). */
const RESOLVER = table(
  'nat',
  ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT', 'DOCKER_OUTPUT -', 'DOCKER_POSTROUTING -'],
  [
    '-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT',
    '-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING',
    '-A DOCKER_OUTPUT -d 127.0.0.11/32 -p tcp -m tcp --dport 53 -j DNAT --to-destination 127.0.0.11:36001',
    '-A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:36002',
    '-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p tcp -m tcp --sport 36001 -j SNAT --to-source :53',
    '-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport 36002 -j SNAT --to-source :53',
  ],
).join('\n')

function table(name: string, chains: readonly string[], all: readonly string[]): readonly string[] {
  return [`*${name}`, ...chains.map((chain) => `:${chain} [0:0]`), ...all, 'COMMIT', '']
}
