/** What only sock_diag(7) tells of a socket, by way of `ss -Htulne`. */
export interface SocketDetail {
  readonly v6Only: boolean
  /** SO_BINDTODEVICE. */
  readonly device?: string
}

/**
 * By inode. iproute2 misc/ss.c: inet_addr_print writes `address%device:port`, `v6only:` comes with -e for every IPv6 socket.
 * Sockets that ss says nothing certain about are left out.
 */
export function readSs(text: string): ReadonlyMap<string, SocketDetail> {
  const result = new Map<string, SocketDetail>()
  for (const line of text.split('\n')) {
    const inode = /\sino:(\d{1,20})(?:\s|$)/.exec(line)?.[1]
    const local = line.trim().split(/\s+/, 5)[4]
    if (inode === undefined || local === undefined) continue
    const flag = /\sv6only:([01])(?:\s|$)/.exec(line)?.[1]
    // Older versions leave the flag out, and write a socket that takes both families as `*`.
    const v6Only = flag === undefined ? local.startsWith('[') : flag === '1'
    const device = /%([^%:\]]+)\]?:\d+$/.exec(local)?.[1]
    // A link-local address carries its zone in the same place; that is where it is valid, which comes to the same.
    result.set(inode, { v6Only, ...(device === undefined ? {} : { device }) })
  }
  return result
}
