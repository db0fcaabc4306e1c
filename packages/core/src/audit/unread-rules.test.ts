import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../test/reader.ts'
import { device, route, socket } from '../../test/reach.ts'
import { see } from '../../test/server.ts'
import { type Evidence, evidenceOf } from '../evidence/index.ts'
import { FAMILIES, type Family } from '../network/index.ts'
import { parsePolicy } from '../policy/index.ts'
import { joinRulesets, readIptablesSave, readNftJson } from '../systems/netfilter/index.ts'
import { snapshotOf } from '../systems/nginx/dump.ts'
import { readUfwFiles } from '../systems/ufw/read.ts'
import { audit, type AuditReport, type ServiceRow } from './index.ts'

const PORTS = [22, 80, 443, 5432]
/** Listens on 127.0.0.1 and ::1 only. */
const LOCAL = 9000

const MACHINE: readonly Evidence[] = [
  see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
  see({ claim: 'boundary', kind: 'none', label: 'nothing' }),
  see(device('lo', ['127.0.0.1/8', '::1/128'], { loopback: true })),
  see(device('eth0', ['192.0.2.10/24', '2001:db8::10/64'])),
  ...[
    'local 127.0.0.0/8 lo',
    'local ::1 lo',
    'local 192.0.2.10 eth0',
    'local 2001:db8::10 eth0',
    'unicast 0.0.0.0/0 eth0 192.0.2.1',
    'unicast ::/0 eth0 2001:db8::1',
  ].map((text) => see(route(text))),
  ...PORTS.map((port) => see(socket('tcp', '::', port))),
  ...['127.0.0.1', '::1'].map((at) => see({ ...socket('tcp', at, LOCAL), accepts: at === '::1' ? ('ipv6' as const) : ('ipv4' as const) })),
]

const SERVICES = [...PORTS, LOCAL].map((port) => `  p${port}: { host: localhost, port: ${port} }\n`).join('')
const { policy } = parsePolicy({
  files: new Map([['sallyport.yaml', `version: 1\nhosts: { localhost: { upstream: none } }\nservices:\n${SERVICES}`]]),
  entry: 'sallyport.yaml',
})

/** The machine with what tools printed of its rules (`nft`, `iptables-legacy`, `ip6tables-nft` …). */
function look(files: ReadonlyMap<string, string>): AuditReport {
  const nft = files.get('nft')
  const iptables = FAMILIES.flatMap((family) =>
    (['nft', 'legacy'] as const).flatMap((backend) => {
      const text = files.get(`${family === 4 ? 'iptables' : 'ip6tables'}-${backend}`)
      return text === undefined ? [] : [{ family, backend, reading: readIptablesSave(text, { family, backend }) }]
    }),
  )
  const joined = joinRulesets({ ...(nft === undefined ? {} : { nft: readNftJson(nft) }), iptables })
  const filters = joined.rulesets.map((ruleset) => see({ claim: 'netfilter', ruleset }))
  const gaps = joined.gaps.map(({ gap, origin }): Evidence => ({ ...see(gap), origin }))
  return audit({ evidence: [...MACHINE, ...filters, ...gaps], policy, folder: '/srv', now: 0, environment: undefined })
}

/** Of packets from the internet. */
function verdict(row: ServiceRow, family: Family): 'open' | 'maybe' | 'closed' {
  const ways = row.now.flatMap((reach) => reach.ways.filter((way) => way.family === family && way.sender === 'internet'))
  return ways.some(({ certainty }) => certainty === 'open') ? 'open' : ways.length > 0 ? 'maybe' : 'closed'
}

/** `22 closed/maybe undecided`: the verdicts of both families, and what is found. Then what was not seen. */
function told(report: AuditReport): string {
  const rows = report.rows.map((row) => {
    const found = report.findings.filter(({ service, rule }) => service === row.name && REACH.has(rule)).map(({ rule }) => rule)
    return `${row.name.padEnd(6)} ${FAMILIES.map((family) => verdict(row, family)).join('/')} ${[...new Set(found)].join(' ')}`.trimEnd()
  })
  return [...rows, ...report.gaps.map(({ claim }) => `not seen: ${claim.what}`)].join('\n')
}

const REACH: ReadonlySet<string> = new Set(['private-reachable', 'undecided'])

describe('rules that nobody can read whole', async () => {
  const path = fileURLToPath(new URL('golden/unread-rules.golden', import.meta.url))
  for (const { title, expected, actual } of await goldenFile(path, async (files) => told(look(files)))) {
    it(title, () => expect(actual).toBe(expected))
  }
})

/** ufw's files on a machine where it lets 22 in and denies 80, both by both families. */
function ufwFiles(): ReadonlyMap<string, string> {
  const user = (six: '' | '6'): string => {
    const any = six === '' ? '0.0.0.0/0' : '::/0'
    const chain = `ufw${six}-user-input`
    const rule = (action: string, port: number): string =>
      `\n### tuple ### ${action} tcp ${port} ${any} any ${any} in\n-A ${chain} -p tcp --dport ${port} -j ${action === 'allow' ? 'ACCEPT' : 'DROP'}\n`
    return `*filter\n:${chain} - [0:0]\n### RULES ###\n${rule('allow', 22)}${rule('deny', 80)}\n### END RULES ###\nCOMMIT\n`
  }
  const own = (kind: 'before' | 'after', six: '' | '6'): string =>
    `*filter\n:ufw${six}-${kind}-input - [0:0]\n-A ufw${six}-${kind}-input -i lo -j ACCEPT\nCOMMIT\n`
  return new Map([
    ['/etc/ufw/ufw.conf', 'ENABLED=yes\n'],
    [
      '/etc/default/ufw',
      'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"\nMANAGE_BUILTINS=no\n',
    ],
    ...(['', '6'] as const).flatMap((six) => [
      [`/etc/ufw/user${six}.rules`, user(six)] as const,
      [`/etc/ufw/before${six}.rules`, own('before', six)] as const,
      [`/etc/ufw/after${six}.rules`, own('after', six)] as const,
    ]),
  ])
}

/** The machine as it is once ufw has loaded what its files say; or, `running`, with these rules beside the files. */
function withUfw(files: ReadonlyMap<string, string>, running?: string): AuditReport {
  const read = readUfwFiles(
    snapshotOf(['/etc/ufw/ufw.conf', '/etc/default/ufw'], files, { host: 'server', standing: 'configured', capturedAt: 0 }),
  )
  const loaded = evidenceOf(read.evidence, 'netfilter').map(({ claim }) => see(claim))
  const rules = running === undefined ? loaded : [...read.evidence, ...rulesOf(running)]
  return audit({ evidence: [...MACHINE, ...rules], policy, folder: '/srv', now: 0, environment: undefined })
}

function rulesOf(text: string): readonly Evidence[] {
  return FAMILIES.map((family) => see({ claim: 'netfilter', ruleset: readIptablesSave(text, { family, backend: 'legacy' }).ruleset }))
}

function verdicts(report: AuditReport, family: Family): Readonly<Record<string, string>> {
  return Object.fromEntries(report.rows.map((row) => [row.name, verdict(row, family)]))
}

describe('files of ufw that are cut short', () => {
  const WHOLE = { p22: 'open', p80: 'closed', p443: 'closed', p5432: 'closed', p9000: 'closed' }
  const ANY = { p22: 'maybe', p80: 'maybe', p443: 'maybe', p5432: 'maybe', p9000: 'closed' }
  const path = '/etc/ufw/user.rules'
  const text = ufwFiles().get(path) ?? ''
  const cut = (at: number): ReadonlyMap<string, string> => new Map([...ufwFiles(), [path, text.slice(0, at)]])

  it('C4 V5 · whole, they decide', () => {
    const report = withUfw(ufwFiles())
    expect([verdicts(report, 4), verdicts(report, 6)]).toEqual([WHOLE, WHOLE])
  })

  it('C4 V5 · cut anywhere within the table, nothing of its family is certain, and the other one stays decided', () => {
    const end = text.indexOf('COMMIT') + 'COMMIT'.length
    for (let at = 1; at < end; at += 3) {
      const report = withUfw(cut(at))
      expect([at, verdicts(report, 4), verdicts(report, 6)]).toEqual([at, ANY, WHOLE])
    }
  })

  it('C4 V5 · what runs is judged by what runs, wherever the files for the next start are cut', () => {
    const running = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'
    const expected = verdicts(withUfw(ufwFiles(), running), 4)
    expect(expected).toEqual(WHOLE)
    for (const [name, content] of ufwFiles())
      for (let at = 0; at < content.length; at += 9) {
        const report = withUfw(new Map([...ufwFiles(), [name, content.slice(0, at)]]), running)
        expect([name, at, verdicts(report, 4), verdicts(report, 6)]).toEqual([name, at, expected, expected])
      }
  })
})

describe('what a tool prints, cut anywhere', () => {
  const SAVE = `*raw
:PREROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
COMMIT
`
  const NFT = JSON.stringify({
    nftables: [
      { table: { family: 'inet', name: 'filter', handle: 1 } },
      { chain: { family: 'inet', table: 'filter', name: 'input', handle: 1, type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      {
        rule: {
          family: 'inet',
          table: 'filter',
          chain: 'input',
          handle: 2,
          expr: [{ match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 22 } }, { accept: null }],
        },
      },
    ],
  })

  it('C4 · no verdict of a text that is cut is another than of the whole, unless it is open to doubt', () => {
    for (const [name, whole] of [
      ['iptables-legacy', SAVE],
      ['nft', NFT],
    ] as const) {
      const right = verdicts(look(new Map([[name, whole]])), 4)
      // Between two tables nothing tells that there was more.
      const between = new Set(name === 'nft' ? [] : [...whole.matchAll(/COMMIT\n/g)].map(({ index }) => index + 'COMMIT'.length))
      for (let at = 1; at < whole.trimEnd().length; at += 2) {
        if (between.has(at) || between.has(at - 1)) continue
        for (const [service, found] of Object.entries(verdicts(look(new Map([[name, whole.slice(0, at)]])), 4)))
          expect([right[service], 'maybe'], `${name} cut at ${at}: ${service} is ${found}`).toContain(found)
      }
    }
  })
})
