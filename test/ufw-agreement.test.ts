import { describe, expect, test } from 'vitest'
import { evidenceOf, type Ruleset, type Table } from '@sallyport/core/evidence'
import { FAMILIES } from '@sallyport/core/network'
import { readIptablesSave } from '@sallyport/core/systems'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { readUfwFiles } from '../packages/core/src/systems/ufw/read.ts'
import { runUfw, type UfwCase, whyNot } from './ufw/real.ts'

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`ufw has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with ufw: ${reason}`)

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

const CASES: readonly UfwCase[] = [
  { name: 'as it comes', commands: [] },
  {
    name: 'V5 · the usual',
    commands: ['allow 22/tcp', 'allow 9847', 'deny 8080/tcp', 'allow 80,443/tcp', 'allow 6000:6007/udp', 'limit ssh', 'reject 23'],
  },
  {
    name: 'addresses, interfaces, protocols',
    commands: [
      'allow from 192.0.2.7',
      'allow from 192.0.2.0/24 to any port 22 proto tcp',
      'deny from 198.51.100.0/24 port 53 to 192.0.2.1 port 53 proto udp',
      'allow in on eth0 to any port 80 proto tcp',
      'allow out on eth1 to 203.0.113.5',
      'reject out 25/tcp',
      'allow from 2001:db8::/32 to any port 443 proto tcp',
      'limit in on eth0 from 2001:db8::7',
      'allow proto esp from 192.0.2.9',
      'allow to 192.0.2.1 from any',
    ],
  },
  {
    name: 'forwarded packets, profiles, logs, comments',
    commands: [
      'route allow in on eth0 out on eth1',
      'route deny from 192.0.2.0/24 to 10.0.0.5 port 5432 proto tcp',
      "allow 'Nginx Full'",
      "allow from 192.0.2.0/24 to any app 'Nginx HTTP'",
      'allow log 22/tcp',
      'deny log-all 23/tcp',
      'allow 5000/tcp comment "the app"',
      'limit log 2222/tcp',
    ],
  },
  {
    name: 'everything open but denied',
    commands: ['deny 5432/tcp'],
    settings: { DEFAULT_INPUT_POLICY: '"ACCEPT"', DEFAULT_FORWARD_POLICY: '"ACCEPT"' },
  },
  {
    name: 'rejecting',
    commands: ['allow 22/tcp'],
    settings: { DEFAULT_INPUT_POLICY: '"REJECT"', DEFAULT_OUTPUT_POLICY: '"REJECT"', DEFAULT_FORWARD_POLICY: '"REJECT"' },
  },
  { name: 'without IPv6', commands: ['allow 22/tcp'], settings: { IPV6: 'no' } },
  {
    name: 'rules of their own before and after',
    commands: ['allow 22/tcp'],
    files: {
      'before.rules':
        '*nat\n:POSTROUTING ACCEPT [0:0]\n:mine - [0:0]\n-A POSTROUTING -s 10.8.0.0/24 -o eth0 -j MASQUERADE\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\nCOMMIT\n*filter\n-A ufw-before-forward -s 10.8.0.0/24 -j ACCEPT\nCOMMIT\n',
      'after.rules':
        '*filter\n:DOCKER-USER - [0:0]\n:ufw-before-logging-input - [0:0]\n-A DOCKER-USER -j RETURN\n-I INPUT -p tcp --dport 9999 -j ACCEPT\nCOMMIT\n',
      'before6.rules': '*filter\n:ufw6-before-forward - [0:0]\n-A ufw6-before-forward -j DROP\nCOMMIT\n',
    },
  },
  { name: 'a rules file that is empty', commands: [], files: { 'user.rules': null, 'after6.rules': null } },
]

describe.skipIf(reason !== undefined)('what ufw loads is what its files are read as', () => {
  for (const each of CASES) {
    test(each.name, { timeout: 60_000 }, () => {
      const { files, saved, added } = runUfw(each)
      const { evidence, needs, globs } = readUfwFiles(snapshotOf(['/etc/default/ufw', '/etc/ufw/ufw.conf'], files, CONTEXT))
      expect([...needs, ...globs]).toEqual([])
      const [ruleset] = evidenceOf(evidence, 'netfilter').map(({ claim }) => claim.ruleset)
      if (ruleset === undefined) throw new Error('no rules')
      for (const family of FAMILIES) {
        const real = readIptablesSave(saved[family], { family, backend: 'nft' }).ruleset
        expect(plain(of(ruleset, family))).toEqual(plain(real.tables))
      }
      const gaps = evidenceOf(evidence, 'gap').map(({ claim }) => claim.what)
      const empty = Object.entries(each.files ?? {}).flatMap(([name, text]) =>
        text === null ? [`/etc/ufw/${name} is missing or empty: ufw starts without it`] : [],
      )
      expect(gaps.toSorted()).toEqual(empty.toSorted())
      // The rules of the user bear the user's words, as ufw itself lists them.
      const words = new Set(wordsOf(ruleset))
      for (const line of added)
        expect([...words].map(simplified)).toContain(simplified(line.replace(/^ufw /, '').replace(/ comment .*$/, '')))
    })
  }
})

function of(ruleset: Ruleset, family: 4 | 6): readonly Table[] {
  return ruleset.tables.filter((table) => table.family === (family === 4 ? 'ip' : 'ip6'))
}

/** Without places, and with the texts of what has no effect left out: iptables-save writes some in another way. */
function plain(tables: readonly Table[]): unknown {
  const chains = tables.flatMap((table) =>
    [...table.chains.values()]
      // A built-in chain that nothing was said of is printed, and holds nothing.
      .filter((chain) => chain.rules.length > 0 || chain.base === undefined || chain.base.policy === 'drop')
      .map(
        (chain) =>
          [
            `${table.name} ${chain.name}`,
            { base: chain.base, rules: chain.rules.map(({ expressions }) => expressions.map(withoutText)) },
          ] as const,
      ),
  )
  return Object.fromEntries(chains.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function withoutText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutText)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  // Files name the types of ICMP, iptables-save numbers them; neither decides what TCP and UDP reach.
  if ('kind' in value && value.kind === 'icmp') return { kind: 'unknown' }
  // iptables-save has an order of its own within a rule.
  if ('kind' in value && value.kind === 'all' && 'of' in value && Array.isArray(value.of)) {
    return { kind: 'all', of: value.of.map(withoutText).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'text' && key !== 'with')
      .map(([key, inner]) => [key, withoutText(inner)]),
  )
}

function wordsOf(ruleset: Ruleset): readonly string[] {
  return ruleset.tables.flatMap((table) =>
    [...table.chains.values()].flatMap((chain) => chain.rules.filter((rule) => rule.origin.tool === 'ufw').map((rule) => rule.origin.text)),
  )
}

/** `ufw show added` leaves out what is `any`, and says `in` or `to` where it may be left out. */
function simplified(line: string): string {
  return line
    .replace(/ (?:from any(?! port| app)|to any(?! port| app))/g, '')
    .replaceAll("'", '')
    .replaceAll('"', '')
    .split(' ')
    .toSorted()
    .join(' ')
}
