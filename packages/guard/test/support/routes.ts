import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import httpProxy from 'http-proxy'

/** Answers written with what node:http offers, at `/raw/NAME`: each framework hands its response over as it comes. */
type Write = (response: ServerResponse, request: IncomingMessage) => unknown
const WRITTEN: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['object', (response) => response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Frame-Options': 'SAMEORIGIN' }).end('x')],
  ['reason', (response) => response.writeHead(200, 'Fine', { 'Content-Type': 'text/plain' }).end('x')],
  ['array', (response) => response.writeHead(200, ['Content-Type', 'text/plain', 'X-Localhost-Only', 'false']).end('x')],
  ['set', (response) => (response.setHeader('X-Content-Type-Options', 'sniff'), response.end('x'))],
  ['implicit', (response) => void response.write('x', () => response.end('y'))],
  ['flush', (response) => (response.flushHeaders(), response.end('x'))],
  ['pipe', (response) => void createReadStream(fileURLToPath(import.meta.url)).pipe(response)],
  ['not-modified', (response) => response.writeHead(304).end()],
  ['empty', (response) => response.writeHead(204).end()],
  ['error', (response) => response.writeHead(500).end('broken')],
  ['proxied', (response, request) => void proxied(request, response)],
])

export const WRITTEN_NAMES = [...WRITTEN.keys()]

/** False: there is no such one. */
export function writeRaw(request: IncomingMessage, response: ServerResponse): boolean {
  const write = WRITTEN.get(/^\/raw\/([a-z-]+)/.exec(request.url ?? '')?.[1] ?? '')
  write?.(response, request)
  return write !== undefined
}

let upstream: Server | undefined
const proxy = httpProxy.createProxyServer()

/** From a server without any guard, which sets one of the headers to what it should not be. */
async function proxied(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (upstream === undefined) {
    upstream = createServer((_request, answer) => answer.writeHead(200, { 'X-Frame-Options': 'ALLOWALL' }).end('from upstream'))
    await new Promise<void>((resolve) => upstream?.listen(0, '127.0.0.1', resolve))
    upstream.unref()
  }
  proxy.web(request, response, { target: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` })
}

/** The whole application, for servers without a framework. */
export function plain(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/') response.end('ok')
  else if (request.url === '/throw') answerThrown(response)
  else if (!writeRaw(request, response)) response.writeHead(404).end('nothing here')
}

function answerThrown(response: ServerResponse): void {
  try {
    throw new Error('thrown on purpose')
  } catch {
    response.statusCode = 500
    response.end('Internal Server Error')
  }
}
