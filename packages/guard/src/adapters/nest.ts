import { type Gate, guard } from '../guard.ts'
import { protectHeld } from './attach.ts'

/** What of a Nest application is used; on Express or on Fastify. */
export interface NestLike {
  getHttpServer(): unknown
}

/** `guarded(await NestFactory.create(AppModule), gate)`, before `app.listen()`: requests, and the upgrades of gateways. Gives the application back. */
export function guarded<A extends NestLike>(app: A, gate: Gate = guard()): A {
  protectHeld(gate, app.getHttpServer(), 'This Nest application has no HTTP server: a microservice cannot be guarded.')
  return app
}
