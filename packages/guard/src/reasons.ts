/** Why a request is refused: the table of everything that the guard refuses of itself. */

export interface Reason {
  readonly status: 400 | 401 | 403 | 413 | 429
  /** What the client gets: never a word of what it sent, nor of what would have been accepted. */
  readonly body: string
  /** The attack that refusing this stops. */
  readonly stops: string
  /** The option that decides it; absent where none does. */
  readonly option?: string
}

const BAD_REQUEST = 'Bad Request'

export const REASONS = {
  'peer-not-loopback': {
    status: 403,
    body: 'Forbidden: Local connections only',
    stops: 'a neighbour or the internet talking to a server that was bound too widely, or reached by a forwarded port',
  },
  'proof-missing': {
    status: 403,
    body: 'Forbidden: Not through the proxy',
    stops: 'another local program, or a web page, that goes round the proxy which signs people in',
    option: 'behind',
  },
  'request-unreadable': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'bytes that are no request: smuggling shapes, probes, floods of headers (RFC 9112 §2.2, §6.3)',
  },
  'host-missing': { status: 400, body: BAD_REQUEST, stops: 'a request that no name can be checked of (RFC 9112 §3.2)' },
  'host-repeated': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'two names of which the guard reads one and what stands behind it the other (RFC 9112 §3.2)',
  },
  'host-disagrees': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'HTTP/2 with a Host that is not its :authority (RFC 9113 §8.3.1)',
  },
  'target-form': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'a target with a host of its own, which wins over Host where it is forwarded (RFC 9112 §3.2.2, §3.2.3)',
  },
  'target-character': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'control characters, a backslash or a #, which programs in a row read differently (RFC 3986 §2)',
  },
  'target-dots': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'a path that climbs out of the folder for which it was checked (RFC 3986 §5.2.4)',
  },
  'target-slash': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'an encoded slash that a later program decodes into another path',
    option: 'encodedSlash',
  },
  'header-repeated': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'Origin, Sec-Fetch-Site or Upgrade twice, of which programs in a row read different ones',
  },
  'length-ambiguous': {
    status: 400,
    body: BAD_REQUEST,
    stops: 'request smuggling: Content-Length beside Transfer-Encoding (RFC 9112 §6.3)',
  },
  'proxy-header': {
    status: 403,
    body: 'Forbidden: Proxy headers are not allowed',
    stops: 'a request that came through a proxy or a tunnel, or that claims another address, host, path or method than it has',
    option: 'behind',
  },
  'proxy-trailer': {
    status: 403,
    body: 'Forbidden: Proxy headers are not allowed',
    stops: 'the same after the body, where checks of headers have been made already (RFC 9110 §6.5)',
    option: 'behind',
  },
  'host-not-allowed': {
    status: 403,
    body: 'Forbidden: Host is not allowed',
    stops: 'DNS rebinding: a page whose own name was made to mean this machine; and 0.0.0.0 used as a name for it',
    option: 'hosts',
  },
  'origin-not-allowed': {
    status: 403,
    body: 'Forbidden: Origin is not allowed',
    stops: 'a page of another site that sends requests from the browser of whoever works here',
    option: 'origins',
  },
  'cross-site': {
    status: 403,
    body: 'Forbidden: Cross-site requests are not allowed',
    stops: 'an image, script, form or frame of another site, which sends no Origin',
    option: 'origins',
  },
  'method-connect': { status: 403, body: 'Forbidden: CONNECT is not allowed', stops: 'use of the server as a tunnel (RFC 9110 §9.3.6)' },
  'upgrade-unknown': {
    status: 403,
    body: 'Forbidden: Only WebSocket upgrades are allowed',
    stops: 'h2c smuggling: a connection that leaves HTTP/1.1, and with it every check (RFC 9113 §3.1 dropped h2c)',
  },
  'upgrade-without-origin': {
    status: 403,
    body: 'Forbidden: Origin is required',
    stops: 'a WebSocket with the cookies of a browser that does not say whose page opened it (CVE-2018-14732 and its like)',
    option: 'upgradesWithoutOrigin',
  },
  'key-missing': {
    status: 401,
    body: 'Invalid internal API key',
    stops: 'another program that calls an internal endpoint',
    option: 'keys',
  },
  'key-wrong': { status: 401, body: 'Invalid internal API key', stops: 'guessing of the internal key', option: 'keys' },
  'token-missing': { status: 401, body: 'Unauthorized', stops: 'a request of nobody', option: 'jwt' },
  'token-invalid': {
    status: 401,
    body: 'Unauthorized',
    stops: 'a token that is forged, expired, revoked or meant for something else',
    option: 'jwt',
  },
  'rate-limited': { status: 429, body: 'Too Many Requests', stops: 'guessing and flooding', option: 'limit' },
} as const satisfies Readonly<Record<string, Reason>>

export type ReasonCode = keyof typeof REASONS

/** What the guard says of a request that it does not let through. `value`: what was wrong, for the log only. */
export interface Refusal {
  readonly code: ReasonCode
  readonly value: string
}
