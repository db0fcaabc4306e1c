import type { Protocol } from '@sallyport/core/evidence'
import { type Address, formatAddress, isLoopback, isUnspecified } from '@sallyport/core/network'
import { type ManagedApp, readProcNet } from '@sallyport/core/systems'
import { descriptorsOf, pids, readProc, SOCKET_TABLES, statFields } from '../../collect/machine/proc.ts'
import type { Listed } from './listed.ts'

interface Socket {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
}

/**
 * Where the processes of an app listen, and those that they started; `undefined`: that cannot be seen. In cluster mode it is the daemon that listens
 * for all such apps (Node.js, cluster: round robin): of its sockets those are meant that have one of the ports.
 */
export function socketsOf(processes: readonly Listed[], daemon: number, ports: ReadonlySet<number>): readonly Socket[] | undefined {
  const roots = processes.flatMap(({ pid }) => (pid > 0 ? [pid] : []))
  const [first] = roots
  if (first === undefined) return []
  const own = withChildren(roots).map(descriptorsOf)
  const shared = processes.some(({ isCluster }) => isCluster) ? descriptorsOf(daemon) : undefined
  if ([...own, ...(shared === undefined ? [] : [shared])].some(({ kind }) => kind === 'denied')) return undefined
  const inodes = new Set(own.flatMap((each) => (each.kind === 'seen' ? each.sockets : [])))
  const sharedInodes = new Set(shared?.kind === 'seen' ? shared.sockets : [])
  return SOCKET_TABLES.flatMap(({ file, protocol }) =>
    readProcNet(readProc(`/proc/${first}/net/${file}`) ?? '', protocol).rows.filter(
      ({ inode, port }) => inodes.has(inode) || (sharedInodes.has(inode) && ports.has(port)),
    ),
  )
}

/** With everything that they have started and that has not left them. */
function withChildren(roots: readonly number[]): readonly number[] {
  const parents = pids().map((pid) => [pid, Number(statFields(pid)[1])] as const)
  const found = new Set(roots)
  for (let before = 0; before < found.size; ) {
    before = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** `tcp 127.0.0.1:7001` */
export function socketText({ protocol, address, port }: Socket): string {
  const text = formatAddress(address)
  return `${protocol} ${address.family === 6 ? `[${text}]` : text}:${port}`
}

export function wantedText({ protocol, address, port }: ManagedApp['listens'][number]): string {
  return `${protocol} ${address}:${port}`
}

/** Where an app listens, against where it was told to. */
export type Heard =
  | { readonly kind: 'as-told' }
  | { readonly kind: 'absent'; readonly wanted: string }
  /** On its port, and at another address. */
  | { readonly kind: 'elsewhere'; readonly at: readonly string[]; readonly told: string }

/** The worst of all that it was told. */
export function heard({ listens }: ManagedApp, sockets: readonly Socket[]): Heard {
  const all = listens.map((wanted): Heard => {
    const there = sockets.filter(({ protocol, port }) => protocol === wanted.protocol && port === wanted.port)
    const isMeant = wanted.address === '127.0.0.1' ? isLoopback : isUnspecified
    const wrong = there.filter(({ address }) => !isMeant(address))
    if (wrong.length > 0) return { kind: 'elsewhere', at: wrong.map(socketText), told: wanted.address }
    // ::1 alone is not where a proxy asks that was told 127.0.0.1.
    const isThere = there.some(({ address }) => wanted.address === '0.0.0.0' || formatAddress(address) === wanted.address)
    return isThere ? { kind: 'as-told' } : { kind: 'absent', wanted: wantedText(wanted) }
  })
  return all.find(({ kind }) => kind === 'elsewhere') ?? all.find(({ kind }) => kind === 'absent') ?? { kind: 'as-told' }
}
