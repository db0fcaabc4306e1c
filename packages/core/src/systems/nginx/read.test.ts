import { expect, test } from 'vitest'
import { evidenceOf } from '../../evidence/index.ts'
import type { FileState, Snapshot } from '../system.ts'
import { snapshotOf, splitDump } from './dump.ts'
import { matchesGlob } from './glob.ts'
import { nginx } from './index.ts'
import { readNginx } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

test('asks for files and patterns until it has all, and says nothing of them meanwhile', () => {
  const files = new Map([
    ['/etc/nginx/nginx.conf', 'http { include one.conf; include sites/*; }'],
    ['/etc/nginx/one.conf', 'include two.conf;'],
    ['/etc/nginx/two.conf', 'server { listen 81; }'],
    ['/etc/nginx/sites/a', 'server { listen 82; }'],
  ])
  const whole = snapshotOf(['/etc/nginx/nginx.conf'], files, CONTEXT)
  const known = new Map<string, FileState | undefined>([['/etc/nginx/nginx.conf', whole.file('/etc/nginx/nginx.conf')]])
  const globs = new Map<string, readonly string[]>()
  const snapshot: Snapshot = { ...whole, file: (path) => known.get(path), glob: (pattern) => globs.get(pattern) }
  const asked: string[] = []
  for (;;) {
    const reading = readNginx(snapshot)
    expect(evidenceOf(reading.evidence, 'gap')).toEqual([])
    if (reading.needs.length + reading.globs.length === 0) {
      expect(evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers)).toHaveLength(2)
      break
    }
    for (const path of reading.needs) known.set(path, whole.file(path))
    for (const pattern of reading.globs) globs.set(pattern, whole.glob(pattern) ?? [])
    asked.push(...reading.needs, ...reading.globs)
  }
  expect(asked).toEqual(['/etc/nginx/one.conf', '/etc/nginx/sites/*', '/etc/nginx/two.conf', '/etc/nginx/sites/a'])
})

test('on a machine only what the main file includes counts', () => {
  const files = new Map([
    ['/etc/nginx/nginx.conf', 'http { include sites-enabled/*; }'],
    ['/etc/nginx/sites-available/off', 'server { listen 81; }'],
    ['/etc/nginx/sites-enabled/on', 'server { listen 82; }'],
  ])
  const reading = readNginx(snapshotOf([...files.keys()], files, CONTEXT))
  expect(evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers.map((server) => server.origin.path))).toEqual([
    '/etc/nginx/sites-enabled/on',
  ])
})

test('which files are taken for nginx', () => {
  const server = 'server {\n  listen 80;\n}\n'
  const taken = (path: string, text: string): boolean =>
    nginx.reads.some((row) => row.path.test(path) && (row.contains?.test(text) ?? true))
  for (const path of [
    'nginx.conf',
    'deploy/nginx.prod.conf',
    'a/nginx-dev.conf.template',
    'x/app.nginx',
    'sites-available/app',
    'etc/sites-enabled/app.conf',
    'conf.d/default.conf',
    'nginx/templates/default.conf.template',
    'nginx/app',
    'any.conf',
  ]) {
    expect([path, taken(path, server)]).toEqual([path, true])
  }
  expect(taken('any.conf', 'location /api {\n proxy_pass http://x;\n}')).toBe(true)
  for (const [path, text] of [
    ['supervisord.conf', '[program:x]\ncommand=node server.js\n'],
    ['redis.conf', 'bind 127.0.0.1\nport 6379\n'],
    ['nginx/Dockerfile', 'FROM nginx\nCOPY nginx.conf /etc/nginx/\n'],
    ['nginx/index.html', server],
    ['README.md', server],
    ['sites-available/000-default.conf', '<VirtualHost *:80>\nServerName x\n</VirtualHost>\n'],
  ] as const)
    expect([path, taken(path, text)]).toEqual([path, false])
})

test('files of others with blocks that look alike give nothing', () => {
  const reading = readNginx(
    snapshotOf(['logstash.conf'], new Map([['logstash.conf', 'input {\n  http {\n    port => 8080\n  }\n}\n']]), CONTEXT),
  )
  expect(reading.evidence).toEqual([])
})

test('a dump is cut at its headers', () => {
  const dump =
    'x\n# configuration file /etc/nginx/nginx.conf:\na;\n\n# configuration file /etc/nginx/b.conf:\nb;\n\n# configuration file /etc/nginx/b.conf:\nc;\n'
  expect([...splitDump(dump)]).toEqual([
    ['/etc/nginx/nginx.conf', 'a;\n'],
    ['/etc/nginx/b.conf', 'b;\n'],
  ])
})

test('shell patterns', () => {
  const matches: readonly (readonly [string, string, boolean])[] = [
    ['/a/*.conf', '/a/b.conf', true],
    ['/a/*.conf', '/a/.b.conf', false],
    ['/a/.*', '/a/.b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/*/c', '/a/b/c', true],
    ['/a/?', '/a/b', true],
    ['/a/?', '/a/bb', false],
    ['/a/[ab]', '/a/b', true],
    ['/a/[!ab]', '/a/b', false],
    ['/a/[a-c]x', '/a/bx', true],
    ['/a/[]]', '/a/]', true],
    ['/a/[a-]', '/a/-', true],
    ['/a/[', '/a/[', true],
    ['/a/\\*', '/a/*', true],
    ['/a/\\*', '/a/b', false],
    ['/a/*b*c*', '/a/xbxcx', true],
    ['/a/**', '/a/b', true],
    ['/a/*', '/a/', true],
    [`/${'*a'.repeat(2000)}b`, `/${'a'.repeat(4000)}`, false],
  ]
  for (const [pattern, path, expected] of matches)
    expect([pattern.slice(0, 20), path.slice(0, 20), matchesGlob(pattern, path)]).toEqual([
      pattern.slice(0, 20),
      path.slice(0, 20),
      expected,
    ])
})
