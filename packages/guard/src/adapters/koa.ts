import type { ServerResponse } from 'node:http'
import { type Gate, guard } from '../guard.ts'
import type { LateRequest } from '../protect.ts'
import { guardLate, protectServersOf } from './attach.ts'

interface Context {
  readonly req: LateRequest
  readonly res: ServerResponse
  respond?: boolean
}

/** What of a Koa application is used. */
export interface KoaLike {
  callback(): (request: never, response: never) => unknown
  readonly middleware: unknown[]
}

/**
 * `guarded(app, gate)`: servers of the application are protected from their first connection on, also those of `app.listen()`. What comes by a listener
 * of another's is decided before every middleware, whenever that was added.
 */
export function guarded<A extends KoaLike>(app: A, gate: Gate = guard()): A {
  const { callback } = app
  const listeners = new Set<object>()
  protectServersOf(gate, (listener) => listeners.has(listener))
  app.callback = function (this: KoaLike) {
    const listener = callback.call(this)
    listeners.add(listener)
    return listener
  }
  app.middleware.unshift(async (context: Context, next: () => Promise<unknown>) => {
    const passed = await new Promise<boolean>((resolve) => {
      context.res.once('close', () => resolve(false))
      guardLate(gate, context.req, context.res, () => resolve(true))
    })
    if (passed) await next()
    else context.respond = false
  })
  return app
}
