import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type Answer, POWERED_BY, varied } from './answer.ts'
import { CORS_HEADERS } from './cors.ts'

type Headers = OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | readonly Line[]
type Line = readonly [name: string, value: OutgoingHttpHeader | undefined]
/** Node's own step from headers to text (lib/_http_outgoing.js): everything that is sent passes it, with the first line and what was set or given. */
type StoreHeader = (firstLine: string, headers: Headers | null | undefined) => void

const ANSWER = Symbol('sallyport.answer')

/** Names as they were set; the types know it of requests alone. */
interface Named {
  getRawHeaderNames(): readonly string[]
}
type Guarded = ServerResponse & Named & { [ANSWER]?: Answer; _storeHeader?: StoreHeader }

/**
 * Puts the headers on whatever is answered, by `end`, `setHeader` or `writeHead` with any of its arguments, also where others wrapped these. On the
 * response itself, because Express gives it another prototype.
 */
export function guardResponse(response: ServerResponse, answer: Answer): void {
  const guarded = response as Guarded
  guarded[ANSWER] = answer
  guarded._storeHeader = storeHeader
}

/** Whether this runtime's responses have that step. What only claims to be Node may not. */
export function canGuardResponses(): boolean {
  return typeof (ServerResponse.prototype as Guarded)._storeHeader === 'function'
}

/** Node checks and copies each header of each response, which costs more than all else that the guard does: ours go as text that was made once. */
function storeHeader(this: Guarded, firstLine: string, said: Headers | null | undefined): void {
  const answer = this[ANSWER] as Answer
  const store = (Object.getPrototypeOf(this) as Guarded)._storeHeader as StoreHeader
  if (isFree(this, said, answer.names)) store.call(this, firstLine + answer.lines, said)
  else store.call(this, firstLine, completed(this, said, answer))
}

/** Whether the application says none of these names itself, in a form that can be looked through at once. */
function isFree(response: ServerResponse, said: Headers | null | undefined, names: ReadonlySet<string>): boolean {
  if (said === undefined || said === null) return true
  if (Array.isArray(said)) return false
  for (const key of Object.keys(said)) {
    if (!names.has(key.toLowerCase())) continue
    if (key !== POWERED_BY || !response.hasHeader(POWERED_BY)) return false
    response.removeHeader(POWERED_BY)
  }
  return true
}

/** All that is sent, where the application says some of it: names and values, which Node takes as such. */
function completed(response: Guarded, said: Headers | null | undefined, answer: Answer): readonly Line[] {
  const lines = linesOf(response, said)
  const saidOnes = new Set(lines.map(([name]) => name.toLowerCase()))
  const ours = answer.headers.filter(({ lower, fixed }) => fixed || !saidOnes.has(lower))
  const taken = new Set(['vary', POWERED_BY, ...CORS_HEADERS, ...ours.map(({ lower }) => lower)])
  const vary = lines.filter(([name]) => name.toLowerCase() === 'vary').flatMap(([, value]) => value ?? [])
  return [
    ...lines.filter(([name]) => !taken.has(name.toLowerCase())),
    ...ours.map(({ name, value }): Line => [name, value]),
    ...answer.cors,
    ['Vary', varied(vary.map(String), answer.vary)],
  ]
}

/** What was set is all there is, once anything was set: `writeHead` adds what it is given. */
function linesOf(response: Guarded, said: Headers | null | undefined): readonly Line[] {
  const set = response.getRawHeaderNames()
  if (set.length > 0) return set.map((name) => [name, response.getHeader(name)])
  if (!Array.isArray(said)) return Object.entries(said ?? {})
  if (Array.isArray(said[0])) return said as readonly Line[]
  const turns = said as readonly OutgoingHttpHeader[]
  return turns.flatMap((name, index) => (index % 2 === 0 ? [[String(name), turns[index + 1]]] : []))
}
