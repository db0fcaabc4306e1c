import type { Refusal } from '../reasons.ts'
import { type Facts, pathOf, type RawRequest } from '../request.ts'

/** What nearly every target is, and is done: nothing in it has two meanings. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)*\/?(?:\?[\w.~&=+,:/-]*)?$/

/** What no target holds that is sent by a browser or a library: controls, space, `#`, bytes beyond ASCII. */
const FORBIDDEN = /[\0-\x20\x7f-\uffff#]/

/** One escape: `%2e`, or `%u002e` as IIS takes it. */
const ESCAPE = /%u([0-9a-f]{4})|%([0-9a-f]{2})/gi
/** How many times over a path may be encoded. Nobody encodes one more often than twice. */
const MOST_LAYERS = 4
/** In a decoded path. IIS, Windows and URL parsers of browsers take a backslash for a slash. */
const CONTROL_OR_BACKSLASH = /[\0-\x1f\x7f\\]/
/** Overlong UTF-8, bytes as characters (RFC 3629 §3; the Nimda worm used it). */
const OVERLONG = /[\xc0\xc1]|\xe0[\x80-\x9f]|\xf0[\x80-\x8f]|\xf8[\x80-\x87]|\xfc[\x80-\x83]/
/** `.` or `..` as a whole segment, also with parameters (`..;x`), which Tomcat and others cut off (CVE-2018-1260 and its like). */
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:;[^/?]*)?(?=[/?]|$)/
const ENCODED_SLASH = /%(?:25)*2f/i

/** The form of a request, before anything in it is believed. All from the bytes as they were sent: a URL parser would repair what is wrong. */
export function checkForm(request: RawRequest, facts: Facts, slashes: 'allow' | 'refuse'): Refusal | undefined {
  if (facts.repeated !== undefined) return { code: repeated(facts.repeated), value: facts.repeated }
  if (request.minor < 0) return { code: 'request-unreadable', value: 'version' }
  const framing = checkFraming(request, facts)
  if (framing !== undefined) return framing
  const unnamed = checkNamed(request, facts)
  if (unnamed !== undefined) return unnamed
  if (request.method === 'CONNECT' && !request.upgrade) return undefined
  return checkTarget(request, slashes)
}

/**
 * RFC 9112 §6.1, §6.3: beside a length, in HTTP/1.0, and as anything but `chunked`, an encoding leaves open where the body ends. Node's parser finds
 * some of it only when the handler has the request.
 */
function checkFraming({ minor, major }: RawRequest, { encoding, length }: Facts): Refusal | undefined {
  if (encoding === undefined) return undefined
  const clear = !length && encoding.toLowerCase() === 'chunked' && !(major === 1 && minor === 0)
  return clear ? undefined : { code: 'length-ambiguous', value: encoding }
}

function repeated(name: string): 'host-repeated' | 'header-repeated' {
  return /^(?:host|:authority)$/i.test(name) ? 'host-repeated' : 'header-repeated'
}

function checkNamed({ major }: RawRequest, { host, authority }: Facts): Refusal | undefined {
  if (major >= 2 && host !== undefined && authority !== undefined && host !== authority)
    return { code: 'host-disagrees', value: `${authority} ≠ ${host}` }
  const name = major < 2 ? host : authority || host
  return name === undefined || name === '' ? { code: 'host-missing', value: '' } : undefined
}

function checkTarget({ target, method }: RawRequest, slashes: 'allow' | 'refuse'): Refusal | undefined {
  if (target === '*') return method === 'OPTIONS' ? undefined : { code: 'target-form', value: target }
  if (!target.startsWith('/')) return { code: 'target-form', value: target }
  if (PLAIN.test(target)) return undefined
  if (FORBIDDEN.test(target)) return { code: 'target-character', value: target }
  const path = pathOf(target)
  // Two slashes at its beginning are a host to what resolves it against a base (RFC 3986 §4.2).
  if (path.startsWith('//')) return { code: 'target-form', value: target }
  // Browsers leave a backslash as it is in a query, where it leads nowhere.
  if (!path.includes('%') && !path.includes('/.') && !path.includes('\\')) return undefined
  const code = wrongWithin(path)
  if (code !== undefined) return { code, value: target }
  return slashes === 'refuse' && ENCODED_SLASH.test(path) ? { code: 'target-slash', value: target } : undefined
}

/** What a path holds that programs behind this one may find by decoding it once more, or twice. */
function wrongWithin(path: string): 'target-dots' | 'target-character' | undefined {
  let text = path
  for (let layer = 0; layer <= MOST_LAYERS; layer++) {
    if (CONTROL_OR_BACKSLASH.test(text) || OVERLONG.test(text)) return 'target-character'
    if (DOT_SEGMENT.test(text)) return 'target-dots'
    const decoded = text.replace(ESCAPE, (_, wide?: string, byte?: string) => String.fromCharCode(Number.parseInt(wide ?? byte ?? '', 16)))
    if (decoded === text) return undefined
    text = decoded
  }
  return 'target-character'
}
