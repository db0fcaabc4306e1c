import { isKernelThread, pids, readProc, statFields } from '../collect/machine/proc.ts'
import { MARK } from './keeper.ts'

/** A process as /proc/PID/stat has it; numbers come again, with another time of start. */
export interface Member {
  readonly pid: number
  /** In clock ticks after the machine's start. */
  readonly started: string
}

/**
 * The processes of a run: the command, what it started, and what those started. One belongs to it that carries the run's mark in its
 * environment, whose parent, process group or session is of the run, or whom the kernel named so; once known it stays known, whoever its parent
 * then is.
 */
export class Tree {
  readonly #mark: string
  readonly #known = new Map<number, string>()

  constructor(id: string) {
    this.#mark = id
  }

  /** The kernel follows forks itself: whom its events name is of the run. `thread`: any of the process. Gives the process. */
  add(thread: number): number {
    const process = Number(/^Tgid:\s*(\d+)$/m.exec(readProc(`/proc/${thread}/status`) ?? '')?.[1] ?? thread)
    const stat = readStat(process)
    if (stat !== undefined) this.#known.set(process, stat.started)
    return process
  }

  /** Those that run now; zombies have ended. */
  members(): readonly Member[] {
    const all = new Map(
      pids().flatMap((pid) => {
        const stat = readStat(pid)
        return stat === undefined || pid === process.pid ? [] : [[pid, stat] as const]
      }),
    )
    for (const [pid, started] of this.#known) if (all.get(pid)?.started !== started) this.#known.delete(pid)
    for (const [pid, { started }] of all) if (!this.#known.has(pid) && this.#isMarked(pid)) this.#known.set(pid, started)
    for (let found = true; found; ) {
      found = false
      for (const [pid, stat] of all) {
        if (this.#known.has(pid) || ![stat.parent, stat.group, stat.session].some((one) => this.#known.has(one))) continue
        this.#known.set(pid, stat.started)
        found = true
      }
    }
    return [...this.#known].flatMap(([pid, started]) => (all.get(pid)?.state === 'Z' ? [] : [{ pid, started }]))
  }

  /**
   * Whether a process that began after this one is just being replaced by its program (execve(2)): until that is done its environment reads as
   * empty, and nobody can tell whose it is.
   */
  isUnsettled(): boolean {
    const own = Number(readStat(process.pid)?.started)
    return pids().some((pid) => {
      const stat = readStat(pid)
      if (stat === undefined || stat.state === 'Z' || Number(stat.started) < own) return false
      // Threads of the kernel itself have none at any time.
      return readProc(`/proc/${pid}/environ`) === '' && !isKernelThread(pid)
    })
  }

  /** Sends a signal to each; how many there were. */
  signal(signal: NodeJS.Signals): number {
    const members = this.members()
    for (const { pid } of members) sendSignal(pid, signal)
    return members.length
  }

  #isMarked(pid: number): boolean {
    const environment = readProc(`/proc/${pid}/environ`) ?? ''
    return (
      environment.includes(this.#mark) && environment.split('\0').some((line) => line.startsWith(`${MARK}=`) && line.includes(this.#mark))
    )
  }
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

interface Stat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly started: string
}

function readStat(pid: number): Stat | undefined {
  const [state, parent, group, session, ...rest] = statFields(pid)
  if (state === undefined) return undefined
  return { state, parent: Number(parent), group: Number(group), session: Number(session), started: rest[15] ?? '' }
}
