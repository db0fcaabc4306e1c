import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { Server, type Socket } from 'node:net'
import { GuardError } from '../failure.ts'
import { type Gate, guard } from '../guard.ts'
import { decideLate, type GuardedServer, isGuarded, type LateRequest } from '../protect.ts'

/**
 * Protects what a framework holds as its server, and those that it makes beside it with the same listener: Fastify has one for each address of
 * `localhost`.
 *
 * @throws GuardError `server-unknown`, saying what to do instead.
 */
export function protectHeld(gate: Gate, server: unknown, instead: string): void {
  if (!(server instanceof Server)) throw new GuardError('server-unknown', instead)
  const own = new Set<object>(server.listeners('request'))
  gate.protect(server as GuardedServer)
  if (own.size > 0) protectServersOf(gate, (listener) => own.has(listener))
}

/**
 * As `protectHeld`, of what hands its upgrades to a server that may be guarded already: by the same gate, or by any where none was given.
 *
 * @throws GuardError `server-unknown`; `server-guarded-already` where another gate is before it, since its requests would not be asked by this one.
 */
export function protectShared(given: Gate | undefined, server: unknown, instead: string): void {
  if (!(server instanceof Server) || !isGuarded(server)) protectHeld(given ?? guard(), server, instead)
  else if (given !== undefined && !isGuarded(server, given))
    throw new GuardError('server-guarded-already', 'Another gate guards this server: give that one here, or none, and its options decide.')
}

/**
 * Protects every server whose requests go to one of the application's listeners, from its first connection on and before anything of that is
 * read: also those that the framework makes itself, later, or several of.
 */
export function protectServersOf(gate: Gate, isListener: (listener: object) => boolean): void {
  // Told of each new connection in the turn in which it was accepted (Node: diagnostics_channel, built-in channels, Net).
  subscribe('net.server.socket', (message) => {
    const { server } = (message as { readonly socket: Socket & { readonly server?: Server } }).socket
    if (!(server instanceof Server) || isGuarded(server)) return
    if (server.listeners('request').some((listener) => isListener(listener))) gate.protect(server as GuardedServer)
  })
}

/**
 * The middleware's own part: decides a request of a server that could not be found before, and protects that server from here on. What an upgrade
 * may have done until then is said aloud.
 */
export function guardLate(gate: Gate, request: LateRequest, response: ServerResponse, next: () => void): void {
  const { server } = request.socket as unknown as { readonly server?: GuardedServer }
  if (server === undefined) throw new GuardError('server-unknown', 'A request that came by no server of node:http cannot be decided.')
  if (!isGuarded(server)) {
    if (server.listenerCount('upgrade') > 0)
      process.emitWarning(
        'The guard met this server at its first request, because the application is not its own listener: upgrades until then were not decided. ' +
          'Call gate.protect(server) before it listens.',
        'SallyportGuard',
      )
    gate.protect(server)
  }
  decideLate(gate, server, request, response, next)
}
