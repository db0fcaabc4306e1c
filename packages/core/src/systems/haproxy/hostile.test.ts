import { describe, expect, test } from 'vitest'
import { eachTakesLessThan } from '../../../test/effort.ts'
import { evidenceOf, type ProxyServer } from '../../evidence/index.ts'
import type { Reading } from '../system.ts'
import { snapshotOf } from '../nginx/dump.ts'
import { haproxy } from './index.ts'
import { readHaproxy } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

function read(text: string): Reading {
  return readHaproxy(snapshotOf(['haproxy.cfg'], new Map([['haproxy.cfg', text]]), CONTEXT))
}

const servers = (reading: Reading): readonly ProxyServer[] => evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
const gaps = (reading: Reading): string =>
  evidenceOf(reading.evidence, 'gap')
    .map(({ claim }) => `${claim.code}: ${claim.what}`)
    .join('\n')

describe('hostile configurations end soon and are reported', () => {
  // Each takes a fraction of a second.
  eachTakesLessThan(10_000)

  test('pieces without end', () => {
    for (const piece of [
      '\\',
      '"',
      "'",
      '${',
      '$A',
      '${A-',
      '{ ',
      '} ',
      '! ',
      'or ',
      'if ',
      ',',
      ':',
      '[',
      '#',
      '.if x\n',
      'acl a a\n',
      'listen a\n',
      'defaults\n',
      '%[',
    ]) {
      read(piece.repeat(50_000))
      read(`listen a\n  bind ${piece.repeat(10_000)}\n  server s ${piece.repeat(10_000)}\n`)
      read(
        `frontend a\n  mode http\n  bind :80\n  http-request deny if ${piece.repeat(10_000)}\n  use_backend b if ${piece.repeat(10_000)}\nbackend b\n  mode http\n`,
      )
    }
  })

  test('a line of 1 MB', () => {
    const reading = read(`listen a\n  bind ${'x'.repeat(1_000_000)}\n  bind :80\n`)
    expect(gaps(reading)).toContain('a line of')
    expect(servers(reading)[0]?.listeners).toHaveLength(1)
  })

  test('2,000 frontends that share 500 back ends', () => {
    const fronts = Array.from(
      { length: 2000 },
      (_, index) => `frontend f${index}\n  mode http\n  bind 192.0.2.5:${1024 + index}\n  default_backend b${index % 500}\n`,
    )
    const backs = Array.from({ length: 500 }, (_, index) => `backend b${index}\n  mode http\n  server s 127.0.0.1:${1024 + index}\n`)
    expect(servers(read([...fronts, ...backs].join('')))).toHaveLength(2000)
  })

  test('one frontend with 2,000 hosts and as many paths', () => {
    const rules = Array.from(
      { length: 2000 },
      (_, index) => `  use_backend b if { hdr(host) h${index}.example.com }\n  use_backend c if { path_beg /p${index} }\n`,
    )
    const reading = read(
      `frontend f\n  mode http\n  bind :80\n${rules.join('')}backend b\n  mode http\n  server s 127.0.0.1:1\nbackend c\n  mode http\n  server s 127.0.0.1:2\n`,
    )
    expect(servers(reading).length).toBeGreaterThan(0)
  })

  test('500 frontends, each of which may choose any of 500 back ends', () => {
    const fronts = Array.from(
      { length: 500 },
      (_, index) => `frontend f${index}\n  mode http\n  bind 192.0.2.5:${1024 + index}\n  use_backend %[hdr(host)]\n`,
    )
    const backs = Array.from({ length: 500 }, (_, index) => `backend b${index}\n  mode http\n  server s 127.0.0.1:${1024 + index}\n`)
    const reading = read([...fronts, ...backs].join(''))
    expect(servers(reading)).toHaveLength(500)
    expect(gaps(reading)).toContain('limit')
  })

  test('names of JavaScript objects are names like others', () => {
    const reading = read(
      'listen constructor\n  mode http\n  bind :80\n  acl __proto__ toString x\n  use_backend hasOwnProperty if __proto__\n  constructor x\n',
    )
    expect(gaps(reading)).toContain('"constructor" is not understood')
  })

  test('more gaps than anybody reads', () => {
    const reading = read(`listen a\n${Array.from({ length: 50_000 }, (_, index) => `  strange${index}\n`).join('')}`)
    expect(evidenceOf(reading.evidence, 'gap').length).toBeLessThan(300)
    expect(gaps(reading)).toContain('others are not listed')
  })

  test('the prefilter takes no longer on text made to slow it down', () => {
    for (const piece of ['\t', ' ', 'global', 'frontend', '\nlistenx', '\n \t'])
      for (const { contains } of haproxy.reads) expect(contains?.test(piece.repeat(300_000)) ?? false).toBe(false)
  })

  test('binary and empty content', () => {
    for (const text of ['', '\u0000\u0001\ufffd'.repeat(1000), '\ufeff', '{}', 'global', '\r', 'x']) expect(servers(read(text))).toEqual([])
  })
})

describe('files that cannot be read', () => {
  test('the main file', () => {
    const reading = readHaproxy({ ...snapshotOf(['haproxy.cfg'], new Map(), CONTEXT), file: () => ({ kind: 'denied' }) })
    expect(evidenceOf(reading.evidence, 'gap')).toMatchObject([{ claim: { code: 'denied' }, origin: { path: 'haproxy.cfg' } }])
  })

  test('what has not been looked at yet is asked for', () => {
    const snapshot = { ...snapshotOf(['etc/haproxy.cfg'], new Map(), CONTEXT), glob: () => undefined, file: () => undefined }
    const { needs, globs } = readHaproxy(snapshot)
    expect([needs, globs]).toEqual([['etc/haproxy.cfg'], ['etc/conf.d/*.cfg']])
  })
})

describe('no secret is kept', () => {
  const SECRET = 'canary-7f3e9a'
  test.each([
    ['a password of the statistics', `stats auth bob:${SECRET}`],
    ['a header for the back end', `http-request set-header X-Api-Key ${SECRET}`],
    ['a header that is asked for', `http-request deny unless { req.hdr(x-api-key) -m str ${SECRET} }`],
    ['a condition with a name', `acl known hdr(x-token) ${SECRET}\n  use_backend none if known`],
    ['a cookie', `use_backend none if { cook(session) ${SECRET} }`],
  ])('%s', (_, line) => {
    const reading = read(
      `userlist u\n  user bob insecure-password ${SECRET}\nglobal\n  setenv KEY ${SECRET}\nlisten a\n  mode http\n  bind :80\n  ${line}\n  odd x\n  server s 127.0.0.1:1\n`,
    )
    expect(servers(reading).length).toBeGreaterThan(0)
    expect(JSON.stringify(reading, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(SECRET)
  })
})
