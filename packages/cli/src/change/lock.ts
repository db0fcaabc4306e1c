import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { hostname, uptime } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whyUnwritten } from '../system-words.ts'
import { besideName } from './write.ts'
import { Failure } from '../failure.ts'

/** Who holds a lock. A process is told by its number, its start (in clock ticks since boot: proc_pid_stat(5)) and where that number means something. */
interface Holder {
  readonly token: string
  readonly pid: number
  readonly started: string
  readonly where: string
  /** When the lock was put there, in milliseconds since the epoch, as its file system has it. */
  readonly at?: number
}

/** So long a process waits for another one, in milliseconds. */
const PATIENCE_MS = 15_000

/**
 * Does something while no other process of Sallyport does it to the same file. The lock is a file beside it, put there whole by link(2),
 * which takes no name that is there. One whose process has ended is taken away by whoever finds it.
 */
export async function withLock<T>(target: string, act: () => T | Promise<T>): Promise<T> {
  const lock = lockOf(target)
  const held = await acquire(lock)
  try {
    removeLeftOvers(target)
    return await act()
  } finally {
    if (read(lock)?.token === held.token) rmSync(lock, { force: true })
  }
}

/** `.env` → `.env.sallyport-lock`. */
function lockOf(target: string): string {
  return `${target}.sallyport-lock`
}

async function acquire(lock: string): Promise<Holder> {
  const own: Holder = { token: randomBytes(12).toString('hex'), pid: process.pid, started: startOf(process.pid) ?? '', where: where() }
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    if (putLock(lock, own)) return own
    const holder = read(lock)
    if (holder !== undefined && isGone(holder) && takeAway(lock, holder)) continue
    if (performance.now() > until) throw held(lock, holder)
    await sleep(2 + Math.random() * 20)
  }
}

function putLock(lock: string, own: Holder): boolean {
  try {
    return put(lock, own)
  } catch (error) {
    throw new Failure(`nothing was changed: ${whyUnwritten(error, lock)}`, 'run it as a user who may write there')
  }
}

/** Whole from the start: a lock that says nothing could not be told from one that is being written. */
function put(path: string, holder: Holder): boolean {
  const beside = `${path}.${holder.token}`
  writeFileSync(beside, JSON.stringify(holder), { flag: 'wx', mode: 0o600 })
  try {
    linkSync(beside, path)
    return true
  } catch (error) {
    // ENOENT: whoever has the lock took it for a left-over, in the moment in which it was not yet whole.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') return false
    throw error
  } finally {
    rmSync(beside, { force: true })
  }
}

/**
 * Only one process may take a given lock away, or a second could take that of the next holder: whoever has the lock of its token. That
 * one may be left behind itself, and is taken away in the same way. `false`: somebody else is about to.
 */
function takeAway(lock: string, gone: Holder): boolean {
  const right = `${lock}.${gone.token}.gone`
  const own: Holder = { token: randomBytes(12).toString('hex'), pid: process.pid, started: startOf(process.pid) ?? '', where: where() }
  if (!put(right, own)) {
    const other = read(right)
    return other !== undefined && isGone(other) && takeAway(right, other)
  }
  // As long as the right is ours nobody else takes a lock of this token away; it may have been before.
  if (read(lock)?.token === gone.token) rmSync(lock, { force: true })
  rmSync(right, { force: true })
  return true
}

/** `undefined`: there is none, or what is there is none of ours. */
function read(path: string): Holder | undefined {
  try {
    const { text, at } = contentOf(path)
    const value = JSON.parse(text) as Partial<Holder> | null
    return typeof value?.token === 'string' && /^[0-9a-f]{24}$/.test(value.token) && typeof value.pid === 'number'
      ? { token: value.token, pid: value.pid, started: String(value.started), where: String(value.where), at }
      : undefined
  } catch {
    return undefined
  }
}

/** So many bytes no lock has. */
const TOO_LONG = 10_000

/** Of what else may lie there nothing is read: a pipe never answers, and a link may lead to what never ends. Throws where it cannot be opened. */
function contentOf(path: string): { readonly text: string; readonly at: number } {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    return { text: stat.isFile() && stat.size < TOO_LONG ? readFileSync(descriptor, 'utf8') : '', at: stat.mtimeMs }
  } finally {
    closeSync(descriptor)
  }
}

/** Of a process of another machine or container nothing can be told. */
function isGone({ pid, started, where: there, at }: Holder): boolean {
  if (there !== where()) return isOfEarlierBoot(there, at)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  // The number may have been given to another process since.
  const now = startOf(pid)
  return now !== undefined && started !== '' && now !== started
}

/** Of this machine before it was started anew: no process has lived on. Another machine of the same name put its lock there since then. */
function isOfEarlierBoot(there: string, at: number | undefined): boolean {
  const [host, boot, namespace] = there.split(' ')
  const [ownHost, ownBoot, ownNamespace] = where().split(' ')
  const isSamePlace = host === ownHost && namespace === ownNamespace && boot !== ownBoot && (boot ?? '') !== ''
  return isSamePlace && at !== undefined && at < Date.now() - uptime() * 1000
}

/** In clock ticks; `undefined` where the system has no /proc, or the process has ended. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything: what comes behind the last one counts, field 3 on.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19)
  } catch {
    return undefined
  }
}

/** Where process numbers mean the same: a machine since its boot, and its process namespace. */
function where(): string {
  const read = (what: () => string): string => {
    try {
      return what().trim()
    } catch {
      return ''
    }
  }
  return [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ')
}

function held(lock: string, holder: Holder | undefined): Failure {
  const who =
    holder === undefined ? 'something' : `process ${holder.pid}${holder.where === where() ? '' : ' of another machine or container'}`
  return new Failure(
    `${who} is at work on this file: ${lock} is there`,
    `wait for it; or remove ${lock}, once it is certain that nothing is`,
  )
}

/** What killed processes were about to put in the place of the file: it may hold secrets, and whoever has the lock is the only one to write. */
function removeLeftOvers(target: string): void {
  const [before = '', after = ''] = basename(besideName(target, '*')).split('*')
  const folder = dirname(target)
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(before) && name.endsWith(after) ? name.slice(before.length, -after.length) : ''
    const isLock = name.startsWith(`${basename(lockOf(target))}.`)
    const path = join(folder, name)
    if (/^[0-9]+$/.test(pid)) rmSync(path, { force: true })
    else if (isLock && isLeftOver(path)) rmSync(path, { force: true })
  }
}

/** Those of processes that are at work are theirs for a moment more. */
function isLeftOver(path: string): boolean {
  const holder = read(path)
  return holder === undefined || isGone(holder)
}
