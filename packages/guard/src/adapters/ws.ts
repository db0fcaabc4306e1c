import type { Gate } from '../guard.ts'
import { protectShared } from './attach.ts'

/** What of a `WebSocketServer` is used. */
export interface WebSocketServerLike {
  readonly options: { readonly server?: unknown }
}

/**
 * `guarded(new WebSocketServer({ port, host: '127.0.0.1' }), gate)`, or one with `server`. With `noServer` there is none to be found: protect the one whose
 * upgrades are handed over with `gate.protect(server)`.
 *
 * @throws GuardError `server-unknown`, `server-guarded-already` (by another gate)
 */
export function guarded<W extends WebSocketServerLike>(sockets: W, gate?: Gate): W {
  // Where `port` was given ws makes a server itself, and says nowhere else which.
  const server = sockets.options.server ?? (sockets as { readonly _server?: unknown })._server
  protectShared(gate, server, 'This WebSocketServer has no server: call gate.protect(server) on the one whose upgrades it is handed.')
  return sockets
}
