import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import { expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
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

export const build = () =>
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

export type TestLab = Awaited<ReturnType<typeof build>>

export const FAR = '203.0.113.99'
export const FAR6 = '2001:db8:ffff::9'
export const NEAR = '192.168.1.66'

/** A namespace with one address in `net`, and a way back through the one it hangs on. */
export const namespace = (name: string, net: string, on = ''): string => `
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
export const inhabit = (lab: TestLab, name: string) => lab.hosts.server.spawn(['ip', 'netns', 'exec', name, 'sleep', '600'])

export const shell = (lab: TestLab, host: 'server' | 'client', script: string) =>
  lab.hosts[host].run(['/bin/sh', '-ec', script], { timeoutMs: 30_000 })

export interface Case {
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

export async function check(lab: TestLab): Promise<ReportData> {
  await lab.hosts.server.write('/var/sallyport.yaml', POLICY)
  const args = ['check', '--scope', 'host', '--policy', '/var/sallyport.yaml', '--format', 'json']
  const { stdout, stderr } = await lab.hosts.server.run(['node', CLI, ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as ReportData
}

/** What is said of packets from one source for a socket at this port. `from`: by which interface. */
export function said(
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

export const place = (address: string, port: number): string => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)

/** Each case as it is computed, and as packets find it. */
export function agrees(lab: () => TestLab, report: () => ReportData, cases: readonly Case[]): void {
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
