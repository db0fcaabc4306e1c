import { type Address, isUnspecified, parseAddress, sameAddress, unmap } from '../network/index.ts'
import type { Container, Evidence, Process, PublishedPort, Socket } from '../evidence/index.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { nextHop, type Port, takesPackets } from './topology.ts'

/** The programs that engines pass connections on with: of Docker, and of RootlessKit under a rootless one. */
const PROGRAMS: ReadonlySet<string> = new Set(['docker-proxy', 'rootlessport'])

/** Where a proxy of the engine passes connections on to. */
export interface ProxyTarget {
  readonly address: Address
  readonly port: number
}

/**
 * Where the engine's own proxy, if it holds the socket, passes connections on to, from its arguments (moby cmd/docker-proxy).
 *
 * Everybody may name a process as they like: it has to be root's, from a file of root's, and the engine has to say that it
 * publishes just that. Whatever else calls itself so is a service like any other.
 */
export function userlandProxyTarget(host: HostModel, { claim: socket }: Evidence<Socket>): ProxyTarget | undefined {
  for (const pid of socket.processes) {
    const process = host.processes.get(pid)?.claim
    if (process === undefined || process.trusted !== true || !PROGRAMS.has(process.executable?.split('/').at(-1) ?? '')) continue
    const target = targetOf(process)
    if (target !== undefined && host.containers.some(({ claim }) => publishes(claim, socket, target))) return target
  }
  return undefined
}

/**
 * Whether the socket only keeps its port from others: Podman has conmon hold one for each published port of a rootful container, from which
 * nobody accepts (libpod/oci_util.go, bindPorts). Rules lead the port's packets elsewhere.
 */
export function isReservation(host: HostModel, { claim: socket }: Evidence<Socket>): boolean {
  return (
    socket.processes.length > 0 &&
    socket.processes.every((pid) => {
      const process = host.processes.get(pid)?.claim
      return process?.trusted === true && process.executable?.split('/').at(-1) === 'conmon' && process.manager?.kind === 'container'
    })
  )
}

export interface Proxied extends ProxyTarget {
  /** Where the connection comes into the namespace of the target. */
  readonly next: Port
}

const known = new WeakMap<HostModel, Map<Evidence<Socket>, Proxied | undefined>>()

/** Where docker-proxy, if it holds this socket of a namespace, passes connections on to. */
export function proxiedTo(host: HostModel, namespace: NamespaceModel, socket: Evidence<Socket>): Proxied | undefined {
  const sockets = known.get(host) ?? new Map<Evidence<Socket>, Proxied | undefined>()
  known.set(host, sockets)
  if (!sockets.has(socket)) sockets.set(socket, follow(host, namespace, socket))
  return sockets.get(socket)
}

function follow(host: HostModel, namespace: NamespaceModel, socket: Evidence<Socket>): Proxied | undefined {
  const target = userlandProxyTarget(host, socket)
  if (target === undefined) return undefined
  const next = namespace.interfaces
    .filter((device) => takesPackets({ namespace, device }))
    .map((device) => nextHop(host, { namespace, device }, target.address))
    .find((found) => found !== undefined)
  return next && { ...target, next }
}

function targetOf({ command }: Process): ProxyTarget | undefined {
  const after = (option: string): string => {
    const index = command.findIndex((word) => word === option)
    return index < 0 ? '' : (command[index + 1] ?? '')
  }
  const address = parseAddress(after('-container-ip'))
  const port = Number(after('-container-port'))
  return address === undefined || !Number.isInteger(port) || port < 1 ? undefined : { address, port }
}

function publishes(container: Container, socket: Socket, target: ProxyTarget): boolean {
  return (
    container.running &&
    container.networks.some(({ addresses }) => addresses.some((address) => sameAddress(address, target.address))) &&
    container.published.some((published) => published.protocol === socket.protocol && isFor(published, socket, target))
  )
}

function isFor({ hostAddress, hostPorts, containerPorts }: PublishedPort, socket: Socket, target: ProxyTarget): boolean {
  const offset = socket.port - hostPorts.first
  const bound = unmap(socket.address)
  return (
    offset >= 0 &&
    socket.port <= hostPorts.last &&
    target.port === containerPorts.first + offset &&
    // Published everywhere, it may be bound by one socket for both families.
    (sameAddress(bound, hostAddress) || (isUnspecified(bound) && isUnspecified(hostAddress)))
  )
}
