/**
 * How many sockets of each protocol a network namespace has, by the kernel's names of them, from a text of /proc/net/protocols
 * (net/core/sock.c, proto_seq_show). Protocols without a socket, or that do not count theirs, are left out.
 */
export function readProtocols(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      const [, name = '', count] = /^(\S{1,32}) +\d+ +(\d{1,9}) /.exec(line) ?? []
      return count === undefined || Number(count) === 0 ? [] : [[name, Number(count)]]
    }),
  )
}
