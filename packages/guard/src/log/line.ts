import { clientOf } from '../access/buckets.ts'
import { type ReasonCode, REASONS, type Refusal } from '../reasons.ts'
import type { Refused } from '../refused.ts'
import type { Facts, RawRequest } from '../request.ts'

/** UTF-16 units of one value; a line has at most seven of them. */
const LONGEST = 300

/** A part of a path that is long and mixed is more likely a token than a word: it is left out. */
const TOKEN = /[A-Za-z0-9_.~%=+-]{24,}/g

function withoutTokens(segment: string): string {
  return /[0-9]/.test(segment) && /[A-Za-z]/.test(segment) ? segment.replace(TOKEN, '…') : segment
}

/** Decided before the proxy has proved itself: what such a request says of its client, anybody may have said. */
const UNPROVED: readonly ReasonCode[] = ['peer-not-loopback', 'proof-missing', 'request-unreadable']

/** What is said of one refusal, with everything in it fit to be shown. `forwarded`: the header in which a proxy that proves itself tells of its client. */
export function refusedOf(refusal: Refusal, request: RawRequest, facts: Facts, forwarded: string | undefined, now: Date): Refused {
  const { status, body, ...reason } = REASONS[refusal.code]
  return {
    time: now.toISOString(),
    code: refusal.code,
    status,
    message: body,
    address: shown(UNPROVED.includes(refusal.code) ? request.peer : clientOf(request, forwarded).text),
    method: shown(request.method),
    path: shown(request.target),
    host: shown(facts.authority ?? facts.host ?? ''),
    origin: shown(facts.origin ?? ''),
    value: shown(refusal.value),
    ...('option' in reason ? { option: reason.option } : {}),
  }
}

/** Without what may be a secret: queries, fragments, names and passwords before an `@`, long tokens. */
function shown(text: string): string {
  const cut = text.length > 4 * LONGEST ? text.slice(0, 4 * LONGEST) : text
  const safe = cut
    .replace(/[?#].*$/s, (rest) => (rest.length > 1 ? `${rest[0]}…` : rest))
    // From the first character of a run only: else each of a long one would be tried.
    .replace(/(?<![^/@\s])[^/@\s]*@/g, '…@')
    .split('/')
    .map(withoutTokens)
    .join('/')
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe
}

/** One object, one line, printable ASCII only: nothing in it ends the line, hides a part of it on a terminal or reads as another line. */
export function lineOf(event: Refused | { readonly time: string; readonly code: 'left-out'; readonly count: number }): string {
  return `${JSON.stringify(event).replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
