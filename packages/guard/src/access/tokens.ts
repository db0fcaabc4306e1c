import { decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose'
import type { RawRequest } from '../request.ts'
import { headerValues } from './header-values.ts'
import type { Identity } from './identity.ts'
import type { AccessVerdict } from './index.ts'
import type { ReadyKey } from './jwt-keys.ts'
import type { JwtOptions } from './options.ts'

export type TokenCheck = (request: RawRequest) => Promise<AccessVerdict>

/** Characters. Cookies of 4 KB and headers of 16 KB hold no more. */
const LONGEST = 8192
/** Three parts of base64url without padding (RFC 7515 §3.1): libraries also read `=`, spaces and line ends, each another text of the same token. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

const MISSING: AccessVerdict = { refusal: { code: 'token-missing', value: '' } }
const invalid = (why: string): AccessVerdict => ({ refusal: { code: 'token-invalid', value: why } })

/** Checks the one token of a request, in everything that the options say. */
export function tokenCheck(options: JwtOptions, keys: readonly ReadyKey[]): TokenCheck {
  const verified = {
    issuer: options.issuer,
    audience: options.audience,
    typ: options.typ ?? 'JWT',
    clockTolerance: options.clockTolerance ?? 0,
    requiredClaims: ['exp', 'iss', 'aud'],
  }
  return async ({ headers }) => {
    const texts = [
      ...(options.header === undefined ? bearers(headers) : headerValues(headers, options.header.toLowerCase())),
      ...(options.cookie === undefined ? [] : cookies(headers, options.cookie)),
    ]
    const [token] = texts
    if (token === undefined) return MISSING
    if (texts.length > 1) return invalid('more than one token')
    if (token.length > LONGEST || !COMPACT.test(token) || !isCanonical(token)) return invalid('not in the compact form')
    try {
      const { kid } = decodeProtectedHeader(token)
      const key = keys.length === 1 && (keys[0]?.kid === undefined || kid === undefined) ? keys[0] : keys.find((one) => one.kid === kid)
      if (key === undefined) return invalid('unknown kid')
      const { payload } = await jwtVerify(token, key.key, { ...verified, algorithms: [key.alg] })
      if (options.revoked !== undefined && (await isRevoked(options.revoked, payload))) return invalid('revoked')
      return { identity: { claims: payload } satisfies Identity }
    } catch (error) {
      // The code of the library's error says which check it was, and holds nothing of the token.
      return invalid(error instanceof Error && 'code' in error ? String(error.code) : 'unreadable')
    }
  }
}

async function isRevoked(revoked: NonNullable<JwtOptions['revoked']>, { jti, sid }: JWTPayload): Promise<boolean> {
  const told = { ...(typeof jti === 'string' ? { jti } : {}), ...(typeof sid === 'string' ? { sid } : {}) }
  return Object.keys(told).length === 0 || (await revoked(told))
}

function bearers(headers: readonly string[]): readonly string[] {
  return headerValues(headers, 'authorization').map((value) => /^Bearer +(.*)$/i.exec(value)?.[1] ?? '')
}

/** A cookie that stands twice was set by two: one of them from another path or a sibling's name (RFC 6265 §8.6). */
function cookies(headers: readonly string[], name: string): readonly string[] {
  return headerValues(headers, 'cookie').flatMap((value) =>
    value.split(';').flatMap((pair) => {
      const at = pair.indexOf('=')
      return at >= 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
    }),
  )
}

/** The last character of base64url has bits that are not used: with any but zeros it would be another text of the same token (RFC 4648 §3.5). */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
