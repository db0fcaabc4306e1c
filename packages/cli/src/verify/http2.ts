import { hostBeforePort } from '@sallyport/core/network'
import { connect } from 'node:http2'
import type { Exchange, Target } from './exchange.ts'

const PATIENCE_MS = 3_000

/**
 * Asks one thing by HTTP/2: over TLS where the server offers it, else with prior knowledge (RFC 9113 §3.3). `undefined`: it does not speak it.
 * `headers`: with pseudo-headers among them.
 */
export function exchangeHttp2(target: Target, headers: Readonly<Record<string, string>>): Promise<Exchange | undefined> {
  return new Promise((resolve) => {
    const host = hostBeforePort(target.host)
    const session = connect(`${target.encrypted ? 'https' : 'http'}://${host}:${target.port}`, { rejectUnauthorized: false })
    let speaks = false
    const end = (result: Exchange | undefined): void => {
      clearTimeout(timer)
      session.destroy()
      resolve(result)
    }
    const none = (why: string) => end(speaks ? { kind: 'none', why } : undefined)
    const timer = setTimeout(() => none('no answer in time'), PATIENCE_MS)
    session.on('error', () => none('the connection was ended')).on('close', () => none('the connection was ended'))
    session.once('remoteSettings', () => {
      speaks = true
      const stream = session.request(
        { ':method': 'GET', ':path': target.path, ':authority': target.authority, ...headers },
        { endStream: true },
      )
      stream.on('error', () => none('the stream was reset'))
      stream.once('response', (received) => {
        const pairs = Object.entries(received).map(([name, value]): readonly [string, string] => [name, String(value)])
        let body = ''
        stream.setEncoding('latin1')
        stream.on('data', (text: string) => (body += text.slice(0, 4096 - body.length)))
        stream.once('end', () => end({ kind: 'answer', status: Number(received[':status']), headers: pairs, body }))
      })
    })
  })
}
