import type { ServerResponse } from 'node:http'
import { type Gate, guard } from '../guard.ts'
import type { LateRequest } from '../protect.ts'
import { guardLate, protectServersOf } from './attach.ts'

/** What of an Express application is used; `parent` is that which it is mounted on. */
interface Application {
  readonly parent?: Application
}

/** A middleware of Express 4 and 5, of Connect, and of Polka. */
export interface ExpressGuard {
  (request: LateRequest, response: ServerResponse, next: () => void): void
  /** The next three are what Express takes for an application to be mounted: so it tells which one the guard was given to. */
  handle(request: LateRequest, response: ServerResponse, next: () => void): void
  set(): this
  emit(event: string, parent: Application): boolean
}

/**
 * `app.use(guarded(gate))`: servers of this application are protected from their first connection on, also those of `app.listen()`, with every request
 * and upgrade, wherever in the row of middleware it stands. A server that only calls the application from a listener of its own is protected at the first
 * request that comes here: protect that one with `gate.protect(server)`.
 */
export function guarded(gate: Gate = guard()): ExpressGuard {
  const applications = new Set<object>()
  protectServersOf(gate, (listener) => applications.has(listener))
  const middleware = (request: LateRequest, response: ServerResponse, next: () => void) => guardLate(gate, request, response, next)
  const guarding: ExpressGuard = Object.assign(middleware, {
    handle: middleware,
    set: () => guarding,
    emit: (event: string, parent: Application) => {
      for (let app: Application | undefined = parent; event === 'mount' && app !== undefined; app = app.parent) applications.add(app)
      return true
    },
  })
  return guarding
}
