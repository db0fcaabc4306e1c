import { createHash, timingSafeEqual } from 'node:crypto'
import { GuardError } from '../failure.ts'

/** Characters. 32 of base64url are 192 bits. */
const SHORTEST = 32
/** A key that its file does not tell. */
const HASHED = /^sha256:[0-9a-f]{64}$/i

/** Keys by the name of who calls with them. Only their hashes are kept; every one is compared each time, so that time tells nothing. */
export class KeyRing {
  readonly #entries: readonly { readonly caller: string; readonly hash: Buffer }[]

  /**
   * Several keys of one caller: the new one and the old, while one takes over from the other.
   *
   * @throws GuardError `option-invalid` where a caller has none or a short one. `option`: what to name.
   */
  constructor(option: string, keys: Readonly<Record<string, readonly string[]>>) {
    const weak = Object.entries(keys).find(
      ([, texts]) => texts.length === 0 || texts.some((text) => text.length < SHORTEST && !HASHED.test(text)),
    )
    if (weak !== undefined) throw new GuardError('option-invalid', `${option}: ${weak[0]} needs keys of at least ${SHORTEST} characters.`)
    this.#entries = Object.entries(keys).flatMap(([caller, texts]) =>
      texts.map((text) => ({ caller, hash: HASHED.test(text) ? Buffer.from(text.slice(7), 'hex') : hashOf(text) })),
    )
  }

  /** Whose key it is; `undefined`: nobody's. */
  callerOf(key: string): string | undefined {
    const hash = hashOf(key)
    let found: string | undefined
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, hash)) found = entry.caller
    return found
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
