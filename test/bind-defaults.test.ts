import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFIGURATION_ROWS, SERVER_ROWS } from '../packages/core/src/systems/javascript/frameworks/index.ts'
import { GO_FRAMEWORKS } from '../packages/core/src/systems/go/frameworks.ts'
import { PROGRAMS } from '../packages/core/src/systems/programs/index.ts'
import { PYTHON_FRAMEWORKS } from '../packages/core/src/systems/python/frameworks.ts'
import { hostWords } from '../packages/core/src/systems/programs/host-option.ts'
import type { FrameworkDefault } from '@sallyport/core/systems'
import { FILES, type Start, STARTS } from './bind-defaults/starts.ts'

/** Every row of docs/bind-defaults.md. */
const ROWS: readonly FrameworkDefault[] = [...SERVER_ROWS, ...CONFIGURATION_ROWS, ...PYTHON_FRAMEWORKS, ...GO_FRAMEWORKS, ...PROGRAMS]

/** The addresses that a default host may show as: all of them, or the only ones allowed. */
const SHOWN: Readonly<Record<FrameworkDefault['defaultHost'], (addresses: readonly string[]) => boolean>> = {
  '*': (addresses) => addresses.includes('*') || (addresses.includes('0.0.0.0') && addresses.includes('[::]')),
  '0.0.0.0': (addresses) => addresses.length === 1 && addresses[0] === '0.0.0.0',
  '::': (addresses) => addresses.length === 1 && addresses[0] === '[::]',
  '127.0.0.1': (addresses) => addresses.length === 1 && addresses[0] === '127.0.0.1',
  localhost: (addresses) => addresses.length > 0 && addresses.every((address) => address === '127.0.0.1' || address === '[::1]'),
}

const root = fileURLToPath(new URL('..', import.meta.url))
const isolation = [
  ['--net', '--pid', '--fork', '--kill-child'],
  ['--map-root-user', '--net', '--pid', '--fork', '--kill-child'],
].find((words) => spawnSync('unshare', [...words, 'sh', '-c', 'ip link set lo up && ss -Hlt']).status === 0)
const keyOf = ({ kind, id }: Pick<Start, 'kind' | 'id'>): string => `${kind} ${id}`
const rowOf = (start: Start): FrameworkDefault | undefined => ROWS.find((row) => keyOf(row) === keyOf(start))
/** An address of every Linux machine that no program binds unasked. */
const ASKED = '127.0.0.2'
/** The words by which `fix` says a host. */
const saidTo = ({ kind, id }: Start): readonly string[] => (kind === 'program' ? (hostWords(id, ASKED) ?? []) : [])
const installed = STARTS.filter(({ needs }) => needs === undefined || spawnSync(needs[0] ?? '', needs.slice(1)).status === 0)

test('every start is of a row', () => {
  expect(STARTS.filter((start) => rowOf(start) === undefined).map(keyOf)).toEqual([])
})

describe.skipIf(isolation === undefined)('rows of the table, started in a network namespace of their own (needs unshare, ip, ss)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bind-defaults-'))
  const seen = new Map<string, { readonly sockets: readonly string[]; readonly output: string }>()
  const started = (): readonly Start[] => installed.filter((start) => seen.has(keyOf(start)))

  beforeAll(() => {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    for (const build of new Set(installed.flatMap((start) => start.build ?? []))) {
      // Of Debian's packages of source; what was compiled once is kept where Go keeps it.
      const built = spawnSync('go', ['build', '-o', 'server', '.'], {
        cwd: join(directory, build),
        encoding: 'utf8',
        env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', CGO_ENABLED: '0' },
      })
      expect(built.stderr + (built.error?.message ?? '')).toBe('')
    }
    const asked = installed.filter((start) => saidTo(start).length > 0)
    const starts = [
      ...installed.map((start) => ({ ...start, key: keyOf(start) })),
      ...asked.map((start) => ({ ...start, key: `${keyOf(start)}, asked`, command: [...start.command, ...saidTo(start)] })),
    ].map((start) => ({
      key: start.key,
      protocol: rowOf(start)?.protocol ?? 'tcp',
      environment: start.environment ?? {},
      command: start.command.map((word) => word.replace('ROOT', root).replaceAll('DIRECTORY', JSON.stringify(directory))),
    }))
    const job = join(directory, 'job.json')
    writeFileSync(job, JSON.stringify({ starts, cwd: directory }))
    const run = spawnSync('unshare', [...(isolation ?? []), process.execPath, join(root, 'test/bind-defaults/runner.mjs'), job], {
      cwd: root,
      encoding: 'utf8',
      timeout: 240_000,
      env: { PATH: process.env['PATH'], HOME: directory, PYTHONPATH: directory, PYTHONDONTWRITEBYTECODE: '1' },
    })
    for (const line of run.stdout.split('\n').filter((text) => text !== '')) {
      const { key, sockets, output } = JSON.parse(line) as { key: string; sockets: readonly string[]; output: string }
      seen.set(key, { sockets, output })
    }
    expect(run.stderr).toBe('')
  }, 260_000)

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true })
    const left = STARTS.filter((start) => !installed.includes(start)).map(keyOf)
    process.stdout.write(
      `bind defaults: ${started().length} of ${ROWS.length} rows started and their sockets read${left.length === 0 ? '' : `; not installed: ${left.join(', ')}`}\n`,
    )
  })

  test.each(installed.filter((start) => saidTo(start).length > 0).map((start) => [keyOf(start), start] as const))(
    'E2 · %s binds the host that it is told in the words that fix writes',
    (key) => {
      const { sockets, output } = seen.get(`${key}, asked`) ?? { sockets: [], output: 'it was not started' }
      expect([...new Set(sockets.map((socket) => socket.slice(0, socket.lastIndexOf(':'))))], output).toEqual([ASKED])
    },
  )

  test('at least 25 rows are started', () => expect(started().length).toBeGreaterThanOrEqual(25))

  test.each(installed.map((start) => [keyOf(start), start] as const))('%s', (key, start) => {
    const row = rowOf(start)
    const { sockets, output } = seen.get(key) ?? { sockets: [], output: 'it was not started' }
    expect(sockets, output).not.toEqual([])
    const port = start.port ?? row?.defaultPort
    const parts = sockets.map((socket) => ({
      address: socket.slice(0, socket.lastIndexOf(':')).replace(/%\w+$/, ''),
      port: Number(socket.slice(socket.lastIndexOf(':') + 1)),
    }))
    expect(new Set(parts.map((part) => part.port))).toEqual(new Set([port]))
    const addresses = parts.map((part) => part.address)
    expect(row !== undefined && SHOWN[row.defaultHost](addresses), `${row?.defaultHost} is shown as ${addresses.join(' ')}`).toBe(true)
  })
})
