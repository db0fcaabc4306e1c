import fc from 'fast-check'
import { expect } from 'vitest'
import { show } from '../src/evidence/index.ts'

/** What a secret may be made of where it stands between quotes, as one word, and at the end of an assignment in code. */
export const QUOTED = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 !#$%&()*+,./:;<=>?@[\]^_{|}~-]{6,40}[A-Za-z0-9]$/)
export const WORD = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9!$%*+./:=?@^_~-]{6,40}[A-Za-z0-9]$/)
export const PLAIN = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{6,40}[0-9]$/)
export const ENCODED = fc.uint8Array({ minLength: 8, maxLength: 48 }).chain((bytes) => {
  const buffer = globalThis.btoa(String.fromCharCode(...bytes))
  return fc.constantFrom(
    buffer,
    buffer.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    encodeURIComponent(buffer),
    hex(bytes),
  )
})

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const NAMES = fc.constantFrom(
  'DB_PASSWORD',
  'password',
  'apiKey',
  'JWT_SECRET',
  'client_secret',
  'api-key',
  'X-Internal-API-Key',
  'authToken',
  'STRIPE_SK',
)
export const IDENTIFIERS = fc.constantFrom('DB_PASSWORD', 'password', 'apiKey', 'JWT_SECRET', 'client_secret', 'authToken', 'STRIPE_SK')

/** Whether a piece of the secret of eight characters is there that the same line without it does not have. */
export function leaks(shown: string, secret: string, without: string): boolean {
  for (let at = 0; at + 8 <= secret.length; at++) {
    const piece = secret.slice(at, at + 8)
    if (shown.includes(piece) && !without.includes(piece)) return true
  }
  return false
}

/** Nothing of these lines is hidden. */
export function expectWhole(lines: readonly string[]): void {
  expect(lines.map((line) => String(show(line)))).toEqual(lines)
}
