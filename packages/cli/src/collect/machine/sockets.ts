import type { NamespaceId, Protocol, Socket } from '@sallyport/core/evidence'
import { type ListeningRow, readProcNet, readSs, type SocketDetail } from '@sallyport/core/systems'
import { run } from '../run.ts'
import { readProcess } from './processes.ts'
import { type Observer, commandOrigin, failure } from './observer.ts'
import { isKernelThread, namespaceOf, networkNamespace, pids, readProc, socketInodes } from './proc.ts'

/** A network namespace and the first process seen in it. */
export interface SeenNamespace {
  readonly id: NamespaceId
  readonly pid: number
}

const TABLES: readonly { readonly file: string; readonly protocol: Protocol }[] = [
  { file: 'tcp', protocol: 'tcp' },
  { file: 'tcp6', protocol: 'tcp' },
  { file: 'udp', protocol: 'udp' },
  { file: 'udp6', protocol: 'udp' },
]

/** Whether the process that a namespace was seen by has ended since, and so perhaps the namespace: what it does not answer any more is not hidden. */
export function hasGone(namespace: SeenNamespace): boolean {
  return namespaceOf(namespace.pid) !== namespace.id
}

/** Every namespace that a process of this machine is in, Sallyport's own first. */
export function namespaces(observer: Observer): readonly SeenNamespace[] {
  const own = namespaceOf('self')
  const seen = new Map<NamespaceId, SeenNamespace>()
  if (own !== undefined) seen.set(own, { id: own, pid: process.pid })
  let hidden = 0
  for (const pid of pids()) {
    const namespace = networkNamespace(pid)
    if (namespace.kind === 'denied' && !isKernelThread(pid)) hidden++
    if (namespace.kind === 'seen' && !seen.has(namespace.id)) seen.set(namespace.id, { id: namespace.id, pid })
  }
  if (own === undefined)
    observer.miss(
      { code: 'absent', what: 'the processes and sockets of this machine (/proc is not mounted)', affects: { kind: 'sockets' } },
      { kind: 'kernel', path: '/proc' },
    )
  if (hidden > 0)
    observer.miss(
      {
        code: 'denied',
        what: `the network namespaces of ${hidden} processes of other users (containers among them, if there are any)`,
        remedy: 'run as root',
        affects: { kind: 'containers' },
      },
      { kind: 'kernel', path: '/proc/PID/ns/net' },
    )
  return [...seen.values()]
}

/** Listening sockets of every namespace, with the processes that hold them. */
export async function collectSockets(observer: Observer, seen: readonly SeenNamespace[]): Promise<void> {
  const holders = socketHolders(observer)
  await Promise.all(seen.map((namespace) => socketsOf(observer, namespace, holders)))
}

async function socketsOf(observer: Observer, namespace: SeenNamespace, holders: ReadonlyMap<string, readonly number[]>): Promise<void> {
  const found: { readonly row: ListeningRow; readonly path: string }[] = []
  for (const { file, protocol } of TABLES) {
    const path = `/proc/${namespace.pid}/net/${file}`
    const text = readProc(path)
    // A kernel without IPv6 has no tcp6 at all.
    if (text === undefined && (file.endsWith('6') || hasGone(namespace))) continue
    const read = text === undefined ? { rows: [], complete: false } : readProcNet(text, protocol)
    if (!read.complete)
      observer.miss(
        { code: 'not-understood', what: `the listening sockets in ${path}`, affects: { kind: 'sockets', namespace: namespace.id } },
        { kind: 'kernel', path },
        namespace.id,
      )
    found.push(...read.rows.map((row) => ({ row, path })))
  }
  const details = found.length === 0 ? new Map<string, SocketDetail>() : await socketDetails(observer, namespace)
  const processes = new Set<number>()
  for (const { row, path } of found) {
    const held = holders.get(row.inode) ?? []
    for (const pid of held) processes.add(pid)
    observer.see(toSocket(row, details.get(row.inode), held), { kind: 'kernel', path }, namespace.id)
  }
  for (const pid of processes) {
    const process = readProcess(pid, namespace.id)
    if (process !== undefined) observer.see(process, { kind: 'kernel', path: `/proc/${pid}` }, namespace.id)
  }
}

function toSocket(row: ListeningRow, detail: SocketDetail | undefined, processes: readonly number[]): Socket {
  const { protocol, address, port, inode } = row
  const accepts =
    address.family === 4 ? 'ipv4' : address.value !== 0n ? 'ipv6' : detail === undefined ? 'unknown' : detail.v6Only ? 'ipv6' : 'dual'
  const mapped = address.family === 6 && address.value >> 32n === 0xffffn
  return {
    claim: 'socket',
    protocol,
    address,
    port,
    accepts: mapped ? 'ipv4' : accepts,
    ...(detail?.device === undefined ? {} : { device: detail.device }),
    inode,
    processes,
  }
}

async function socketDetails(observer: Observer, namespace: SeenNamespace): Promise<ReadonlyMap<string, SocketDetail>> {
  const command = ['ss', '-Htulne'] as const
  const ran = await run(command[0], command.slice(1), namespace.pid === process.pid ? {} : { namespaceOf: namespace.pid })
  if (ran.kind === 'ok') return readSs(ran.stdout)
  if (hasGone(namespace)) return new Map()
  observer.miss(
    {
      code: failure(ran)?.code ?? 'not-understood',
      what: `whether the [::] sockets take IPv4 too (${failure(ran)?.why}); they are taken to do so`,
      remedy: ran.kind === 'missing' ? 'install iproute2' : 'run as root',
      affects: { kind: 'nothing' },
    },
    commandOrigin(...command),
    namespace.id,
  )
  return new Map()
}

/** Which processes hold which socket. Another user's descriptors are closed to an ordinary user: that is said once. */
function socketHolders(observer: Observer): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>()
  let denied = 0
  for (const pid of pids()) {
    const descriptors = socketInodes(pid)
    if (descriptors.kind === 'denied' && !isKernelThread(pid)) denied++
    if (descriptors.kind !== 'seen') continue
    for (const inode of descriptors.sockets) {
      const list = holders.get(inode)
      if (list === undefined) holders.set(inode, [pid])
      else if (!list.includes(pid)) list.push(pid)
    }
  }
  if (denied > 0)
    observer.miss(
      {
        code: 'denied',
        what: `which sockets ${denied} processes of other users hold`,
        remedy: 'run as root',
        affects: { kind: 'processes' },
      },
      { kind: 'kernel', path: '/proc/PID/fd' },
    )
  return holders
}
