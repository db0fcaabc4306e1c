import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2Server, Http2ServerRequest, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PREFLIGHT_VARY, preflightHeaders } from './answer/cors.ts'
import { guardResponse } from './answer/http1.ts'
import { guardStream } from './answer/http2.ts'
import { answerRaw, guardFirstHead } from './answer/raw.ts'
import { GuardError } from './failure.ts'
import type { Gate } from './guard.ts'
import { checkPeer } from './checks/peer.ts'
import { REASONS, type Refusal } from './reasons.ts'
import { type Connection, fromHttp1, fromHttp2, ofConnection } from './raw.ts'
import type { Facts, RawRequest } from './request.ts'
import { guardTrailers, guardStreamTrailers } from './trailers.ts'
import { refuseUnread } from './unread.ts'

export type GuardedServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer

const GUARDED = Symbol('sallyport.guarded')
/** On a request that was decided, for events that lead to another of the same one. */
const DECIDED = Symbol('sallyport.decided')

type Emit = (event: string | symbol, ...args: unknown[]) => boolean
type Decider = (gate: Gate, server: GuardedServer, args: readonly unknown[]) => boolean

/** Each says whether the listeners may have the event. What they may not have has been answered. */
const EVENTS: ReadonlyMap<string | symbol, Decider> = new Map<string | symbol, Decider>([
  ['connection', (gate, _server, [socket]) => acceptConnection(gate, socket as Socket)],
  ['request', (gate, server, [request, response]) => acceptRequest(gate, server, request as Request, response as ServerResponse)],
  ['checkContinue', (gate, server, [request, response]) => acceptRequest(gate, server, request as Request, response as ServerResponse)],
  ['checkExpectation', (gate, server, [request, response]) => acceptRequest(gate, server, request as Request, response as ServerResponse)],
  ['upgrade', (gate, server, [request, socket]) => acceptUpgrade(gate, server, request as Request, socket as Duplex)],
  ['connect', (gate, server, [request, socket]) => acceptUpgrade(gate, server, request as Request, socket as Duplex)],
  [
    'stream',
    (gate, server, [stream, headers, , rawHeaders]) =>
      acceptStream(gate, server, stream as ServerHttp2Stream, headers as IncomingHttpHeaders, rawHeaders as readonly string[]),
  ],
  [
    'clientError',
    (gate, server, [error, socket]) => refuseUnread(gate, server, error as NodeJS.ErrnoException, socket as Connection & Duplex),
  ],
])

type Request = (IncomingMessage | Http2ServerRequest) & { [DECIDED]?: true }

/**
 * Events reach listeners through the server's own `emit`: node:http, node:https and node:http2 all call it. What stands there is asked before every
 * listener, also those that replace each other (socket.io, Vite), and an `upgrade` passes no middleware.
 */
export function protect(server: GuardedServer, gate: Gate): void {
  const guarded: GuardedServer & { [GUARDED]?: true; requireHostHeader?: boolean } = server
  if (!(server instanceof NetServer))
    throw new GuardError('server-unknown', 'protect() takes a server of node:http, node:https or node:http2.')
  if (guarded[GUARDED])
    throw new GuardError('server-guarded-already', 'This server is guarded already: a second guard would log everything twice.')
  guarded[GUARDED] = true
  const emit = server.emit.bind(server) as Emit
  const decided: Emit = (event, ...args) => {
    const decider = EVENTS.get(event)
    return decider === undefined || decider(gate, server, args) ? emit(event, ...args) : true
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
  server.on('connect', (_request: Request, socket: Duplex) => {
    if (server.listenerCount('connect') === 1) socket.destroy()
  })
}

function acceptConnection(gate: Gate, socket: Socket): boolean {
  if (!gate.settings.silent) return true
  const request = ofConnection(socket)
  const refusal = checkPeer(request)
  if (refusal === undefined) return true
  gate.refused(refusal, request, gate.settings.reader.read([]))
  socket.destroy()
  return false
}

function acceptRequest(gate: Gate, server: GuardedServer, request: Request, response: ServerResponse): boolean {
  // A stream was decided when it came; so was what `Expect` announced.
  if (request.httpVersionMajor > 1 || request[DECIDED]) return true
  request[DECIDED] = true
  const message = request as IncomingMessage
  const raw = fromHttp1(message, server, false)
  const decision = gate.decide(raw)
  if (decision.kind === 'pass') {
    guardResponse(response, decision.answer)
    guardTrailers(message, gate, raw)
    return true
  }
  if (decision.kind === 'refuse') {
    guardResponse(response, { headers: gate.headers, cors: [] })
    refuse(response, decision.refusal)
  } else {
    guardResponse(response, { headers: gate.headers, cors: preflightHeaders(raw, decision.facts, gate.settings) })
    response.writeHead(204, { Vary: PREFLIGHT_VARY }).end()
  }
  return false
}

function refuse(response: ServerResponse, { code }: Refusal): void {
  const { status, body } = REASONS[code]
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // What else comes over this connection is not worth reading.
    Connection: 'close',
  })
  response.end(body)
}

function acceptUpgrade(gate: Gate, server: GuardedServer, request: Request, socket: Duplex): boolean {
  const decision = gate.decide(fromHttp1(request as IncomingMessage, server, request.method !== 'CONNECT'))
  if (decision.kind !== 'refuse') {
    guardFirstHead(socket, gate.headers)
    return true
  }
  const { status, body } = REASONS[decision.refusal.code]
  answerRaw(socket, status, body, gate.headers)
  return false
}

function acceptStream(
  gate: Gate,
  server: GuardedServer,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): boolean {
  const raw = fromHttp2(stream, headers, rawHeaders, server)
  const decision = gate.decide(raw)
  if (decision.kind === 'pass') {
    guardStream(stream, decision.answer)
    guardStreamTrailers(stream, gate, raw)
    return true
  }
  if (decision.kind === 'refuse') refuseStream(stream, gate, decision.refusal)
  else answerPreflight(stream, gate, raw, decision.facts)
  return false
}

function refuseStream(stream: ServerHttp2Stream, gate: Gate, { code }: Refusal): void {
  const { status, body } = REASONS[code]
  guardStream(stream, { headers: gate.headers, cors: [] })
  // A stream that its client has given up meanwhile is no reason to fall.
  stream.on('error', () => stream.destroy())
  stream.respond({ ':status': status, 'content-type': 'text/plain; charset=utf-8' })
  stream.end(body)
  if (code === 'peer-not-loopback') stream.session?.close()
}

function answerPreflight(stream: ServerHttp2Stream, gate: Gate, raw: RawRequest, facts: Facts): void {
  guardStream(stream, { headers: gate.headers, cors: preflightHeaders(raw, facts, gate.settings) })
  stream.on('error', () => stream.destroy())
  stream.respond({ ':status': 204, vary: PREFLIGHT_VARY }, { endStream: true })
}
