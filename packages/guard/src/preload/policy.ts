import { isIP } from 'node:net'
import { GuardError } from '../failure.ts'
import { inLoopback } from '../loopback.ts'

/** What may be bound beside loopback. */
export interface Allowed {
  /** An address; `0.0.0.0` and `::` mean every interface. */
  readonly address: string
  /** Left out: any. */
  readonly port?: number
}

/** What is asked of the kernel. `address` as text of an address; `undefined`: every interface, of IPv6 and IPv4. */
export interface Asked {
  readonly address: string | undefined
  readonly port: number
  /** `IPV6_V6ONLY` was asked for. */
  readonly ipv6Only: boolean
}

/** Where it listens instead. `both`: on 127.0.0.1 and on ::1. */
export type Verdict = { readonly kind: 'as-asked' } | { readonly kind: 'instead'; readonly address: '127.0.0.1' | '::1' | 'both' }

/**
 * Every interface of both families becomes loopback of both: `localhost` is `::1` first to many clients (Node 17 to 19 try nothing else), and a port that
 * was taken at 127.0.0.1 only could be taken at `::1` by another user of this machine, who would then answer for `localhost`.
 */
export function verdictOf({ address, port, ipv6Only }: Asked, allowed: readonly Allowed[]): Verdict {
  const asked = address ?? '::'
  if (inLoopback(asked) === true || allowed.some((one) => one.address === asked && (one.port === undefined || one.port === port)))
    return { kind: 'as-asked' }
  if (isIP(asked) === 4 || asked.toLowerCase().startsWith('::ffff:')) return { kind: 'instead', address: '127.0.0.1' }
  return { kind: 'instead', address: asked === '::' && !ipv6Only ? 'both' : '::1' }
}

/** `SALLYPORT_ALLOW`: a JSON list of `{ "address", "port"? }`. @throws GuardError `option-invalid`: a policy that cannot be read allows nothing. */
export function allowedOf(text: string | undefined): readonly Allowed[] {
  if (text === undefined || text === '') return []
  const list = parsed(text)
  if (Array.isArray(list) && list.every(isAllowed)) return list
  throw new GuardError('option-invalid', 'SALLYPORT_ALLOW: not a JSON list of {"address": "…", "port": …}.')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAllowed(value: unknown): value is Allowed {
  if (typeof value !== 'object' || value === null) return false
  const { address, port, ...more } = value as Record<string, unknown>
  const portRight = port === undefined || (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535)
  return typeof address === 'string' && isIP(address) !== 0 && portRight && Object.keys(more).length === 0
}
