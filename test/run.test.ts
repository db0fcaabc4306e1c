import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { CLI, folder, ROOT } from './cli.ts'

/** `sallyport run` on real processes. Each test listens on a port of its own, for an instant. */

const PYTHON = spawnSync('python3', ['-c', '0']).status === 0
const WITH_EVENTS = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tracefs none /sys/kernel/tracing']).status === 0
const SCRIPT = spawnSync('script', ['--version']).status === 0
if (!WITH_EVENTS) process.stderr.write('skipped: the events of the kernel need root, unshare and tracefs\n')
if (!SCRIPT) process.stderr.write('skipped: a terminal needs script(1)\n')
const must = process.env['SALLYPORT_NO_SKIP'] === '1'

const EVENTS = ['unshare', '--mount', 'sh', '-c', 'mount -t tracefs none /sys/kernel/tracing; exec "$@"', 'sh']
/** Where the kernel's tracing is not mounted. */
const POLLING = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /sys/kernel; mkdir /sys/kernel/tracing; exec "$@"', 'sh']

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

function start(args: readonly string[], cwd: string, env: Record<string, string> = {}, before: readonly string[] = []) {
  const { HOST: _host, PORT: _port, ...rest } = process.env
  const [program = '', ...words] = [...before, process.execPath, CLI, 'run', ...args]
  const child = spawn(program, words, { cwd, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })))
  const says = async (text: string): Promise<void> => {
    const end = Date.now() + 20_000
    while (!stdout.includes(text)) {
      if (Date.now() > end) throw new Error(`not said: ${text}\n${stdout}\n${stderr}`)
      await wait(10)
    }
  }
  return { child, ended, says }
}

const run = (...given: Parameters<typeof start>): Promise<Ended> => start(...given).ended

function log(path: string): readonly Record<string, unknown>[] {
  const file = join(path, 'logs/security.log')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** A server of Node that listens after a moment, and would run on for a minute. */
const server = (host: string, port: number, before = '') => `${before}
setTimeout(() => require('node:net').createServer().listen(${port}, '${host}'), 100)
setTimeout(() => {}, 60_000)`

const isListening = (port: number): boolean => spawnSync('ss', ['-Htln', `sport = :${port}`], { encoding: 'utf8' }).stdout !== ''
const isRunning = (mark: string): boolean => spawnSync('pgrep', ['-f', mark]).status === 0

describe('before anything is started', () => {
  const STARTED = ['--', process.execPath, '-e', 'require("node:fs").writeFileSync("started", "")']

  it('E8 · a HOST that would expose it is refused: the words, exit 1, a record, and nothing started', async () => {
    const path = folder()
    const { code, stdout, stderr } = await run(STARTED, path, { HOST: '0.0.0.0' })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^SECURITY ERROR: Invalid host '0\.0\.0\.0'\n/)
    expect(existsSync(join(path, 'started'))).toBe(false)
    expect(log(path)).toMatchObject([{ code: 'host-refused', value: '0.0.0.0', action: 'not-started' }])
  })

  it('P8 · so is one on the command line, in a script that it calls, and one that a program has of its own', async () => {
    const path = folder({
      'start.sh': 'exec uvicorn main:app --host 0.0.0.0 --port 8000\n',
      'package.json': '{ "scripts": { "dev": "vite --host" } }',
    })
    for (const [words, place] of [
      [['uvicorn', 'main:app', '--host', '0.0.0.0'], 'the command line'],
      [['sh', 'start.sh'], 'start.sh:1'],
      [['npm', 'run', 'dev'], 'package.json:1'],
      [
        ['python3', '-m', 'http.server', '8000'],
        'what python -m http.server listens on unless it is told otherwise\n  without a policy it may listen on loopback only; give it --bind 127.0.0.1\n',
      ],
    ] as const) {
      const { code, stderr } = await run(['--', ...words], path)
      expect(code, stderr).toBe(1)
      expect(stderr).toContain('SECURITY ERROR: Invalid host')
      expect(stderr).toContain(place)
    }
  })

  it('P1 · a host of loopback is not', async () => {
    const path = folder()
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect((await run(['--', 'true'], path, { HOST: host })).code).toBe(0)
  })

  it('E8 · HOST, API_HOST and PORT come from the policy; of several services one has to be named', async () => {
    const path = folder({
      'sallyport.yaml': 'version: 1\nname: x\nservices:\n  app: { port: 3456 }\n  web: { port: 80, from: internet, domain: example.com }\n',
    })
    const print = ['--', 'sh', '-c', 'echo $HOST $API_HOST $PORT']
    expect((await run(['--service', 'app', ...print], path)).stdout).toBe('127.0.0.1 127.0.0.1 3456\n')
    expect((await run(['--service', 'web', ...print], path)).stdout).toBe('0.0.0.0 0.0.0.0 80\n')
    const unnamed = await run(print, path)
    expect(unnamed.code).toBe(2)
    expect(unnamed.stderr).toContain('--service')
  })
})

for (const [name, before] of [
  ['by the kernel’s events', EVENTS],
  ['by polling', POLLING],
] as const) {
  describe.skipIf(!WITH_EVENTS && !must)(`what listens beyond the policy, seen ${name}`, () => {
    const offset = before === EVENTS ? 0 : 20

    it('P12 · is stopped, recorded, and the line that asks for it told', async () => {
      const port = 8601 + offset
      const path = folder({ 'server.js': server('0.0.0.0', port) })
      const { code, stderr } = await run(['--no-preload', '--', process.execPath, 'server.js'], path, {}, before)
      expect(code).toBe(1)
      expect(stderr).toContain(`listened on 0.0.0.0:${port} (tcp)`)
      expect(stderr).toContain('server.js:2:')
      expect(stderr.includes('every 200 ms')).toBe(before === POLLING)
      expect(stderr.includes('mount -t tracefs nodev /sys/kernel/tracing')).toBe(before === POLLING)
      expect(log(path)).toMatchObject([{ code: 'listener-beyond-policy', address: '0.0.0.0', port, action: 'stopped' }])
      expect(isListening(port)).toBe(false)
    })

    it('P12 · is killed when it does not end; its socket is closed before', async () => {
      const port = 8602 + offset
      const path = folder({ 'deaf.js': server('::', port, 'process.on("SIGTERM", () => console.log("told"))') })
      const { code, stdout } = await run(['--no-preload', '--grace', '0.3', '--', process.execPath, 'deaf.js'], path, {}, before)
      expect(code).toBe(1)
      expect(stdout).toContain('told')
      expect(isRunning(join(path, 'deaf.js'))).toBe(false)
      expect(isListening(port)).toBe(false)
    })

    it('P12 · may take its time to end while nobody reaches it any more', async () => {
      const port = 8606 + offset
      const slow = `process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit() }, 700))`
      const path = folder({ 'slow.js': server('0.0.0.0', port, slow) })
      const { ended, says } = start(['--no-preload', '--', process.execPath, 'slow.js'], path, {}, before)
      let open = 0
      const timer = setInterval(() => (open += isListening(port) ? 1 : 0), 50)
      await says('saved')
      clearInterval(timer)
      expect((await ended).code).toBe(1)
      // By polling it may be seen open for an instant.
      expect(open).toBeLessThanOrEqual(before === EVENTS ? 1 : 5)
    })

    it('P12 · also in what a process started that has left its group, its session and its parent', async () => {
      const port = 8603 + offset
      const path = folder({ 'stray.js': server('0.0.0.0', port) })
      const stray = `setsid ${process.execPath} ${path}/stray.js & sleep 0.05`
      const { code, stderr } = await run(['--no-preload', '--', 'sh', '-c', `(${stray}) & wait; sleep 1`], path, {}, before)
      expect(code, stderr).toBe(1)
      expect(isRunning(join(path, 'stray.js'))).toBe(false)
    })

    it('P12 · is left alone where the policy means it, and reported only where that was asked for', async () => {
      const port = 8604 + offset
      const path = folder({
        'server.js': server('0.0.0.0', port).replace('60_000', '1200').replace('.listen', '.unref().listen'),
        'sallyport.yaml': `version: 1\nname: x\nservices:\n  web: { port: ${port}, from: internet, domain: example.com }\n`,
        'private.yaml': `version: 1\nname: x\nservices:\n  web: { port: ${port} }\n`,
      })
      const words = ['--no-preload', '--', process.execPath, 'server.js']
      const meant = await run(words, path, {}, before)
      expect([meant.code, log(path)]).toEqual([0, []])
      const reported = await run(['--policy', 'private.yaml', '--on-exposed', 'report', ...words], path, {}, before)
      expect(reported.code).toBe(0)
      expect(log(path)).toMatchObject([{ action: 'reported', service: 'web', port }])
    })

    it('P12 · a UDP socket on a port of its own is stopped, one that only sends is reported', async () => {
      const path = folder({
        'udp.js': `const s = require('node:dgram').createSocket('udp4'); s.bind(${8605 + offset}, '0.0.0.0')`,
        'sends.js': `const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1'); setTimeout(() => s.close(), 700)`,
      })
      expect((await run(['--no-preload', '--', process.execPath, 'udp.js'], path, {}, before)).code).toBe(1)
      expect((await run(['--no-preload', '--', process.execPath, 'sends.js'], path, {}, before)).code).toBe(0)
      expect(log(path)).toMatchObject([
        { protocol: 'udp', action: 'stopped' },
        { protocol: 'udp', action: 'reported' },
      ])
    })
  })
}

describe.skipIf(!WITH_EVENTS && !must)('the kernel’s tracing', () => {
  const instances = () =>
    spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tracefs none /sys/kernel/tracing; ls /sys/kernel/tracing/instances'], {
      encoding: 'utf8',
    }).stdout

  it('P12 · a stray with an environment of its own is seen by its events alone', async () => {
    const path = folder({ 'stray.js': server('0.0.0.0', 8650) })
    const words = ['--no-preload', '--', 'sh', '-c', `(env -i setsid ${process.execPath} ${path}/stray.js &) ; sleep 2`]
    expect((await run(words, path, {}, EVENTS)).code).toBe(1)
    expect(isRunning(join(path, 'stray.js'))).toBe(false)
  })

  it('P12 · is left as it was found, also after SIGKILL; and what nobody watches any more is stopped', async () => {
    const path = folder({ 'quiet.js': 'console.log("ready"); setTimeout(() => {}, 60_000)' })
    const { child, ended, says } = start(['--', process.execPath, `${path}/quiet.js`], path, {}, EVENTS)
    await says('ready')
    expect(instances()).toContain(`sallyport-run-${child.pid}`)
    child.kill('SIGKILL')
    await ended
    for (let round = 0; round < 60 && (instances().includes(`-${child.pid}\n`) || isRunning(`${path}/quiet.js`)); round++) await wait(100)
    expect(instances()).not.toContain(`sallyport-run-${child.pid}\n`)
    expect(isRunning(`${path}/quiet.js`)).toBe(false)
  })
})

const PRELOAD = existsSync(join(ROOT, 'packages/guard/dist/preload.js'))
if (!PRELOAD) process.stderr.write('skipped: the guard’s preload is not built\n')

describe.skipIf(!PRELOAD && !must)('the guard in Node', () => {
  const code = (port: number) => `require('node:net').createServer().listen(${port}, '0.0.0.0', function () {
    console.log(this.address().address)
    setTimeout(() => process.exit(5), 500)
  })`

  it('P12 · makes loopback of a bind to every interface, and the server runs on', async () => {
    const path = folder({ 'server.js': code(8670) })
    const { code: status, stdout } = await run(['--', process.execPath, 'server.js'], path)
    expect([status, stdout]).toEqual([5, '127.0.0.1\n'])
    expect(log(path)).toEqual([])
  })

  it('P12 · leaves what the policy means', async () => {
    const policy = 'version: 1\nname: x\nservices:\n  web: { port: 8671, from: internet, domain: example.com }\n'
    const path = folder({ 'server.js': code(8671), 'sallyport.yaml': policy })
    expect((await run(['--', process.execPath, 'server.js'], path)).stdout).toBe('0.0.0.0\n')
  })
})

describe('the command itself', () => {
  it('P12 · its exit code is ours, 128 + n after a signal, 127 where it is not there', async () => {
    const path = folder()
    expect((await run(['--', 'sh', '-c', 'exit 7'], path)).code).toBe(7)
    expect((await run(['--', 'sh', '-c', 'kill -9 $$'], path)).code).toBe(137)
    expect((await run(['--', 'no-such-program'], path)).code).toBe(127)
    // An option of the command is not one of ours, with -- and without.
    expect((await run([process.execPath, '-e', 'process.exit(3)'], path)).code).toBe(3)
  })

  it('P12 · its words, input and output are its own', () => {
    const echo = ['--', process.execPath, '-e', 'process.stdin.pipe(process.stdout); console.error(process.argv.slice(1).join("|"))', '--']
    const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, 'run', ...echo, '--host', 'a b', '-V'], {
      input: 'in\0put',
      cwd: folder(),
      encoding: 'utf8',
    })
    expect([status, stdout, stderr.split('\n').at(-2)]).toEqual([0, 'in\0put', '--host|a b|-V'])
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)('P12 · %s reaches it', async (signal) => {
    const code = `process.on('${signal}', () => { console.log('got ${signal}'); process.exit(9) }); console.log('ready'); setTimeout(() => {}, 30_000)`
    const { child, ended, says } = start(['--', process.execPath, '-e', code], folder())
    await says('ready')
    child.kill(signal)
    expect(await ended).toMatchObject({ code: 9, stdout: `ready\ngot ${signal}\n` })
  })

  it.skipIf(!SCRIPT && !must)('P12 · its terminal is its own, and Ctrl-C reaches it once', async () => {
    const code = `let n = 0; process.on('SIGINT', () => n++); console.log(process.stdin.isTTY + ' ' + (process.stdout.columns !== undefined) + ' ready');
      setTimeout(() => { console.log('interrupts ' + n); process.exit(3) }, 1500)`
    const path = folder({ 'tty.js': code })
    // Without exec a shell may stand between, which gets the interrupt too.
    const child = spawn('script', ['-qec', `exec ${process.execPath} ${CLI} run -- ${process.execPath} tty.js`, '/dev/null'], { cwd: path })
    started.push(child)
    let output = ''
    let isSent = false
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (isSent || !output.includes('ready')) return
      isSent = true
      child.stdin.write('\u0003')
    })
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect(output).toContain('true true ready')
    expect(output).toContain('interrupts 1')
    expect(status).toBe(3)
  })

  it.skipIf(!PYTHON && !must)('P12 · what goes into the background is watched on', async () => {
    const path = folder({
      'late.py': 'import socket,time\ntime.sleep(0.5)\ns=socket.socket()\ns.bind(("0.0.0.0",8660))\ns.listen()\ntime.sleep(60)\n',
    })
    const { code, stderr } = await run(['--', 'sh', '-c', 'python3 late.py >/dev/null 2>&1 &'], path)
    expect(stderr).toContain('run on')
    expect(code).toBe(1)
    expect(isListening(8660)).toBe(false)
  })
})
