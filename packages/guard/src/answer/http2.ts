import type { Stats } from 'node:fs'
import type { OutgoingHttpHeaders, ServerHttp2Stream, ServerStreamFileResponseOptions, StatOptions } from 'node:http2'
import { type Answer, POWERED_BY, varied } from './answer.ts'
import { CORS_HEADERS } from './cors.ts'

/** Puts the headers on whatever a stream answers: node:http2's own responses pass `respond` too. A pushed stream answers as its parent does. */
export function guardStream(stream: ServerHttp2Stream, answer: Answer): void {
  const { respond, respondWithFD, respondWithFile, pushStream } = stream
  stream.respond = (headers, options) => respond.call(stream, complete(headers, answer), options)
  stream.respondWithFD = (file, headers, options) =>
    respondWithFD.call(stream, file, complete(headers, answer), checkedLast(options, answer))
  stream.respondWithFile = (path, headers, options) =>
    respondWithFile.call(stream, path, complete(headers, answer), checkedLast(options, answer))
  const implicit = implicitRespond(stream)
  if (implicit !== undefined) Object.defineProperty(stream, implicit, { value: () => stream.respond() })
  const push = pushStream as (headers: OutgoingHttpHeaders, options: object, callback: PushCallback) => void
  stream.pushStream = (headers: OutgoingHttpHeaders, options?: object | PushCallback, callback?: PushCallback) => {
    const [given, done] = typeof options === 'function' ? [{}, options] : [options ?? {}, callback]
    push.call(stream, headers, given, (error, pushed, sent) => {
      if (error === null) guardStream(pushed, answer)
      done?.(error, pushed, sent)
    })
  }
}

/** Node answers by the same function under a symbol of its own where a body is written before `respond` was called. */
function implicitRespond(stream: ServerHttp2Stream): symbol | undefined {
  for (
    let place: object | null = Object.getPrototypeOf(stream) as object | null;
    place !== null;
    place = Object.getPrototypeOf(place) as object | null
  ) {
    const respond: unknown = Object.hasOwn(place, 'respond') ? Reflect.get(place, 'respond') : undefined
    if (typeof respond !== 'function') continue
    const found = symbols.get(respond)
    if (found !== undefined) return found
    const from = place
    const symbol = Object.getOwnPropertySymbols(from).find((one) => Reflect.get(from, one) === respond)
    if (symbol !== undefined) symbols.set(respond, symbol)
    return symbol
  }
  return undefined
}

const symbols = new WeakMap<object, symbol>()

/** `statCheck` may change the headers once more, after everything else. */
function checkedLast<O extends ServerStreamFileResponseOptions>(options: O | undefined, answer: Answer): O | undefined {
  const statCheck = options?.statCheck
  if (options === undefined || typeof statCheck !== 'function') return options
  return {
    ...options,
    statCheck(this: unknown, stats: Stats, headers: OutgoingHttpHeaders, statOptions: StatOptions) {
      const result: unknown = statCheck.call(this, stats, headers, statOptions)
      const completed = complete(headers, answer)
      for (const name of Object.keys(headers)) Reflect.deleteProperty(headers, name)
      Object.assign(headers, completed)
      return result
    },
  }
}

type PushCallback = (error: Error | null, stream: ServerHttp2Stream, headers: OutgoingHttpHeaders) => void

/** In lower case, as HTTP/2 has them; without the keys of symbols' kind lost, of which node:http2 has one for headers that are not to be compressed. */
function complete(said: OutgoingHttpHeaders | readonly string[] | undefined, answer: Answer): OutgoingHttpHeaders {
  const given = Array.isArray(said) ? byName(said as readonly string[]) : said
  const headers: OutgoingHttpHeaders = Object.create(null) as OutgoingHttpHeaders
  for (const key of Reflect.ownKeys(given ?? {})) {
    const name = typeof key === 'string' ? key.toLowerCase() : key
    if (typeof name === 'string' && CORS_HEADERS.includes(name)) continue
    Reflect.set(headers, name, Reflect.get(given ?? {}, key))
  }
  for (const { lower, value, fixed } of answer.headers) if (fixed || headers[lower] === undefined) headers[lower] = value
  for (const [name, value] of answer.cors) headers[name.toLowerCase()] = value
  headers['vary'] = varied(headers['vary'], answer.vary)
  delete headers[POWERED_BY]
  return headers
}

/** Names and values by turns, as Node takes them from 22.20 on. */
function byName(list: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = String(list[index]).toLowerCase()
    const value = String(list[index + 1])
    const before = headers[name]
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return headers
}
