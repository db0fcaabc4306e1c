import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDataKey, makerOf } from './makers.ts'
import { weaknessOf } from './strength.ts'

describe('M10 · secrets that keep nobody out', () => {
  it.each([
    ['your_jwt_secret', 'placeholder'],
    ['postgres', 'default'],
    ['hunter2', 'short'],
    ['c2VjcmV0LWZvci1hLXRlc3Q', 'short'],
    ['a'.repeat(43), 'low-entropy'],
    ['abc123'.repeat(8), 'low-entropy'],
    ['0123456789abcdefghijklmnopqrstuvwxyz0123', 'low-entropy'],
    ['', undefined],
    ['5f4dcc3b5aa765d61d8327deb882cf99', undefined],
  ])('%s is %s', (value, weakness) => {
    expect(weaknessOf(value, 'key')).toBe(weakness)
  })

  it('no random key is one of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        // As biased as fast-check makes them, no bytes at all are not random.
        fc.pre(new Set(bytes).size > 20)
        const key = globalThis
          .btoa(String.fromCharCode(...bytes))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replace(/=+$/, '')
        return weaknessOf(key, 'key') === undefined
      }),
      { numRuns: 2000, seed: 20260108 },
    )
  })
})

describe('M9 · who makes a key', () => {
  it.each([
    ['JWT_SECRET', 'own'],
    ['INTERNAL_API_KEY', 'own'],
    ['INTERNAL_API_KEY_PREVIOUS', 'own'],
    ['SESSION_SECRET', 'own'],
    ['API_KEY', 'unknown'],
    ['OPENAI_API_KEY', 'issuer'],
    ['SENDGRID_API_KEY', 'issuer'],
    ['GOOGLE_CLIENT_SECRET', 'issuer'],
    ['EMR_CLIENT_SECRET', 'issuer'],
    ['POSTGRES_PASSWORD', 'store'],
    ['DATABASE_URL', 'store'],
    ['PARTNER_PASSWORD', 'unknown'],
    ['GOOGLE_CLIENT_ID', undefined],
    ['PEPPER', 'own'],
    ['PORT', undefined],
  ])('%s: %s', (name, kind) => {
    expect(makerOf(name)?.kind).toBe(kind)
  })

  it('what is stored is worthless without its key, salt or pepper', () => {
    for (const name of ['ENCRYPTION_KEY', 'SALT', 'PASSWORD_SALT', 'PEPPER', 'PASSWORD_PEPPER', 'pepper', 'PEPPER_PREVIOUS'])
      expect([name, isDataKey(name)]).toEqual([name, true])
    for (const name of ['JWT_SECRET', 'PEPPERMINT', 'PEPPER_ROUNDS']) expect([name, isDataKey(name)]).toEqual([name, false])
  })
})
