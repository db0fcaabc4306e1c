import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bindsIn, casesOf, type FixCase, hostsOf, readsVariable } from './fix-source/corpus.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const PYTHON = '/usr/bin/python3'
const GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', CGO_ENABLED: '0' }

/** How a program is started, by the word of its case. */
const STARTS: Readonly<Record<string, (file: string) => readonly string[]>> = {
  node: (file) => [process.execPath, file],
  udp: (file) => [process.execPath, file],
  tsx: (file) => [process.execPath, '--import', join(root, 'node_modules/tsx/dist/loader.mjs'), file],
  python: (file) => [PYTHON, file],
  'udp-python': (file) => [PYTHON, file],
  gunicorn: (file) => [PYTHON, '-m', 'gunicorn', '-c', file, 'app:app'],
  go: () => ['./server'],
  'udp-go': () => ['./server'],
}

interface Start {
  readonly case: FixCase
  readonly how: string
  readonly file: string
  /** HOST of the environment. */
  readonly host?: string
}

const CASES = casesOf().filter(({ refused }) => refused === undefined)
const triesOf = (one: FixCase, words: readonly string[]): readonly (readonly [string, string])[] =>
  one.tries.flatMap((line) => {
    const [how = '', file = ''] = line.split(' ')
    return words.includes(how) ? [[how, file] as const] : []
  })
const started: readonly Start[] = CASES.flatMap((one) => triesOf(one, Object.keys(STARTS)).map(([how, file]) => ({ case: one, how, file })))
const keyOf = (start: Start): string =>
  `${[...start.case.proves, start.case.name].join(' · ')}${start.host === undefined ? '' : `, HOST=${start.host}`}`

const answers = (command: string, ...words: readonly string[]): boolean => spawnSync(command, words).status === 0
const isolation = [
  ['--net', '--pid', '--fork', '--kill-child'],
  ['--map-root-user', '--net', '--pid', '--fork', '--kill-child'],
].find((words) => answers('unshare', ...words, 'sh', '-c', 'ip link set lo up && ss -Hlt'))
const NEEDS: readonly (readonly [RegExp, () => boolean, string])[] = [
  [
    /^(?:python|udp-python|gunicorn)$/,
    () => answers(PYTHON, '-c', 'import uvicorn, fastapi, flask, aiohttp, tornado, gunicorn'),
    'Debian’s Python servers',
  ],
  [
    /^(?:go|udp-go)$/,
    () => answers('sh', '-c', 'go version && test -d /usr/share/gocode/src/github.com/gin-gonic'),
    'Go and its Debian packages',
  ],
]
const missing = isolation === undefined ? [] : NEEDS.filter(([, there]) => !there())
for (const [, , what] of missing) process.stderr.write(`skipped: programs that need ${what}\n`)
const isInstalled = ({ how }: Start): boolean => !missing.some(([pattern]) => pattern.test(how))

test.skipIf(process.env['SALLYPORT_NO_SKIP'] !== '1')('nothing is skipped', () => {
  expect(isolation).toBeDefined()
  expect(missing.map(([, , what]) => what)).toEqual([])
})

describe('programs as they are after fix', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fix-source-'))

  beforeAll(() => {
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
    for (const { name, after } of CASES) {
      for (const [path, text] of after) {
        const target = join(directory, name, path)
        mkdirSync(dirname(target), { recursive: true })
        writeFileSync(target, text)
      }
    }
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const files = (words: readonly string[]): readonly string[] =>
    CASES.flatMap((one) => triesOf(one, words).map(([, file]) => join(one.name, file)))

  test('E2 · TypeScript takes them', () => {
    const sources = files(['types'])
    expect(sources.length).toBeGreaterThan(5)
    const words =
      '--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler --types node --esModuleInterop'
    const run = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...words.split(' '), ...sources], {
      cwd: directory,
      encoding: 'utf8',
    })
    expect(run.stdout + run.stderr).toBe('')
  }, 60_000)

  test.skipIf(!answers(PYTHON, '--version'))(
    'E2 · Python compiles them',
    () => {
      const sources = CASES.flatMap((one) =>
        [...one.after.keys()].filter((path) => path.endsWith('.py')).map((path) => join(one.name, path)),
      )
      expect(sources.length).toBeGreaterThan(30)
      const script = 'import sys\nfor path in sys.argv[1:]: compile(open(path, newline="").read(), path, "exec")'
      const run = spawnSync(PYTHON, ['-c', script, ...sources], { cwd: directory, encoding: 'utf8' })
      expect(run.stdout + run.stderr).toBe('')
    },
    30_000,
  )

  test.skipIf(!answers('sh', '-c', 'command -v gofmt'))(
    'gofmt has nothing to say of them',
    () => {
      const sources = CASES.flatMap((one) =>
        [...one.after.entries()].flatMap(([path, text]) => (path.endsWith('.go') && !text.includes('\r') ? [join(one.name, path)] : [])),
      )
      expect(sources.length).toBeGreaterThan(15)
      const run = spawnSync('gofmt', ['-l', '-e', ...sources], { cwd: directory, encoding: 'utf8' })
      expect(run.stdout + run.stderr).toBe('')
    },
    30_000,
  )

  describe.skipIf(isolation === undefined)('started in a network namespace of their own (needs unshare, ip, ss)', () => {
    const seen = new Map<string, { readonly sockets: readonly string[]; readonly output: string }>()
    const starts = started.filter(isInstalled)
    /** Of what proves that HOST has a say, a second start that sets it. */
    const all = [...starts, ...starts.filter((start) => start.case.proves.includes('E8')).map((start) => ({ ...start, host: '127.0.0.2' }))]

    beforeAll(() => {
      for (const start of starts.filter(({ how }) => how.endsWith('go'))) {
        const built = spawnSync('go', ['build', '-o', 'server', '.'], {
          cwd: join(directory, start.case.name),
          encoding: 'utf8',
          env: { ...process.env, ...GO },
        })
        expect(built.stderr + (built.error?.message ?? '')).toBe('')
      }
      const job = join(directory, 'job.json')
      const lines = all.map((start) => ({
        key: keyOf(start),
        protocol: start.how.startsWith('udp') ? 'udp' : 'tcp',
        environment: start.host === undefined ? {} : { HOST: start.host },
        command: ['sh', '-c', 'cd "$0" && exec "$@"', join(directory, start.case.name), ...(STARTS[start.how]?.(start.file) ?? [])],
      }))
      writeFileSync(job, JSON.stringify({ starts: lines, cwd: directory }))
      const run = spawnSync('unshare', [...(isolation ?? []), process.execPath, join(root, 'test/bind-defaults/runner.mjs'), job], {
        cwd: root,
        encoding: 'utf8',
        timeout: 400_000,
        env: { PATH: process.env['PATH'], HOME: directory, PYTHONDONTWRITEBYTECODE: '1' },
      })
      for (const line of run.stdout.split('\n').filter((text) => text !== '')) {
        const { key, sockets, output } = JSON.parse(line) as { key: string; sockets: readonly string[]; output: string }
        seen.set(key, { sockets, output })
      }
      expect(run.stderr).toBe('')
    }, 500_000)

    test.each(all.map((start) => [keyOf(start), start] as const))('%s', async (key, start) => {
      const { sockets = [], output = 'not started' } = seen.get(key) ?? {}
      expect(output).toBe('')
      const binds = await bindsIn(start.case.after)
      // `localhost` may be either family.
      const written = new Set(binds.flatMap(({ claim }) => hostsOf(claim)).map((host) => (host === '::1' ? '[::1]' : '127.0.0.1')))
      const addresses = sockets.map((socket) => socket.replace(/:\d+$/, ''))
      const shown = addresses.map((address) => (address === '[::1]' && !written.has('[::1]') ? '127.0.0.1' : address))
      if (start.host !== undefined) expect(binds.every(({ claim }) => readsVariable(claim.host, 'HOST'))).toBe(true)
      expect([...new Set(shown)].toSorted()).toEqual(start.host === undefined ? [...written].toSorted() : [start.host])
    })
  })
})
