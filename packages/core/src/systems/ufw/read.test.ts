import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Evidence, evidenceOf } from '../../evidence/index.ts'
import { FAMILIES } from '../../network/index.ts'
import { snapshotOf } from '../nginx/dump.ts'
import type { FileState, Reading } from '../system.ts'
import { ufw } from './index.ts'
import { readUfwFiles } from './read.ts'
import { readTuple, tupleText } from './tuple.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

/** One file each: a title, `--- path` before each input file, `--- expect` before what is read. SALLYPORT_UPDATE_GOLDEN=1 writes it. */
const FOLDER = new URL('./golden/', import.meta.url)

for (const file of readdirSync(FOLDER).toSorted()) {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  const [title = '', ...parts] = text.split(/^--- (.*)\n/m)
  test(`${file}: ${title.trim()}`, () => {
    const inputs = new Map<string, string>()
    let expected = ''
    for (let index = 0; index < parts.length; index += 2) {
      if (parts[index] === 'expect') expected = parts[index + 1] ?? ''
      else inputs.set(parts[index] ?? '', parts[index + 1] ?? '')
    }
    const found = render(read(inputs))
    if (process.env['SALLYPORT_UPDATE_GOLDEN'] === '1')
      writeFileSync(new URL(file, FOLDER), `${text.split(/^--- expect\n/m)[0]}--- expect\n${found}`)
    else expect(found).toBe(expected)
  })
}

function read(files: ReadonlyMap<string, string>): Reading {
  const matched = [...files].flatMap(([path, text]) => {
    const here = path.startsWith('/')
      ? ufw.machine?.paths.includes(path)
      : ufw.reads.some((row) => row.path.test(path) && (row.contains?.test(text) ?? true))
    return here === true ? [path] : []
  })
  return readUfwFiles(snapshotOf(matched, files, CONTEXT))
}

/** Every rule that has a place in a file, in the words that a person is shown; of ufw's own, their number. */
function render({ evidence, needs, globs }: Reading): string {
  return [...evidence.flatMap(renderOne), ...needs.map((path) => `needs ${path}`), ...globs.map((path) => `glob ${path}`), ''].join('\n')
}

function renderOne({ claim, origin }: Evidence): readonly string[] {
  const place = origin.kind === 'file' ? `${origin.path}:${origin.span.start.line}` : origin.kind
  if (claim.claim === 'gap') return [`gap ${claim.code} (${claim.affects.kind}) ${place}: ${claim.what}`]
  if (claim.claim === 'sysctl') return [`sysctl ${claim.name} = ${claim.value} (${place})`]
  if (claim.claim === 'firewall-command')
    return [`command ${claim.command.map((word) => word.shown).join(' ')} (${place}) ${JSON.stringify(claim.rule ?? null)}`]
  if (claim.claim !== 'netfilter') return [claim.claim]
  return [
    `netfilter ${claim.ruleset.tool} (${place})`,
    ...claim.ruleset.unread.map(({ families, reason }) => `  unread ${families.join()} ${reason}`),
    ...claim.ruleset.tables.flatMap((table) => [
      `  table ${table.family} ${table.name}`,
      ...[...table.chains.values()].flatMap((chain) => {
        const placed = chain.rules.filter((rule) => rule.origin.file !== undefined)
        const own = chain.rules.length - placed.length
        const policy =
          chain.base === undefined ? [] : [`    ${chain.name} policy ${chain.base.policy}${own > 0 ? ` and ${own} of ufw` : ''}`]
        return [
          ...policy,
          ...placed.map(
            ({ origin: at }) =>
              `    ${chain.name} ${at.index} [${at.tool}] ${at.text} (${at.file?.path.replace('/etc/ufw/', '')}:${at.file?.span.start.line})`,
          ),
        ]
      }),
    ]),
  ]
}

describe('asking for files', () => {
  const files = new Map([
    ['/etc/ufw/ufw.conf', 'ENABLED=yes\n'],
    [
      '/etc/default/ufw',
      'IPV6=no\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"\nIPT_SYSCTL=/etc/ufw/sysctl.conf\n',
    ],
    [
      '/etc/ufw/user.rules',
      '*filter\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    ],
  ])
  const whole = snapshotOf(['/etc/ufw/ufw.conf', '/etc/default/ufw'], files, CONTEXT)

  test('says nothing until it has all', () => {
    const known = new Map<string, FileState | undefined>(whole.matched.map((path) => [path, whole.file(path)]))
    const globs = new Map<string, readonly string[]>()
    const snapshot = { ...whole, file: (path: string) => known.get(path), glob: (pattern: string) => globs.get(pattern) }
    const first = readUfwFiles(snapshot)
    expect(first).toMatchObject({ evidence: [], globs: ['/etc/ufw/applications.d/*'] })
    expect(first.needs).toEqual([
      '/etc/ufw/before.init',
      '/etc/ufw/after.init',
      '/etc/ufw/sysctl.conf',
      '/etc/ufw/before.rules',
      '/etc/ufw/after.rules',
      '/etc/ufw/user.rules',
    ])
    for (const path of first.needs) known.set(path, whole.file(path))
    for (const pattern of first.globs) globs.set(pattern, [])
    expect(readUfwFiles(snapshot)).toMatchObject({ needs: [], globs: [] })
  })

  test('rules that may not be read leave the family open', () => {
    const reading = readUfwFiles({ ...whole, file: (path) => (path === '/etc/ufw/user.rules' ? { kind: 'denied' } : whole.file(path)) })
    expect(evidenceOf(reading.evidence, 'gap').map(({ claim }) => [claim.code, claim.affects])).toContainEqual([
      'denied',
      { kind: 'netfilter', family: 4 },
    ])
    expect(evidenceOf(reading.evidence, 'netfilter')[0]?.claim.ruleset.unread).toMatchObject([{ families: [4] }])
  })
})

test('V5 · rules in the words of ufw', () => {
  const words: readonly (readonly [string, string | undefined])[] = [
    ['allow tcp 8080 0.0.0.0/0 any 0.0.0.0/0 in', 'allow 8080/tcp'],
    ['allow any 9847 0.0.0.0/0 any 0.0.0.0/0 in', 'allow 9847'],
    ['deny any any 0.0.0.0/0 any 192.0.2.7 in', 'deny from 192.0.2.7 to any'],
    ['allow tcp 22 ::/0 any 2001:db8::/32 in', 'allow from 2001:db8::/32 to any port 22 proto tcp'],
    ['limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0', 'limit in on eth0 from any to any port 22 proto tcp'],
    ['reject tcp 25 0.0.0.0/0 any 0.0.0.0/0 out', 'reject out 25/tcp'],
    ['route:allow any any 0.0.0.0/0 any 0.0.0.0/0 in_eth0!out_eth1', 'route allow in on eth0 out on eth1 from any to any'],
    ['allow_log tcp 22 0.0.0.0/0 any 0.0.0.0/0 in', 'allow log 22/tcp'],
    ['allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 Nginx%20Full - in', "allow 'Nginx Full'"],
    ['allow tcp 80 0.0.0.0/0 any 192.0.2.0/24 Nginx%20HTTP - in', "allow from 192.0.2.0/24 to any app 'Nginx HTTP'"],
    ['allow tcp 5000 0.0.0.0/0 any 0.0.0.0/0 in comment=74686520617070', 'allow 5000/tcp'],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0', 'allow 22/tcp'],
    ['permit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in', undefined],
    ['allow tcp 22', undefined],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 sideways', undefined],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 a b c d', undefined],
  ]
  for (const [tuple, text] of words) {
    const found = readTuple(`### tuple ### ${tuple}`)
    expect([tuple, found && tupleText(found)]).toEqual([tuple, text])
  }
})

const FUZZ = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)

test(`${FUZZ} hostile files: no exception, no hang, a ruleset in any case`, { timeout: 30_000 + FUZZ * 20 }, () => {
  const golden = readdirSync(FOLDER).map((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .split(/^--- (.*)\n/m)
      .slice(1),
  )
  const pieces = [
    'COMMIT\n',
    '*filter\n',
    '*\n',
    ':',
    '-A ',
    '### tuple ### ',
    '\n',
    ' ',
    '"',
    '\\',
    '$(x)',
    '\u0000',
    'any ',
    '99999999999',
    '-j ',
    '!',
  ]
  let state = 2463534242
  const below = (limit: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % limit
  }
  for (let round = 0; round < FUZZ; round++) {
    const parts = golden[round % golden.length] ?? []
    const files = new Map<string, string>()
    for (let index = 0; index < parts.length; index += 2) {
      const text = parts[index + 1] ?? ''
      const at = below(text.length + 1)
      const changed =
        below(2) === 0
          ? text.slice(0, at) + (pieces[below(pieces.length)] ?? '') + text.slice(at)
          : text.slice(0, at) + text.slice(at + below(30))
      files.set(parts[index] ?? '', below(3) === 0 ? changed : text)
    }
    const { evidence } = read(files)
    for (const { origin } of evidence) {
      if (origin.kind !== 'file') continue
      expect(origin.path).not.toBe('ufw')
      expect(origin.span.end.offset).toBeLessThanOrEqual((files.get(origin.path) ?? '').length)
    }
    if (files.has('/etc/ufw/ufw.conf')) expect(evidenceOf(evidence, 'netfilter')).toHaveLength(1)
  }
  const long = new Map([
    ['/etc/ufw/ufw.conf', `ENABLED=yes\n${'A="'.repeat(200_000)}`],
    ['/etc/default/ufw', `IPV6=no\n${' '.repeat(500_000)}x`],
    ['/etc/ufw/user.rules', `*filter\n${'### tuple ### allow '.repeat(50_000)}\n${'-A ufw-user-input -j ACCEPT\n'.repeat(20_000)}`],
  ])
  expect(evidenceOf(read(long).evidence, 'netfilter')).toHaveLength(1)
})

for (const family of FAMILIES) {
  test(`off: nothing is loaded, IPv${family}`, () => {
    const files = new Map([
      ['/etc/ufw/ufw.conf', 'ENABLED=no\n'],
      ['/etc/default/ufw', 'IPV6=yes\n'],
    ])
    expect(evidenceOf(read(files).evidence, 'netfilter')).toMatchObject([
      { claim: { ruleset: { tool: 'ufw', tables: [], unread: [] } }, origin: { path: '/etc/ufw/ufw.conf', span: { start: { line: 1 } } } },
    ])
  })
}
