import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { CORS_HEADERS } from './cors.ts'
import type { AnswerHeader } from './headers.ts'

/** What an answer gets beside what the application says. */
export interface Answer {
  readonly headers: readonly AnswerHeader[]
  readonly cors: readonly (readonly [string, string])[]
  /** What it depends on beside `Origin`. */
  readonly vary?: 'Referer'
}

const ANSWER = Symbol('sallyport.answer')

/** Node's own step from headers to text: everything that is sent passes it, with the first line and the headers that were set or given. */
type StoreHeader = (firstLine: string, headers: unknown) => void
type Guarded = ServerResponse & { [ANSWER]?: Answer; _storeHeader?: StoreHeader }
type Headers = OutgoingHttpHeaders | readonly OutgoingHttpHeader[]

/**
 * Puts the headers on whatever is answered, by `end`, `setHeader` or `writeHead` with any of its arguments: all of them pass `writeHead`, and what
 * wraps it afterwards calls this one last.
 */
export function guardResponse(response: ServerResponse, answer: Answer): void {
  const guarded: Guarded = response
  guarded[ANSWER] = answer
  guarded.writeHead = writeHead
}

function writeHead(this: Guarded, status: number, reason?: string | Headers, given?: Headers): Guarded {
  const answer = this[ANSWER]
  const prototype = Object.getPrototypeOf(this) as Guarded
  const original = prototype.writeHead as (...args: unknown[]) => Guarded
  if (answer === undefined || this.headersSent) return original.call(this, status, reason, given)
  this.removeHeader('X-Powered-By')
  // As Node reads them: `writeHead(200, undefined, headers)` has headers too.
  const headers = typeof reason === 'string' ? given : (given ?? reason)
  if (prototype._storeHeader !== undefined && !mayConflict(this, headers)) {
    this._storeHeader = storeWithLines
    return original.call(this, status, reason, given)
  }
  // What stands in the arguments wins over what was set before, so it is set first, and then looked through with it.
  if (headers !== undefined) setAll(this, headers)
  this.removeHeader('X-Powered-By')
  for (const name of CORS_HEADERS) this.removeHeader(name)
  for (const { name, value, fixed } of answer.headers) if (fixed || !this.hasHeader(name)) this.setHeader(name, value)
  for (const [name, value] of answer.cors) this.setHeader(name, value)
  this.setHeader('Vary', varied(this.getHeader('Vary'), answer))
  return typeof reason === 'string' ? original.call(this, status, reason) : original.call(this, status)
}

/** The lines of an answer's headers, made once: Node checks and copies each header of each response, which costs more than all else that the guard does. */
const lines = new WeakMap<Answer, string>()

function storeWithLines(this: Guarded, firstLine: string, headers: unknown): void {
  const answer = this[ANSWER]
  const store = (Object.getPrototypeOf(this) as Guarded)._storeHeader
  if (answer !== undefined && store !== undefined) store.call(this, firstLine + linesOf(answer), headers)
}

function linesOf(answer: Answer): string {
  let text = lines.get(answer)
  if (text === undefined) {
    const all = [
      ...answer.headers.map(({ name, value }) => [name, value] as const),
      ...answer.cors,
      ['Vary', varied(undefined, answer)] as const,
    ]
    text = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    lines.set(answer, text)
  }
  return text
}

/** Whether the application says one of them itself, or says something in a form that is not looked through here. */
function mayConflict(response: ServerResponse, given: Headers | undefined): boolean {
  for (const name of response.getHeaderNames()) if (isOurs(name, response)) return true
  if (given === undefined || given === null) return false
  if (Array.isArray(given)) return true
  for (const name of Object.keys(given)) if (isOurs(name.toLowerCase(), response)) return true
  return false
}

const ALWAYS_OURS = new Set(['vary', 'x-powered-by', ...CORS_HEADERS])

function isOurs(lower: string, response: Guarded): boolean {
  return ALWAYS_OURS.has(lower) || (response[ANSWER]?.headers.some((one) => one.lower === lower) ?? true)
}

function setAll(response: ServerResponse, headers: Headers): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value as OutgoingHttpHeader)
    return
  }
  const flat = Array.isArray(headers[0]) ? (headers as readonly (readonly [string, string])[]).flat() : (headers as readonly string[])
  const seen = new Set<string>()
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index])
    const value = flat[index + 1]
    if (value === undefined) continue
    if (seen.has(name.toLowerCase())) response.appendHeader(name, typeof value === 'number' ? String(value) : value)
    else response.setHeader(name, value)
    seen.add(name.toLowerCase())
  }
}

/** Which answer it is depends on who asks: a cache must not give one page's to another. */
export function varied(value: OutgoingHttpHeader | undefined, { vary }: Answer): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  const said = new Set(text.toLowerCase().split(/[\s,]+/))
  const missing = said.has('*') ? [] : ['Origin', ...(vary === undefined ? [] : [vary])].filter((name) => !said.has(name.toLowerCase()))
  return [...(text === '' ? [] : [text]), ...missing].join(', ')
}
