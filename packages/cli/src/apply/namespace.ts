import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { ENVIRONMENT, type Ran, run } from '../collect/run.ts'
import { Failure } from '../failure.ts'

/** What a change of rules may take: with ten thousand of them, seconds. */
const LONGEST_MS = 60_000

/** A place where scripts of sh(1) are run: this machine's own network namespace, or one that is thrown away. They end at the first command that fails. */
export interface Place {
  /** `folder`: where it is run (default: the root). `seconds`: what it may take beyond a minute. Nothing throws. */
  run(script: string, folder?: string, seconds?: number): Promise<Ran>
  /** A program with its own words, without a shell. */
  program(words: readonly string[]): readonly [command: string, ...words: string[]]
}

function shell(script: string, folder: string): readonly string[] {
  return ['/bin/sh', '-euc', `cd "$0"\n${script}`, folder]
}

/** Where Sallyport itself is. */
export const HERE: Place = {
  run: (script, folder = '/', seconds = 0) => {
    const [command = '/bin/sh', ...words] = shell(script, folder)
    return run(command, words, { timeoutMs: LONGEST_MS + seconds * 1000 })
  },
  program: ([command = '', ...words]) => [command, ...words],
}

/**
 * A network namespace of its own, empty, with a mount namespace in which nothing that is mounted is seen outside. It ends with this process, however that
 * ends: the one process in it lives as long as its standard input is open.
 */
export class Namespace implements Place {
  readonly pid: number
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess, pid: number) {
    this.#holder = holder
    this.pid = pid
  }

  /** Throws `Failure` where the kernel gives none. */
  static async create(): Promise<Namespace> {
    const words = ['--net', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', 'ip link set lo up; echo ready; exec cat']
    const holder = spawn('unshare', words, { cwd: '/', env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    let complaint = ''
    holder.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')))
    holder.stdin.on('error', () => {})
    const gone = once(holder, 'error').then(([error]) => (complaint = (error as Error).message))
    await Promise.race([once(holder.stdout, 'data'), once(holder, 'close'), gone])
    if (holder.pid === undefined || holder.exitCode !== null)
      throw new Failure(
        `the change cannot be tried first: there is no network namespace to be had (${complaint.trim().slice(0, 200)})`,
        'run it as root, with util-linux installed, where unshare(1) may make namespaces',
      )
    return new Namespace(holder, holder.pid)
  }

  run(script: string, folder = '/', seconds = 0): Promise<Ran> {
    const [command, ...words] = this.program(shell(script, folder))
    return run(command, words, { timeoutMs: LONGEST_MS + seconds * 1000 })
  }

  program(words: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', '--target', String(this.pid), '--net', '--mount', '--', ...words]
  }

  close(): void {
    this.#holder.stdin?.end()
    this.#holder.stdout?.destroy()
    this.#holder.stderr?.destroy()
    this.#holder.unref()
  }
}

/** What a command said that did not do what it had to. */
export function complaint(ran: Exclude<Ran, { readonly kind: 'ok' }>): string {
  switch (ran.kind) {
    case 'missing':
      return 'a program is not installed'
    case 'timeout':
      return 'no end in time'
    case 'too-large':
      return 'the answer was too large'
    case 'denied':
    case 'failed':
      return ran.stderr.trim().replaceAll(/\s*\n\s*/g, '; ')
    default:
      return ran satisfies never
  }
}

/** What the command wrote; throws `Failure` with its own words where it failed. */
export async function must(ran: Promise<Ran>, what: string, next: string): Promise<string> {
  const done = await ran
  if (done.kind === 'ok') return done.stdout
  throw new Failure(`${what}: ${complaint(done)}`, next)
}
