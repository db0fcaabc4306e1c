import { ALL_ADDRESSES, type AddressSet, addressSet, hasAddress } from './address-set.ts'
import type { Address } from './address.ts'
import { difference, unionOf } from './intervals.ts'

/** Of the machine itself: 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3). */
export const LOOPBACK: AddressSet = addressSet('127.0.0.0/8', '::1')

/** Valid on one link only: RFC 3927, RFC 4291 §2.5.6. */
export const LINK_LOCAL: AddressSet = addressSet('169.254.0.0/16', 'fe80::/10')

/**
 * Neighbours: addresses that the internet does not route. RFC 1918; RFC 4193 (unique local) and the site-local range before it
 * (RFC 3879); link-local; RFC 6598 (shared by a provider's customers, who are strangers, but not the internet).
 */
export const PRIVATE: AddressSet = unionOf([
  addressSet('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
  LINK_LOCAL,
])

/**
 * Never the address of a host that opens a connection: multicast (RFC 5771, RFC 4291 §2.7), broadcast (RFC 919 §7), unspecified, and mapped
 * addresses on the wire (RFC 4291 §2.5.5.2). Of what else RFC 1122 §3.2.1.3 and RFC 1112 §4 keep back, 0.0.0.0/8 and 240.0.0.0/4, Linux takes
 * packets as of any other (ipv4_is_zeronet of include/linux/in.h, since 5.3; 2.6.25).
 */
export const SPECIAL: AddressSet = addressSet('0.0.0.0', '224.0.0.0/4', '255.255.255.255', '::', 'ff00::/8', '::ffff:0:0/96')

/**
 * Every other address. Ranges that are not assigned today, or meant for documentation and benchmarks, are among them: kernels
 * route them like any other, and a rule that opens them opens them.
 */
export const INTERNET: AddressSet = difference(ALL_ADDRESSES, unionOf([LOOPBACK, PRIVATE, SPECIAL]))

export type AddressClass = 'loopback' | 'private' | 'special' | 'internet'

/** Disjoint, and together every address. */
export const ADDRESS_CLASSES: Readonly<Record<AddressClass, AddressSet>> = {
  loopback: LOOPBACK,
  private: PRIVATE,
  special: SPECIAL,
  internet: INTERNET,
}

export function classOf(address: Address): AddressClass {
  if (hasAddress(LOOPBACK, address)) return 'loopback'
  if (hasAddress(PRIVATE, address)) return 'private'
  return hasAddress(SPECIAL, address) ? 'special' : 'internet'
}
