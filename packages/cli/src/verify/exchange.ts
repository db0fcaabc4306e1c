import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { whyUnanswered } from '../system-words.ts'

/** Where the server is, and by what name. */
export interface Target {
  readonly url: URL
  readonly encrypted: boolean
  /** Address or name that is connected to, without brackets. */
  readonly host: string
  readonly port: number
  /** As a client writes it in `Host`. */
  readonly authority: string
  /** With its query. */
  readonly path: string
}

/** An answer, or why there is none. Names of headers in lower case, in their order. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: readonly (readonly [string, string])[]; readonly body: string }
  | { readonly kind: 'none'; readonly why: string }

/** One request may take so long, and its answer be so large. */
const PATIENCE_MS = 3_000
const MOST_BYTES = 64 * 1024

export interface Asked {
  readonly method?: string
  readonly target?: string
  /** Left out: the server's own. */
  readonly host?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** The bytes of a request, as they are: nothing checks or mends them. */
function requestText(target: Target, { method = 'GET', target: path = target.path, host, headers = [] }: Asked): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host ?? target.authority}`,
    ...(headers.some(([name]) => name === 'Connection') ? [] : ['Connection: close']),
    'User-Agent: sallyport-verify',
    'Accept: */*',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Sends one request on a connection of its own. Never throws; ends within `PATIENCE_MS`. */
export function exchange(target: Target, asked: Asked): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = open(target)
    let received = Buffer.alloc(0)
    const end = (why: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(readAnswer(received) ?? { kind: 'none', why })
    }
    const timer = setTimeout(() => end('no answer in time'), PATIENCE_MS)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      // What comes after an upgrade is no HTTP any more.
      if (received.length > MOST_BYTES || /^HTTP\/1\.[01] 101 /.test(received.toString('latin1', 0, 16)) || isWhole(received)) end('')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(whyUnanswered(error)))
    socket.on('close', () => end('the connection was closed without an answer'))
    socket.once(target.encrypted ? 'secureConnect' : 'connect', () => socket.write(requestText(target, asked)))
  })
}

function open({ encrypted, host, port }: Target): Socket {
  if (!encrypted) return connect({ host, port })
  const isName = !/^[0-9.]+$|:/.test(host)
  // What is asked here is who gets in, not whose certificate it is.
  return connectTls({ host, port, rejectUnauthorized: false, ...(isName ? { servername: host } : {}), ALPNProtocols: ['http/1.1'] })
}

function isWhole(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: *([0-9]+)\r\n/i.exec(text.slice(0, end + 2))?.[1]
  if (/\r\ntransfer-encoding: *chunked\r\n/i.test(text.slice(0, end + 2))) return text.endsWith('\r\n0\r\n\r\n')
  return length !== undefined && bytes.length >= end + 4 + Number(length)
}

/** Status line, headers, and what came of the body. RFC 9112 §4. */
function readAnswer(bytes: Buffer): Exchange | undefined {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [, status] = /^HTTP\/1\.[01] ([0-9]{3})(?: |\r\n)/.exec(text) ?? []
  if (status === undefined || end < 0) return undefined
  const headers = text
    .slice(0, end)
    .split('\r\n')
    .slice(1)
    .map((line): readonly [string, string] => {
      const colon = line.indexOf(':')
      return colon < 0 ? [line.toLowerCase(), ''] : [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    })
  return { kind: 'answer', status: Number(status), headers, body: text.slice(end + 4) }
}

/** The values of a header. */
export function valuesOf(answer: Extract<Exchange, { kind: 'answer' }>, name: string): readonly string[] {
  return answer.headers.flatMap(([one, value]) => (one === name ? [value] : []))
}

/** Whether a connection is taken at all, without a word on it. */
export function isReached(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (reached: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reached)
    }
    const timer = setTimeout(() => end(false), PATIENCE_MS)
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
