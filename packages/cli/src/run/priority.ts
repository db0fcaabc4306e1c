import { run } from '../collect/run.ts'

/**
 * From here on this process, and what it starts, goes before every ordinary program of a busy machine (sched(7), SCHED_RR), as watchdogs do: what is
 * seen late is stopped late. What it has started already does not. Needs CAP_SYS_NICE and util-linux; without them nothing changes.
 */
export async function becomeUrgent(): Promise<void> {
  await run('chrt', ['--rr', '--pid', '1', String(process.pid)], { timeoutMs: 1_000 })
}

/** Back among the ordinary programs, for work that takes its time. */
export async function becomeOrdinary(): Promise<void> {
  await run('chrt', ['--other', '--pid', '0', String(process.pid)], { timeoutMs: 1_000 })
}
