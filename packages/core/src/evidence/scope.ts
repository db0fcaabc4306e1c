export type Protocol = 'tcp' | 'udp'

/** Inclusive at both ends, 0 to 65535. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

export function includesPort({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last
}

/** Identifies one network namespace of a host: the inode of /proc/PID/ns/net as text; `HOST_NAMESPACE` where it does not matter. */
export type NamespaceId = string
