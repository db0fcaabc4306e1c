import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAN, Namespace, whyNoNamespace } from './support/namespace.ts'
import { buildPreload, type Preload } from './support/preload.ts'
import { start, until } from './support/started.ts'
import { certificate } from './wire/guarded.ts'

const reason = whyNoNamespace()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`a network namespace is needed: ${reason}`)
if (reason !== undefined) console.warn(`skipped, servers under the preload: ${reason}`)

const SERVERS = fileURLToPath(new URL('./servers/', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PROGRAMS = join(SERVERS, 'programs')
const own = (...words: readonly string[]) => [process.execPath, join(PROGRAMS, words[0] ?? ''), ...words.slice(1)]
const bin = (name: string, ...args: readonly string[]) => [process.execPath, join(SERVERS, 'node_modules', name), ...args]

interface Server {
  readonly name: string
  readonly command: readonly string[]
  /** The addresses on which it has to listen; default both. */
  readonly on?: readonly string[]
  readonly url?: string
  /** Of a GET to its root; default 200. */
  readonly status?: number
  /** What it listens on without the preload, where that is not every interface. */
  readonly without?: readonly string[]
}

const BOTH = ['127.0.0.1:3000', '[::1]:3000']
const IPV4 = ['127.0.0.1:3000']
const EVERY = ['[::]:3000']
const EVERY_IPV4 = ['0.0.0.0:3000']

/** Each in its default form, or with 0.0.0.0 asked for. */
const REAL: readonly Server[] = [
  { name: 'Express', command: own('express.cjs') },
  { name: 'Fastify', command: own('fastify.mjs'), on: IPV4, without: EVERY_IPV4 },
  { name: 'Koa', command: own('koa.cjs') },
  { name: 'Hono', command: own('hono.mjs') },
  { name: 'Nest', command: own('nest.cjs') },
  {
    name: 'next dev',
    command: bin('next/dist/bin/next', 'dev', '--webpack', '-H', '0.0.0.0', '-p', '3000', join(SERVERS, 'next-app')),
    on: IPV4,
    without: EVERY_IPV4,
  },
  {
    name: 'Vite',
    command: [process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js'), join(PROGRAMS, 'site'), '--host', '0.0.0.0', '--port', '3000'],
    on: IPV4,
    without: EVERY_IPV4,
  },
  { name: 'ws', command: own('ws.mjs'), status: 426 },
  { name: 'socket.io', command: own('socket.io.cjs'), url: 'http://localhost:3000/socket.io/?EIO=4&transport=polling' },
  {
    name: 'json-server',
    command: bin('json-server/lib/cli/bin.js', '--host', '0.0.0.0', '--port', '3000', join(PROGRAMS, 'site/db.json')),
    on: IPV4,
    without: EVERY_IPV4,
  },
  { name: 'http-server', command: bin('http-server/bin/http-server', join(PROGRAMS, 'site'), '-p', '3000'), on: IPV4, without: EVERY_IPV4 },
  { name: 'serve', command: bin('serve/build/main.js', '-l', '3000', join(PROGRAMS, 'site')) },
  { name: 'webpack-dev-server', command: own('webpack-dev-server.cjs'), on: IPV4, without: EVERY_IPV4 },
  { name: 'Polka', command: own('polka.cjs') },
  { name: 'hapi', command: own('hapi.cjs') },
  { name: 'node:http', command: own('http.mjs'), on: IPV4, without: EVERY_IPV4 },
  { name: 'node:https', command: own('https.cjs', 'CERT', 'KEY'), url: 'https://localhost:3000/' },
  { name: 'node:http2', command: own('http2.mjs', 'CERT', 'KEY'), url: 'https://localhost:3000/' },
  { name: 'node:net', command: own('net.cjs') },
  { name: 'an address of the LAN', command: own('lan.cjs'), on: IPV4, without: [`${LAN}:3000`] },
  { name: 'a name that means an address of the LAN', command: own('lan-name.cjs'), on: IPV4, without: [`${LAN}:3000`] },
  { name: 'IPv6 only', command: own('ipv6-only.cjs'), on: ['[::1]:3000'] },
  { name: 'node:cluster', command: own('cluster.cjs') },
  { name: 'node:cluster, socket shared', command: own('cluster.cjs', 'shared'), on: IPV4 },
  { name: 'a thread', command: own('worker.mjs') },
  { name: 'a thread with options of its own', command: own('worker.mjs', 'bare') },
  { name: 'fork, with an empty environment', command: own('child.mjs', 'fork') },
  { name: 'spawn, with an empty environment', command: own('child.mjs', 'spawn') },
  { name: 'execFileSync, with an empty environment', command: own('child.mjs', 'sync') },
]

describe.skipIf(reason !== undefined)('real servers under the preload', () => {
  let preload: Preload
  let namespace: Namespace

  beforeAll(async () => {
    preload = buildPreload()
    const { key, cert } = certificate()
    writeFileSync(join(preload.folder, 'key.pem'), key)
    writeFileSync(join(preload.folder, 'cert.pem'), cert)
    namespace = await Namespace.create()
  })
  afterAll(async () => {
    await namespace?.close()
    rmSync(preload.folder, { recursive: true, force: true })
  })

  const run = async (server: Server, options: string, expected: readonly string[], act: (said: () => string) => Promise<void>) => {
    const folder = mkdtempSync(join(preload.folder, 'run-'))
    const files: Readonly<Record<string, string>> = { CERT: join(preload.folder, 'cert.pem'), KEY: join(preload.folder, 'key.pem') }
    const command = server.command.map((word) => files[word] ?? word)
    const program = start(namespace, command, { folder, env: options === '' ? {} : { NODE_OPTIONS: options } })
    try {
      await until(`${server.name} listens`, program, () => namespace.listening().some((each) => each.endsWith(':3000')))
      await expect.poll(() => namespace.listening().toSorted(), { timeout: 5_000 }).toEqual(expected.toSorted())
      await act(() => program.stderr())
    } finally {
      await program.stop()
    }
    await expect.poll(() => namespace.listening()).toEqual([])
  }

  test.each(REAL.flatMap((server) => (['import', 'require'] as const).map((how) => [server.name, how, server] as const)))(
    'P1, P2 · %s (--%s): the kernel shows loopback only, it still answers, and a line says what was done',
    async (_name, how, server) => {
      const { on = BOTH, status = 200 } = server
      await run(server, how === 'import' ? `--import=${preload.module}` : `--require=${preload.script}`, on, async (said) => {
        const url = server.url ?? 'http://localhost:3000/'
        for (const endpoint of on)
          expect([endpoint, await namespace.status(url.replace('localhost:3000', endpoint))]).toEqual([endpoint, status])
        // What `localhost` means is the resolver's choice; to most it is 127.0.0.1 at least.
        if (on.includes('127.0.0.1:3000')) expect(await namespace.status(url)).toBe(status)
        expect(await namespace.status(url.replace('localhost', LAN))).toBe(0)
        expect(said()).toMatch(/^sallyport: .* would be open to other machines; it is .* instead\. Asked at \S+:\d+:\d+/m)
      })
    },
  )

  test.each(['node:http', 'Express', 'an address of the LAN', 'node:cluster', 'a thread'].map((name) => [name]))(
    'P1 · %s without the preload listens for others: what the tests above see is its work',
    async (name) => {
      const server = REAL.find((each) => each.name === name)
      if (server === undefined) throw new Error(`no ${name}`)
      await run(server, '', server.without ?? EVERY, async () => expect(await namespace.status(`http://${LAN}:3000/`)).toBe(200))
    },
  )
})
