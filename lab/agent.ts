import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PATH } from './process.ts'

export const AGENT_PROGRAM = fileURLToPath(new URL('agent/main.py', import.meta.url))
/** Debian's own interpreter: whatever `python3` a PATH finds first may start ten times slower. */
export const PYTHON = ['/usr/bin/python3', '-E', '-s', '-S', '-B'] as const

const READY_MS = 20_000

export interface Receipt {
  /** The listener's key. */
  readonly key: string
  readonly token: string
  /** As the listener saw it: after every translation on the way. */
  readonly from: { readonly address: string; readonly port: number }
  readonly at: { readonly address: string; readonly port: number }
}

/** What the prober saw of one probe. */
export interface Sighting {
  readonly state: 'answered' | 'connected' | 'closed' | 'refused' | 'silent' | 'unsent' | 'error'
  readonly detail: string
  readonly answer: string
  readonly ms: number
}

export interface ProbeRequest {
  /** Path of the namespace to send from. */
  readonly namespace: string
  readonly family: 4 | 6
  readonly protocol: 'tcp' | 'udp'
  readonly source: string | null
  readonly sourcePort: number
  readonly address: string
  readonly port: number
  readonly mark: number
  readonly timeoutMs: number
  /** Wait longer while the machine is busy. */
  readonly patient: boolean
  /** A TCP probe ends with a byte of an answer, once it is connected, or with an answer or at its deadline. */
  readonly expect: 'answer' | 'connection' | 'receipt'
  readonly token: string
}

export interface ListenRequest {
  readonly key: string
  readonly protocol: 'tcp' | 'udp'
  readonly family: 4 | 6
  readonly address: string
  readonly port: number
  readonly v6only?: boolean
  readonly device?: string
  readonly namespace?: string
}

interface Operations {
  probe: [{ readonly probes: readonly ProbeRequest[] }, { readonly results: readonly Sighting[] }]
  listen: [{ readonly listeners: readonly ListenRequest[] }, { readonly errors: readonly (string | null)[] }]
  close: [{ readonly keys: readonly string[] }, object]
  received: [{ readonly key: string } | { readonly tokens: readonly string[] }, { readonly receipts: readonly Receipt[] }]
  kill: [{ readonly pid: number; readonly signal: number }, { readonly sent: boolean }]
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** A running agent (agent/main.py): one JSON line for each request and each answer. */
export class Agent {
  /** Its process id as this machine numbers it. */
  readonly pid: number
  readonly #child: ChildProcess
  readonly #waiting: Map<number, Waiting>
  #next = 1

  private constructor(child: ChildProcess, pid: number, waiting: Map<number, Waiting>) {
    this.#child = child
    this.pid = pid
    this.#waiting = waiting
  }

  /** Starts `argv`, which must end up as the agent, and resolves once that says it is ready. */
  static start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Agent> {
    const [program = '', ...args] = argv
    const child = spawn(program, args, { detached: true, stdio: 'pipe', env: { PATH, ...env } })
    const waiting = new Map<number, Waiting>()
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-8192)
    })
    child.stdin.on('error', () => {})
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS)
      const over = (error: Error) => {
        clearTimeout(timer)
        reject(error)
        for (const each of waiting.values()) each.reject(error)
        waiting.clear()
      }
      child.on('error', over)
      child.on('close', (code, signal) => over(new Error(`the lab's agent ended (${signal ?? code}) ${errors.trim()}`)))
      let rest = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const message = JSON.parse(line) as { id?: number; ready?: true; pid?: number; error?: string }
          if (message.ready && message.pid !== undefined) {
            clearTimeout(timer)
            resolve(new Agent(child, message.pid, waiting))
          } else if (message.id !== undefined) {
            const asked = waiting.get(message.id)
            waiting.delete(message.id)
            if (message.error !== undefined) asked?.reject(new Error(`the lab's agent: ${message.error}`))
            else asked?.resolve(message as never)
          }
        }
      })
    })
  }

  ask<K extends keyof Operations>(op: K, body: Operations[K][0]): Promise<Operations[K][1]> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(new Error("the lab's agent has ended"))
        return
      }
      this.#waiting.set(id, { resolve, reject })
      this.#child.stdin?.write(`${JSON.stringify({ id, op, ...body })}\n`)
    })
  }

  /** Ends it and, where it is process 1 of a host, all that runs there. Resolves when they are gone. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return resolve()
      this.#child.once('close', () => resolve())
      this.#child.stdin?.end()
      try {
        process.kill(this.pid, 'SIGKILL')
      } catch {}
    })
  }
}
