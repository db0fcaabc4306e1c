/** What only sock_diag(7) tells of a socket, by way of `ss -Htulne`. */
export interface SocketDetail {
  readonly v6Only: boolean
  /** SO_BINDTODEVICE. */
  readonly device?: string
}

/** By inode. iproute2 misc/ss.c: inet_addr_print writes `address%device:port`, `v6only:` comes with -e for every IPv6 socket. */
export function readSs(text: string): ReadonlyMap<string, SocketDetail> {
  const result = new Map<string, SocketDetail>()
  for (const line of text.split('\n')) {
    const inode = /\sino:(\d+)/.exec(line)?.[1]
    if (inode === undefined) continue
    const local = line.trim().split(/\s+/, 5)[4] ?? ''
    const device = /%([^:\]]+)\]?:\d+$/.exec(local)?.[1]
    // A link-local address carries its zone in the same place; that is where it is valid, which comes to the same.
    result.set(inode, { v6Only: line.includes(' v6only:1'), ...(device === undefined ? {} : { device }) })
  }
  return result
}
