import { expect, it } from 'vitest'
import { address } from '../../../test/reach.ts'
import { see, SERVER } from '../../../test/server.ts'
import { parsePolicy } from '../../policy/index.ts'
import { audit } from '../index.ts'

/** What is said of a server at 192.0.2.10 on which something listens on port 14100. */
function found(hosts: string, of: string): readonly string[] {
  const text = `version: 1\nhosts: ${hosts}\nservices:\n  app: { host: ${of}, port: 14100 }\n`
  const { policy, diagnostics } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  expect(diagnostics).toEqual([])
  const socket = { claim: 'socket', protocol: 'tcp', address: address('0.0.0.0'), port: 14100, accepts: 'ipv4', inode: '1' } as const
  const report = audit({
    evidence: [...SERVER, see({ ...socket, processes: [] })],
    policy,
    folder: '/srv',
    now: 0,
    environment: undefined,
  })
  return report.findings.map(({ rule, message }) => `${rule}: ${message}`)
}

const REACHABLE = 'private-reachable: app is meant for loopback, and the internet (IPv4) can reach it'

it('a service of this machine is judged', () => {
  expect(found('{ api: { address: 192.0.2.10, upstream: none } }', 'api')).toEqual([REACHABLE])
})

it.each([
  ['one host', '{ api: { address: 203.0.113.10, upstream: one-to-one } }'],
  ['several hosts', '{ api: { address: 203.0.113.10 }, other: { address: 203.0.113.20 } }'],
])('so is one of a machine whose public address is on none of its interfaces, as in a cloud: %s', (_title, hosts) => {
  expect(found(hosts, 'api').filter((line) => line.startsWith('private-reachable'))).toHaveLength(1)
})

it('what listens on the port of a service of another machine is declared by nobody', () => {
  expect(found('{ api: { address: 192.0.2.10, upstream: none }, other: { address: 192.0.2.20 } }', 'other')).toEqual([
    'undeclared-listener: app listens on tcp 0.0.0.0:14100, which the policy knows of another host only; the internet (IPv4) can reach it',
  ])
})
