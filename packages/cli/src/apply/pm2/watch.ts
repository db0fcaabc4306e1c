import { setTimeout as sleep } from 'node:timers/promises'
import type { Watch } from '../application.ts'
import type { Daemon } from './daemon.ts'
import { type Listed, listed } from './listed.ts'
import type { Part } from './plan.ts'
import { heard, socketsOf } from './sockets.ts'

/** How long an app may take to listen, once it counts as stable. */
const PATIENCE_MS = 15_000
const AGAIN_MS = 400

/** Statuses of what PM2 runs or is about to run again. */
const RUNNING: ReadonlySet<string> = new Set(['online', 'launching', 'waiting restart', 'one-launch-status'])

function isRunning({ status }: Listed): boolean {
  return RUNNING.has(status)
}

/** How long all of them have to run to count as stable; a second where they say nothing, or less. */
function stableMs(processes: readonly Listed[]): number {
  return Math.max(1000, ...processes.map(({ minUptime }) => minUptime))
}

/** A program that does not end by itself is killed after 1.6 s (constants.js, KILL_TIMEOUT). */
const STOP_MS = 3000

/** Seconds that stopping and starting these apps, and `watch`, take at most. */
export function patienceOf(parts: readonly Part[]): number {
  const processes = parts.flatMap((part) => part.processes)
  return Math.ceil((stableMs(processes) + PATIENCE_MS + processes.length * STOP_MS) / 1000)
}

/**
 * After the change every app that comes, and every one that was online and is defined anew, has to be online, as long as counts as stable, without a
 * restart, and to listen where it was told; and what is not changed has to be online as before.
 */
export async function watch(daemon: Daemon, changed: readonly Part[]): Promise<Watch> {
  const before = (await listed(daemon)).filter(isRunning)
  const names = new Set(changed.map(({ app }) => app.name))
  const expected = changed.filter(({ processes }) => processes.length === 0 || processes.some(isRunning))
  return async () => {
    const until = performance.now() + patienceOf(changed) * 1000
    for (;;) {
      const now = await listed(daemon)
      const states = expected.map((part) => stateOf(part, now, daemon))
      const failed = states.flatMap((state) => (state.kind === 'failed' ? [state.why] : []))
      const waits = states.flatMap((state) => (state.kind === 'waits' ? [state.why] : []))
      if (failed.length === 0 && waits.length > 0 && performance.now() < until) {
        await sleep(AGAIN_MS)
        continue
      }
      const others = before.filter(({ name, id }) => !names.has(name) && !now.some((process) => process.id === id && isRunning(process)))
      return [...failed, ...waits, ...others.map(({ name }) => `${name} does not run any more`)]
    }
  }
}

type State = { readonly kind: 'well' } | { readonly kind: 'waits' | 'failed'; readonly why: string }

function stateOf({ app, processes: former }: Part, all: readonly Listed[], daemon: Daemon): State {
  const processes = all.filter(({ name }) => name === app.name)
  const ended = processes.find((process) => !isRunning(process))
  if (processes.length === 0 || ended !== undefined)
    return { kind: 'failed', why: `${app.name} does not stay up: PM2 has it as ${ended?.status ?? 'gone'}` }
  // It is defined anew, and counted from then on.
  if (processes.some(({ restarts }) => restarts > 0)) return { kind: 'failed', why: `${app.name} ends, and PM2 starts it again and again` }
  const stable = stableMs(former)
  if (processes.some(({ status, startedAt }) => status !== 'online' || Date.now() - startedAt < stable))
    return { kind: 'waits', why: `${app.name} is not online yet` }
  const sockets = socketsOf(processes, daemon.pid, new Set(app.listens.map(({ port }) => port)))
  if (sockets === undefined) return { kind: 'failed', why: `where ${app.name} listens cannot be seen` }
  const found = heard(app, sockets)
  switch (found.kind) {
    case 'as-told':
      return { kind: 'well' }
    case 'absent':
      return { kind: 'waits', why: `${app.name} does not listen on ${found.wanted}` }
    case 'elsewhere':
      return {
        kind: 'failed',
        why: `${app.name} listens on ${found.at.join(', ')}, and was told ${found.told}: its code does not read HOST, which sallyport fix repairs`,
      }
    default:
      return found satisfies never
  }
}
