import cluster from 'node:cluster'
import { type Asked } from './policy.ts'
import { heldInWorker, IPV6ONLY, type Keeper } from './tcp.ts'

interface Query {
  address: string | null
  port: number
  addressType: number | string
  fd?: number
  flags?: number
}

type GetServer = (server: object, query: Query, callback: (...args: unknown[]) => void) => void

/** A worker of a cluster asks its primary for a listening socket: what it asks for is held to the policy before. */
export function keepCluster(keeper: Keeper): void {
  const worker = cluster as unknown as { _getServer?: GetServer }
  const { _getServer } = worker
  if (_getServer === undefined) return
  worker._getServer = function getServerWithin(this: unknown, server, query, callback) {
    const stream = query.addressType === 4 || query.addressType === 6
    if (stream && !(typeof query.fd === 'number' && query.fd >= 0)) {
      const flags = query.flags ?? 0
      const wanted: Asked = { address: query.address || undefined, port: query.port, ipv6Only: (flags & IPV6ONLY) !== 0 }
      const address = heldInWorker(server, wanted, keeper)
      if (address !== undefined) Object.assign(query, { address, addressType: address.includes(':') ? 6 : 4 })
    }
    _getServer.call(this, server, query, callback)
  }
}
