import type { Socket } from '@sallyport/core/evidence'
import { type ListeningRow, readProcNet, readSs, type SocketDetail } from '@sallyport/core/systems'
import type { Ran } from '../run.ts'
import type { BpfPrograms } from './bpf.ts'
import { type Holders, readHolders } from './holders.ts'
import { hasGone, type SeenNamespace } from './namespaces.ts'
import { commandOrigin, count, failure, type Observer, permission } from './observer.ts'
import { missOtherProtocols } from './other-protocols.ts'
import type { PodmanProcesses } from './podman.ts'
import { SOCKET_TABLES } from './proc.ts'
import { readProcess } from './processes.ts'

const SS = ['ss', '-Htulne'] as const

interface Row {
  readonly row: ListeningRow
  readonly path: string
}

/** What was read of a namespace's sockets, before it is known who holds them. */
export interface SocketTables {
  readonly namespace: SeenNamespace
  readonly rows: Promise<readonly Row[]>
  readonly details: Promise<ReadonlyMap<string, SocketDetail>>
}

/** The listening sockets of a namespace; what only sock_diag(7) tells of them is asked for meanwhile. */
export function readSockets(observer: Observer, namespace: SeenNamespace): SocketTables {
  const ran = namespace.shell.run(SS[0], SS.slice(1))
  const rows = readRows(observer, namespace)
  missOtherProtocols(observer, namespace)
  const details = rows.then(async (found) => (found.length === 0 ? new Map<string, never>() : detailsOf(observer, namespace, await ran)))
  return { namespace, rows, details }
}

async function readRows(observer: Observer, namespace: SeenNamespace): Promise<readonly Row[]> {
  const tables = await Promise.all(
    SOCKET_TABLES.map(async ({ file, protocol }) => {
      const { path, text } = file === 'tcp' || file === 'tcp6' ? await namespace.tcpTable(file) : namespace.table(file)
      return { file, protocol, path, text }
    }),
  )
  const rows: Row[] = []
  for (const { file, protocol, path, text } of tables) {
    // A kernel without IPv6 has no tcp6 at all.
    if (text === undefined && (file.endsWith('6') || hasGone(namespace))) continue
    const read = text === undefined ? { rows: [], complete: false } : readProcNet(text, protocol)
    if (!read.complete)
      observer.miss(
        { code: 'not-understood', what: `the listening sockets in ${path}`, affects: { kind: 'sockets', namespace: namespace.id } },
        { kind: 'kernel', path },
        namespace.id,
      )
    rows.push(...read.rows.map((row) => ({ row, path })))
  }
  return rows
}

/** What was seen of this machine's processes. */
interface Seen {
  readonly holders: Holders
  readonly podman: PodmanProcesses
  readonly programs: Promise<BpfPrograms>
}

/** The sockets of all namespaces, with the processes that hold them. */
export async function seeSockets(observer: Observer, tables: readonly SocketTables[], who: Seen): Promise<void> {
  const rows = (await Promise.all(tables.map((one) => one.rows))).flat().map(({ row }) => row)
  const holders = holdersOf(rows, who.holders)
  await Promise.all(tables.map((one) => seeIn(observer, one, { ...who, holders })))
  const unheld = rows.filter(({ inode }) => !holders.sockets.has(inode))
  if (unheld.length === 0 || holders.hidden === 0) return
  observer.miss(
    {
      code: 'denied',
      what: `the processes of ${count(unheld.length, 'socket')} (${count(holders.hidden, 'process', 'processes')} ${permission().whose})`,
      ...permission().remedy,
      affects: { kind: 'processes' },
    },
    { kind: 'kernel', path: '/proc/PID/fd' },
  )
}

/**
 * The processes that hold these sockets: of one that nobody held they are asked again, since a server may begin to listen between the two
 * looks. Where some do not answer it proves nothing; the kernel's own sockets have no inode.
 */
export function holdersOf(rows: readonly ListeningRow[], before: Holders, askAgain: () => Holders = readHolders): Holders {
  const isHeld = ({ inode }: ListeningRow): boolean => inode === '0' || before.sockets.has(inode)
  if (before.hidden > 0 || rows.every(isHeld)) return before
  return { ...before, sockets: new Map([...askAgain().sockets, ...before.sockets]) }
}

async function seeIn(observer: Observer, { namespace, rows, details }: SocketTables, { holders, podman, programs }: Seen): Promise<void> {
  const known = await details
  const listed = await rows
  const attached = await programs
  const processes = new Set<number>()
  for (const { row, path } of listed) {
    const held = holders.sockets.get(row.inode) ?? []
    for (const pid of held) processes.add(pid)
    const before = attached.before(known.get(row.inode), held)
    const socket = toSocket(row, known.get(row.inode), held)
    observer.see(before.length === 0 ? socket : { ...socket, programs: before }, { kind: 'kernel', path }, namespace.id)
  }
  for (const pid of processes) {
    const process = readProcess(pid, namespace.id)
    if (process !== undefined) observer.see(podman.managed(process), { kind: 'kernel', path: `/proc/${pid}` }, namespace.id)
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

function detailsOf(observer: Observer, namespace: SeenNamespace, ran: Ran): ReadonlyMap<string, SocketDetail> {
  if (ran.kind === 'ok') return readSs(ran.stdout)
  if (hasGone(namespace)) return new Map()
  const { code, why, remedy } = failure(ran, 'iproute2')
  observer.miss(
    {
      code,
      what: `whether the [::] sockets take IPv4 too (${why}); they are taken to do so`,
      ...remedy,
      affects: { kind: 'nothing' },
    },
    commandOrigin(...SS),
    namespace.id,
  )
  return new Map()
}
