import type { Evidence, Ruleset } from '@sallyport/core/evidence'
import { address, device, loopback, route, seen, sysctl } from './machine.ts'
import { FIRST_PORT, podAddress, PODS, PORTS_PER_POD } from './shapes.ts'

/** A host on the internet and on a LAN, with pods on a bridge, of both families: so many endpoints in all, a fifth of them in the pods. */
export function cluster(rulesets: readonly Ruleset[], endpoints: number): readonly Evidence[] {
  return [
    seen({ claim: 'namespace', id: '1', kind: 'host', label: 'bench', pid: 1 }),
    seen(sysctl('net.ipv4.ip_forward', '1')),
    seen(sysctl('net.ipv6.conf.all.forwarding', '1')),
    ...rulesets.map((ruleset) => seen({ claim: 'netfilter', ruleset })),
    ...loopback(seen),
    ...device(seen, { name: 'eth0', index: 2, kind: 'ether' }, ['198.51.100.10/24', '2001:db8:51::10/64', 'fe80::10/64']),
    ...device(seen, { name: 'eth1', index: 3, kind: 'ether' }, ['10.9.0.10/16', 'fd00:9::10/64', 'fe80::11/64']),
    seen(route('0.0.0.0/0', 'eth0', '198.51.100.1')),
    seen(route('::/0', 'eth0', '2001:db8:51::1')),
    ...device(seen, { name: 'cni0', index: 4, kind: 'bridge' }, ['10.42.0.1/24', '2001:db8:42::1/64', 'fe80::12/64']),
    ...Array.from({ length: endpoints - PODS * PORTS_PER_POD }, (_, index) =>
      seen({
        claim: 'socket',
        protocol: 'tcp',
        address: address('::'),
        port: FIRST_PORT + index,
        accepts: 'dual',
        inode: `h${index}`,
        processes: [],
      }),
    ),
    ...Array.from({ length: PODS }, (_, index) => pod(index)).flat(),
  ]
}

function pod(index: number): readonly Evidence[] {
  const own = `pod${index}`
  const inside = (claim: Parameters<typeof seen>[0]): Evidence => seen(claim, own)
  const outer = 10 + index
  return [
    ...device(
      seen,
      { name: `veth${index}`, index: outer, kind: 'veth', master: 'cni0', peer: { index: 2, elsewhere: true, namespace: index } },
      [],
    ),
    seen({ claim: 'namespace', id: own, kind: 'other', label: own, pid: 1_000 + index }),
    ...loopback(inside),
    ...device(inside, { name: 'eth0', index: 2, kind: 'veth', peer: { index: outer, elsewhere: true, namespace: 0 } }, [
      `${podAddress(4, index)}/24`,
      `${podAddress(6, index)}/64`,
    ]),
    inside(route('0.0.0.0/0', 'eth0', '10.42.0.1')),
    inside(route('::/0', 'eth0', '2001:db8:42::1')),
    ...Array.from({ length: PORTS_PER_POD }, (_, at) =>
      inside({
        claim: 'socket',
        protocol: 'tcp',
        address: address('::'),
        port: 8080 + at,
        accepts: 'dual',
        inode: `${own} ${at}`,
        processes: [],
      }),
    ),
  ]
}
