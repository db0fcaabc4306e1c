import type { Claim, Evidence } from '@sallyport/core/evidence'
import { address } from './reach.ts'

export const CONTEXT = { standing: 'running', host: 'server', namespace: '1', capturedAt: 0 } as const

/** Evidence of a running server, as its kernel shows it. */
export function see<C extends Claim>(claim: C): Evidence<C> {
  return { claim, origin: { kind: 'kernel', path: '/proc' }, ...CONTEXT }
}

/** A server with one public address and no packet filter. */
export const SERVER: readonly Evidence[] = [
  see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
  see({ claim: 'boundary', kind: 'none', label: 'nothing' }),
  see({
    claim: 'interface',
    index: 2,
    name: 'eth0',
    up: true,
    loopback: false,
    kind: 'ether',
    addresses: [{ address: address('192.0.2.10'), prefixLength: 24, scope: 'global', temporary: false }],
    programs: [],
  }),
  see({
    claim: 'route',
    family: 4,
    type: 'unicast',
    destination: { address: address('0.0.0.0'), prefixLength: 0 },
    gateway: address('192.0.2.1'),
    device: 'eth0',
    table: 'main',
    metric: 0,
  }),
  see({
    claim: 'route',
    family: 4,
    type: 'local',
    destination: { address: address('192.0.2.10'), prefixLength: 32 },
    device: 'eth0',
    table: 'local',
    metric: 0,
  }),
]
