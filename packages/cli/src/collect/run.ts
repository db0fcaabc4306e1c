import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'

/** What became of a command. Nothing throws: a tool that is missing or refuses is a value, and what it leaves unseen is reported. */
export type Ran =
  | { readonly kind: 'ok'; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'denied'; readonly stderr: string }
  | { readonly kind: 'failed'; readonly code: number | undefined; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'too-large' }

export interface RunOptions {
  readonly timeoutMs?: number
  /** Variables beyond the fixed ones. */
  readonly environment?: Readonly<Record<string, string>>
  /** Of its output; more is `too-large`. */
  readonly maxBytes?: number
}

export const TIMEOUT_MS = 10_000
export const MAX_BYTES = 64 * 1024 * 1024

/** The administration tools are where an ordinary user's PATH does not look. No directory of the folder under inspection is ever in it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The variables of every program that is run. */
export const ENVIRONMENT: Readonly<Record<string, string>> = { PATH, LC_ALL: 'C', HOME: '/' }

const DENIED = /permission denied|operation not permitted|must be root|you need to be root|EACCES|EPERM/i

/** Whether a path is a file that this user may run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Runs a program with its own words (no shell), a fixed environment, a bound on time and on output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // Never the folder under inspection, which some programs look into for their settings.
      cwd: '/',
      env: { ...ENVIRONMENT, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what it has started can be ended with it.
      detached: true,
    })
    const output: Buffer[] = []
    let bytes = 0
    let stderr = ''
    const end = (ran: Ran): void => {
      clearTimeout(timer)
      resolve(ran)
    }
    // Its pipes may be held open by what it has started, so that `close` would never come.
    const stop = (why: Ran): void => {
      killGroup(child)
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      end(why)
    }
    const timer = setTimeout(() => stop({ kind: 'timeout' }), options.timeoutMs ?? TIMEOUT_MS)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > (options.maxBytes ?? MAX_BYTES)) stop({ kind: 'too-large' })
      else output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 4096) stderr += chunk.toString('utf8')
    })
    child.on('error', (error) => end(notStarted(error)))
    child.on('close', (code) => end(ended(code, Buffer.concat(output).toString('utf8'), stderr)))
  })
}

/** What became of a program that could not even be started. */
export function notStarted(error: NodeJS.ErrnoException): Ran {
  return error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', code: undefined, stdout: '', stderr: error.message }
}

/** What became of a program, by how it ended. `code`: null where a signal ended it. */
export function ended(code: number | null, stdout: string, stderr: string): Ran {
  if (code === 0) return { kind: 'ok', stdout, stderr }
  if (DENIED.test(stderr)) return { kind: 'denied', stderr }
  // A shell and nsenter report a program that they cannot find as 127.
  if (code === 127) return { kind: 'missing' }
  return { kind: 'failed', code: code ?? undefined, stdout, stderr }
}

export function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
