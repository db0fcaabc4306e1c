import { lstatSync, readFileSync, statSync } from 'node:fs'
import { type Manager, type NamespaceId, type Process, printable, showWords } from '@sallyport/core/evidence'
import { readCgroup, readEnviron, readStat } from '@sallyport/core/systems'
import { readLink, readProc } from './proc.ts'

/** USER_HZ, in which /proc/PID/stat counts; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
/** A command line is kept up to this many words. */
const MAX_WORDS = 64

/** What /proc tells of a process; `undefined` when it has ended. */
export function readProcess(pid: number, namespace: NamespaceId): Process | undefined {
  const stat = readStat(readProc(`/proc/${pid}/stat`) ?? '')
  if (stat === undefined) return undefined
  const words = (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, MAX_WORDS)
  if (words.at(-1) === '') words.pop()
  const environment = readEnviron(readProc(`/proc/${pid}/environ`) ?? '')
  const executable = readLink(`/proc/${pid}/exe`)
  const workingDirectory = readLink(`/proc/${pid}/cwd`)
  const manager = managerOf(pid, environment)
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]
  // A container has users of its own, whose names are not this machine's.
  const user = manager?.kind === 'container' ? uid : userName(uid)
  return {
    claim: 'process',
    pid,
    parent: stat.parent,
    name: stat.name,
    command: showWords(words),
    ...(executable === undefined ? {} : { executable: printable(executable) }),
    ...(uid === '0' && executable !== undefined && isOfRoot(pid, executable) ? { trusted: true } : {}),
    ...(workingDirectory === undefined ? {} : { workingDirectory: printable(workingDirectory) }),
    ...(user === undefined ? {} : { user }),
    namespace,
    startedAt: bootTime() + (stat.started * 1000) / TICKS_PER_SECOND,
    environment,
    ...(manager === undefined ? {} : { manager }),
  }
}

/**
 * Whether nobody but root can have put the file there that a process runs: neither it nor a folder above it is another's, or open
 * to others. What a process's own mount namespace shows by that path is the file that runs.
 */
function isOfRoot(pid: number, executable: string): boolean {
  try {
    const root = `/proc/${pid}/root`
    const running = statSync(`/proc/${pid}/exe`)
    const named = lstatSync(`${root}${executable}`)
    if (named.ino !== running.ino || named.dev !== running.dev) return false
    const folders = executable.split('/').map((_, index, names) => names.slice(0, index).join('/'))
    return [running, ...folders.map((folder) => lstatSync(`${root}${folder}/`))].every(
      ({ uid, mode }) => uid === 0 && (mode & OTHERS_WRITE) === 0,
    )
  } catch {
    return false
  }
}

/** S_IWGRP and S_IWOTH of inode(7). */
const OTHERS_WRITE = 0o022

/** PM2 writes its marks into the environment of what it starts (lib/God.js); its daemon may itself be a systemd unit, so it is asked first. */
function managerOf(pid: number, environment: ReadonlyMap<string, string>): Manager | undefined {
  const app = environment.get('name')
  const id = environment.get('pm_id')
  if (id !== undefined) return { kind: 'pm2', app: app ?? '', ...(/^\d+$/.test(id) ? { id: Number(id) } : {}) }
  return readCgroup(readProc(`/proc/${pid}/cgroup`) ?? '')
}

let boot: number | undefined

/** Milliseconds since the epoch. */
function bootTime(): number {
  boot ??= Number(/^btime (\d+)/m.exec(readProc('/proc/stat') ?? '')?.[1] ?? 0) * 1000
  return boot
}

let users: ReadonlyMap<string, string> | undefined

function userName(uid: string | undefined): string | undefined {
  if (uid === undefined) return undefined
  users ??= new Map(
    passwd()
      .split('\n')
      .map((line) => [line.split(':')[2] ?? '', line.split(':')[0] ?? '']),
  )
  return users.get(uid) ?? uid
}

function passwd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}
