import { GuardError } from '../failure.ts'
import { isToken } from '../token.ts'

/** P5. */
const LOCAL_ONLY: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Localhost-Only': 'true',
}

/**
 * What keeps an answer from pages of other sites beside these: no frame (CSP 3 §6.4.2), no use as an image or script (Fetch §3.7), no window that
 * keeps a hold on its opener (HTML §7.1.3), no address told to others. No HSTS and no `upgrade-insecure-requests`: on plain HTTP they break Safari.
 */
const SENSIBLE: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
}

const POLICY = 'Cross-Origin-Resource-Policy'

/** For what a page of an allowed origin shows as a part of itself: without this its browser would throw it away (Fetch §3.7). */
export function embeddedHeaders(
  headers: readonly AnswerHeader[],
  changes: Readonly<Record<string, string | false>>,
): readonly AnswerHeader[] {
  if (Object.keys(changes).some((name) => name.toLowerCase() === POLICY.toLowerCase())) return headers
  return headers.map((header) => (header.name === POLICY ? { ...header, value: 'cross-origin' } : header))
}

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export interface AnswerHeader {
  readonly name: string
  readonly lower: string
  readonly value: string
  /** One of P5: nothing that the application says replaces it. The others are left to an application that sets them itself. */
  readonly fixed: boolean
}

/** @throws GuardError `option-invalid` for what cannot be sent. */
export function answerHeaders(changes: Readonly<Record<string, string | false>>): readonly AnswerHeader[] {
  const chosen = new Map(Object.entries(SENSIBLE).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  for (const [name, value] of Object.entries(changes)) {
    if (!isToken(name) || (value !== false && !VALUE.test(value)))
      throw new GuardError('option-invalid', `headers: ${JSON.stringify(name)} cannot be sent as it stands.`)
    if (value === false) chosen.delete(name.toLowerCase())
    else chosen.set(name.toLowerCase(), { name, value })
  }
  for (const name of Object.keys(LOCAL_ONLY)) chosen.delete(name.toLowerCase())
  return [
    ...Object.entries(LOCAL_ONLY).map(([name, value]) => ({ name, lower: name.toLowerCase(), value, fixed: true })),
    ...[...chosen].map(([lower, { name, value }]) => ({ name, lower, value, fixed: false })),
  ]
}
