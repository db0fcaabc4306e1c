import { type NamespaceId, printable } from '@sallyport/core/evidence'
import { Shell } from '../shell.ts'
import { emptyNamespaces } from './empty-namespaces.ts'
import type { Holders } from './holders.ts'
import { count, type Observer, permission } from './observer.ts'
import { inodeOf, isKernelThread, namespaceOf, networkNamespace, pids, readProc, readTcpMeanwhile, threads } from './proc.ts'

/** A network namespace, and how to look into it. */
export interface SeenNamespace {
  readonly id: NamespaceId
  /** The one that Sallyport itself is in. */
  readonly own: boolean
  /** What to call it. */
  readonly label: string
  /** A file that stands for it, by which nsenter(1) enters. */
  readonly entry: string
  /** Runs programs inside. */
  readonly shell: Shell
  /** A process inside, if there is one. */
  readonly pid?: number
  /** A table of the kernel's, by its name below /proc/PID/net. */
  table(name: string): KernelTable
  /** That of TCP's sockets, which takes the kernel its time. */
  tcpTable(name: 'tcp' | 'tcp6'): Promise<KernelTable>
}

export interface KernelTable {
  /** Where it is, for a person to look. */
  readonly path: string
  /** `undefined`: not there, or not to be read. */
  readonly text: string | undefined
}

/** No machine has as many threads; what is beyond is not asked one by one. */
const MOST_THREADS = 100_000

/** Whether what a namespace was seen by has ended since, and so perhaps the namespace: what it does not answer any more is not hidden. */
export function hasGone(namespace: SeenNamespace): boolean {
  return inodeOf(namespace.entry) !== namespace.id
}

/** The namespace that Sallyport is in; `undefined` where /proc is not mounted. */
export function ownNamespace(observer: Observer): SeenNamespace | undefined {
  const id = namespaceOf('self')
  if (id !== undefined)
    return {
      id,
      own: true,
      label: 'this machine',
      entry: '/proc/self/ns/net',
      shell: new Shell(),
      pid: process.pid,
      ...tablesIn('/proc/net'),
    }
  observer.miss(
    { code: 'absent', what: 'the processes and sockets of this machine (/proc is not mounted)', affects: { kind: 'sockets' } },
    { kind: 'kernel', path: '/proc' },
  )
  return undefined
}

/** Every other namespace: that of a process, or of one of its threads; and those without a process, which are mounted or held open. */
export async function otherNamespaces(observer: Observer, own: SeenNamespace, holders: Holders): Promise<readonly SeenNamespace[]> {
  const all = pids()
  const seen = inhabited(observer, all, own)
  return [...seen.values(), ...(await emptyNamespaces(observer, all, holders, (id) => id === own.id || seen.has(id)))]
}

/** A thread may have left the namespace of its process (setns(2)). */
function inhabited(observer: Observer, all: readonly number[], own: SeenNamespace): ReadonlyMap<NamespaceId, SeenNamespace> {
  const seen = new Map<NamespaceId, SeenNamespace>()
  const see = (folder: string, pid: number): boolean => {
    const namespace = networkNamespace(folder)
    if (namespace.kind === 'seen' && namespace.id !== own.id && !seen.has(namespace.id))
      seen.set(namespace.id, ofProcess(folder, namespace.id, pid))
    return namespace.kind !== 'denied'
  }
  const hidden: number[] = []
  let asked = 0
  for (const pid of all) {
    if (!see(`/proc/${pid}`, pid)) {
      hidden.push(pid)
      continue
    }
    for (const thread of threads(pid)) if (thread !== pid && ++asked <= MOST_THREADS) see(`/proc/${pid}/task/${thread}`, pid)
  }
  if (asked > MOST_THREADS)
    observer.miss(
      { code: 'limit', what: `the network namespaces of ${count(asked - MOST_THREADS, 'thread')}`, affects: { kind: 'sockets' } },
      { kind: 'kernel', path: '/proc/PID/task/TID/ns/net' },
    )
  missHidden(observer, hidden)
  return seen
}

/**
 * A process whose namespace is hidden may be in ours all the same: each table of the kernel's is a file of its own in each
 * namespace, and anybody may ask which (fs/proc/proc_net.c).
 */
function missHidden(observer: Observer, hidden: readonly number[]): void {
  const own = inodeOf('/proc/self/net/dev')
  const elsewhere = hidden.filter((pid) => {
    const table = inodeOf(`/proc/${pid}/net/dev`)
    return (own === undefined || table !== own) && !isKernelThread(pid)
  })
  if (elsewhere.length === 0) return
  observer.miss(
    {
      code: 'denied',
      what: `the network namespaces of ${count(elsewhere.length, 'process', 'processes')} ${permission().whose} (containers among them, if there are any)`,
      ...permission().remedy,
      affects: { kind: 'containers' },
    },
    { kind: 'kernel', path: '/proc/PID/ns/net' },
  )
}

/** It is named after the first process that was seen in it, until a container is found that it belongs to. */
function ofProcess(folder: string, id: NamespaceId, pid: number): SeenNamespace {
  const label = printable(`${(readProc(`/proc/${pid}/comm`) ?? '').trimEnd()} (pid ${pid})`)
  const entry = `${folder}/ns/net`
  return { id, own: false, label, entry, shell: new Shell(entry), pid, ...tablesIn(`${folder}/net`) }
}

/** The tables of a folder `/proc/PID/net`. */
export function tablesIn(folder: string): Pick<SeenNamespace, 'table' | 'tcpTable'> {
  const pathOf = (name: string): string => `${folder}/${name}`
  return {
    table: (name) => ({ path: pathOf(name), text: readProc(pathOf(name)) }),
    tcpTable: async (name) => ({ path: pathOf(name), text: await readTcpMeanwhile(pathOf(name)) }),
  }
}
