import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

/** How a command ended. `code` is null exactly when a signal ended it. */
export interface Output {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Written to standard input, which is closed afterwards; left out, it is empty. */
  readonly input?: string
  /** Added to the caller's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** The whole process group is killed then, and the promise rejects. */
  readonly timeoutMs?: number
  /** Exit codes that count as success; any other rejects. */
  readonly exit?: readonly number[] | 'any'
}

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly output: Output

  constructor(argv: readonly string[], why: string, output: Output) {
    super(`${argv.join(' ')}: ${why}\n${output.stderr.trim() || output.stdout.trim()}`.trim())
    this.output = output
  }
}

const DEFAULT_TIMEOUT_MS = 30_000
const DAEMON_MS = 250
const MOST_OUTPUT = 64 * 1024 * 1024

/**
 * Runs a program to its end in a process group of its own. Rejects with CommandFailed on a timeout or an exit code that `exit` does
 * not list, naming the command as `shown`.
 */
export function run(argv: readonly string[], options: RunOptions = {}, shown: readonly string[] = argv): Promise<Output> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, exit = [0] } = options
  const [program, ...args] = argv
  if (program === undefined) return Promise.reject(new TypeError('run needs a program'))
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, cwd: options.cwd, env: environment(options.env), stdio: 'pipe' })
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let size = 0
    let stopped: string | undefined
    const stop = (why: string) => {
      stopped ??= why
      killGroup(child.pid)
    }
    const timer = setTimeout(() => stop(`did not end within ${timeoutMs} ms`), timeoutMs)
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MOST_OUTPUT) stop(`printed more than ${MOST_OUTPUT} bytes`)
        else chunks[stream].push(chunk)
      })
    }
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    let over = false
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      if (over) return
      over = true
      clearTimeout(timer)
      child.stdout.destroy()
      child.stderr.destroy()
      const output: Output = { code, signal, stdout: text(chunks.stdout), stderr: text(chunks.stderr) }
      if (stopped !== undefined) reject(new CommandFailed(shown, stopped, output))
      else if (exit !== 'any' && (code === null || !exit.includes(code)))
        reject(new CommandFailed(shown, signal ?? `exit code ${code}`, output))
      else resolve(output)
    }
    child.on('close', end)
    // A daemon that it leaves behind may hold its output open for ever; what the program itself printed is in the pipe by now.
    // While this process was busy there may be more in it than was read: first the pipe, then the clock.
    const settle = (code: number | null, signal: NodeJS.Signals | null, before: number) => {
      const look = () => setImmediate(() => (size === before ? end(code, signal) : settle(code, signal, size)))
      setTimeout(look, DAEMON_MS).unref()
    }
    child.on('exit', (code, signal) => settle(code, signal, size))
    // A program that ends without reading its input is no error of ours; its exit code tells.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** SIGKILL to a process group; that it is gone already is what was wanted. */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {}
}

/** The caller's PATH, and where system programs are: not every root has those in it. */
export const PATH = [...new Set([...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'])].join(
  delimiter,
)

export function environment(changes: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH, ...changes }
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}
