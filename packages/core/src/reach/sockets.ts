import { type Address, type Family, isUnspecified, positionOf, sameAddress, unmap } from '../network/index.ts'
import type { Evidence, Protocol, Socket } from '../evidence/index.ts'
import type { NamespaceModel } from './host.ts'
import type { Endpoint } from './reach.ts'

/** Whether a socket takes packets of this family. A `[::]` socket whose flag is unknown is taken to be dual stack, the kernel's default. */
export function takesFamily(socket: Socket, family: Family): boolean {
  switch (socket.accepts) {
    case 'ipv4':
      return family === 4
    case 'ipv6':
      return family === 6
    case 'dual':
    case 'unknown':
      return true
    default:
      return socket.accepts satisfies never
  }
}

/** Of a socket of the packet's protocol and port. */
function takes(socket: Socket, destination: Address, device: string): boolean {
  return (socket.device === undefined || socket.device === device) && takesAt(socket, destination)
}

/** At whichever device the packet comes in. */
function takesAt(socket: Socket, destination: Address): boolean {
  const address = unmap(socket.address)
  return takesFamily(socket, destination.family) && (isUnspecified(address) || sameAddress(address, destination))
}

const byAddress = new WeakMap<NamespaceModel, Map<string, readonly number[]>>()

/** The ports at which sockets of the namespace take packets for the address. */
export function portsAt(namespace: NamespaceModel, protocol: Protocol, destination: Address): readonly number[] {
  const known = byAddress.get(namespace) ?? new Map<string, readonly number[]>()
  byAddress.set(namespace, known)
  const key = `${protocol} ${positionOf(destination)}`
  const found =
    known.get(key) ??
    namespace.sockets.flatMap(({ claim }) => (claim.protocol === protocol && takesAt(claim, destination) ? [claim.port] : []))
  known.set(key, found)
  return found
}

const byPort = new WeakMap<NamespaceModel, ReadonlyMap<string, readonly Evidence<Socket>[]>>()

function socketsAt(namespace: NamespaceModel, protocol: Protocol, port: number): readonly Evidence<Socket>[] {
  const known = byPort.get(namespace) ?? socketsByPort(namespace)
  byPort.set(namespace, known)
  return known.get(`${protocol} ${port}`) ?? []
}

function socketsByPort({ sockets }: NamespaceModel): ReadonlyMap<string, readonly Evidence<Socket>[]> {
  const found = new Map<string, Evidence<Socket>[]>()
  for (const socket of sockets) {
    const key = `${socket.claim.protocol} ${socket.claim.port}`
    const known = found.get(key)
    if (known === undefined) found.set(key, [socket])
    else known.push(socket)
  }
  return found
}

/**
 * The sockets of a namespace that a packet for `destination` is handed to: those that are bound most closely. A bound device counts before
 * a bound address, a bound address before a wildcard, a wildcard of the packet's family before a dual-stack one
 * (net/ipv4/inet_hashtables.c, compute_score).
 */
export function receiving(
  namespace: NamespaceModel,
  protocol: Protocol,
  destination: Address,
  port: number,
  device: string,
): readonly Evidence<Socket>[] {
  let best = -1
  let found: Evidence<Socket>[] = []
  for (const item of socketsAt(namespace, protocol, port)) {
    if (!takes(item.claim, destination, device)) continue
    const score = closeness(item.claim, destination.family)
    if (score > best) {
      best = score
      found = []
    }
    if (score === best) found.push(item)
  }
  return found
}

/** The sockets that a UDP packet for a broadcast address or group is handed to: every one that takes it (__udp4_lib_mcast_deliver in net/ipv4/udp.c). */
export function receivingGroup(
  namespace: NamespaceModel,
  protocol: Protocol,
  destination: Address,
  port: number,
  device: string,
): readonly Evidence<Socket>[] {
  return socketsAt(namespace, protocol, port).filter((item) => takes(item.claim, destination, device))
}

function closeness(socket: Socket, family: Family): number {
  return (socket.device === undefined ? 0 : 4) + (isUnspecified(unmap(socket.address)) ? 0 : 2) + (socket.address.family === family ? 1 : 0)
}

/** Sockets that share namespace, protocol, address and port are one endpoint. */
export function endpointsOf(namespace: NamespaceModel): readonly Endpoint[] {
  const found = new Map<string, { endpoint: Endpoint; sockets: Evidence<Socket>[] }>()
  for (const item of namespace.sockets) {
    const { protocol, address, port } = item.claim
    const key = endpointKey({ namespace: namespace.id, protocol, address, port })
    const known = found.get(key)
    if (known !== undefined) {
      known.sockets.push(item)
      continue
    }
    const sockets = [item]
    found.set(key, { endpoint: { namespace: namespace.id, protocol, address, port, sockets }, sockets })
  }
  return [...found.values()].map(({ endpoint }) => endpoint)
}

export function endpointKey(endpoint: Pick<Endpoint, 'namespace' | 'protocol' | 'address' | 'port'>): string {
  return `${endpoint.namespace} ${endpoint.protocol} ${endpoint.address.family} ${endpoint.address.value} ${endpoint.port}`
}
