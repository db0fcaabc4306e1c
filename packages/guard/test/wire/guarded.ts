import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, createServer as createHttp2Server, type Http2Server, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type GuardOptions, guard, type Refused } from '../../src/index.ts'

/** `http`: node:http. `tls`: node:http2 with TLS, which speaks HTTP/1.1 too. `h2c`: node:http2 without TLS. */
export type Kind = 'http' | 'tls' | 'h2c'

interface Handled {
  /** The event, the method and the target. */
  readonly what: string
  /** The body was read to its end. */
  ended: boolean
  /** Names of those that the handler saw. */
  trailers: readonly string[]
  /** Names of headers, as Node gives them raw. */
  readonly headers: readonly string[]
}

/** A server with a guard, and what became of the requests that it got. */
export interface Guarded {
  readonly port: number
  readonly scheme: 'http' | 'https'
  /** Refusals, in their order. */
  readonly refusals: Refused[]
  /** What came through to a handler. */
  readonly handled: Handled[]
  /** The lines of its log, once it has been closed. */
  close(): Promise<readonly string[]>
}

export async function startGuarded(kind: Kind, listen: string, options: Readonly<Record<string, unknown>>): Promise<Guarded> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-corpus-'))
  const file = join(folder, 'security.log')
  const refusals: Refused[] = []
  const handled: Guarded['handled'] = []
  const gate = guard({
    ...(options as GuardOptions),
    log: { file, maxBytes: 1e9, files: 1, perSecond: 1e6 },
    onRefuse: (event) => void refusals.push(event),
  })
  const server =
    kind === 'http'
      ? createServer()
      : kind === 'h2c'
        ? createHttp2Server(SETTINGS)
        : createSecureServer({ ...SETTINGS, ...certificate(), allowHTTP1: true })
  const sockets = new Set<Socket>()
  server.on(kind === 'tls' ? 'secureConnection' : 'connection', (socket: Socket) => void sockets.add(socket))
  gate.protect(server)
  listenToEverything(server, kind, handled)
  await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(0, listen, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    scheme: kind === 'tls' ? 'https' : 'http',
    refusals,
    handled,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await gate.close()
      const lines = readLines(file)
      rmSync(folder, { recursive: true, force: true })
      return lines
    },
  }
}

const SETTINGS = { settings: { enableConnectProtocol: true } }

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

/** Handlers for every event by which a request may reach an application. */
function listenToEverything(server: Server | Http2Server, kind: Kind, handled: Handled[]): void {
  const note = (what: string, headers: readonly string[] = []): Handled => {
    const one: Handled = { what, ended: false, trailers: [], headers: headers.filter((_, index) => index % 2 === 0) }
    handled.push(one)
    return one
  }
  const answer = (what: string) => (request: IncomingMessage, response: ServerResponse) => {
    const one = note(`${what} ${request.method} ${request.url}`, request.rawHeaders)
    request.resume().on('end', () => {
      one.ended = true
      one.trailers = Object.keys(request.trailers)
      if (!response.headersSent) response.end('passed')
    })
  }
  server.on('request', answer('request'))
  server.on('connect', (request: IncomingMessage, other: Duplex | Http2ServerResponse) => {
    note(`connect ${request.url}`)
    if ('writeHead' in other) other.writeHead(200)
    else other.end('HTTP/1.1 200 Connection Established\r\n\r\n')
  })
  if (kind === 'h2c') return
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    note(`upgrade ${request.method} ${request.url}`)
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  })
  // The server with TLS has no more listeners: what Node does of itself has to be right as well.
  if (kind === 'tls') return
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue()
    answer('checkContinue')(request, response)
  })
  server.on('checkExpectation', answer('checkExpectation'))
}

let made: { readonly key: string; readonly cert: string } | undefined

/** A key and a certificate for localhost, made anew for each run. */
export function certificate(): { readonly key: string; readonly cert: string } {
  if (made !== undefined) return made
  const pem = execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      '-',
      '-out',
      '-',
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const [key = '', cert = ''] = pem.split(/(?=-----BEGIN CERTIFICATE-----)/)
  made = { key, cert }
  return made
}
