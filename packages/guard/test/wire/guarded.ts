import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type GuardOptions, guard, type RefusalEvent } from '../../src/index.ts'

/** `http`: node:http. `tls`: node:http2 with TLS, which speaks HTTP/1.1 too. `h2c`: node:http2 without TLS. */
export type Kind = 'http' | 'tls' | 'h2c'

/** A server with a guard, and what became of the requests that it got. */
export interface Guarded {
  readonly port: number
  readonly scheme: 'http' | 'https'
  /** Refusals, in their order. */
  readonly refusals: RefusalEvent[]
  /** What came through to a handler: the event and the target, and the names of trailers. */
  readonly handled: { readonly what: string; readonly trailers: readonly string[] }[]
  /** The lines of its log, once it has been closed. */
  close(): Promise<readonly string[]>
}

export async function startGuarded(kind: Kind, listen: string, options: Readonly<Record<string, unknown>>): Promise<Guarded> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-corpus-'))
  const file = join(folder, 'security.log')
  const refusals: RefusalEvent[] = []
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
function listenToEverything(server: Server | Http2Server, kind: Kind, handled: Guarded['handled']): void {
  const note = (what: string, request?: IncomingMessage) =>
    handled.push({ what: `${what} ${request?.method} ${request?.url}`, trailers: Object.keys(request?.trailers ?? {}) })
  const answer = (request: IncomingMessage, response: ServerResponse, what: string) => {
    const index = note(what, request) - 1
    request.resume().on('end', () => {
      handled[index] = { what: `${what} ${request.method} ${request.url}`, trailers: Object.keys(request.trailers) }
      if (request.url?.startsWith('/missing') === true) response.writeHead(404)
      response.end('passed')
    })
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => answer(request, response, 'request'))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue()
    answer(request, response, 'checkContinue')
  })
  if (kind === 'h2c') {
    server.on('stream', (stream: ServerHttp2Stream, headers: { ':method'?: string; ':path'?: string; ':protocol'?: string }) => {
      if (headers[':method'] !== 'CONNECT') return
      handled.push({ what: `stream CONNECT ${headers[':path']}`, trailers: [] })
      stream.respond({ ':status': 200 })
    })
    return
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    note('upgrade', request)
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  })
  if (kind === 'tls') return
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    note('connect', request)
    socket.end('HTTP/1.1 200 Connection Established\r\n\r\n')
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => answer(request, response, 'checkExpectation'))
}

let made: { readonly key: string; readonly cert: string } | undefined

/** A key and a certificate for localhost, made anew for each run. */
function certificate(): { readonly key: string; readonly cert: string } {
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
