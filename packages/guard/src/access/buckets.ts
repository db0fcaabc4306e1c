import { parseAddress, unmap } from '@sallyport/core/network'
import { GuardError } from '../failure.ts'
import type { RawRequest } from '../request.ts'
import { headerValues } from './header-values.ts'
import type { LimitOptions } from './options.ts'

interface Bucket {
  tokens: number
  /** Milliseconds. */
  at: number
}

/** A bucket of tokens for each client: it fills at a rate, and every request takes one. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>()
  #latest = ''
  readonly #rate: number
  readonly #burst: number
  readonly #most: number
  readonly #now: () => number

  /** `now`: milliseconds that never go back. */
  constructor({ perSecond, burst = Math.max(1, perSecond), clients = 10_000 }: LimitOptions, now: () => number) {
    if (!(perSecond > 0 && burst >= 1 && clients >= 1))
      throw new GuardError('option-invalid', 'limit: perSecond is more than 0, burst and clients are at least 1.')
    this.#rate = perSecond / 1000
    this.#burst = burst
    this.#most = clients
    this.#now = now
  }

  take(client: string): boolean {
    const now = this.#now()
    let bucket = this.#buckets.get(client)
    if (bucket === undefined) {
      this.#forget()
      bucket = { tokens: this.#burst, at: now }
      this.#buckets.set(client, bucket)
    } else if (this.#latest !== client) {
      // The last to come stands last: the first is the one that was idle for longest.
      this.#buckets.delete(client)
      this.#buckets.set(client, bucket)
    }
    this.#latest = client
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#rate)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  #forget(): void {
    if (this.#buckets.size < this.#most) return
    const first = this.#buckets.keys().next()
    if (!first.done) this.#buckets.delete(first.value)
  }
}

/** `text` as it came, `key` the same for all of one client. */
export interface Client {
  readonly text: string
  readonly key: string
}

const LOCAL = `4 ${0x7f000001}`

/**
 * Who is counted as one client. IPv6 by its /64, which is the least that one subscriber has (RFC 6177 §2): else it takes a new address for every
 * request. `::ffff:192.0.2.1` is 192.0.2.1, or one client has two buckets. `forwarded`: the header of the proxy whose proof was checked; of a list
 * the last, which the proxy itself has written.
 */
export function clientOf({ peer, headers }: RawRequest, forwarded: string | undefined): Client {
  const told = forwarded === undefined ? undefined : headerValues(headers, forwarded).at(-1)?.split(',').at(-1)?.trim()
  const text = told === undefined || told === '' ? peer : told
  return { text, key: keyOf(text) }
}

function keyOf(text: string): string {
  // Behind no proxy every client is this machine.
  if (text === '127.0.0.1') return LOCAL
  const address = parseAddress(text)
  if (address === undefined) return `text ${text.slice(0, 64)}`
  const { family, value } = unmap(address)
  return family === 4 ? `4 ${value}` : `6 ${value >> 64n}`
}
