import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type {
  Http2SecureServer,
  Http2Server,
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerOf } from './answer/answer.ts'
import { PREFLIGHT_VARY, preflightHeaders } from './answer/cors.ts'
import { canGuardResponses, guardResponse } from './answer/http1.ts'
import { guardStream } from './answer/http2.ts'
import { answerRaw, guardFirstHead } from './answer/raw.ts'
import { GuardError } from './failure.ts'
import { finish, isFinished } from './finished.ts'
import { remember } from './access/identity.ts'
import type { Decision, Gate } from './guard.ts'
import { checkPeer } from './checks/peer.ts'
import { REASONS, type Refusal } from './reasons.ts'
import { type Connection, fromHttp1, fromHttp2, ofConnection } from './raw.ts'
import type { Facts, RawRequest } from './request.ts'
import { guardTrailers, guardStreamTrailers } from './trailers.ts'
import { refuseUnread } from './unread.ts'

export type GuardedServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer

/** On a server, the gate before it. */
const GUARDED = Symbol('sallyport.guarded')
/** On a request, by which gate it was decided, for events that lead to another of the same one: `Expect`, or a server that hands its upgrades to another. */
const DECIDED = Symbol('sallyport.decided')

type Emit = (event: string | symbol, ...args: unknown[]) => boolean
/** `proceed` gives the listeners the event later, where the decision takes a while. */
type Decider = (gate: Gate, server: GuardedServer, args: readonly unknown[], proceed: () => void) => boolean

/** Each says whether the listeners may have the event. What they may not have has been answered. */
const EVENTS: ReadonlyMap<string | symbol, Decider> = new Map<string | symbol, Decider>([
  ['connection', acceptConnection],
  ['request', acceptRequest],
  ['checkContinue', acceptRequest],
  ['checkExpectation', acceptRequest],
  ['upgrade', acceptUpgrade],
  ['connect', acceptUpgrade],
  ['session', acceptSession],
  ['stream', acceptStream],
  // A client that speaks no HTTP/2 gets an answer of Node's, by hand.
  [
    'unknownProtocol',
    (gate, _server, args) => {
      guardFirstHead(args[0] as Duplex, gate.headers)
      return true
    },
  ],
  ['clientError', (gate, server, args) => refuseUnread(gate, server, args[0] as NodeJS.ErrnoException, args[1] as Connection & Duplex)],
])

/** A request as a middleware gets it. */
export type LateRequest = IncomingMessage | Http2ServerRequest
type Request = LateRequest & { [DECIDED]?: Gate }

/**
 * Events reach listeners through the server's own `emit`: node:http, node:https and node:http2 all call it. What stands there is asked before every
 * listener, also those that replace each other (socket.io, Vite), and an `upgrade` passes no middleware.
 */
export function protect(server: GuardedServer, gate: Gate): void {
  const guarded: GuardedServer & { [GUARDED]?: Gate; requireHostHeader?: boolean } = server
  if (!(server instanceof NetServer))
    throw new GuardError('server-unknown', 'protect() takes a server of node:http, node:https or node:http2.')
  if (!canGuardResponses())
    throw new GuardError('runtime-unknown', 'This runtime is not Node as the guard knows it: its responses cannot be given headers.')
  if (guarded[GUARDED] !== undefined)
    throw new GuardError('server-guarded-already', 'This server is guarded already: a second guard would log everything twice.')
  guarded[GUARDED] = gate
  const emit = server.emit.bind(server) as Emit
  const decided: Emit = (event, ...args) => {
    const decider = EVENTS.get(event)
    if (decider === undefined) return emit(event, ...args)
    const proceed = () => void emit(event, ...args)
    return decider(gate, server, args, proceed) ? emit(event, ...args) : true
  }
  server.emit = decided as typeof server.emit
  // Node would answer these itself, without a word to anybody, and without the headers.
  guarded.requireHostHeader = false
  server.on('checkContinue', (request: Request, response: ServerResponse) => {
    if (server.listenerCount('checkContinue') > 1) return
    response.writeContinue()
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (_request: Request, response: ServerResponse) => {
    if (server.listenerCount('checkExpectation') === 1) response.writeHead(417).end()
  })
  // Without a listener Node drops the connection before anybody is asked.
  server.on('connect', (request: Request, other: Duplex | ServerResponse) => {
    if (server.listenerCount('connect') > 1) return
    if (!('stream' in request)) other.destroy()
    else if (!request.stream.headersSent) (other as ServerResponse).writeHead(405).end()
  })
}

/** Whether `protect` was called for a server, by this gate where one is named. */
export function isGuarded(server: object, gate?: Gate): boolean {
  const by = (server as { readonly [GUARDED]?: Gate })[GUARDED]
  return by !== undefined && (gate === undefined || by === gate)
}

/**
 * Decides a request in a middleware, of a server that was not guarded when the request came; `next` is called if it may go on. On a guarded server
 * it was decided before, and goes on; unless by another gate, which asks for other things: then both have to let it through.
 */
export function decideLate(gate: Gate, server: GuardedServer, request: LateRequest, response: ServerResponse, next: () => void): void {
  const late =
    'stream' in request
      ? acceptStream(gate, server, [request.stream, request.headers, 0, request.rawHeaders], next)
      : acceptRequest(gate, server, [request, response], next)
  if (late) next()
}

type Settled = Exclude<Decision, { readonly kind: 'wait' }>

/** `act` does what was decided, and says whether the listeners may have the event. */
function once(decision: Decision, act: (settled: Settled) => boolean, proceed: () => void): boolean {
  if (decision.kind !== 'wait') return act(decision)
  void decision.until.then((settled) => {
    // What a listener throws is its own: it must not end as a promise of the guard.
    if (act(settled)) process.nextTick(proceed)
  })
  return false
}

function acceptConnection(gate: Gate, server: GuardedServer, args: readonly unknown[]): boolean {
  if (!gate.settings.silent) return true
  const socket = args[0] as Socket
  const request = ofConnection(socket, server)
  const refusal = checkPeer(request)
  if (refusal === undefined) return true
  gate.refused(refusal, request, gate.settings.reader.read([]))
  socket.destroy()
  return false
}

function acceptRequest(gate: Gate, server: GuardedServer, args: readonly unknown[], proceed: () => void): boolean {
  const [request, response] = args as [Request, ServerResponse]
  // A stream was decided when it came; so was what `Expect` announced.
  if ('stream' in request || request[DECIDED] === gate) return true
  request[DECIDED] = gate
  const message = request as IncomingMessage
  if (isFinished(message.socket)) return false
  const raw = fromHttp1(message, server, false)
  const act = (decision: Settled) => {
    if (decision.kind === 'pass') {
      if (decision.identity !== undefined) remember(message, decision.identity)
      guardResponse(response, decision.answer)
      if (!decision.chunked || !guardTrailers(message, gate, raw)) return true
      refuse(response, { code: 'proxy-trailer', value: '' })
      return false
    }
    if (decision.kind === 'refuse') {
      guardResponse(response, gate.plain)
      refuse(response, decision.refusal)
    } else {
      guardResponse(response, answerOf(gate.headers, preflightHeaders(raw, decision.facts, gate.settings)))
      response.writeHead(204, { Vary: PREFLIGHT_VARY }).end()
    }
    return false
  }
  return once(gate.decide(raw), act, proceed)
}

function refuse(response: ServerResponse, { code }: Refusal): void {
  const { status, body } = REASONS[code]
  finish(response.socket ?? response.req.socket)
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // What else comes over this connection is not worth reading.
    Connection: 'close',
    ...hints(code),
  })
  response.end(body)
}

/** What a client of good will needs to know (RFC 9110 §11.6.1, §10.2.3). */
function hints(code: Refusal['code']): Readonly<Record<string, string>> {
  if (code === 'token-missing' || code === 'token-invalid') return { 'WWW-Authenticate': 'Bearer' }
  return code === 'rate-limited' ? { 'Retry-After': '1' } : {}
}

function acceptUpgrade(gate: Gate, server: GuardedServer, args: readonly unknown[], proceed: () => void): boolean {
  const [message, socket] = args as [IncomingMessage & { [DECIDED]?: Gate }, Socket]
  // A CONNECT of HTTP/2 was decided when its stream came.
  if ('stream' in message || message[DECIDED] === gate) return true
  message[DECIDED] = gate
  if (isFinished(socket)) {
    socket.destroySoon()
    return false
  }
  const act = (decision: Settled) => {
    if (decision.kind !== 'refuse') {
      // Gone while a token was verified: no listener would ever hear of its end.
      if (socket.destroyed || socket.readableEnded) {
        socket.destroy()
        return false
      }
      if (decision.kind === 'pass' && decision.identity !== undefined) remember(message, decision.identity)
      guardFirstHead(socket, gate.headers)
      return true
    }
    const { status, body } = REASONS[decision.refusal.code]
    answerRaw(socket, status, body, gate.headers)
    return false
  }
  // Nobody else listens yet for the errors of a connection that left HTTP.
  socket.on('error', () => socket.destroy())
  return once(gate.decide(fromHttp1(message, server, message.method !== 'CONNECT')), act, proceed)
}

function acceptStream(gate: Gate, server: GuardedServer, args: readonly unknown[], proceed: () => void): boolean {
  const [stream, headers, , rawHeaders] = args as [ServerHttp2Stream & { [DECIDED]?: Gate }, IncomingHttpHeaders, number, readonly string[]]
  if (stream[DECIDED] === gate) return true
  stream[DECIDED] = gate
  // Nobody else listens yet where its client gives it up while it is decided: its error would end the process.
  stream.on('error', () => stream.destroy())
  if (stream.destroyed) return false
  const raw = fromHttp2(stream, headers, rawHeaders, server)
  const act = (decision: Settled) => {
    if (stream.destroyed || stream.closed) return false
    if (decision.kind === 'pass') {
      if (decision.identity !== undefined) remember(stream, decision.identity)
      guardStream(stream, decision.answer)
      return true
    }
    if (decision.kind === 'refuse') refuseStream(stream, gate, decision.refusal)
    else answerPreflight(stream, gate, raw, decision.facts)
    return false
  }
  const decision = gate.decide(raw)
  // They may come while a token is verified.
  if (decision.kind === 'pass' || decision.kind === 'wait') guardStreamTrailers(stream, gate, raw)
  return once(decision, act, proceed)
}

/** A session tells of its streams before its server does, to listeners of its own. */
function acceptSession(gate: Gate, server: GuardedServer, args: readonly unknown[]): boolean {
  const session = args[0] as ServerHttp2Session
  const emit = session.emit.bind(session) as Emit
  const decided: Emit = (event, ...rest) =>
    event !== 'stream' || acceptStream(gate, server, rest, () => void emit(event, ...rest)) ? emit(event, ...rest) : true
  session.emit = decided as typeof session.emit
  return true
}

function refuseStream(stream: ServerHttp2Stream, gate: Gate, { code }: Refusal): void {
  const { status, body } = REASONS[code]
  guardStream(stream, gate.plain)
  stream.respond({ ':status': status, 'content-type': 'text/plain; charset=utf-8', ...hints(code) })
  stream.end(body)
  if (code === 'peer-not-loopback') stream.session?.close()
}

function answerPreflight(stream: ServerHttp2Stream, gate: Gate, raw: RawRequest, facts: Facts): void {
  guardStream(stream, answerOf(gate.headers, preflightHeaders(raw, facts, gate.settings)))
  stream.respond({ ':status': 204, vary: PREFLIGHT_VARY }, { endStream: true })
}
