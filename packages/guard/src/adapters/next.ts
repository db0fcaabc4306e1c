import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { type Gate, guard } from '../guard.ts'

/** What of `next({ … })` is used, once it is prepared. */
export interface NextLike {
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<unknown>
}

/**
 * The custom server of a Next.js application, guarded: `await app.prepare(); await listen(guarded(app, gate), { port: 3000 })`. For a server of your
 * own: `gate.protect(server)`.
 */
export function guarded(app: NextLike, gate: Gate = guard(), options: ServerOptions = {}): Server {
  const handle = app.getRequestHandler()
  const server = createServer(options, (request, response) => void handle(request, response))
  // Next looks at the first request for the server, to take the upgrades itself: they are decided by then.
  return gate.protect(server)
}
