import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { Agent } from './agent.ts'
import { environment, killGroup, type RunOptions } from './process.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const STOPPING: ReadonlySet<string> = new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'])
const OUTPUT_KEPT = 1024 * 1024
// Prints the number this process has in the host, where `exec` then keeps it.
const TELL_PID =
  'command -v "$1" > /dev/null || { echo "$1: not found" >&2; exit 127; }; read -r pid rest < /proc/self/stat; echo "$pid" >&3; exec 3>&-; exec "$@"'

/** A process running in a host until it ends, is killed, or the lab closes. */
export class Background {
  /** Its process id as the host itself numbers it. */
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #agent: Agent
  readonly #child: Child
  readonly #output: { stdout: string; stderr: string }

  private constructor(agent: Agent, child: Child, pid: number, ended: Promise<Ended>, output: { stdout: string; stderr: string }) {
    this.#agent = agent
    this.#child = child
    this.pid = pid
    this.ended = ended
    this.#output = output
  }

  /** Starts `argv` by way of `enter`, the command that leads into the host. Rejects if it cannot be started at all. */
  static start(
    agent: Agent,
    enter: readonly string[],
    argv: readonly string[],
    options: Pick<RunOptions, 'env' | 'cwd'>,
  ): Promise<Background> {
    const [program = '', ...args] = [...enter, '/bin/sh', '-c', TELL_PID, 'sh', ...argv]
    const child = spawn(program, args, {
      detached: true,
      cwd: options.cwd,
      env: environment(options.env),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    }) as Child
    const output = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        output[stream] = (output[stream] + chunk).slice(-OUTPUT_KEPT)
      })
    }
    return new Promise((resolve, reject) => {
      const ended = new Promise<Ended>((done) => {
        child.on('exit', (code, signal) => done({ code, signal }))
      })
      child.on('error', reject)
      child.on('close', () => reject(new Error(`${argv.join(' ')} did not start: ${output.stderr}`)))
      const told = child.stdio[3] as Readable
      told.setEncoding('utf8').once('data', (pid: string) => resolve(new Background(agent, child, Number(pid), ended, output)))
    })
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** What it has printed so far; the last megabyte of it. */
  get stdout(): string {
    return this.#output.stdout
  }

  get stderr(): string {
    return this.#output.stderr
  }

  /** Signals exactly this process. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    if (!this.over) {
      await this.#agent.ask('kill', { pid: this.pid, signal: constants.signals[signal] })
      // nsenter stops along with the program it waits for, and would then never see it end.
      if (!STOPPING.has(signal)) this.#child.kill('SIGCONT')
    }
  }

  /** Asks it to end, and after `graceMs` ends it and its process group. Resolves once it has ended. */
  async stop(graceMs = 5_000): Promise<Ended> {
    await this.signal('SIGTERM')
    const timer = setTimeout(() => killGroup(this.#child.pid), graceMs)
    try {
      return await this.ended
    } finally {
      clearTimeout(timer)
    }
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>
