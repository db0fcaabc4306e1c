import { parseAddress } from '@sallyport/core/network'
import type { Claim, Evidence } from '@sallyport/core/evidence'
import { buildHost, computeReach } from '@sallyport/core/reach'
import { evidenceIn, joinRulesets, readIptablesSave } from '@sallyport/core/systems'

/** What rules ask for, one by one: another port each, which an index finds, or another source each, which every packet has to be asked about. */
const RULES = {
  ports: (index: number) => `-A INPUT -s 198.51.100.${index % 250}/32 -p tcp -m tcp --dport ${20000 + (index % 40_000)} -j ACCEPT`,
  sources: (index: number) => `-A INPUT -s 198.18.${index >> 8}.${index & 255}/32 -j DROP`,
} as const

export type RuleKind = keyof typeof RULES

/** The text of a ruleset as iptables-save prints it. */
export function ruleset(kind: RuleKind, count: number): string {
  const rules = Array.from({ length: count - 2 }, (_, index) => RULES[kind](index))
  const head = [':INPUT DROP [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]']
  const first = ['-A INPUT -i lo -j ACCEPT', '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']
  return ['*filter', ...head, ...first, ...rules, 'COMMIT', ''].join('\n')
}

/** Milliseconds to compute the reach of so many listeners behind so many rules, without reading the rules. The best of five. */
export function walk(kind: RuleKind, rules: number, listeners: number): number {
  const evidence = host(ruleset(kind, rules), listeners)
  const times = Array.from({ length: 5 }, () => {
    const model = buildHost(evidence)
    if (model === undefined) throw new Error('no host')
    const start = performance.now()
    computeReach(model, 'unknown')
    return performance.now() - start
  })
  return Math.min(...times)
}

/** A host with one interface on the internet and sockets on all addresses. */
function host(text: string, listeners: number): readonly Evidence[] {
  const context = { host: 'bench', standing: 'running', capturedAt: 0, namespace: '1' } as const
  const see = (claim: Claim): Evidence => evidenceIn(context, claim, { kind: 'kernel', path: '/proc' })
  const address = (written: string) => {
    const parsed = parseAddress(written)
    if (parsed === undefined) throw new RangeError(written)
    return parsed
  }
  const reading = readIptablesSave(text, { family: 4, backend: 'legacy' })
  return [
    see({ claim: 'namespace', id: '1', kind: 'host', label: 'bench', pid: 1 }),
    see({
      claim: 'interface',
      index: 2,
      name: 'eth0',
      up: true,
      loopback: false,
      kind: 'physical',
      addresses: [{ address: address('198.51.100.10'), prefixLength: 24, scope: 'global', temporary: false }],
      programs: [],
    }),
    see({
      claim: 'route',
      family: 4,
      table: 'main',
      type: 'unicast',
      destination: { address: address('0.0.0.0'), prefixLength: 0 },
      device: 'eth0',
      metric: 0,
    }),
    ...joinRulesets({ iptables: [{ family: 4, backend: 'legacy', reading }] }).rulesets.map((one) =>
      see({ claim: 'netfilter', ruleset: one }),
    ),
    ...Array.from({ length: listeners }, (_, index) =>
      see({
        claim: 'socket',
        protocol: 'tcp',
        address: address('0.0.0.0'),
        port: 20000 + index,
        accepts: 'ipv4',
        inode: `${index}`,
        processes: [],
      }),
    ),
  ]
}
