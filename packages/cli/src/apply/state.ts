import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { Failure } from '../failure.ts'

/** For its owner alone, root or who runs this: whoever may write here says what the reverter does. */
const HOME = join(stateFolder(), 'sallyport/apply')

/** Of an ordinary user as the XDG Base Directory Specification has it, which passes over what is not absolute. */
function stateFolder(): string {
  if (process.geteuid?.() === 0) return '/var/lib'
  const named = process.env['XDG_STATE_HOME']
  return named !== undefined && isAbsolute(named) ? named : join(homedir(), '.local/state')
}

/** The last change that was applied, and how it goes back. */
export const CURRENT = join(HOME, 'current')
const EARLIER = join(HOME, 'earlier')

/**
 * How far a change is; one empty file of this name is in its folder. It goes from one to the next by rename(2), which one of several that try can do:
 * a change is confirmed or taken back, never both.
 *
 * `armed`: the reverter waits. `confirmed`: it stays; what makes it last is not written yet. `kept`: that is written. `reverting`, `reverted`: it is, or
 * was, taken back. `stuck`: the way back failed.
 */
const STAGES = ['armed', 'confirmed', 'kept', 'reverting', 'reverted', 'stuck'] as const
export type Stage = (typeof STAGES)[number]

/** What a change does to a file when it is confirmed. */
export interface LastingFile {
  readonly path: string
  readonly text: string
  readonly mode?: number
  /** What stands there now; null: nothing. */
  readonly before: string | null
}

/** As it is in `plan.json`. */
export interface Plan {
  readonly version: 1
  readonly system: string
  readonly lasting: readonly LastingFile[]
  /** How long it may take to be confirmed. */
  readonly seconds: number
  /** /proc/sys/kernel/random/boot_id: the start of the machine that its deadline counts from. */
  readonly boot: string
}

/** What is run of a change, by the names of its files: the change, the way back, and what takes it. */
export interface Scripts {
  readonly make: string
  readonly wayBack: string
  readonly reverter: string
}

/** A folder in which a change is made ready; nothing is in force by it. What was left of others that did not come so far is taken away. */
export function newFolder(): string {
  mkdirSync(HOME, { recursive: true, mode: 0o700 })
  if (lstatSync(HOME).uid !== process.geteuid?.())
    throw new Failure(`${HOME} belongs to somebody else, who could say what takes a change back`, 'take it away, and try again')
  chmodSync(HOME, 0o700)
  for (const name of readdirSync(HOME)) {
    const pid = /^new-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(HOME, name), { recursive: true, force: true })
  }
  const folder = join(HOME, `new-${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/** Makes the folder the current change. `within`: seconds until it is taken back. Throws `Failure` where another one is under way. */
export function install(folder: string, plan: Plan, scripts: Scripts, within: number): void {
  writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(plan)}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'make'), `${scripts.make}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'way-back'), `${scripts.wayBack}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'revert.sh'), scripts.reverter, { mode: 0o700 })
  setDeadline(folder, within)
  writeFileSync(join(folder, 'armed' satisfies Stage), '', { mode: 0o600 })
  if (existsSync(CURRENT)) {
    refuseUnfinished()
    rmSync(EARLIER, { recursive: true, force: true })
    renameSync(CURRENT, EARLIER)
  }
  // rename(2) onto a folder that is not empty fails: of two that come this far at once, one goes on.
  renameSync(folder, CURRENT)
}

/** The time begins anew. */
export function setDeadline(folder: string, seconds: number): void {
  const [path, beside] = [join(folder, 'deadline'), join(folder, 'deadline.new')]
  writeFileSync(beside, `${Math.ceil(uptime() + seconds)}\n`, { mode: 0o600 })
  renameSync(beside, path)
}

/** Whole seconds that are left at least until the current change is taken back; not below 0. */
export function secondsLeft(): number {
  return Math.max(0, Math.floor(Number(readFileSync(join(CURRENT, 'deadline'), 'latin1')) - uptime()))
}

/** Throws `Failure` while a change waits to be confirmed, or could not be taken back. */
export function refuseUnfinished(): void {
  const stage = stageOf(CURRENT)
  if (stage === undefined || stage === 'kept' || stage === 'reverted') return
  throw new Failure(
    UNFINISHED[stage],
    stage === 'stuck'
      ? `look at ${CURRENT}/log, then try sallyport apply --revert again`
      : 'sallyport apply --confirm, or --revert; --status tells more',
  )
}

const UNFINISHED: Readonly<Record<Exclude<Stage, 'kept' | 'reverted'>, string>> = {
  armed: 'a change was applied that nobody has confirmed yet',
  confirmed: 'a change was confirmed, and what makes it last is not written yet',
  reverting: 'a change is being taken back',
  stuck: 'the last change could not be taken back',
}

/** `undefined`: nothing was applied here yet. */
export function stageOf(folder: string): Stage | undefined {
  return STAGES.find((stage) => existsSync(join(folder, stage)))
}

/** False where it is not at `from` any more. */
export function advance(from: Stage, to: Stage): boolean {
  try {
    renameSync(join(CURRENT, from), join(CURRENT, to))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Written by `install` alone, in a folder that only root can write to. */
export function readPlan(): Plan {
  return JSON.parse(readFileSync(join(CURRENT, 'plan.json'), 'utf8')) as Plan
}

/** Seconds since the machine started, sleep included (CLOCK_BOOTTIME; fs/proc/uptime.c): no setting of the clock moves it. */
function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}
