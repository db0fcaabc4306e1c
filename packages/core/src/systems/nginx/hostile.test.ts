import { describe, expect, test } from 'vitest'
import { eachTakesLessThan } from '../../../test/effort.ts'
import { evidenceOf, type ProxyServer } from '../../evidence/index.ts'
import type { FileState, Reading } from '../system.ts'
import { readDump, snapshotOf } from './dump.ts'
import { nginx } from './index.ts'
import { LONGEST_WORD } from './tokens.ts'
import { readNginx } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

function read(files: Readonly<Record<string, string>>, main = 'nginx.conf'): Reading {
  return readNginx(snapshotOf([main], new Map(Object.entries(files)), CONTEXT))
}

const servers = (reading: Reading): readonly ProxyServer[] => evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
const gaps = (reading: Reading): readonly string[] => evidenceOf(reading.evidence, 'gap').map(({ claim }) => `${claim.code}: ${claim.what}`)

describe('hostile configurations end soon and are reported', () => {
  // Each takes a fraction of a second.
  eachTakesLessThan(10_000)

  test('a quote that is never closed, 1 MB long', () => {
    const reading = read({ 'nginx.conf': `http { server { listen 80; } server { return 200 "${'x'.repeat(1_000_000)}` })
    expect(servers(reading)).toHaveLength(2)
    expect(gaps(reading).join('\n')).toContain('a quote (") that is never closed')
  })

  test('words of 1 MB, plain and quoted', () => {
    const long = 'x'.repeat(1_000_000)
    const reading = read({ 'nginx.conf': `http { ${long} on; server { listen 80; server_name ${long} "${long}" a; } }` })
    expect(gaps(reading).filter((what) => what.includes(`nginx takes ${LONGEST_WORD}`))).toHaveLength(3)
    expect(servers(reading)[0]?.names).toMatchObject([{ name: 'a' }])
  })

  test('backslashes, dollars and braces without end', () => {
    for (const piece of ['\\', '${', '$', '{', '}', ';', '"', "'", '#', '\\"', '[', '[=', '--[[', '"\\']) {
      const reading = read({ 'nginx.conf': `http { server { content_by_lua_block { ${piece.repeat(200_000)}` })
      expect(gaps(reading).length).toBeGreaterThan(0)
      expect(gaps(read({ 'nginx.conf': `http { ${piece.repeat(200_000)}` })).length).toBeGreaterThan(0)
    }
  })

  test('10,000 blocks within one another, closed or not', () => {
    for (const close of ['', '}'.repeat(10_000)]) {
      const reading = read({ 'nginx.conf': `http { server { listen 80; ${'location / { '.repeat(10_000)} ${close} } }` })
      expect(servers(reading)).toHaveLength(1)
      expect(gaps(reading).join('\n')).toContain('blocks within one another')
    }
  })

  test('what stands deeper than is read is not taken for something else', () => {
    const reading = read({
      'nginx.conf': `http { server { ${'location / { '.repeat(100)} proxy_pass http://127.0.0.1:1; ${'}'.repeat(100)} listen 81; } }`,
    })
    expect(servers(reading)[0]?.listeners).toMatchObject([{ at: { ports: { first: 81 } }, implicit: false }])
  })

  test('includes that go round', () => {
    const reading = read({
      'nginx.conf': 'include nginx.conf; include a; http { include b; }',
      a: 'include b;',
      b: 'include a; server { listen 80; }',
    })
    expect(gaps(reading).filter((what) => what.includes('includes itself')).length).toBeGreaterThanOrEqual(2)
    expect(servers(reading)).toHaveLength(1)
  })

  test('files that include the next one twice', () => {
    const files: Record<string, string> = { 'nginx.conf': 'http { include f0; }' }
    for (let index = 0; index < 30; index++) files[`f${index}`] = `include f${index + 1}; include f${index + 1};`
    files['f30'] = 'server { listen 80; }'
    const reading = read(files)
    expect(gaps(reading).join('\n')).toContain('too many includes')
  })

  test('a pattern that matches 5,000 files', () => {
    const files: Record<string, string> = { 'nginx.conf': 'http { include s/*; }' }
    for (let index = 0; index < 5000; index++)
      files[`s/${index}`] = `server { listen 80; server_name n${index}; location / { proxy_pass http://127.0.0.1:${1024 + index}; } }`
    const reading = read(files)
    expect(servers(reading)).toHaveLength(5000)
    expect(gaps(reading)).toEqual([])
  })

  test('variables whose values multiply', () => {
    const maps = Array.from(
      { length: 12 },
      (_, index) =>
        `map $x $v${index} { ${Array.from({ length: 40 }, (__, value) => `k${value} $v${index + 1}${value};`).join(' ')} default $v${index + 1}; }`,
    )
    const passes = Array.from({ length: 500 }, (_, index) => `location /${index} { proxy_pass http://$v0; }`)
    const reading = read({
      'nginx.conf': `http { ${maps.join('\n')} server { set $a "$a$a$a$a"; ${passes.join('\n')} location / { proxy_pass http://$a; } } }`,
    })
    const [server] = servers(reading)
    expect(server?.routes).toHaveLength(501)
    for (const route of server?.routes ?? [])
      expect(route.action).toMatchObject({ kind: 'pass', targets: expect.arrayContaining([expect.objectContaining({ kind: 'unknown' })]) })
  })

  test('names of JavaScript objects are names like others', () => {
    const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    const reading = read({
      'nginx.conf': `http { ${words.map((word) => `map $x $${word} { default 127.0.0.1:1; } upstream ${word} { server 127.0.0.1:2; } ${word} x;`).join(' ')} server { listen 80; ${words.map((word) => `location /${word} { proxy_pass http://${word}; proxy_set_header ${word} x; ${word} on; } location /v${word} { proxy_pass ${word}://$${word}; }`).join(' ')} } }`,
    })
    expect(servers(reading)[0]?.routes).toHaveLength(8)
    expect(servers(reading)[0]?.routes[0]?.action).toMatchObject({ upstream: 'constructor' })
  })

  test('a large configuration of 1,500 servers', () => {
    const one = (index: number): string =>
      `server { listen 443 ssl; server_name a${index}.example.com; allow 192.0.2.0/24; deny all; ${Array.from({ length: 10 }, (_, path) => `location /${path} { limit_req zone=z; auth_request /auth; proxy_set_header Host $host; proxy_pass http://up; }`).join('\n')} }`
    const reading = read({
      'nginx.conf': `http { allow all; upstream up { ${'server 127.0.0.1:3000;\n'.repeat(100)} } ${Array.from({ length: 1500 }, (_, index) => one(index)).join('\n')} }`,
    })
    expect(servers(reading)).toHaveLength(1500)
  })

  test('more gaps than anybody reads', () => {
    const reading = read({ 'nginx.conf': `http { ${Array.from({ length: 50_000 }, (_, index) => `strange${index} on;`).join('\n')} }` })
    expect(gaps(reading).length).toBeLessThan(300)
    expect(gaps(reading).at(-1)).toContain('others are not listed')
  })

  test('the prefilter takes no longer on text made to slow it down', () => {
    for (const piece of ['\n', ' ', 'location ', 'location a', 'upstream ', 'upstream a ', 'server\n', 'server ', '\t\n']) {
      const text = piece.repeat(500_000)
      for (const { contains } of nginx.reads) expect(contains?.test(text) ?? false).toBe(false)
    }
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
    test(`an included file that is ${code}`, () => {
      const text = 'http { server { listen 80; include part; } }'
      const reading = readNginx({
        ...snapshotOf(['nginx.conf'], new Map([['nginx.conf', text]]), CONTEXT),
        file: (path) => (path === 'part' ? state : { kind: 'text', text }),
      })
      expect(evidenceOf(reading.evidence, 'gap')).toMatchObject([
        { claim: { code, affects: { kind: 'proxy' } }, origin: { path: 'nginx.conf', span: { start: { line: 1, column: 28 } } } },
      ])
      expect(servers(reading)).toHaveLength(1)
    })
  }

  test('a main file that cannot be read', () => {
    const reading = readNginx({ ...snapshotOf(['nginx.conf'], new Map(), CONTEXT), file: () => ({ kind: 'denied' }) })
    expect(evidenceOf(reading.evidence, 'gap')).toMatchObject([{ claim: { code: 'denied' }, origin: { path: 'nginx.conf' } }])
  })

  test('binary and empty content', () => {
    for (const text of ['', '\u0000\u0001\ufffd'.repeat(1000), '\ufeff', '{}', '}', ';', '#'])
      expect(servers(read({ 'nginx.conf': text }))).toEqual([])
  })

  test('a byte order mark is passed over', () => {
    expect(servers(read({ 'nginx.conf': '\ufeffhttp { server { listen 81; } }' }))).toHaveLength(1)
  })

  test('a text that is no dump', () => {
    expect(readDump('nginx: command not found\n', CONTEXT)).toBeUndefined()
  })
})
