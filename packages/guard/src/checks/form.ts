import type { Refusal } from '../reasons.ts'
import type { Facts, RawRequest } from '../request.ts'

/** What no path holds that is sent by a browser or a library: controls, space, `"`, `#`, `<`, `>`, `\`, `^`, backquote, `{`, `|`, `}`, and bytes beyond ASCII. */
const FORBIDDEN = /[\0-\x20\x7f-\uffff#\\]/

/** A dot or a slash, as RFC 3986 §2.1 may encode it, any number of times over: `%2e`, `%252e`, `%25252e`. */
const DOT = '(?:\\.|%(?:25)*2[eE])'
const SLASH = '(?:/|%(?:25)*2[fF])'
/** A backslash or a control character, encoded: IIS, Windows and URL parsers of browsers take the one for a slash. */
const ENCODED_BAD = /%(?:25)*(?:5[cC]|[01][0-9a-fA-F]|7[fF])/
/** `.` or `..` as a whole segment, also with parameters (`..;x`), which Tomcat and others cut off (CVE-2018-1260 and its like). */
const DOT_SEGMENT = new RegExp(`(?:^|${SLASH})${DOT}{1,2}(?:;[^/?]*|%(?:25)*3[bB][^/?]*)?(?=${SLASH}|\\?|$)`)
const ENCODED_SLASH = /%(?:25)*2[fF]/
/** Overlong UTF-8 of `.`, `/` and `\` (RFC 3629 §3; the Nimda worm used it). */
const OVERLONG = /%(?:[cC][01]|[eE]0%[89][0-9a-fA-F]|[fF]0%8[0-9a-fA-F])/

/** The form of a request, before anything in it is believed. All from the bytes as they were sent: a URL parser would repair what is wrong. */
export function checkForm(request: RawRequest, facts: Facts, slashes: 'allow' | 'refuse'): Refusal | undefined {
  if (facts.repeated !== undefined) return { code: repeated(facts.repeated), value: facts.repeated }
  if (facts.encoding && facts.length) return { code: 'length-ambiguous', value: '' }
  const name = nameOf(request, facts)
  if (typeof name !== 'string') return name
  if (request.method === 'CONNECT' && !request.upgrade) return undefined
  return checkTarget(request, slashes)
}

function repeated(name: string): 'host-repeated' | 'header-repeated' {
  return /^(?:host|:authority)$/i.test(name) ? 'host-repeated' : 'header-repeated'
}

function nameOf({ major }: RawRequest, { host, authority }: Facts): string | Refusal {
  if (major < 2) return host === undefined || host === '' ? { code: 'host-missing', value: '' } : host
  if (host !== undefined && authority !== undefined && host !== authority)
    return { code: 'host-disagrees', value: `${authority} ≠ ${host}` }
  return authority || host || { code: 'host-missing', value: '' }
}

function checkTarget({ target, method }: RawRequest, slashes: 'allow' | 'refuse'): Refusal | undefined {
  if (target === '*') return method === 'OPTIONS' ? undefined : { code: 'target-form', value: target }
  if (!target.startsWith('/')) return { code: 'target-form', value: target }
  if (FORBIDDEN.test(target)) return { code: 'target-character', value: target }
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  // Two slashes at its beginning are a host to what resolves it against a base (RFC 3986 §4.2).
  if (path.startsWith('//')) return { code: 'target-form', value: target }
  // Nearly every path has neither, and is done.
  if (!path.includes('%') && !path.includes('/.')) return undefined
  if (ENCODED_BAD.test(path) || OVERLONG.test(path)) return { code: 'target-character', value: target }
  if (DOT_SEGMENT.test(path)) return { code: 'target-dots', value: target }
  return slashes === 'refuse' && ENCODED_SLASH.test(path) ? { code: 'target-slash', value: target } : undefined
}
