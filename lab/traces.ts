import { spawnSync } from 'node:child_process'
import { type Dirent, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { environment } from './process.ts'

const NETNS = '/run/netns'
const CGROUPS = '/sys/fs/cgroup'
const PREFIX = /^sp-(\d+)-\d+-/
const DYING_MS = 5_000

let counter = 0
const live = new Set<string>()

/** A new prefix for the names of one lab: `sp-PID-N-`. Until it is released, its traces are removed when this process exits or is told to. */
export function claimPrefix(): string {
  const prefix = `sp-${process.pid}-${++counter}-`
  if (live.size === 0) watchExit()
  live.add(prefix)
  return prefix
}

/** Removes what a lab left under its prefix and stops watching over it. */
export function releasePrefix(prefix: string): void {
  removeTraces((name) => name.startsWith(prefix))
  live.delete(prefix)
  if (live.size === 0) unwatchExit()
}

/** Removes everything that labs of ended processes left behind, and says what. Never touches what a running process owns. */
export function sweep(): readonly string[] {
  const abandoned = (name: string) => {
    const owner = PREFIX.exec(name)?.[1]
    return owner !== undefined && !isRunning(Number(owner))
  }
  return removeTraces(abandoned)
}

/** What labs have left or are using: network namespaces and control groups by path. */
export function traces(chosen: (name: string) => boolean = (name) => PREFIX.test(name)): readonly string[] {
  return [...entries(NETNS, chosen).map((name) => join(NETNS, name)), ...controlGroups(chosen)]
}

/**
 * Synchronous throughout, for it must also work while the process exits. Processes first: the others are busy until they are gone.
 * A host's process 1 takes all others with it, those of containers too, and with the last of them go the host's mounts.
 */
function removeTraces(chosen: (name: string) => boolean): readonly string[] {
  const names = entries(NETNS, chosen)
  const removed = traces(chosen)
  if (names.length > 0) {
    for (const pid of processesIn(names)) kill(pid)
    spawnSync('ip', ['-force', '-batch', '-'], { input: names.map((name) => `netns del ${name}\n`).join(''), env: environment() })
  }
  const deadline = Date.now() + DYING_MS
  for (const path of controlGroups(chosen)) {
    while (!removeGroup(path) && Date.now() < deadline) sleep(5)
  }
  return removed
}

function processesIn(names: readonly string[]): readonly number[] {
  const inodes = new Set(names.flatMap((name) => inode(join(NETNS, name)) ?? []))
  return entries('/proc', (name) => /^\d+$/.test(name))
    .filter((pid) => inodes.has(inode(`/proc/${pid}/ns/net`) ?? -1))
    .map(Number)
}

function controlGroups(chosen: (name: string) => boolean): readonly string[] {
  const roots = [CGROUPS, ...entries(CGROUPS, () => true).map((name) => join(CGROUPS, name))]
  return roots.flatMap((root) => entries(root, chosen).map((name) => join(root, name)))
}

/** Children first. False while something still lives in it. */
function removeGroup(path: string): boolean {
  try {
    for (const child of directories(path)) if (!removeGroup(join(path, child))) return false
    rmdirSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function entries(directory: string, chosen: (name: string) => boolean): readonly string[] {
  try {
    return readdirSync(directory).filter(chosen)
  } catch {
    return []
  }
}

const directories = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((each: Dirent) => each.isDirectory())
    .map((each) => each.name)

function inode(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}

/** False for a zombie too: it holds nothing any more, whoever may yet have to reap it. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // proc(5): the state follows the program's name, which is in parentheses and may itself hold some.
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function watchExit(): void {
  process.on('exit', removeLive)
  for (const signal of SIGNALS) process.on(signal, endBySignal)
}

function unwatchExit(): void {
  process.off('exit', removeLive)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function removeLive(): void {
  for (const prefix of live) removeTraces((name) => name.startsWith(prefix))
}

function endBySignal(signal: NodeJS.Signals): void {
  removeLive()
  unwatchExit()
  // Ours was the only handler: let the signal do what it does without one.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}
