import type { Address } from '../../network/index.ts'
import type { Protocol } from '../../evidence/index.ts'

/** A row of /proc/net/{tcp,tcp6,udp,udp6} that waits for peers. */
export interface ListeningRow {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
  readonly uid: number
  readonly inode: string
}

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A'
/** A bound, unconnected UDP socket has TCP_CLOSE. */
const UNCONNECTED = '07'

/**
 * Reads the text of /proc/net/tcp or udp (proc_pid_net(5)). The kernel lists every LISTEN row of TCP before any other, so
 * reading ends at the first row that is not one (net/ipv4/tcp_ipv4.c, listening_get_first).
 *
 * `complete` is false when a row could not be read: the rest of the text is then not trusted to be all there is.
 */
export function readProcNet(text: string, protocol: Protocol): { readonly rows: readonly ListeningRow[]; readonly complete: boolean } {
  const rows: ListeningRow[] = []
  for (const line of text.split('\n').slice(1)) {
    if (line === '') continue
    const fields = line.trim().split(/\s+/, 10)
    const [, local, , state, , , , uid, , inode] = fields
    if (local === undefined || inode === undefined || state === undefined) return { rows, complete: false }
    if (state !== (protocol === 'tcp' ? LISTEN : UNCONNECTED)) {
      if (protocol === 'tcp') break
      continue
    }
    const address = readHexAddress(local.slice(0, -5))
    const port = Number.parseInt(local.slice(-4), 16)
    if (address === undefined || Number.isNaN(port)) return { rows, complete: false }
    rows.push({ protocol, address, port, uid: Number(uid), inode })
  }
  return { rows, complete: true }
}

/** 32-bit words in the machine's byte order; every machine that Node runs on is little-endian, but for s390x. */
function readHexAddress(hex: string): Address | undefined {
  if (hex.length !== 8 && hex.length !== 32) return undefined
  if (!/^[0-9A-F]+$/i.test(hex)) return undefined
  const bytes = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).toReversed().join('')).join('')
  return { family: hex.length === 8 ? 4 : 6, value: BigInt(`0x${bytes}`) }
}
