import type { Gate } from '../guard.ts'
import { protectShared } from './attach.ts'

/** What of a socket.io `Server` is used. */
export interface SocketIoLike {
  readonly httpServer?: unknown
}

/**
 * `guarded(new Server(httpServer), gate)`: polling and WebSocket. A server that is made later (`io.listen`, `io.attach`) is there only then: call this
 * afterwards, in the same turn.
 *
 * @throws GuardError `server-unknown`, `server-guarded-already` (by another gate)
 */
export function guarded<I extends SocketIoLike>(io: I, gate?: Gate): I {
  protectShared(gate, io.httpServer, 'This socket.io server is attached to no HTTP server yet: call guarded() after listen() or attach().')
  return io
}
