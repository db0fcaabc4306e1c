import type { ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { type Gate, guard } from '../guard.ts'
import { isGuarded, type LateRequest } from '../protect.ts'
import { guardLate, protectHeld, protectServersOf } from './attach.ts'

/** What of a Fastify instance is used. */
export interface FastifyLike {
  readonly server: object
  addHook(
    name: 'onRequest',
    hook: (request: { readonly raw: LateRequest }, reply: { readonly raw: ServerResponse; hijack(): unknown }, done: () => void) => void,
  ): unknown
}

export interface FastifyGuardOptions {
  /** Default: `guard()`, that of a local-only API. */
  readonly gate?: Gate
}

/**
 * `app.register(guarded, { gate })`: protects the server of the instance at once, and those that Fastify makes beside it to listen on every address of
 * `localhost`.
 */
export function guarded(app: FastifyLike, { gate = guard() }: FastifyGuardOptions, done: () => void): void {
  const server = app.server as Server
  if (!isGuarded(server)) protectHeld(gate, server, 'The server of this instance is none of node:http, node:https or node:http2.')
  const own = new Set(server.listeners('request'))
  protectServersOf(gate, (listener) => own.has(listener))
  app.addHook('onRequest', (request, reply, next) => {
    if (request.raw.socket instanceof Object) guardLate(gate, request.raw, reply.raw, next)
    else next()
  })
  done()
}

/** For the whole instance, not for a context of its own (fastify-plugin). */
Object.assign(guarded, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: '@sallyport/guard' })
