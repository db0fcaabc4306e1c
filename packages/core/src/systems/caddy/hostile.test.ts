import { describe, expect, test } from 'vitest'
import { eachTakesLessThan } from '../../../test/effort.ts'
import { evidenceOf, type ProxyServer } from '../../evidence/index.ts'
import type { FileState, Reading } from '../system.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { caddy } from './index.ts'
import { readCaddy } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

function read(files: Readonly<Record<string, string>>, main = 'Caddyfile'): Reading {
  return readCaddy(snapshotOf([main], new Map(Object.entries(files)), CONTEXT))
}

const servers = (reading: Reading): readonly ProxyServer[] => evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
const gaps = (reading: Reading): string =>
  evidenceOf(reading.evidence, 'gap')
    .map(({ claim }) => `${claim.code}: ${claim.what}`)
    .join('\n')

describe('hostile Caddyfiles end soon and are reported', () => {
  // Each takes a fraction of a second.
  eachTakesLessThan(10_000)

  test.each(['"', '`', '<<EOF\n'])('%j that is never closed, 1 MB long', (quote) => {
    const reading = read({ Caddyfile: `:8080 {\n\trespond ${quote}${'x\n'.repeat(500_000)}` })
    expect(gaps(reading)).toContain('never closed')
    expect(servers(reading).length).toBeGreaterThan(0)
  })

  test('pieces without end', () => {
    for (const piece of [
      '\\',
      '{',
      '}',
      '"',
      '`',
      '<<',
      '<<A\n',
      '#',
      '\\\n',
      '{$',
      '{$A:',
      '{args[',
      '@',
      ',',
      '{\n',
      '}\n',
      '(a) {\n',
      'import a\n',
      ':',
      '*',
      '[',
      '/*',
    ]) {
      read({ Caddyfile: piece.repeat(100_000) })
      read({ Caddyfile: `a.example {\n${piece.repeat(100_000)}` })
      read({ Caddyfile: `a.example {\n\treverse_proxy ${piece.repeat(100_000)}\n}\n` })
    }
  })

  test('10,000 blocks within one another, closed or not', () => {
    for (const close of ['', '}\n'.repeat(10_000)]) {
      const reading = read({ Caddyfile: `:8080 {\n${'handle {\n'.repeat(10_000)}${close}}\n` })
      expect(servers(reading).length).toBeGreaterThan(0)
      expect(gaps(reading)).toContain('blocks within one another')
    }
  })

  test('snippets that double', () => {
    const snippets = Array.from({ length: 30 }, (_, index) => `(s${index}) {\n\timport s${index + 1}\n\timport s${index + 1}\n}\n`)
    const reading = read({ Caddyfile: `${snippets.join('')}(s30) {\n\trespond hi\n}\n:8080 {\n\timport s0\n}\n` })
    expect(gaps(reading)).toContain('too many imports')
  })

  test('arguments that double', () => {
    const snippets = Array.from({ length: 25 }, (_, index) => `(s${index}) {\n\timport s${index + 1} {args[:]} {args[:]}\n}\n`)
    const reading = read({ Caddyfile: `${snippets.join('')}(s25) {\n\trespond {args[:]}\n}\n:8080 {\n\timport s0 a b\n}\n` })
    expect(gaps(reading)).toContain('limit')
  })

  test('files that import one another', () => {
    const reading = read({ Caddyfile: 'import a\n', a: 'import b\n', b: 'import a\nimport Caddyfile\n:8080 {\n\trespond hi\n}\n' })
    expect(gaps(reading)).toContain('imports itself')
    expect(servers(reading).length).toBeGreaterThan(0)
  })

  test('5,000 sites', () => {
    const one = (index: number): string => `a${index}.example.com {\n\treverse_proxy /a/* 127.0.0.1:${1024 + index}\n\trespond 404\n}\n`
    const reading = read({ Caddyfile: Array.from({ length: 5000 }, (_, index) => one(index)).join('') })
    expect(servers(reading)).toHaveLength(10_001)
    expect(gaps(reading)).toBe('')
  })

  test('one site with 2,000 paths, names and addresses', () => {
    const lines = Array.from(
      { length: 2000 },
      (_, index) =>
        `\thandle /p${index}/* {\n\t\treverse_proxy 127.0.0.1:${1024 + index}\n\t}\n\t@h${index} host h${index}.example.com\n\treverse_proxy @h${index} h:1\n`,
    )
    const reading = read({ Caddyfile: `*.example.com {\n${lines.join('')}}\n` })
    expect(servers(reading).length).toBeGreaterThan(1)
  })

  test('names of JavaScript objects are names like others', () => {
    const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    const reading = read({
      Caddyfile: `:8080 {\n${words.map((word) => `\t${word} ${word}\n\t@${word} ${word} ${word}\n\treverse_proxy @${word} ${word}:1\n`).join('')}}\n`,
    })
    expect(gaps(reading)).toContain('"constructor" is not understood')
  })

  test('JSON that is deep, broken or something else', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      'null',
      '"a"',
      '{"apps":'.repeat(10_000),
      '{"apps":{"http":{"servers":{"a":{"listen":[{}],"routes":{"handle":1}}}}}}',
      '{"apps":{"http":{"servers":[1,2]}}}',
    ])
      read({ 'caddy.json': text }, 'caddy.json')
    const nested = '{"handler":"subroute","routes":[{"handle":['.repeat(60) + ']}]}'.repeat(60)
    read({ 'caddy.json': `{"apps":{"http":{"servers":{"a":{"listen":[":80"],"routes":[{"handle":[${nested}]}]}}}}}` }, 'caddy.json')
  })

  test('a range of ports without end', () => {
    const reading = read({ 'caddy.json': '{"apps":{"http":{"servers":{"a":{"listen":[":1-65535"]}}}}}' }, 'caddy.json')
    expect(gaps(reading)).toContain('more than 64 ports')
  })

  test('more gaps than anybody reads', () => {
    const reading = read({ Caddyfile: `:8080 {\n${Array.from({ length: 50_000 }, (_, index) => `\tstrange${index}\n`).join('')}}\n` })
    expect(evidenceOf(reading.evidence, 'gap').length).toBeLessThan(300)
    expect(gaps(reading)).toContain('others are not listed')
  })

  test('the prefilter takes no longer on text made to slow it down', () => {
    for (const piece of ['"', '"apps" ', '"apps"\t', ' ', '\n'])
      for (const { contains } of caddy.reads) expect(contains?.test(piece.repeat(300_000)) ?? false).toBe(false)
  })
})

describe('files that are not there, or are none', () => {
  const states: Readonly<Record<string, FileState>> = {
    absent: { kind: 'absent' },
    denied: { kind: 'denied' },
    'too-large': { kind: 'too-large', bytes: 1e9 },
    'not-text': { kind: 'not-text', reason: 'NUL bytes' },
    'not-a-file': { kind: 'not-a-file', what: 'a FIFO' },
  }

  for (const [code, state] of Object.entries(states)) {
    test(`an imported file that is ${code}`, () => {
      const text = ':8080 {\n\timport part\n}\n'
      const reading = readCaddy({
        ...snapshotOf(['Caddyfile'], new Map([['Caddyfile', text]]), CONTEXT),
        file: (path) => (path === 'part' ? state : { kind: 'text', text }),
      })
      expect(evidenceOf(reading.evidence, 'gap')).toMatchObject([
        { claim: { code, affects: { kind: 'proxy' } }, origin: { path: 'Caddyfile', span: { start: { line: 2, column: 2 } } } },
      ])
    })
  }

  test.each(['Caddyfile', 'caddy.json'])('%s that cannot be read', (main) => {
    const reading = readCaddy({ ...snapshotOf([main], new Map(), CONTEXT), file: () => ({ kind: 'denied' }) })
    expect(evidenceOf(reading.evidence, 'gap')).toMatchObject([{ claim: { code: 'denied' }, origin: { path: main } }])
  })

  test('what has not been looked at yet is asked for', () => {
    const snapshot = { ...snapshotOf(['Caddyfile'], new Map(), CONTEXT), glob: () => undefined }
    expect(readCaddy({ ...snapshot, file: () => undefined }).needs).toEqual(['Caddyfile'])
    const whole = readCaddy({
      ...snapshot,
      file: (path) => (path === 'Caddyfile' ? { kind: 'text', text: 'import a\nimport b/*\n' } : undefined),
    })
    expect([whole.needs, whole.globs]).toEqual([['a'], ['b/*']])
  })
})

describe('no secret is kept', () => {
  const SECRET = 'canary-7f3e9a'
  test.each([
    ['a password', `basic_auth {\n\t\tbob ${SECRET}\n\t}`],
    ['a header for the back end', `reverse_proxy a:1 {\n\t\theader_up X-Api-Key ${SECRET}\n\t}`],
    ['a header that is asked for', `@k header X-Api-Key ${SECRET}\n\trespond @k 403`],
    ['one in a block', `@k {\n\t\theader X-Api-Key ${SECRET}\n\t}\n\treverse_proxy @k a:1`],
    ['the key of a provider of names', `tls {\n\t\tdns cloudflare ${SECRET}\n\t}`],
    ['an expression', `@k expression {header.X-Api-Key}=="${SECRET}"\n\trespond @k 403`],
    ['an expression in backticks', `@k \`header({'X-Api-Key': '${SECRET}'})\`\n\treverse_proxy @k a:1`],
  ])('%s', (_, line) => {
    const reading = read({ Caddyfile: `a.example {\n\t${line}\n\tunknown_directive x\n}\n` })
    expect(servers(reading).length).toBeGreaterThan(0)
    expect(JSON.stringify(reading, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(SECRET)
  })
})
