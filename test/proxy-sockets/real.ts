import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProxyListener, ProxyServer } from '@sallyport/core/evidence'
import { formatAddress } from '@sallyport/core/network'
import { listenAddresses } from '../../packages/core/src/reach/requests/index.ts'

/** Addresses on the namespace's loopback interface, to listen on. */
const ADDRESSES = ['192.0.2.5', '192.0.2.7', '2001:db8::5'] as const

/** How a proxy is tried. */
export interface Program {
  readonly path: string
  /** Says whether it takes the configuration; what it prints where that is JSON is what is run. Given the path of its main file. */
  check(main: string): readonly string[]
  command(main: string): readonly string[]
  /** What it prints when it listens; empty: it listens, and nothing changes any more. */
  readonly ready: string
}

export interface SocketCase {
  readonly name: string
  readonly main: string
  /** By path relative to the folder of the case. */
  readonly files: Readonly<Record<string, string>>
  /** What is asked of 127.0.0.1:8080, by path and Host. */
  readonly requests?: readonly { readonly path: string; readonly host: string }[]
}

export type SocketResult =
  | { readonly accepted: false; readonly message: string }
  | { readonly accepted: true; readonly sockets: readonly string[]; readonly statuses: readonly number[] }

/** Why the program cannot be tried here; `undefined`: it can. */
export function whyNot({ path }: Pick<Program, 'path'>): string | undefined {
  if (!existsSync(path)) return `${path} is not installed`
  const made = spawnSync('unshare', ['-n', 'true'], { encoding: 'utf8' })
  return made.status === 0 ? undefined : `no network namespace can be made: ${made.stderr || made.error?.message}`
}

/** Starts the program on each case in one network namespace that nothing else is in, and takes it all away again. */
export function runReal(program: Program, cases: readonly SocketCase[]): readonly SocketResult[] {
  const root = mkdtempSync(join(tmpdir(), 'sp-proxy-'))
  try {
    const prepared = cases.map(({ files, main, requests = [] }, index) => {
      const directory = join(root, String(index))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), text)
      }
      return { directory, check: program.check(main), command: program.command(main), requests }
    })
    const job = join(root, 'job.json')
    const result = join(root, 'result.json')
    writeFileSync(job, JSON.stringify({ cases: prepared, ready: program.ready }))
    const runner = fileURLToPath(new URL('runner.mjs', import.meta.url))
    const setUp = [
      'ip link set lo up',
      ...ADDRESSES.map((address) => `ip addr add ${address} dev lo${address.includes(':') ? ' nodad' : ''}`),
    ]
    const run = spawnSync('unshare', ['-n', 'sh', '-c', `${setUp.join(' && ')} && exec "$0" "$@"`, process.execPath, runner, job, result], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    if (run.status !== 0) throw new Error(`the runner failed: ${run.stderr || run.error?.message}`)
    return JSON.parse(readFileSync(result, 'utf8')) as SocketResult[]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Whether the program takes a configuration as it is, without starting: what it says where it does not. */
export function refusal(program: Program, { main, files }: Omit<SocketCase, 'name'>): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'sp-proxy-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    const [checker = '', ...words] = program.check(main)
    const run = spawnSync(checker, words, { cwd: directory, encoding: 'utf8', timeout: 20_000, env: { ...process.env, HOME: directory } })
    return run.status === 0 ? undefined : `${run.stdout}${run.stderr}`.slice(-600)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Every socket of the servers in the words of `ss`, with nothing set in the environment; those of files apart. */
export function predicted(servers: readonly ProxyServer[]): readonly string[] {
  return [...new Set(servers.flatMap(({ listeners }) => listeners.flatMap(inWords)))].toSorted()
}

function inWords(listener: ProxyListener): readonly string[] {
  return listenAddresses(listener).flatMap((at) => {
    if (at === undefined) return ['undecided']
    if (at.kind === 'unix') return []
    const { first, last } = at.ports
    const host =
      at.kind === 'name' ? (at.name === 'localhost' ? '127.0.0.1' : at.name) : inBrackets(formatAddress(at.address), listener.ipv6only)
    return Array.from({ length: last - first + 1 }, (_, index) => `${listener.protocol} ${host}:${first + index}`)
  })
}

function inBrackets(text: string, ipv6only: boolean): string {
  if (!text.includes(':')) return text
  return text === '::' && !ipv6only ? '*' : `[${text}]`
}
