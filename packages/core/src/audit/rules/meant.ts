import { includesPort } from '../../evidence/index.ts'
import type { Service } from '../../policy/index.ts'
import type { Endpoint } from '../../reach/index.ts'
import type { ServiceRow } from '../join/service.ts'

/** For this machine, and at most its containers. */
export function isForThisMachine({ from }: Service): boolean {
  return from.every((source) => source.kind === 'built-in' && (source.name === 'loopback' || source.name === 'host'))
}

/** Whoever comes, by a proxy or directly, is meant to. */
export function isForEverybody({ from }: Service): boolean {
  return from.some((source) => source.kind === 'built-in' && source.name === 'internet')
}

/**
 * Whether others than this machine are meant to come to the service directly, so that it is to be bound for them. The internet comes by
 * the proxy, where there is one; neighbours and addresses are named because they do not.
 */
export function isMeantBeyond({ declared, fronts }: ServiceRow): boolean {
  if (declared === undefined || isForThisMachine(declared)) return false
  return fronts.length === 0 || declared.from.some((source) => source.kind !== 'built-in' || source.name === 'private')
}

export function declaresPort(service: Service, port: number): boolean {
  return service.ports.some((range) => includesPort(range, port))
}

/** Where the kernel takes ports for those who ask for none (ip-sysctl.rst, ip_local_port_range): a bound UDP socket there is a client's. */
const FIRST_EPHEMERAL = 32768

export function isClient({ protocol, port }: Endpoint): boolean {
  return protocol === 'udp' && port >= FIRST_EPHEMERAL
}
