import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { exchange } from '../wire/http1.ts'

export type Protocol = 'HTTP/1.1' | 'HTTP/2'

export interface Target {
  readonly port: number
  readonly encrypted: boolean
  readonly address?: string
}

export interface Reply {
  /** 0: the connection was ended without an answer. */
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends one request on a connection of its own. `Host` is the right one unless `headers` has another. */
export function ask(protocol: Protocol, target: Target, { method = 'GET', path = '/', headers = {} }: Ask = {}): Promise<Reply> {
  return protocol === 'HTTP/1.1' ? askHttp1(target, method, path, headers) : askHttp2(target, method, path, headers)
}

async function askHttp1(target: Target, method: string, path: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
  const host = headers['Host'] ?? `localhost:${target.port}`
  const lines = Object.entries(headers).filter(([name]) => name !== 'Host')
  const text = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  return send(target, text)
}

/** Bytes as they stand, and the first answer to them. */
export async function send(target: Target, text: string): Promise<Reply> {
  const to = { host: target.address ?? '127.0.0.1', port: target.port, from: undefined, encrypted: target.encrypted }
  const { answers } = await exchange([Buffer.from(text, 'latin1')], to, false)
  return answers[0] ?? NONE
}

const NONE: Reply = { status: 0, headers: new Map(), body: '' }

async function askHttp2(target: Target, method: string, path: string, given: Readonly<Record<string, string>>): Promise<Reply> {
  const session = openHttp2(target)
  const { Host: authority = `localhost:${target.port}`, ...headers } = given
  try {
    return await new Promise<Reply>((resolve) => {
      session.on('error', () => resolve(NONE))
      const stream = session.request({ ':method': method, ':path': path, ':authority': authority, ...headers })
      let reply = NONE
      let body = ''
      stream.setEncoding('latin1')
      stream.on('response', (received) => (reply = { status: Number(received[':status']), headers: mapOf(received), body: '' }))
      stream.on('data', (part: string) => (body += part))
      stream.on('error', () => resolve(reply))
      stream.on('close', () => resolve({ ...reply, body }))
      // An extended CONNECT that is let through stays open.
      if (headers[':protocol'] !== undefined) stream.on('response', () => resolve(reply))
    })
  } finally {
    session.destroy()
  }
}

export function openHttp2({ port, encrypted, address = '127.0.0.1' }: Target): ClientHttp2Session {
  return connectHttp2(`${encrypted ? 'https' : 'http'}://localhost:${port}`, {
    createConnection: () =>
      encrypted
        ? connectTls({ port, host: address, ALPNProtocols: ['h2'], rejectUnauthorized: false, servername: 'localhost' })
        : connect(port, address),
  })
}

function mapOf(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Asks for a WebSocket by hand, so that its headers can be anything. 101: it opened. */
export function askUpgrade(target: Target, headers: Readonly<Record<string, string>> = {}, path = '/socket'): Promise<Reply> {
  return askHttp1(target, 'GET', path, { ...HANDSHAKE, ...headers })
}
