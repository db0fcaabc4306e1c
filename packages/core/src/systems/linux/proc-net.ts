import { type Address, unmap } from '../../network/index.ts'
import type { Protocol } from '../../evidence/index.ts'

/** A row of /proc/net/{tcp,tcp6,udp,udp6} that waits for peers. */
export interface ListeningRow {
  readonly protocol: Protocol
  /** A socket of IPv6 that is bound to a mapped address, as `::ffff:0.0.0.0`, takes IPv4 alone, and is told by the address of IPv4 that it takes. */
  readonly address: Address
  readonly port: number
  readonly uid: number
  readonly inode: string
}

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A'
/** A bound, unconnected UDP socket has TCP_CLOSE. */
const UNCONNECTED = '07'

/** The fields of a row up to the inode (net/ipv4/tcp_ipv4.c, get_openreq4 and its neighbours). */
const ROW =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) \S+ \S+ \S+ +(\d{1,10}) +\d+ (\d{1,20})(?: |$)/i

/**
 * Reads the text of /proc/net/tcp or udp (proc_pid_net(5)). The kernel lists every LISTEN row of TCP before any other, so
 * reading ends at the first row that is not one (net/ipv4/tcp_ipv4.c, listening_get_first).
 *
 * `complete` is false when a row could not be read, or there is not even a heading: the text is then not trusted to be all there is.
 */
export function readProcNet(text: string, protocol: Protocol): { readonly rows: readonly ListeningRow[]; readonly complete: boolean } {
  const rows: ListeningRow[] = []
  const [heading = '', ...lines] = text.split('\n')
  if (!/^\s*sl\s+local_address/.test(heading)) return { rows, complete: false }
  let complete = true
  for (const line of lines) {
    if (line === '') continue
    const [, address, port, state, uid, inode] = ROW.exec(line) ?? []
    if (address === undefined || port === undefined || state === undefined || inode === undefined) {
      complete = false
      continue
    }
    if (state.toUpperCase() !== (protocol === 'tcp' ? LISTEN : UNCONNECTED)) {
      if (protocol === 'tcp') break
      continue
    }
    rows.push({ protocol, address: unmap(readHexAddress(address)), port: Number.parseInt(port, 16), uid: Number(uid), inode })
  }
  return { rows, complete }
}

/** 32-bit words in the machine's byte order; every machine that Node runs on is little-endian, but for s390x. `hex` has 8 or 32 digits. */
export function readHexAddress(hex: string): Address {
  const bytes = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).toReversed().join('')).join('')
  return { family: hex.length === 8 ? 4 : 6, value: BigInt(`0x${bytes}`) }
}
