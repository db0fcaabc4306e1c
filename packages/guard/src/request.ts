/** What the guard looks at of one request, as it stood on the wire. */
export interface RawRequest {
  /** The address of the other end; `unix` for a socket of the file system; empty when the connection is gone. */
  readonly peer: string
  /** The port that the connection came in on; 0 for a socket of the file system. */
  readonly port: number
  readonly encrypted: boolean
  readonly major: number
  /** −1: the connection is one of HTTP/1, and the version that the request names is another (Node takes HTTP/0.9 and HTTP/2.0 in a request line). */
  readonly minor: number
  readonly method: string
  /** The request target (RFC 9112 §3.2), or `:path`. */
  readonly target: string
  /** Names and values by turns, as `rawHeaders`: repetitions stand, names as they were sent. HTTP/2: pseudo-headers too. */
  readonly headers: readonly string[]
  /** The connection would leave HTTP: a connection with `Upgrade`, or an extended CONNECT (RFC 8441). */
  readonly upgrade: boolean
}

/** The headers that decide. `undefined`: not sent. An empty one is the empty text. */
export interface Facts {
  host: string | undefined
  authority: string | undefined
  origin: string | undefined
  fetchSite: string | undefined
  fetchMode: string | undefined
  fetchDest: string | undefined
  referer: string | undefined
  upgrade: string | undefined
  protocol: string | undefined
  cookie: boolean
  /** `Transfer-Encoding`; of several, all in one list. */
  encoding: string | undefined
  length: boolean
  requestMethod: string | undefined
  requestHeaders: string | undefined
  requestPrivateNetwork: boolean
  /** The declared names of trailers. */
  trailer: string | undefined
  /** The forwarding headers that the proxy sets, of those that stand there. */
  expected: string[] | undefined
  /** The first header that may stand only once and does not. */
  repeated: string | undefined
  /** The first header that only a proxy sends, as it was sent. */
  proxied: string | undefined
}

type Single = Exclude<{ [K in keyof Facts]: Facts[K] extends string | undefined ? K : never }[keyof Facts], 'repeated' | 'proxied'>

/** Headers that stand at most once: programs in a row that read different ones of two decide differently. */
const SINGLE: ReadonlyMap<string, Single> = new Map<string, Single>([
  ['host', 'host'],
  [':authority', 'authority'],
  [':protocol', 'protocol'],
  ['origin', 'origin'],
  ['sec-fetch-site', 'fetchSite'],
  ['sec-fetch-mode', 'fetchMode'],
  ['sec-fetch-dest', 'fetchDest'],
  ['referer', 'referer'],
  ['upgrade', 'upgrade'],
  ['access-control-request-method', 'requestMethod'],
])

const OTHERS: ReadonlyMap<string, (facts: Facts, value: string) => void> = new Map([
  ['cookie', (facts: Facts) => void (facts.cookie = true)],
  [
    'transfer-encoding',
    (facts: Facts, value: string) => void (facts.encoding = facts.encoding === undefined ? value : `${facts.encoding},${value}`),
  ],
  ['content-length', (facts: Facts) => void (facts.length = true)],
  ['trailer', (facts: Facts, value: string) => void (facts.trailer = facts.trailer === undefined ? value : `${facts.trailer},${value}`)],
  [
    'access-control-request-headers',
    (facts: Facts, value: string) =>
      void (facts.requestHeaders = facts.requestHeaders === undefined ? value : `${facts.requestHeaders},${value}`),
  ],
  ['access-control-request-private-network', (facts: Facts) => void (facts.requestPrivateNetwork = true)],
])

/** The name that a request was sent to: `Host`, or of HTTP/2 `:authority` before it; empty where there is none. */
export function nameOf({ major }: RawRequest, { host, authority }: Facts): string {
  return (major < 2 ? host : (authority ?? host)) ?? ''
}

/** A target without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}

/** What a name means to the guard. Names repeat from request to request: what each of them is, is looked up once. */
type Meaning =
  | { readonly single: Single }
  | { readonly expected: string }
  | { readonly other: (facts: Facts, value: string) => void }
  | { readonly proxied: true }
  | 'nothing'

interface Known {
  readonly name: string
  readonly meaning: Meaning
}

/** Names as they are spelled by clients, of one length; what an attacker invents after them is not kept. */
const MOST_REMEMBERED = 16
const LONGEST_REMEMBERED = 64

/**
 * Reads the headers of requests once. `isProxied`: whether a lower-case name is one that only a proxy may send, and none was expected; `expected`: the
 * names, in lower case, of those that were.
 */
export class HeaderReader {
  readonly #isProxied: (name: string) => boolean
  readonly #expected: ReadonlySet<string>
  /**
   * By their length: a few are compared sooner than one is looked up, since the names of each request are new texts, of which no hash is known.
   */
  readonly #known: readonly Known[][] = Array.from({ length: LONGEST_REMEMBERED + 1 }, () => [])

  constructor(isProxied: (name: string) => boolean, expected: ReadonlySet<string> = new Set()) {
    this.#isProxied = isProxied
    this.#expected = expected
  }

  read(headers: readonly string[]): Facts {
    const facts: Facts = {
      host: undefined,
      authority: undefined,
      origin: undefined,
      fetchSite: undefined,
      fetchMode: undefined,
      fetchDest: undefined,
      referer: undefined,
      upgrade: undefined,
      protocol: undefined,
      cookie: false,
      encoding: undefined,
      length: false,
      requestMethod: undefined,
      requestHeaders: undefined,
      requestPrivateNetwork: false,
      trailer: undefined,
      expected: undefined,
      repeated: undefined,
      proxied: undefined,
    }
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index] ?? ''
      const meaning = this.#meaning(name)
      if (meaning === 'nothing') continue
      const value = headers[index + 1] ?? ''
      if ('single' in meaning) {
        if (facts[meaning.single] !== undefined) facts.repeated ??= name
        facts[meaning.single] = value
      } else if ('expected' in meaning) {
        // The proxy sets one of a name. Another came past it.
        if (facts.expected?.includes(meaning.expected)) facts.repeated ??= name
        facts.expected = [...(facts.expected ?? []), meaning.expected]
      } else if ('other' in meaning) meaning.other(facts, value)
      else facts.proxied ??= name
    }
    return facts
  }

  /** Of a trailer: a proxy sets its headers before the body, also those that are expected of it. */
  isProxiedTrailer(name: string): boolean {
    const lower = name.toLowerCase()
    return this.#expected.has(lower) || this.#isProxied(lower)
  }

  #meaning(name: string): Meaning {
    const known = this.#known[name.length]
    if (known === undefined) return this.#look(name)
    for (const one of known) if (one.name === name) return one.meaning
    const meaning = this.#look(name)
    if (known.length < MOST_REMEMBERED) known.push({ name, meaning })
    return meaning
  }

  #look(name: string): Meaning {
    const lower = name.toLowerCase()
    const single = SINGLE.get(lower)
    const other = OTHERS.get(lower)
    const rest: Meaning = this.#expected.has(lower) ? { expected: lower } : this.#isProxied(lower) ? { proxied: true } : 'nothing'
    return single !== undefined ? { single } : other !== undefined ? { other } : rest
  }
}
