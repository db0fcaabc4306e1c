import type { AddressInfo, ListenOptions, Server } from 'node:net'
import { DEFAULT_HOST, DEFAULT_PORT, validPort, validateServerHost } from './bind.ts'

/** `host` and `port` win over `API_HOST` and `API_PORT`, which win over 127.0.0.1 and 8000. */
export interface ListenAt extends Pick<ListenOptions, 'backlog' | 'signal'> {
  readonly host?: string
  readonly port?: number | string
}

/**
 * Starts the server on loopback and says where. Throws before anything is bound where `host`, or `API_HOST`, would let other machines in.
 *
 * @throws GuardError `host-exposed`, `host-unknown`, `port-invalid`; and rejects with what the system says (a port in use).
 */
export async function listen(server: Server, at: ListenAt = {}): Promise<AddressInfo> {
  const host = at.host ?? (process.env['API_HOST'] || DEFAULT_HOST)
  const port = validPort(at.port ?? (process.env['API_PORT'] || DEFAULT_PORT))
  validateServerHost(host)
  // A name is for people: what it means is the resolver's choice. IPv4 and IPv6 loopback are told by their addresses.
  const address = host.toLowerCase() === 'localhost' ? DEFAULT_HOST : host.replace(/^\[(.*)\]$/, '$1')
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(
      { host: address, port, ...(at.backlog ? { backlog: at.backlog } : {}), ...(at.signal ? { signal: at.signal } : {}) },
      () => {
        server.off('error', reject)
        resolve()
      },
    )
  })
  return server.address() as AddressInfo
}
