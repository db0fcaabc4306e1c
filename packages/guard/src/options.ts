import type { JwtOptions, KeyOptions, LimitOptions } from './access/options.ts'
import type { Refused } from './refused.ts'

/** Everything is refused that is not allowed here; nothing has to be switched on. With no options at all it is a local-only API. */
export interface GuardOptions {
  /**
   * Names of the server beside `localhost`, `127.0.0.1` and `[::1]`, as clients write them in `Host`: `app.test` (with the port in use) or
   * `app.test:8000`. Stops DNS rebinding: a page whose own name was made to mean this machine still sends its own name.
   */
  readonly hosts?: readonly string[]
  /**
   * Pages that may send requests: exact origins, `http://localhost:5173`. Never a pattern, never `*`, never `null`. Stops pages of other sites
   * that use the browser of whoever works here. The server's own pages may always. Default: ports 3000 and 5173 of `localhost` and `127.0.0.1`.
   */
  readonly origins?: readonly string[]
  /** Whether pages of `origins` may send cookies and read the answers. Default false: a stolen page of one port cannot act as its user here. */
  readonly credentials?: boolean
  /** Headers of answers that pages of `origins` may read beside the usual ones. Default none. */
  readonly exposedHeaders?: readonly string[]
  /**
   * Whether a page of the internet that is in `origins` may ask for this private address (Private Network Access). Default false: browsers that
   * keep to it then refuse even an allowed page.
   */
  readonly privateNetwork?: boolean
  /** A peer that is not this machine gets no answer at all. Default false: 403. Stops a scanner from learning what listens here. */
  readonly silent?: boolean
  /** `%2F` in a path: `allow` (default) or `refuse`, where a program behind this one decodes it into another path. */
  readonly encodedSlash?: 'allow' | 'refuse'
  /** Protocols that a connection may be upgraded to beside `websocket`. Stops h2c smuggling. Default none. */
  readonly upgrades?: readonly string[]
  /**
   * A WebSocket without `Origin` comes from no browser. `without-cookies` (default): only if it carries none; `refuse`; `allow`. Stops another
   * local program that took a browser's cookies.
   */
  readonly upgradesWithoutOrigin?: 'without-cookies' | 'refuse' | 'allow'
  /** The server stands behind a proxy of this machine. Without it every sign of a proxy is refused. */
  readonly behind?: BehindOptions
  /** Requests a second of each client. Stops guessing and flooding. Default none. */
  readonly limit?: LimitOptions
  /** Keys of internal callers. Stops another program that calls what only this deployment's services should. Default none. */
  readonly keys?: KeyOptions
  /** Tokens of signed-in users, verified by the package `jose`. Stops requests of nobody. Default none. */
  readonly jwt?: JwtOptions
  /** Headers of every response, instead of those of the sensible set or (`false`) leaving one out. The three of a local-only server always stand. */
  readonly headers?: Readonly<Record<string, string | false>>
  /** Where refusals are written, a JSON object a line. Default `logs/security.log`; `false`: nowhere. */
  readonly log?: string | false | LogOptions
  /** Told of every refusal, after it was answered. What it throws is ignored. */
  readonly onRefuse?: (refused: Refused) => void
}

export interface BehindOptions {
  /**
   * The proof that a request came through the proxy and not past it: keys of which one is sent in `header`. Two at once while one takes over from
   * the other. At least 32 characters each, or their hashes (`sha256:…`). Compared in constant time. May be left out where `jwt` asks for an
   * identity that the proxy has signed: then that is the proof.
   */
  readonly keys?: readonly string[]
  /** Default `X-Internal-API-Key`. */
  readonly header?: string
  /** The forwarding headers that this proxy sets, overwriting what its client sent. Every other is refused still. Default none. */
  readonly headers?: readonly string[]
  /** Which of `headers` tells the client's address, for limits and the log: of a list its last. Default none: all clients are the proxy. */
  readonly client?: string
}

export interface LogOptions {
  /** Default `logs/security.log`. */
  readonly file?: string
  /** Bytes after which the file is put aside as `FILE.1`. Default 10,000,000. Stops a flood of refusals from filling the disk. */
  readonly maxBytes?: number
  /** How many put aside are kept. Default 5. */
  readonly files?: number
  /** Lines a second; what is beyond is counted in a line of its own. Default 100. */
  readonly perSecond?: number
}
