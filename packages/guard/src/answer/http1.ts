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
/** Whether the lines of the answer go with the first line, because nothing that the application said stands against them. */
const AS_LINES = Symbol('sallyport.as-lines')

/** Node's own step from headers to text: everything that is sent passes it, with the first line and the headers that were set or given. */
type StoreHeader = (firstLine: string, headers: unknown) => void
type Guarded = ServerResponse & { [ANSWER]?: Answer; [AS_LINES]?: boolean; _storeHeader?: StoreHeader }
type Headers = OutgoingHttpHeaders | readonly OutgoingHttpHeader[]

/**
 * Puts the headers on whatever is answered, by `end`, `setHeader` or `writeHead` with any of its arguments: all of them pass `writeHead`, and what
 * wraps it afterwards calls this one last. All that is put on a response is put on it at once, so that every response has one shape.
 */
export function guardResponse(response: ServerResponse, answer: Answer): void {
  const guarded: Guarded = response
  guarded[ANSWER] = answer
  guarded[AS_LINES] = false
  guarded.writeHead = writeHead
  if (guarded._storeHeader !== undefined) guarded._storeHeader = storeHeader
}

function writeHead(this: Guarded, status: number, reason?: string | Headers, given?: Headers): Guarded {
  const answer = this[ANSWER]
  const prototype = Object.getPrototypeOf(this) as Guarded
  const original = prototype.writeHead as (...args: unknown[]) => Guarded
  if (answer === undefined || this.headersSent) return original.call(this, status, reason, given)
  // As Node reads them: `writeHead(200, undefined, headers)` has headers too.
  const headers = typeof reason === 'string' ? given : (given ?? reason)
  if (prototype._storeHeader !== undefined && !mayConflict(this, answer, headers)) {
    this[AS_LINES] = true
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

function storeHeader(this: Guarded, firstLine: string, headers: unknown): void {
  const answer = this[ANSWER]
  const store = (Object.getPrototypeOf(this) as Guarded)._storeHeader as StoreHeader
  store.call(this, this[AS_LINES] === true && answer !== undefined ? firstLine + textOf(answer).lines : firstLine, headers)
}

/** The lines of an answer's headers, made once: Node checks and copies each header of each response, which costs more than all else that the guard does. */
interface AnswerText {
  readonly lines: string
  /** In lower case, those that an application may not say beside them. */
  readonly names: ReadonlySet<string>
}

const texts = new WeakMap<Answer, AnswerText>()

function textOf(answer: Answer): AnswerText {
  let text = texts.get(answer)
  if (text === undefined) {
    const all = [
      ...answer.headers.map(({ name, value }) => [name, value] as const),
      ...answer.cors,
      ['Vary', varied(undefined, answer)] as const,
    ]
    text = {
      lines: all.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
      names: new Set(['vary', ...CORS_HEADERS, ...answer.headers.map(({ lower }) => lower)]),
    }
    texts.set(answer, text)
  }
  return text
}

const POWERED_BY = 'x-powered-by'

/** Whether the application says one of them itself, or says something in a form that is not looked through here. */
function mayConflict(response: ServerResponse, answer: Answer, given: Headers | undefined): boolean {
  const { names } = textOf(answer)
  for (const name of response.getHeaderNames()) {
    if (names.has(name)) return true
    if (name === POWERED_BY) response.removeHeader(name)
  }
  if (given === undefined || given === null) return false
  if (Array.isArray(given)) return true
  for (const name of Object.keys(given)) {
    const lower = name.toLowerCase()
    if (lower === POWERED_BY || names.has(lower)) return true
  }
  return false
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
