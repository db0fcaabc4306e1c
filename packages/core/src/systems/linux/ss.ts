/** What only sock_diag(7) tells of a socket, by way of `ss -Htulne`. */
export interface SocketDetail {
  readonly v6Only: boolean
  /** SO_BINDTODEVICE. */
  readonly device?: string
  /** The path of the control group of version 2 in which it was made. */
  readonly cgroup?: string
}

/**
 * By inode. iproute2 misc/ss.c: inet_addr_print writes `address%device:port`, and `*` for `::` where the socket takes both
 * families; sock_details_print ends with the path of the control group, which is whoever's who made it and may hold anything but
 * a line's end; what follows that is `v6only:` of an IPv6 socket and which halves are shut. So the first `ino:` and the last
 * `v6only:` are ss's own.
 *
 * Sockets that ss says nothing certain about are left out.
 */
export function readSs(text: string): ReadonlyMap<string, SocketDetail> {
  const result = new Map<string, SocketDetail>()
  for (const line of text.split('\n')) {
    const [, , , , local = '', , ...details] = line
      .trim()
      .split(' ')
      .filter((word) => word !== '')
    const inode = details.find((word) => /^ino:\d{1,20}$/.test(word))?.slice('ino:'.length)
    if (inode === undefined) continue
    const flag = /^v6only:([01])$/.exec(details.at(HALVES.test(details.at(-1) ?? '') ? -2 : -1) ?? '')?.[1]
    const device = deviceOf(local)
    const cgroup = CGROUP.exec(line)?.[1]
    // Older versions leave the flag out. Where the two disagree, the one that lets more in holds.
    result.set(inode, {
      v6Only: local.startsWith('[') && flag !== '0',
      ...(device === undefined ? {} : { device }),
      ...(cgroup === undefined ? {} : { cgroup }),
    })
  }
  return result
}

/** Where it is below the root that is seen; of one that is not, ss writes `unreachable:` and its number. */
const CGROUP = /^.{0,400}? cgroup:(\/.*?)(?: v6only:[01])?(?: [<-]-[>-])?\s*$/

/** `<->`: neither half of the connection is shut. */
const HALVES = /^[<-]-[>-]$/

/**
 * What stands between the first `%` and the port: a name may hold brackets. A link-local address carries its zone in the same
 * place; that is where it is valid, which comes to the same.
 */
function deviceOf(local: string): string | undefined {
  const [, inside, outside] = /^(?:\[[^%\]]*%([^\]]+)\]|[^%]*%(.+)):(?:\d+|\*)$/.exec(local) ?? []
  return inside ?? outside
}
