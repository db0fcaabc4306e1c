import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { CORS_HEADERS } from './cors.ts'
import { type Answer, varied } from './http1.ts'

/** Puts the headers on whatever a stream answers: node:http2's own responses pass `respond` too. A pushed stream answers as its parent does. */
export function guardStream(stream: ServerHttp2Stream, answer: Answer): void {
  const { respond, respondWithFD, respondWithFile, pushStream } = stream
  stream.respond = (headers, options) => respond.call(stream, complete(headers, answer), options)
  stream.respondWithFD = (file, headers, options) => respondWithFD.call(stream, file, complete(headers, answer), options)
  stream.respondWithFile = (path, headers, options) => respondWithFile.call(stream, path, complete(headers, answer), options)
  const push = pushStream as (headers: OutgoingHttpHeaders, options: object, callback: PushCallback) => void
  stream.pushStream = (headers: OutgoingHttpHeaders, options?: object | PushCallback, callback?: PushCallback) => {
    const [given, done] = typeof options === 'function' ? [{}, options] : [options ?? {}, callback]
    push.call(stream, headers, given, (error, pushed, sent) => {
      if (error === null) guardStream(pushed, answer)
      done?.(error, pushed, sent)
    })
  }
}

type PushCallback = (error: Error | null, stream: ServerHttp2Stream, headers: OutgoingHttpHeaders) => void

/** In lower case, as HTTP/2 has them; without the keys of symbols' kind lost, of which node:http2 has one for headers that are not to be compressed. */
function complete(given: OutgoingHttpHeaders | undefined, answer: Answer): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null) as OutgoingHttpHeaders
  for (const key of Reflect.ownKeys(given ?? {})) {
    const name = typeof key === 'string' ? key.toLowerCase() : key
    if (typeof name === 'string' && CORS_HEADERS.includes(name)) continue
    Reflect.set(headers, name, Reflect.get(given ?? {}, key))
  }
  for (const { lower, value, fixed } of answer.headers) if (fixed || headers[lower] === undefined) headers[lower] = value
  for (const [name, value] of answer.cors) headers[name.toLowerCase()] = value
  headers['vary'] = varied(headers['vary'], answer)
  delete headers['x-powered-by']
  return headers
}
