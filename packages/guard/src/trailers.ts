import type { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Gate } from './guard.ts'
import type { RawRequest } from './request.ts'

/**
 * Trailers come after the body, when the handler has run: what only a proxy sends is taken out of them, logged, and the connection closed. (What a
 * request announces in `Trailer` was refused before.) RFC 9110 §6.5.1. True: they are there already, because the decision took a while, and wrong.
 */
export function guardTrailers(message: IncomingMessage, gate: Gate, raw: RawRequest): boolean {
  if (message.complete) return takeOut(message.rawTrailers, message.trailers, gate, raw)
  // Before every other listener: the trailers are whole when the body ends.
  message.prependListener('end', () => {
    if (message.rawTrailers.length === 0) return
    if (takeOut(message.rawTrailers, message.trailers, gate, raw)) message.socket.destroySoon()
  })
  return false
}

export function guardStreamTrailers(stream: ServerHttp2Stream, gate: Gate, raw: RawRequest): void {
  // Further arguments than the types tell of: the flags, and names and values by turns.
  const listener = (trailers: IncomingHttpHeaders, ...more: unknown[]) => {
    const names = (more[1] as string[] | undefined) ?? []
    if (takeOut(names, trailers, gate, raw)) stream.session?.close()
  }
  stream.prependListener('trailers', listener)
}

/** Changes both in place, for others hold them already. */
function takeOut(names: string[], values: Record<string, unknown>, gate: Gate, raw: RawRequest): boolean {
  const { reader } = gate.settings
  const wrong = names.filter((name, index) => index % 2 === 0 && reader.isProxiedTrailer(name))
  const [first] = wrong
  if (first === undefined) return false
  const kept = names.filter((_one, index) => !reader.isProxiedTrailer(names[index - (index % 2)] ?? ''))
  names.splice(0, names.length, ...kept)
  for (const name of wrong) Reflect.deleteProperty(values, name.toLowerCase())
  gate.refused({ code: 'proxy-trailer', value: first }, raw, reader.read(raw.headers))
  return true
}
