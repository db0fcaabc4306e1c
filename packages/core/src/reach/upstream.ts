import { type Address, classOf, hasAddress, LINK_LOCAL, sameAddress } from '../network/index.ts'
import { type Boundary, type Interface, type Shown, show } from '../evidence/index.ts'

/** What the policy says stands between the host and the internet; `unknown` where it says nothing. */
export type Upstream = 'none' | 'nat' | 'one-to-one' | 'unknown'

export type FromInternet =
  | { readonly kind: 'direct' }
  /** Reachable if what stands before the machine lets it through, and that was not seen. */
  | { readonly kind: 'conditional'; readonly by: Shown }
  | { readonly kind: 'unroutable' }

/** Boundaries that are known to filter or translate: what is behind one is decided there too. */
const FILTERING: ReadonlySet<Boundary['kind']> = new Set(['cloud', 'wsl', 'container', 'docker-desktop', 'rootless', 'home-router'])

/** Whether packets from the internet that come in at `device` can be addressed to `destination`. */
export function fromInternet(destination: Address, device: Interface, boundary: Boundary, upstream: Upstream): FromInternet {
  const kind = classOf(destination)
  if (kind === 'loopback' || kind === 'special') return { kind: 'unroutable' }
  if (kind === 'internet') {
    if (upstream === 'none' || (upstream === 'unknown' && !FILTERING.has(boundary.kind))) return { kind: 'direct' }
    return { kind: 'conditional', by: describe(boundary, upstream) }
  }
  // A private address is reached from the internet only by a translation that somebody else does, to an address of the link between them.
  if (
    upstream === 'none' ||
    hasAddress(LINK_LOCAL, destination) ||
    !device.addresses.some((item) => sameAddress(item.address, destination))
  )
    return { kind: 'unroutable' }
  return { kind: 'conditional', by: describe(boundary, upstream) }
}

function describe(boundary: Boundary, upstream: Upstream): Shown {
  if (boundary.filter !== undefined) return show(`${boundary.filter} (${boundary.label})`)
  if (upstream === 'nat') return show('the router that translates its address')
  if (upstream === 'one-to-one') return show('what translates its public address')
  return show('what stands before this machine (a router, a cloud firewall)')
}
