import type { Refusal } from '../reasons.ts'
import { type Facts, nameOf, type RawRequest } from '../request.ts'
import type { Settings } from '../settings.ts'

/** RFC 9110 §9.2.1, without TRACE: methods that a link or an address typed by hand sends. */
const NAVIGATES = new Set(['GET', 'HEAD'])
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether the origin is one of those allowed, or the server's own: the scheme and `Host` of this very request, as text. */
export function isTrusted(origin: string, request: RawRequest, facts: Facts, settings: Settings): boolean {
  if (settings.origins.includes(origin)) return true
  const name = nameOf(request, facts)
  return origin === `${request.encrypted ? 'https' : 'http'}://${withoutStandardPort(name.toLowerCase(), request.encrypted)}`
}

/** Browsers leave a scheme's own port out of an origin (RFC 6454 §6.1). */
function withoutStandardPort(name: string, encrypted: boolean): string {
  const standard = encrypted ? ':443' : ':80'
  return name.endsWith(standard) ? name.slice(0, -standard.length) : name
}

/**
 * A page of another site makes the browser send requests, which the absence of CORS headers does not stop: it only keeps the answer from the
 * page. Fetch §3.2 (Origin), Fetch Metadata §2 (Sec-Fetch-*). The absence of either proves nothing: not every browser, and no other client, sends them.
 */
export function checkOrigin(request: RawRequest, facts: Facts, settings: Settings): Refusal | undefined {
  const { origin } = facts
  if (origin !== undefined) return isTrusted(origin, request, facts, settings) ? undefined : { code: 'origin-not-allowed', value: origin }
  if (facts.fetchSite === 'same-origin' || facts.fetchSite === 'none') return undefined
  if (isTrusted(originOf(facts.referer), request, facts, settings)) return undefined
  if (facts.fetchSite === undefined) {
    const foreign = facts.referer !== undefined && facts.referer !== '' && !SAFE.has(request.method)
    return foreign ? { code: 'cross-site', value: `Referer: ${facts.referer}` } : undefined
  }
  const navigation = !request.upgrade && NAVIGATES.has(request.method) && facts.fetchMode === 'navigate' && facts.fetchDest === 'document'
  return navigation ? undefined : { code: 'cross-site', value: `Sec-Fetch-Site: ${facts.fetchSite}` }
}

/** Whether a page of an allowed origin shows this as a part of itself, by an element that sends no Origin: `<img>`, `<video>`, `<script>`. */
export function isEmbedded({ origin, referer }: Facts, settings: Settings): boolean {
  return origin === undefined && referer !== undefined && settings.origins.includes(originOf(referer))
}

/** A page may leave its Referer out, and cannot choose another (Referrer Policy §8). The part before the path, as text. */
function originOf(referer: string | undefined): string {
  return /^https?:\/\/[^/?#\\@]+(?=[/?#]|$)/.exec(referer ?? '')?.[0] ?? ''
}
