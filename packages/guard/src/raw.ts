import type { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { RawRequest } from './request.ts'

/** What is asked of a connection: a socket, or that of an HTTP/2 session. */
export type Connection = Pick<Socket, 'remoteAddress' | 'localPort'> & { readonly encrypted?: boolean }

/** A connection of which no request has been read. */
export function ofConnection(socket: Connection, server?: Pick<Server, 'address'>): RawRequest {
  return {
    peer: peerOf(socket, server),
    port: socket.localPort ?? 0,
    encrypted: socket.encrypted === true,
    major: 1,
    minor: 1,
    method: '',
    target: '',
    headers: [],
    upgrade: false,
  }
}

export function fromHttp1(message: IncomingMessage, server: Pick<Server, 'address'>, upgrade: boolean): RawRequest {
  const socket = message.socket as Connection
  return {
    peer: peerOf(socket, server),
    port: socket.localPort ?? 0,
    encrypted: socket.encrypted === true,
    major: 1,
    minor: message.httpVersionMajor === 1 ? message.httpVersionMinor : -1,
    method: message.method ?? '',
    target: message.url ?? '',
    headers: message.rawHeaders,
    upgrade,
  }
}

export function fromHttp2(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  server: Pick<Server, 'address'>,
): RawRequest {
  const socket: Connection | undefined = stream.session?.socket
  return {
    peer: socket === undefined ? '' : peerOf(socket, server),
    port: socket?.localPort ?? 0,
    encrypted: socket?.encrypted === true,
    major: 2,
    minor: 0,
    method: String(headers[':method'] ?? ''),
    target: String(headers[':path'] ?? ''),
    headers: rawHeaders,
    upgrade: headers[':protocol'] !== undefined,
  }
}

/** A socket of the file system has no address at either end; a connection that is gone has none any more, and is nobody's. */
function peerOf(socket: Connection, server: Pick<Server, 'address'> | undefined): string {
  return socket.remoteAddress ?? (typeof server?.address() === 'string' ? 'unix' : '')
}
