import { createHash, timingSafeEqual } from 'node:crypto'

/** Keys by the name of who calls with them. Only their hashes are kept; every one is compared each time, so that time tells nothing. */
export class KeyRing {
  readonly #entries: readonly { readonly caller: string; readonly hash: Buffer }[]

  /** Several keys of one caller: the new one and the old, while one takes over from the other. */
  constructor(keys: Readonly<Record<string, readonly string[]>>) {
    this.#entries = Object.entries(keys).flatMap(([caller, texts]) => texts.map((text) => ({ caller, hash: hashOf(text) })))
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
