import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { CORS_HEADERS } from './cors.ts'
import type { AnswerHeader } from './headers.ts'

/** What an answer gets beside what the application says. */
export interface Answer {
  readonly headers: readonly AnswerHeader[]
  readonly cors: readonly (readonly [string, string])[]
}

const ANSWER = Symbol('sallyport.answer')
type Guarded = ServerResponse & { [ANSWER]?: Answer }

/**
 * Puts the headers on whatever is answered, by `end`, `setHeader` or `writeHead` with any of its arguments: all of them pass `writeHead`, and what
 * wraps it afterwards calls this one last.
 */
export function guardResponse(response: ServerResponse, answer: Answer): void {
  const guarded: Guarded = response
  guarded[ANSWER] = answer
  guarded.writeHead = writeHead
}

type Headers = Record<string, OutgoingHttpHeader | undefined> | readonly OutgoingHttpHeader[]

function writeHead(this: Guarded, status: number, reason?: string | Headers, given?: Headers): Guarded {
  const answer = this[ANSWER]
  const headers = typeof reason === 'string' ? given : reason
  const original = (Object.getPrototypeOf(this) as ServerResponse).writeHead as (...args: unknown[]) => Guarded
  if (answer === undefined || this.headersSent) return original.call(this, status, reason, given)
  // What stands in the arguments wins over what was set before, so it is set first, and then looked through with it.
  if (headers !== undefined) setAll(this, headers)
  for (const name of CORS_HEADERS) this.removeHeader(name)
  for (const { name, value, fixed } of answer.headers) if (fixed || !this.hasHeader(name)) this.setHeader(name, value)
  for (const [name, value] of answer.cors) this.setHeader(name, value)
  this.setHeader('Vary', varied(this.getHeader('Vary')))
  this.removeHeader('X-Powered-By')
  return typeof reason === 'string' ? original.call(this, status, reason) : original.call(this, status)
}

function setAll(response: ServerResponse, headers: Headers): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
    return
  }
  const flat = Array.isArray(headers[0]) ? (headers as readonly (readonly [string, string])[]).flat() : (headers as readonly string[])
  const seen = new Set<string>()
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index])
    const value = flat[index + 1]
    if (value === undefined) continue
    if (seen.has(name.toLowerCase())) response.appendHeader(name, String(value))
    else response.setHeader(name, value)
    seen.add(name.toLowerCase())
  }
}

/** Which answer it is depends on who asks: a cache must not give one page's to another. */
export function varied(value: OutgoingHttpHeader | undefined): string {
  if (value === undefined || value === '') return 'Origin'
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return /(?:^|[\s,])(?:origin|\*)(?:[\s,]|$)/i.test(text) ? text : `${text}, Origin`
}
