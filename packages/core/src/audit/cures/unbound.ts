import type { Socket } from '../../evidence/index.ts'
import { type Address, isLoopback, sameAddress, unmap } from '../../network/index.ts'
import { computeReach, endpointKey, type EndpointReach, type HostModel, type Upstream } from '../../reach/index.ts'

/** A machine as it would be, and what then reaches the endpoint that is asked about. */
export interface Supposed {
  readonly host: HostModel
  readonly reach: EndpointReach
}

/** A service of the machine's own that listens on loopback, as if it listened on every address of its family: what else keeps others out. `undefined`: it is none. */
export function ifUnbound({ endpoint }: EndpointReach, host: HostModel, upstream: Upstream): Supposed | undefined {
  const own = host.namespaces.get(host.own)
  if (own === undefined || endpoint.namespace !== own.id || !isLoopback(unmap(endpoint.address))) return undefined
  const everywhere: Address = { family: unmap(endpoint.address).family, value: 0n }
  const isIts = (claim: Socket): boolean =>
    claim.protocol === endpoint.protocol && claim.port === endpoint.port && sameAddress(claim.address, endpoint.address)
  const sockets = own.sockets.map((socket) => {
    const { claim } = socket
    return isIts(claim) ? { ...socket, claim: { ...claim, address: everywhere, accepts: ACCEPTS[everywhere.family] } } : socket
  })
  const supposed = { ...host, namespaces: new Map([...host.namespaces, [own.id, { ...own, sockets }]]) }
  const key = endpointKey({ ...endpoint, address: everywhere })
  const reach = computeReach(supposed, upstream, new Set([endpoint.port])).find((item) => endpointKey(item.endpoint) === key)
  return reach === undefined ? undefined : { host: supposed, reach }
}

const ACCEPTS = { 4: 'ipv4', 6: 'ipv6' } as const
