import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Answer, Destination } from './http1.ts'

export interface Fields {
  /** Names and values in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

const PREFACE = 24
const FRAME_HEAD = 9
const PATIENCE = 4_000
const DATA = 0
const HEADERS = 1
const END_STREAM = 1
const END_HEADERS = 4

/** The lines of a case (`cases.ts`), placeholders filled in. A name may begin with a colon. */
export function parseFields(lines: readonly string[]): Fields {
  const first = lines.indexOf('')
  const head = first < 0 ? lines : lines.slice(0, first)
  const rest = first < 0 ? [] : lines.slice(first + 1)
  const second = rest.indexOf('')
  return {
    headers: head.map(field),
    body: (second < 0 ? rest : rest.slice(0, second)).join('\n'),
    trailers: (second < 0 ? [] : rest.slice(second + 1)).filter((line) => line !== '').map(field),
  }
}

function field(line: string): readonly [string, string] {
  const colon = line.indexOf(':', 1)
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}

/**
 * Sends the fields as they are on a new connection: Node's client does the rest of the protocol, and its own HEADERS frame is replaced on the way out by
 * literals (RFC 7541 §6.2.2), so that nothing checks or mends them. `undefined`: the stream or the connection was reset, and no answer came.
 */
export async function exchangeHttp2(fields: Fields, to: Destination): Promise<Answer | undefined> {
  const socket = await open(to)
  const session = connectHttp2(`${to.encrypted ? 'https' : 'http'}://localhost`, { createConnection: () => rewriting(socket, fields) })
  try {
    return await new Promise<Answer | undefined>((resolve) => {
      const none = () => resolve(undefined)
      setTimeout(none, PATIENCE).unref()
      session.on('error', none).on('goaway', none).on('close', none)
      session.once('remoteSettings', () => {
        const stream = session.request({ ':method': 'GET', ':path': '/' }, { endStream: true })
        let body = ''
        stream.setEncoding('latin1')
        stream.on('response', (received) => {
          const headers = new Map(Object.entries(received).map(([name, value]) => [name, String(value)]))
          const answer = () => resolve({ status: Number(received[':status']), headers, body })
          stream.on('data', (text: string) => (body += text)).on('end', answer)
          // An extended CONNECT stays open after its answer.
          if (fields.headers.some(([name]) => name === ':protocol') && received[':status'] === 200) answer()
        })
        stream.on('error', none).on('close', none)
      })
    })
  } finally {
    session.destroy()
    socket.destroy()
  }
}

async function open({ host, port, from, encrypted }: Destination): Promise<Socket> {
  const options = { host, port, ...(from === undefined ? {} : { localAddress: from }) }
  const socket = encrypted ? connectTls({ ...options, rejectUnauthorized: false, ALPNProtocols: ['h2'] }) : connect(options)
  await new Promise((resolve, reject) => socket.once(encrypted ? 'secureConnect' : 'connect', resolve).once('error', reject))
  socket.on('error', () => {})
  return socket
}

/** The socket, but with the first HEADERS frame that goes out replaced by the frames of the fields. */
function rewriting(socket: Socket, fields: Fields): Duplex {
  let pending = Buffer.alloc(0)
  let preface = PREFACE
  const outgoing = (chunk: Buffer): Buffer => {
    const out: Buffer[] = []
    let bytes = Buffer.concat([pending, chunk])
    out.push(bytes.subarray(0, preface))
    bytes = bytes.subarray(preface)
    preface = 0
    while (bytes.length >= FRAME_HEAD) {
      const end = FRAME_HEAD + bytes.readUIntBE(0, 3)
      if (bytes.length < end) break
      out.push(bytes[3] === HEADERS ? framesOf(fields, bytes.readUInt32BE(5)) : bytes.subarray(0, end))
      bytes = bytes.subarray(end)
    }
    pending = bytes
    return Buffer.concat(out)
  }
  const duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _, done) => void socket.write(outgoing(chunk), () => done()),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    if (!duplex.push(chunk)) socket.pause()
  })
  socket.on('end', () => duplex.push(null))
  socket.on('close', () => duplex.destroy())
  return duplex
}

function framesOf({ headers, body, trailers }: Fields, stream: number): Buffer {
  const open = headers.some(([name]) => name === ':protocol') || headers.some(([name, value]) => name === ':method' && value === 'CONNECT')
  const more = body !== '' || trailers.length > 0
  const last = trailers.length > 0
  return Buffer.concat([
    frame(HEADERS, END_HEADERS | (more || open ? 0 : END_STREAM), stream, headers),
    ...(body === '' ? [] : [frame(DATA, last ? 0 : END_STREAM, stream, body)]),
    ...(last ? [frame(HEADERS, END_HEADERS | END_STREAM, stream, trailers)] : []),
  ])
}

function frame(type: number, flags: number, stream: number, content: string | Fields['headers']): Buffer {
  const payload = typeof content === 'string' ? Buffer.from(content, 'latin1') : Buffer.concat(content.flatMap((pair) => literal(...pair)))
  const head = Buffer.alloc(FRAME_HEAD)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A literal field without indexing, with a new name, no Huffman code. */
function literal(name: string, value: string): readonly Buffer[] {
  return [Buffer.from([0]), text(name), text(value)]
}

/** A string of HPACK (RFC 7541 §5.2): its length with a prefix of seven bits, then its bytes. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}
