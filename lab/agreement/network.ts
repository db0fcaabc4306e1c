import type { Family } from '@sallyport/core/network'

/** The network that every ruleset is tried in: a server between the internet, its neighbours, and a host behind it. */
export const ZONES = {
  internet: ['198.51.100.0/24', '2001:db8:51::/64'],
  lan: ['192.168.1.0/24', '2001:db8:1::/64'],
  back: ['10.9.0.0/24', '2001:db8:9::/64'],
} as const

export type Zone = keyof typeof ZONES

export const SERVER: Readonly<Record<Zone, Readonly<Record<Family, string>>>> = {
  internet: { 4: '198.51.100.10', 6: '2001:db8:51::10' },
  lan: { 4: '192.168.1.10', 6: '2001:db8:1::10' },
  back: { 4: '10.9.0.10', 6: '2001:db8:9::10' },
}

/** The host behind the server, whose way to anywhere leads through it. */
export const INNER: Readonly<Record<Family, string>> = { 4: '10.9.0.20', 6: '2001:db8:9::20' }

export const LOOPBACK: Readonly<Record<Family, string>> = { 4: '127.0.0.1', 6: '::1' }

/** The server's own addresses. */
export function ownSources(family: Family): readonly string[] {
  return [LOOPBACK[family], ...Object.values(SERVER).map((own) => own[family])]
}

/** Where packets come from. */
export const SENDERS: Readonly<Record<'internet' | 'lan', Readonly<Record<Family, readonly string[]>>>> = {
  internet: {
    4: ['203.0.113.7', '203.0.113.8', '203.0.113.130', '198.51.100.77', '192.0.2.33'],
    6: ['2001:db8:77::7', '2001:db8:77::8', '2001:db8:77:8000::1', '2001:db8:51::77', '2001:db8:33::33'],
  },
  lan: { 4: ['192.168.1.66', '192.168.1.67', '192.168.1.200'], 6: ['2001:db8:1::66', '2001:db8:1::67', '2001:db8:1::c8'] },
}

/** Ports with a listener for TCP and UDP, on the server, behind it and in every container. */
export const PORTS: readonly number[] = [22, 53, 80, 443, 1000, 2000, 3000, 8000, 8080, 9000]
/** Ports where nobody listens. */
export const EMPTY_PORTS: readonly number[] = [25, 81, 5000]

/** A first packet. */
export interface Shot {
  /** `own`: the server itself sends it. */
  readonly zone: 'internet' | 'lan' | 'own'
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly port: number
}
