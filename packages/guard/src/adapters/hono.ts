import { type Gate, guard } from '../guard.ts'
import type { GuardedServer } from '../protect.ts'
import { protectHeld } from './attach.ts'

/** `guarded(serve({ fetch: app.fetch, hostname: '127.0.0.1', port }), gate)`, with `serve` of `@hono/node-server`. Gives the server back. */
export function guarded<S extends GuardedServer>(server: S, gate: Gate = guard()): S {
  protectHeld(gate, server, 'guarded() takes what serve() of @hono/node-server gives, in the same turn.')
  return server
}
