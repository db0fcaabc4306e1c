import type { Facts, RawRequest } from '../request.ts'
import type { Refusal } from '../reasons.ts'
import { GuardError } from '../failure.ts'
import { Buckets, clientOf } from './buckets.ts'
import { headerValues } from './header-values.ts'
import type { Identity } from './identity.ts'
import { type ReadyKey, readyKeys } from './jwt-keys.ts'
import { KeyRing } from './key-ring.ts'
import type { JwtOptions, KeyOptions, LimitOptions } from './options.ts'
import type { TokenCheck } from './tokens.ts'

/** Without an identity where none was asked for. */
export type AccessVerdict = { readonly refusal: Refusal } | { readonly identity: Identity | undefined }

/** Who may use the application, asked of requests that are fit to be asked: limits first, so that guessing is slow. */
export interface Access {
  /** A promise only where a token has to be verified. `path`: without its query. */
  check(request: RawRequest, facts: Facts, path: string): AccessVerdict | Promise<AccessVerdict>
}

export interface AccessOptions {
  readonly limit?: LimitOptions
  readonly keys?: KeyOptions
  readonly jwt?: JwtOptions
}

/** `undefined` where nothing is asked. `forwarded`: the header in which the proxy tells of its client, once its proof has been checked. */
export function accessOf(options: AccessOptions, forwarded: string | undefined, now: () => number): Access | undefined {
  const { limit, keys, jwt } = options
  if (limit === undefined && keys === undefined && jwt === undefined) return undefined
  const buckets = limit === undefined ? undefined : new Buckets(limit, now)
  const keyCheck = keys === undefined ? undefined : keyCheckOf(keys, now)
  const open = new Set(jwt?.except)
  const jwtKeys = jwt === undefined ? [] : verifiable(jwt)
  let tokens: Promise<TokenCheck> | undefined
  return {
    check(request, _facts, path) {
      if (buckets !== undefined) {
        const client = clientOf(request, forwarded)
        if (!buckets.take(client.key)) return { refusal: { code: 'rate-limited', value: client.text } }
      }
      const key = keyCheck?.(request, path)
      if (key !== undefined && 'refusal' in key) return key
      const identity = key?.identity
      if (jwt === undefined || open.has(path)) return { identity }
      // Loaded when the first token comes: whoever uses none needs no library for it.
      tokens ??= import('./tokens.ts').then(({ tokenCheck }) => tokenCheck(jwt, jwtKeys))
      return tokens
        .then((check) => check(request))
        .then((found) => ('refusal' in found ? found : { identity: { ...identity, ...found.identity } }))
    },
  }
}

/** Now rather than at the first token: a guard that cannot do what it was asked to does not start. */
function verifiable(jwt: JwtOptions): readonly ReadyKey[] {
  try {
    import.meta.resolve('jose')
  } catch {
    throw new GuardError('option-invalid', 'jwt: the package jose is needed for it: npm install jose')
  }
  return readyKeys(jwt.keys)
}

function keyCheckOf(
  { callers, header = 'X-Internal-API-Key', except = [], limit }: KeyOptions,
  now: () => number,
): (request: RawRequest, path: string) => AccessVerdict {
  const ring = new KeyRing(
    'keys.callers',
    Array.isArray(callers) ? { internal: callers as readonly string[] } : (callers as Record<string, readonly string[]>),
  )
  const name = header.toLowerCase()
  const open = new Set(except)
  const buckets = limit === undefined ? undefined : new Buckets(limit, now)
  return ({ headers }, path) => {
    if (open.has(path)) return { identity: undefined }
    const [key, ...more] = headerValues(headers, name)
    if (key === undefined) return { refusal: { code: 'key-missing', value: header } }
    const caller = more.length > 0 ? undefined : ring.callerOf(key)
    if (caller === undefined) return { refusal: { code: 'key-wrong', value: header } }
    return buckets === undefined || buckets.take(caller) ? { identity: { caller } } : { refusal: { code: 'rate-limited', value: caller } }
  }
}
