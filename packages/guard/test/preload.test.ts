import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAN, Namespace, whyNoNamespace } from './support/namespace.ts'
import { buildPreload, type Preload } from './support/preload.ts'
import { start, until } from './support/started.ts'

const reason = whyNoNamespace()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`a network namespace is needed: ${reason}`)
if (reason !== undefined) console.warn(`skipped, the preload: ${reason}`)

const PROGRAMS = fileURLToPath(new URL('./servers/programs/', import.meta.url))
const SERVERS = fileURLToPath(new URL('./servers/node_modules/', import.meta.url))

describe.skipIf(reason !== undefined)('the preload', () => {
  let preload: Preload
  let namespace: Namespace
  beforeAll(async () => {
    preload = buildPreload()
    namespace = await Namespace.create()
  })
  afterAll(async () => {
    await namespace?.close()
    rmSync(preload.folder, { recursive: true, force: true })
  })

  /** Runs to its end. */
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const [command = '', ...words] = [...namespace.enter, process.execPath, ...args]
    const { status, stdout, stderr } = spawnSync(command, words, {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: preload.folder,
      env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: `--import=${preload.module}`, ...env },
    })
    return { status, stdout, stderr }
  }
  const folderOf = () => mkdtempSync(join(preload.folder, 'run-'))
  const program = (name: string) => join(PROGRAMS, name)

  /** Starts, waits for a socket on port 3000, hands over what listens and what was said. */
  const listening = async (
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    protocol: 'tcp' | 'udp' = 'tcp',
    ready = (_stderr: string) => true,
  ) => {
    const started = start(namespace, [process.execPath, ...args], {
      folder: folderOf(),
      env: { NODE_OPTIONS: `--import=${preload.module}`, ...env },
      cwd: PROGRAMS,
    })
    try {
      await until('a socket is there', started, () => namespace.listening(protocol).length > 0 && ready(started.stderr()))
      return { sockets: namespace.listening(protocol), stderr: started.stderr() }
    } finally {
      await started.stop()
    }
  }

  test.each(['import', 'require'])(
    'sockets of the file system, port 0, loopback, callbacks, close, errors and senders stay as they are (--%s)',
    (how) => {
      const { stdout, stderr } = run([program('kept.cjs'), join(folderOf(), 'socket')], {
        NODE_OPTIONS: how === 'import' ? `--import=${preload.module}` : `--require=${preload.script}`,
      })
      // libuv tells EACCES of a folder that is not there.
      expect(JSON.parse(stdout)).toEqual([true, '127.0.0.1', true, true, true, 'IPv4', 'closed', '0.0.0.0', 'EACCES'])
      expect(stderr.split('\n').filter((line) => line.startsWith('sallyport:'))).toHaveLength(1)
    },
  )

  test('P8 · the line names the program’s own file, line and column, and the package through which it asked', async () => {
    const { stderr } = await listening(['express.cjs'], {})
    expect(stderr).toBe(
      'sallyport: port 3000 of every interface would be open to other machines; it is 127.0.0.1:3000 and [::1]:3000 instead. ' +
        'Asked at express.cjs:3:5, in the package express.\n',
    )
  })

  test('where no code of the program’s own asked, the line names that of the package', async () => {
    const { stderr } = await listening([join(SERVERS, 'http-server/bin/http-server'), '-p', '3000', 'site'], {})
    expect(stderr).toMatch(/^sallyport: 0\.0\.0\.0:3000 would .* Asked at \S*node_modules\/\S+:\d+:\d+, in the package \S+\.$/m)
  })

  test.each(['http.mjs', 'express.cjs', 'lan.cjs', 'lan-name.cjs', 'cluster.cjs', 'udp.cjs'])(
    'P1, P12 · SALLYPORT_ON_EXPOSED=throw: %s does not start, and says why',
    (name) => {
      const { status, stderr } = run([program(name)], {
        SALLYPORT_ON_EXPOSED: 'throw',
        ...(name === 'cluster.cjs' ? { NODE_OPTIONS: `--require=${preload.script}` } : {}),
      })
      expect(stderr).toMatch(/^sallyport: refused: .* would be open to other machines\. Asked at \S+:\d+:\d+/m)
      expect(stderr).toContain('host-exposed')
      // The primary of a cluster ends by itself when its workers have.
      expect(status).toBe(name === 'cluster.cjs' ? 0 : 1)
    },
  )

  test.each([
    ['lan.cjs', [{ address: LAN, port: 3000 }], [`${LAN}:3000`]],
    ['lan.cjs', [{ address: LAN }], [`${LAN}:3000`]],
    ['lan.cjs', [{ address: LAN, port: 3001 }], ['127.0.0.1:3000']],
    ['http.mjs', [{ address: '0.0.0.0', port: 3000 }], ['0.0.0.0:3000']],
    ['http.mjs', [{ address: LAN, port: 3000 }], ['127.0.0.1:3000']],
    ['express.cjs', [{ address: '::' }], ['[::]:3000']],
    ['express.cjs', [{ address: '0.0.0.0' }], ['127.0.0.1:3000', '[::1]:3000']],
    ['cluster.cjs', [{ address: '::' }], ['[::]:3000']],
  ])('E8 · SALLYPORT_ALLOW: %s with %j listens on %j', async (name, allow, expected) => {
    const { sockets } = await listening([name], { SALLYPORT_ALLOW: JSON.stringify(allow) })
    expect(sockets.toSorted()).toEqual(expected.toSorted())
  })

  test.each([
    '{',
    '{"address":"0.0.0.0"}',
    '["0.0.0.0"]',
    '[{"address":"all"}]',
    '[{"address":"::","port":"80"}]',
    '[{"address":"::","ports":80}]',
  ])('C4 · SALLYPORT_ALLOW=%s cannot be read: nothing starts', (text) => {
    const { status, stderr } = run([program('http.mjs')], { SALLYPORT_ALLOW: text })
    expect([status, stderr]).toEqual([1, expect.stringContaining('SALLYPORT_ALLOW: not a JSON list')])
  })

  test('P1 · a port that another program has at ::1 is taken, as it would be for all interfaces', async () => {
    const other = start(namespace, [process.execPath, program('ipv6-only.cjs')], {
      folder: folderOf(),
      env: { NODE_OPTIONS: `--import=${preload.module}` },
    })
    try {
      await until('the port is taken', other, () => namespace.listening().length > 0)
      const { status, stderr } = run([program('express.cjs')])
      expect([status, stderr]).toEqual([1, expect.stringContaining('listen EADDRINUSE: address already in use ::1:3000')])
    } finally {
      await other.stop()
    }
  })

  test('P1 · UDP: a socket that is bound is on loopback', async () => {
    const { sockets, stderr } = await listening(['udp.cjs'], {}, 'udp')
    expect(sockets).toEqual(['127.0.0.1:3000'])
    expect(stderr).toContain('sallyport: 0.0.0.0:3000 (udp) would')
  })

  test.each(['import', 'require'])(
    'P1 · a descriptor that was bound before, as by socket activation, cannot be bound anew: refused (--%s)',
    (how) => {
      const options = how === 'import' ? `--import=${preload.module}` : `--require=${preload.script}`
      const inherited = (address: string) => run([program('inherited.cjs'), address, options], { NODE_OPTIONS: '' })
      const open = inherited('0.0.0.0')
      expect([open.status, open.stdout]).toEqual([1, ''])
      expect(open.stderr).toMatch(
        /^sallyport: refused: 0\.0\.0\.0:3000 would be .* cannot be bound anew.* Asked at \S+inherited\.cjs:7:\d+\.$/m,
      )
      expect(inherited('127.0.0.1')).toEqual({ status: 0, stdout: 'listens on 127.0.0.1\n', stderr: '' })
    },
  )

  test('P1 · a handle that no server bound is refused', () => {
    const { status, stderr } = run([program('handle.cjs')])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^sallyport: refused: 0\.0\.0\.0:3000 would be .* cannot be bound anew/m)
  })

  test.each([
    // Node has opened it before anything of the preload runs: for that moment it is open.
    ['Node', ['--inspect=0.0.0.0:9229', '-e', 'setInterval(() => {}, 1000)']],
    ['the program', ['-e', "require('node:inspector').open(9229, '0.0.0.0'); setInterval(() => {}, 1000)"]],
  ])('P1 · the debugger that %s opens is on loopback', async (_who, args) => {
    const { sockets, stderr } = await listening(args, {}, 'tcp', (said) => said.includes('ws://127.0.0.1'))
    expect([sockets, stderr]).toEqual([['127.0.0.1:9229'], expect.stringContaining('sallyport: 0.0.0.0:9229 (inspector) would')])
  })

  test.each(['preload.js', 'preload.cjs'])('from a folder with a space in its name, in sub-processes too (%s)', async (file) => {
    // A module's address can hold no backslash.
    const folder = join(preload.folder, file.endsWith('.cjs') ? 'a "quoted\\ folder' : 'a "quoted" folder')
    mkdirSync(folder, { recursive: true })
    cpSync(fileURLToPath(new URL(`./${file}`, preload.module)), join(folder, file))
    const options = file.endsWith('.cjs') ? ['--require', join(folder, file)] : ['--import', pathToFileURL(join(folder, file)).href]
    const { sockets } = await listening([...options, 'child.mjs', 'spawn'], { NODE_OPTIONS: '' })
    expect(sockets.toSorted()).toEqual(['127.0.0.1:3000', '[::1]:3000'])
  })
})
