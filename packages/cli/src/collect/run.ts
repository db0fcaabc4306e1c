import { type ChildProcess, spawn } from 'node:child_process'

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
  readonly maxBytes?: number
  /** Run in the network namespace that this file stands for (nsenter(1)). */
  readonly namespace?: string
  /** Written to its standard input. */
  readonly input?: string
  /** Variables beyond the fixed ones. */
  readonly environment?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 64 * 1024 * 1024

/** The administration tools are where an ordinary user's PATH does not look. No directory of the folder under inspection is ever in it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const DENIED = /permission denied|operation not permitted|must be root|you need to be root|EACCES|EPERM/i

/** Runs a program with its own words (no shell), a fixed environment, a bound on time and on output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const words = options.namespace === undefined ? [command, ...args] : ['nsenter', `--net=${options.namespace}`, '--', command, ...args]
  const [program = command, ...rest] = words
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      // Never the folder under inspection, which some programs look into for their settings.
      cwd: '/',
      env: { PATH, LC_ALL: 'C', HOME: '/', ...options.environment },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // A process group of its own, so that what it has started can be ended with it.
      detached: true,
    })
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
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
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      end(why)
    }
    const timer = setTimeout(() => stop({ kind: 'timeout' }), options.timeoutMs ?? TIMEOUT_MS)
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > (options.maxBytes ?? MAX_BYTES)) stop({ kind: 'too-large' })
      else output.push(chunk)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderr.length < 4096) stderr += chunk.toString('utf8')
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', code: undefined, stdout: '', stderr: error.message })
    })
    child.on('close', (code) => {
      const stdout = Buffer.concat(output).toString('utf8')
      if (code === 0) end({ kind: 'ok', stdout, stderr })
      else if (DENIED.test(stderr)) end({ kind: 'denied', stderr })
      // nsenter reports a program that it cannot find as 127, as a shell does.
      else if (code === 127) end({ kind: 'missing' })
      else end({ kind: 'failed', code: code ?? undefined, stdout, stderr })
    })
  })
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
