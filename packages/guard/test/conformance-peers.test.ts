import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LAN, SETUP, whyNoNamespace } from './support/namespace.ts'
import type { Seen } from './support/peers.ts'
import { SUBJECTS } from './support/subjects.ts'

const P5 = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-localhost-only': 'true' }

const reason = whyNoNamespace()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`a network namespace is needed: ${reason}`)
if (reason !== undefined) console.warn(`skipped, peers that are not loopback: ${reason}`)

test.skipIf(reason !== undefined)('P2, P5 · a peer that is not loopback is refused by every adapter, whatever it is bound to', () => {
  const node = [
    process.execPath,
    '--conditions=source',
    '--import',
    'tsx',
    fileURLToPath(new URL('support/peers.ts', import.meta.url)),
    LAN,
  ]
  const run = spawnSync('unshare', ['-n', 'sh', '-c', `${SETUP} && exec "$@"`, 'sh', ...node], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  expect(run.stderr).not.toContain('Error')
  const seen = JSON.parse(run.stdout) as readonly Seen[]
  const expected = SUBJECTS.filter(({ name }) => name !== 'Next').flatMap(({ name, protocols }) => [
    ...(protocols.includes('HTTP/1.1') ? [[name, 'WebSocket']] : []),
    ...protocols.map((protocol) => [name, protocol]),
  ])
  expect(seen.map(({ subject, what }) => [subject, what])).toEqual(expected)
  for (const one of seen)
    expect(one).toMatchObject({
      status: 403,
      body: 'Forbidden: Local connections only',
      headers: P5,
      code: `peer-not-loopback ${LAN}`,
    })
})
