import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Text } from '../../evidence/index.ts'
import { readUfw } from './ufw.ts'
import { readShell } from './walk.ts'

const words = (line: string) => (readShell(new Text('x.sh', line)).commands[0]?.words ?? []).slice(1)
const reading = (line: string) => readUfw(words(line))

/** ufw's own parser, asked without root and without changing anything: it only reads the words. */
const ORACLE = `
import json, sys, gettext
gettext.install('ufw')
import ufw.common, ufw.parser, ufw.util, ufw.frontend
ufw.util.error = lambda *a, **k: None
ufw.frontend.error = lambda *a, **k: None
for line in sys.stdin:
    argv = ['ufw'] + json.loads(line)
    try:
        r = ufw.frontend.parse_command(list(argv))
        rule = r.data.get('rule')
        print(json.dumps(None if r is None else {'action': rule.action if rule else None, 'ports': rule.dport if rule else None, 'sports': rule.sport if rule else None, 'protocol': rule.protocol if rule else None, 'from': rule.src if rule else None, 'direction': rule.direction if rule else None}))
    except Exception:
        print('null')
    sys.stdout.flush()
`

function oracle(commands: readonly (readonly string[])[]): readonly unknown[] | undefined {
  try {
    const output = execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', ORACLE], {
      input: commands.map((command) => JSON.stringify(command)).join('\n'),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
      maxBuffer: 1 << 26,
    })
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
  } catch {
    return undefined
  }
}

const address = fc.constantFrom(
  'any',
  '192.0.2.1',
  '192.0.2.0/24',
  '10.0.0.0/255.0.0.0',
  '2001:db8::/32',
  '2001:db8::1',
  'myhost.example.com',
  'office',
  'localhost',
  '300.1.1.1',
  '192.0.2.0/33',
  '10.0.0',
)
const port = fc.constantFrom(
  '9847',
  '80,443',
  '8000:8010',
  '80,443,8080:8090',
  '0',
  '70000',
  '8010:8000',
  'ssh',
  'http',
  '22/tcp',
  'any',
  '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16',
)
const clause = fc.oneof(
  fc.tuple(fc.constantFrom('from', 'to'), address).map((pair) => [...pair]),
  fc.tuple(fc.constantFrom('from', 'to'), address, fc.constant('port'), port).map((four) => [...four]),
  fc.tuple(fc.constant('proto'), fc.constantFrom('tcp', 'udp', 'any', 'gre', 'sctp')).map((pair) => [...pair]),
)
const simple = fc.constantFrom('9847', '9847/tcp', '53/udp', '80,443/tcp', '80/icmp', 'ssh', '0', '65536', '9847/', '1/2/3')
const rule = fc.oneof(
  simple.map((text) => [text]),
  fc.array(clause, { minLength: 1, maxLength: 4 }).map((clauses) => clauses.flat()),
)
const command = fc
  .tuple(
    fc.constantFrom([], ['--dry-run'], ['insert', '1'], ['prepend'], ['delete']),
    fc.constantFrom('allow', 'deny', 'reject', 'limit'),
    fc.constantFrom([], [], [], ['in'], ['out'], ['in', 'on', 'eth0']),
    rule,
    fc.constantFrom([], [], ['comment', 'x y']),
  )
  .map(([before, action, direction, body, after]) => [...before, action, ...direction, ...body, ...after])

describe('V5 · what ufw is told', () => {
  test('V5 · agrees with ufw on which lines it takes, and on what they allow', (context) => {
    const commands = fc.sample(command, { numRuns: 3000, seed: 9847 })
    const answers = oracle(commands)
    if (answers === undefined) return context.skip('ufw is not installed')
    let decided = 0
    for (const [index, argv] of commands.entries()) {
      const line = argv.map((word) => `'${word}'`).join(' ')
      const ours = reading(`ufw ${line}`)
      const theirs = answers[index] as {
        action: string
        ports: string
        sports: string
        protocol: string
        from: string
        direction: string
      } | null
      if (theirs === null) expect({ line, rules: ours.rules }).toEqual({ line, rules: [] })
      else expect({ line, problem: ours.problem }).toEqual({ line, problem: undefined })
      if (theirs === null || ours.rules.length === 0) continue
      decided++
      const ports = ours.rules.map(({ ports: range }) =>
        range === undefined ? 'any' : range.first === range.last ? `${range.first}` : `${range.first}:${range.last}`,
      )
      expect({ line, ports: ports.join(','), direction: 'in', sports: 'any' }).toEqual({
        line,
        ports: theirs.ports,
        direction: theirs.direction,
        sports: theirs.sports,
      })
      for (const one of ours.rules) {
        expect({ line, action: one.action, protocol: one.protocol ?? 'any' }).toEqual({
          line,
          action: theirs.action,
          protocol: theirs.protocol,
        })
        expect({ line, from: one.from ?? '0.0.0.0/0' }).toEqual({ line, from: theirs.from === '::/0' ? '0.0.0.0/0' : theirs.from })
      }
    }
    expect(decided).toBeGreaterThan(300)
  })

  test.each([
    ['ufw allow from myhost.example.com', 'myhost.example.com'],
    ['ufw allow proto tcp from office to any port 9847', 'office'],
    ['ufw allow from any to db.internal port 5432', 'db.internal'],
    ['ufw allow from localhost', 'localhost'],
    ['ufw allow myhost.example.com', 'myhost.example.com'],
    ['ufw route allow from router.example.com', 'router.example.com'],
    ['ufw delete allow from myhost.example.com', 'myhost.example.com'],
    ['ufw allow 9847 from myhost.example.com', 'myhost.example.com'],
  ])('V5 · a host name where an address belongs: %s', (line, word) => {
    expect(reading(line)).toMatchObject({ rules: [], problem: { code: 'host-name', word } })
  })

  test.each([
    'ufw enable',
    'ufw default deny incoming',
    'ufw --force reset',
    'ufw status numbered',
    'ufw delete 3',
    'ufw allow Samba',
    'ufw app list',
    'ufw logging on',
  ])('V5 · no problem and no rule: %s', (line) => {
    expect(reading(line)).toEqual({ rules: [] })
  })

  test('V5 · what is not known makes no rule, and no false alarm', () => {
    expect(reading('ufw allow from $ADMIN to any port 22')).toEqual({ rules: [] })
    expect(reading('ufw allow $PORT/tcp')).toEqual({ rules: [] })
    expect(reading('ufw allow from any to any port "$PORT"')).toEqual({ rules: [] })
    expect(reading('ufw allow from $ADMIN to office.example.com')).toMatchObject({ problem: { word: 'office.example.com' } })
  })

  test('V5 · a service of another protocol than the one named makes no rule', () => {
    expect(reading('ufw allow to any port http proto udp')).toEqual({ rules: [] })
    expect(reading('ufw allow proto tcp from any port ntp to any port http')).toEqual({ rules: [] })
    expect(reading('ufw allow to any port http proto tcp').rules).toHaveLength(1)
  })

  test('V5 · an address alone is taken for a profile that does not exist', () => {
    expect(reading('ufw allow 192.0.2.1')).toMatchObject({ rules: [], problem: { code: 'syntax', word: '192.0.2.1' } })
  })

  test('V5 · profiles and services by name', () => {
    expect(reading("ufw allow 'Nginx Full'").rules).toEqual([
      { action: 'allow', ports: { first: 80, last: 80 }, protocol: 'tcp' },
      { action: 'allow', ports: { first: 443, last: 443 }, protocol: 'tcp' },
    ])
    expect(reading('ufw limit ssh').rules).toEqual([{ action: 'limit', ports: { first: 22, last: 22 }, protocol: 'tcp' }])
  })
})
