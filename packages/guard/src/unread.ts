import type { Duplex } from 'node:stream'
import { answerRaw, guardFirstHead } from './answer/raw.ts'
import { isFinished } from './finished.ts'
import type { Gate } from './guard.ts'
import type { GuardedServer } from './protect.ts'
import { type Connection, ofConnection } from './raw.ts'
import { REASONS } from './reasons.ts'

/** What Node's server answers to each error of its parser (lib/_http_server.js, socketOnError); all others are 400. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Errors of a connection, not of what was sent: nobody was refused. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT'])

/**
 * A request that could not be read is refused by Node, without the headers and without a word. Says whether the application's own listener gets it:
 * where there is one, it answers.
 */
export function refuseUnread(gate: Gate, server: GuardedServer, error: NodeJS.ErrnoException, socket: Connection & Duplex): boolean {
  // Whatever else stands there, the connection has had its answer.
  if (isFinished(socket)) return false
  const code = error.code ?? ''
  const request = ofConnection(socket, server)
  if (!GONE.has(code)) gate.refused({ code: 'request-unreadable', value: code }, request, gate.settings.reader.read([]))
  if (server.listenerCount('clientError') > 0) {
    guardFirstHead(socket, gate.headers)
    return true
  }
  const answering = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage
  if (GONE.has(code) || answering?.headersSent === true) socket.destroy()
  else answerRaw(socket, STATUS[code] ?? REASONS['request-unreadable'].status, REASONS['request-unreadable'].body, gate.headers)
  return false
}
