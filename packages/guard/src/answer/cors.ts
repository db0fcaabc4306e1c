import { isTrusted } from '../checks/origin.ts'
import type { Facts, RawRequest } from '../request.ts'
import type { Settings } from '../settings.ts'
import { TOKEN } from '../token.ts'

/** The headers that say who may read an answer. The guard alone sets them: an application's `*` would give it to everyone (P4). */
export const CORS_HEADERS: readonly string[] = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'access-control-allow-private-network',
]

/** Name and value of each, for the answer to a page of an allowed origin, which may read it. Fetch §3.2. */
export function corsHeaders(origin: string, settings: Settings): readonly (readonly [string, string])[] {
  return [
    ['Access-Control-Allow-Origin', origin],
    ...(settings.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
    ...(settings.exposedHeaders === '' ? [] : [['Access-Control-Expose-Headers', settings.exposedHeaders] as const]),
  ]
}

/** A browser's question before a request that no form could have sent (Fetch §3.2.2). It has been checked already: its origin may ask. */
export function isPreflight(request: RawRequest, facts: Facts): boolean {
  return request.method === 'OPTIONS' && facts.origin !== undefined && facts.requestMethod !== undefined
}

const TOKENS = new RegExp(`^${TOKEN}(?:[ \\t]*,[ \\t]*${TOKEN})*$`)

/** What is answered: the page may send what it asks for, as it may send anything else. Two hours, the most that Chromium remembers. */
export function preflightHeaders(request: RawRequest, facts: Facts, settings: Settings): readonly (readonly [string, string])[] {
  const { origin = '', requestMethod = '', requestHeaders = '' } = facts
  if (!isTrusted(origin, request, facts, settings)) return []
  return [
    ['Access-Control-Allow-Origin', origin],
    ...(settings.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
    ...(TOKENS.test(requestMethod) ? [['Access-Control-Allow-Methods', requestMethod] as const] : []),
    ...(TOKENS.test(requestHeaders) ? [['Access-Control-Allow-Headers', requestHeaders] as const] : []),
    ...(facts.requestPrivateNetwork && settings.privateNetwork ? [['Access-Control-Allow-Private-Network', 'true'] as const] : []),
    ['Access-Control-Max-Age', '7200'],
  ]
}

/** On what a preflight's answer depends, for caches (RFC 9110 §12.5.5). */
export const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
