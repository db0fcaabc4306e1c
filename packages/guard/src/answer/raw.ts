import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnswerHeader } from './headers.ts'

/** An answer where node:http writes none: to a connection that asked for an upgrade, or whose request could not be read. Then it ends. */
export function answerRaw(socket: Duplex, status: number, body: string, headers: readonly AnswerHeader[]): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy()
    return
  }
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(({ name, value }) => `${name}: ${value}`),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  // Whoever sends has the answer already, or does not want it.
  socket.on('error', () => socket.destroy())
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

type Write = Duplex['write']

/**
 * The first head that an application writes by hand to a connection that it was given (an upgrade's, or one whose request could not be read) gets
 * the headers too, those of them that it does not have.
 */
export function guardFirstHead(socket: Duplex, headers: readonly AnswerHeader[]): void {
  const { write, end } = socket
  const release = () => {
    socket.write = write
    socket.end = end
  }
  const complete = (chunk: unknown): unknown => {
    release()
    return completeHead(chunk, headers)
  }
  socket.write = ((chunk: unknown, ...rest: unknown[]) =>
    (write as (...args: unknown[]) => boolean).call(socket, complete(chunk), ...rest)) as Write
  socket.end = ((chunk?: unknown, ...rest: unknown[]) => {
    const first = chunk === undefined || typeof chunk === 'function' ? chunk : complete(chunk)
    release()
    return (end as (...args: unknown[]) => Duplex).call(socket, first, ...rest)
  }) as Duplex['end']
}

/** A head that is whole in its first chunk, as every known program writes it, of text or bytes. */
function completeHead(chunk: unknown, headers: readonly AnswerHeader[]): unknown {
  const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : ''
  const lineEnd = text.indexOf('\r\n')
  const headEnd = text.indexOf('\r\n\r\n')
  if (!text.startsWith('HTTP/1.') || headEnd < 0) return chunk
  const lower = text.slice(lineEnd, headEnd + 2).toLowerCase()
  const missing = headers.filter((header) => !lower.includes(`\r\n${header.lower}:`))
  const inserted = missing.map(({ name, value }) => `\r\n${name}: ${value}`).join('')
  const whole = `${text.slice(0, lineEnd)}${inserted}${text.slice(lineEnd)}`
  return typeof chunk === 'string' ? whole : Buffer.from(whole, 'latin1')
}
