import type { KeyObject } from 'node:crypto'

export interface LimitOptions {
  /** Requests a second that each client may go on sending. */
  readonly perSecond: number
  /** Requests that it may send at once. Default: those of a second, at least 1. */
  readonly burst?: number
  /** Clients that are remembered; beyond it the one that was idle for longest is forgotten. Default 10,000. */
  readonly clients?: number
}

export interface KeyOptions {
  /**
   * The keys that are accepted: of one caller a list (two while one takes over from the other), of several a list each by their names. At least 32
   * characters each, or their hashes as `sha256:` and 64 hexadecimal digits. Only hashes are kept, and compared in constant time.
   */
  readonly callers: readonly string[] | Readonly<Record<string, readonly string[]>>
  /** Default `X-Internal-API-Key`. */
  readonly header?: string
  /** Requests a second of each caller, whatever address it has. Default none. */
  readonly limit?: LimitOptions
  /** Paths that need none: exactly these texts, so that no other spelling of a path goes past. Default none. */
  readonly except?: readonly string[]
}

/** Stops algorithm confusion: a key says which one algorithm it is for, and what a token says of it is never believed. */
export interface JwtKey {
  /** RFC 7518 §3.1. `none` is none. */
  readonly alg:
    | 'HS256'
    | 'HS384'
    | 'HS512'
    | 'RS256'
    | 'RS384'
    | 'RS512'
    | 'PS256'
    | 'PS384'
    | 'PS512'
    | 'ES256'
    | 'ES384'
    | 'ES512'
    | 'EdDSA'
  /** For HS*: the secret, at least as many bytes as the hash has. For all others: the public key, as PEM, JWK or object of node:crypto. */
  readonly key: string | Uint8Array | KeyObject | Readonly<Record<string, unknown>>
  /** Where there are several keys: which of them a token names. */
  readonly kid?: string
}

export interface JwtOptions {
  readonly keys: readonly JwtKey[]
  /** `iss`, exactly. Stops tokens of another service that shares the key. */
  readonly issuer: string
  /** `aud`. Stops tokens that were given to somebody else. */
  readonly audience: string
  /** The header's `typ`, as `at+jwt` (RFC 9068 §2.1). Stops a token of one purpose from being used for another. Default `JWT`. */
  readonly typ?: string
  /** Seconds that clocks may differ. Default 0. */
  readonly clockTolerance?: number
  /** Whether a token was revoked. It is told by `jti` or `sid`, of which the token then must have one: the text of a token has several spellings. */
  readonly revoked?: (token: { readonly jti?: string; readonly sid?: string }) => boolean | Promise<boolean>
  /** A header that holds the token and nothing else, as a proxy sets it that has signed who its client is. Default none. */
  readonly header?: string
  /** The cookie that may hold the token, beside `Authorization: Bearer`. Default none. */
  readonly cookie?: string
  /** Paths that need none: exactly these texts. Default none. */
  readonly except?: readonly string[]
}
