import type { ServerResponse } from 'node:http'
import { type Gate, guard } from '../guard.ts'
import type { LateRequest } from '../protect.ts'
import { guardLate, protectHeld } from './attach.ts'

/** What of a Fastify instance is used. */
export interface FastifyLike {
  readonly server: object
  addHook(name: 'onRequest', hook: (request: { raw: LateRequest }, reply: { raw: ServerResponse }, done: () => void) => void): unknown
}

export interface FastifyGuardOptions {
  /** Default: `guard()`, that of a local-only API. */
  readonly gate?: Gate
}

/**
 * `app.register(guarded, { gate })`: protects the server of the instance, and those that Fastify makes beside it to listen on every address of
 * `localhost`. What `app.inject()` sends comes from the program itself and is not decided.
 */
export function guarded(app: FastifyLike, { gate = guard() }: FastifyGuardOptions, done: () => void): void {
  protectHeld(gate, app.server, 'The server of this Fastify instance is none of node:http, node:https or node:http2.')
  // A server of `serverFactory` may have another listener than the one that it was given.
  app.addHook('onRequest', (request, reply, next) => {
    if ('server' in request.raw.socket) guardLate(gate, request.raw, reply.raw, next)
    else next()
  })
  done()
}

// For the whole instance, not for a context of its own (fastify-plugin's marks).
Object.assign(guarded, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: '@sallyport/guard' })
