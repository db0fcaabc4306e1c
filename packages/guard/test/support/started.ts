import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Namespace } from './namespace.ts'

const PATIENCE_MS = 60_000

export interface Started {
  /** What the program and its preload said so far. */
  stdout(): string
  stderr(): string
  /** Its exit code. */
  readonly ended: Promise<number | null>
  stop(): Promise<void>
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where its output is kept. */
  readonly folder: string
}

/** Starts a command within the namespace, in a process group of its own. */
export function start(namespace: Namespace, command: readonly string[], { env = {}, cwd, folder }: StartOptions): Started {
  const [program = '', ...args] = [...namespace.enter, ...command]
  const [out, err] = [join(folder, 'stdout'), join(folder, 'stderr')]
  const files = [openSync(out, 'w'), openSync(err, 'w')]
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', ...files],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, NEXT_TELEMETRY_DISABLED: '1', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  for (const file of files) closeSync(file)
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const stop = async () => {
    try {
      // The group is the program and all that it started.
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It ended by itself.
    }
    await ended
    // Those that it started may end after it, and would be taken for those of the next.
    for (const start = Date.now(); isGroup(child.pid ?? 0) && Date.now() - start < PATIENCE_MS; ) await sleep(5)
  }
  return { stdout: () => readFileSync(out, 'utf8'), stderr: () => readFileSync(err, 'utf8'), ended, stop }
}

function isGroup(id: number): boolean {
  try {
    return process.kill(-id, 0)
  } catch {
    return false
  }
}

/** Rejects with the program's own words if it does not come about. */
export async function until(what: string, program: Started, holds: () => boolean | Promise<boolean>): Promise<void> {
  let over = false
  void program.ended.then(() => (over = true))
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await sleep(50)) {
    if (await holds()) return
    if (over) break
  }
  throw new Error(`${what}: it did not come to that.\n${program.stdout()}\n${program.stderr()}`)
}
