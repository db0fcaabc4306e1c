import { type AddressRange, type AddressSet, ALL_ADDRESSES, NO_ADDRESSES, PRIVATE, rangeSet, unionOf } from '../network/index.ts'
import type { HostName, Policy, Service, SourceRef } from '../policy/index.ts'

/** Who may connect to a service on one of its hosts, as addresses: what a program can be told that knows no interfaces. */
export interface Admitted {
  /** Everybody, these addresses beside this machine, or this machine and its containers alone. */
  readonly kind: 'everybody' | 'addresses' | 'this-machine'
  /** Beside this machine's own; empty for `this-machine`. */
  readonly addresses: AddressSet
  /** What the policy means and addresses alone do not say. */
  readonly notes: readonly string[]
}

/** `links`: networks that the host is on, whose public addresses are neighbours too. */
export function admittedTo(service: Service, host: HostName, policy: Policy, links: readonly AddressRange[] = []): Admitted {
  const found = service.from.map((ref) => addressesOf(ref, service, host, links))
  const everybody = service.from.some((ref) => ref.kind === 'built-in' && ref.name === 'internet')
  if (everybody) return { kind: 'everybody', addresses: ALL_ADDRESSES, notes: [] }
  const addresses = unionOf(found.map((one) => one.addresses))
  const own = rangeSet((policy.hosts.get(host)?.addresses ?? []).map(({ value }) => ({ first: value, last: value })))
  const isBeyond = found.some(({ isBeyond: beyond }) => beyond)
  return {
    kind: isBeyond ? 'addresses' : 'this-machine',
    addresses: isBeyond ? unionOf([addresses, own]) : NO_ADDRESSES,
    notes: found.flatMap(({ note }) => note ?? []),
  }
}

/** Where a program has to listen for those who may connect. By IPv4: what a program makes of `::` differs. */
export function listenAddress(service: Service, host: HostName, policy: Policy): '127.0.0.1' | '0.0.0.0' {
  return admittedTo(service, host, policy).kind === 'this-machine' ? '127.0.0.1' : '0.0.0.0'
}

/** Said where the policy lets neighbours in and no network is named that they are on. */
export const UNKNOWN_LINKS =
  'private: public addresses on the same link are not in the policy; name the network with --link, as in --link 2001:db8:1::/64'

interface Found {
  readonly addresses: AddressSet
  readonly isBeyond: boolean
  readonly note?: string
}

function addressesOf(ref: SourceRef, service: Service, host: HostName, links: readonly AddressRange[]): Found {
  switch (ref.kind) {
    case 'built-in':
      if (ref.name !== 'private') return { addresses: NO_ADDRESSES, isBeyond: false }
      return {
        addresses: unionOf([PRIVATE, rangeSet(links)]),
        isBeyond: true,
        ...(links.length > 0 ? {} : { note: UNKNOWN_LINKS }),
      }
    case 'host':
    case 'service': {
      const others = ref.hosts.filter((name) => name !== host)
      if (others.length === 0) return { addresses: NO_ADDRESSES, isBeyond: false }
      if (ref.addresses.length > 0) return { addresses: rangeSet(ref.addresses), isBeyond: true }
      return {
        addresses: NO_ADDRESSES,
        isBeyond: true,
        note: `${service.name} is for ${ref.name}, of which the policy gives no address: nobody is let in for it; add \`address\` to ${others.join(', ')}`,
      }
    }
    case 'source':
    case 'literal':
      return { addresses: rangeSet(ref.addresses), isBeyond: true }
    default:
      return ref satisfies never
  }
}
