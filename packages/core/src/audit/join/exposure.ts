import { type Address, isLoopback, isLoopbackName, isUnspecified, spelledAddress, unmap } from '../../network/index.ts'
import { type ConfiguredPort, printable, type Resolved, resolveValue, show } from '../../evidence/index.ts'

/** How far a host that a server is told to bind lets others come. */
export type Exposure =
  | { readonly kind: 'loopback'; readonly address: Address }
  | { readonly kind: 'address'; readonly address: Address }
  /** `families`: `0.0.0.0` binds IPv4 only, `::` and no host at all both. */
  | { readonly kind: 'every-interface'; readonly address: Address }
  | { readonly kind: 'undecided'; readonly reason: string }

const EVERY_SIX: Address = { family: 6, value: 0n }
const LOOPBACK_FOUR: Address = { family: 4, value: 0x7f000001n }

/** `localhost` is 127.0.0.1 or ::1 as the resolver says; both are loopback (RFC 6761 §6.3). */
export function exposureOf(host: Resolved, defaultHost: string, emptyHost = defaultHost): Exposure {
  if (host.kind === 'unknown') return { kind: 'undecided', reason: printable(host.reason) }
  if (host.kind === 'absent' && host.unset !== undefined)
    return { kind: 'undecided', reason: `${show(host.unset)} decides the host, and nothing here sets it` }
  if (host.kind === 'absent' || host.value === false) return exposureOfText(defaultHost)
  if (host.value === '') return exposureOfText(emptyHost)
  // `host: true` is every interface where a framework takes it (Vite, webpack-dev-server).
  return host.value === true ? { kind: 'every-interface', address: EVERY_SIX } : exposureOfText(String(host.value))
}

/** As the program that is given the text gets it from getaddrinfo(3): also `0`, `0x7f.1` and `2130706433` are addresses. */
function exposureOfText(text: string): Exposure {
  const plain = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (plain === '*' || plain === '') return { kind: 'every-interface', address: EVERY_SIX }
  if (isLoopbackName(plain)) return { kind: 'loopback', address: LOOPBACK_FOUR }
  const address = spelledAddress(plain)
  if (address === undefined) return { kind: 'undecided', reason: `${show(plain)} is a name, and what it resolves to is not known` }
  if (isLoopback(address)) return { kind: 'loopback', address }
  // `::ffff:0.0.0.0` takes every IPv4 address.
  return isUnspecified(unmap(address)) ? { kind: 'every-interface', address: unmap(address) } : { kind: 'address', address }
}

/** Whether a port is published for this machine alone, as far as its address tells. */
export function isPublishedHere({ hostAddress }: ConfiguredPort): boolean {
  return resolveValue(hostAddress, { environment: new Map(), arguments: new Map() }).every(
    (address) => exposureOf(address, '*').kind === 'loopback',
  )
}
