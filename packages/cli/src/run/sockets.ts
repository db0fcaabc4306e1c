import { type Address, formatAddress, sameAddress } from '@sallyport/core/network'
import type { Protocol } from '@sallyport/core/evidence'
import { readProcNet } from '@sallyport/core/systems'
import { run } from '../collect/run.ts'
import { descriptorsOf, readProc, readTcp, SOCKET_TABLES } from '../collect/machine/proc.ts'
import { admits, type Allowed } from './allowed.ts'
import type { Tree } from './tree.ts'

export interface ListeningSocket {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
  readonly inode: string
  /** The process of the run that holds it. */
  readonly pid: number
}

/** Asks /proc for the sockets of a run; who holds which is found once for each. */
export class SocketTables {
  readonly #allowed: Allowed
  readonly #tree: Tree
  /** Sockets of others. */
  #others: ReadonlySet<string> = new Set()

  constructor(allowed: Allowed, tree: Tree) {
    this.#allowed = allowed
    this.#tree = tree
  }

  /** The sockets of the run, in the network namespace of this process, that the policy does not admit. */
  beyond(): readonly ListeningSocket[] {
    const rows = SOCKET_TABLES.flatMap(({ file, protocol }) => rowsOf(file, protocol).filter((row) => !admits(this.#allowed, row)))
    const open = rows.filter(({ inode }) => !this.#others.has(inode))
    if (open.length === 0) {
      this.#others = new Set(rows.map(({ inode }) => inode))
      return []
    }
    const holders = new Map<string, number>()
    for (const { pid } of this.#tree.members()) {
      const held = descriptorsOf(pid)
      if (held.kind === 'seen') for (const inode of held.sockets) holders.set(inode, pid)
    }
    this.#others = new Set(rows.map(({ inode }) => inode).filter((inode) => !holders.has(inode)))
    return open.flatMap(({ protocol, address, port, inode }) => {
      const pid = holders.get(inode)
      return pid === undefined ? [] : [{ protocol, address, port, inode, pid }]
    })
  }
}

/** What a table of /proc/self/net says. */
function rowsOf(name: string, protocol: Protocol) {
  const path = `/proc/self/net/${name}`
  return readProcNet((protocol === 'tcp' ? readTcp(path) : readProc(path)) ?? '', protocol).rows
}

/** Whether something listens there still, in the network namespace of this process. */
export function isListening(protocol: Protocol, address: Address, port: number): boolean {
  const rows = rowsOf(`${protocol}${address.family === 6 ? '6' : ''}`, protocol)
  return rows.some((row) => row.port === port && sameAddress(row.address, address))
}

/** Has the kernel close a listening socket whatever its program does (sock_diag(7), SOCK_DESTROY): needs CAP_NET_ADMIN and iproute2. */
export async function closeSocket(address: Address, port: number): Promise<void> {
  const { family } = address
  const text = family === 6 ? `[${formatAddress(address)}]` : formatAddress(address)
  await run('ss', ['-H', '-K', '-tln', `-${family}`, `src ${text}:${port}`], { timeoutMs: 1_000 })
}

/** The ports of which the kernel gives one to a socket that asks for none: those that only send have one. */
export function isEphemeral(port: number): boolean {
  const [first = 32768, last = 60999] = (readProc('/proc/sys/net/ipv4/ip_local_port_range') ?? '').trim().split(/\s+/).map(Number)
  return first <= port && port <= last
}
