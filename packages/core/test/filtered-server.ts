import type { Evidence } from '../src/evidence/index.ts'
import { audit } from '../src/audit/index.ts'
import { parsePolicy } from '../src/policy/index.ts'
import { rulesets } from './netfilter/printed.ts'
import { device, route } from './reach.ts'
import { see } from './server.ts'

/** A server with a public address of each family, and these rules. */
export function server(iptables: string, ip6tables?: string): readonly Evidence[] {
  const files = new Map([['iptables-legacy', iptables], ...(ip6tables === undefined ? [] : [['ip6tables-legacy', ip6tables] as const])])
  return [
    see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
    see({ claim: 'boundary', kind: 'none', label: 'nothing' }),
    see(device('lo', ['127.0.0.1/8', '::1/128'], { loopback: true })),
    see(device('eth0', ['192.0.2.10/24', '2001:db8::10/64'])),
    ...['local 127.0.0.0/8 lo', 'local ::1 lo', 'local 192.0.2.10 eth0', 'local 2001:db8::10 eth0', 'unicast 192.0.2.0/24 eth0'].map(
      (text) => see(route(text)),
    ),
    ...['unicast 2001:db8::/64 eth0', 'unicast 0.0.0.0/0 eth0 192.0.2.1', 'unicast ::/0 eth0 2001:db8::1'].map((text) => see(route(text))),
    ...rulesets(files).map((ruleset) => see({ claim: 'netfilter', ruleset })),
  ]
}

/** Rules of an input chain that drops what they do not take. */
export const table = (...rules: readonly string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`

const OURS = ['firewall-', 'docker-past', 'ipv6-']

/** What the rules about packet filters say of it. */
export function said(evidence: readonly Evidence[], services = ''): readonly string[] {
  const text = `version: 1\nhosts: { localhost: { upstream: none } }\nservices:\n${services}`
  const { policy } = services === '' ? {} : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  const { findings } = audit({ evidence, policy, folder: '/srv', now: 0, environment: undefined })
  return findings
    .filter(({ rule }) => OURS.some((start) => rule.startsWith(start)))
    .map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`)
}
