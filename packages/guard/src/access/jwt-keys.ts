import { createPublicKey, createSecretKey, KeyObject } from 'node:crypto'
import { GuardError } from '../failure.ts'
import type { JwtKey } from './options.ts'

const HASH_BYTES: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 }

/** A key and the one algorithm that it is for. */
export interface ReadyKey {
  readonly alg: string
  readonly kid: string | undefined
  readonly key: KeyObject
}

/** @throws GuardError `option-invalid` for keys that do not fit their algorithm, or cannot be told apart. */
export function readyKeys(keys: readonly JwtKey[]): readonly ReadyKey[] {
  if (keys.length === 0) throw new GuardError('option-invalid', 'jwt.keys: at least one key is needed.')
  if (keys.length > 1 && (keys.some(({ kid }) => kid === undefined) || new Set(keys.map(({ kid }) => kid)).size < keys.length))
    throw new GuardError('option-invalid', 'jwt.keys: of several keys each has a kid of its own.')
  return keys.map(readyKey)
}

function readyKey({ alg, key, kid }: JwtKey): ReadyKey {
  const bytes = HASH_BYTES[alg]
  const bad = (why: string): never => {
    throw new GuardError('option-invalid', `jwt.keys: a key for ${alg} ${why}.`)
  }
  try {
    if (bytes === undefined) return { alg, kid, key: key instanceof KeyObject ? key : publicKey(key) }
    const secret = key instanceof KeyObject ? key : createSecretKey(typeof key === 'string' ? Buffer.from(key) : (key as Uint8Array))
    const text = secret.type === 'secret' ? secret.export().toString('latin1') : '-----BEGIN'
    // A public key that is used as a secret is known to everyone.
    if (/-----BEGIN|"kty"/.test(text)) bad('is a secret, not a public key')
    if ((secret.symmetricKeySize ?? 0) < bytes) bad(`has at least ${bytes} bytes (RFC 7518 §3.2)`)
    return { alg, kid, key: secret }
  } catch (error) {
    if (error instanceof GuardError) throw error
    return bad('cannot be read')
  }
}

function publicKey(key: string | Uint8Array | Readonly<Record<string, unknown>>): KeyObject {
  if (typeof key === 'string' || key instanceof Uint8Array) return createPublicKey(typeof key === 'string' ? key : Buffer.from(key))
  return createPublicKey({ key, format: 'jwk' })
}
