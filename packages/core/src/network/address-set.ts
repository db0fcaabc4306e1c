import { BITS, FAMILIES, type Address, type AddressRange, type Family, formatAddress, parseAddress, parsePrefix } from './address.ts'
import { difference, emptySet, includes, type IntervalSet, intervalSet } from './intervals.ts'

/**
 * Addresses of both families on one number line: an IPv4 address stands at its own value, an IPv6 address 2^128 beyond it.
 * No interval of a set built here spans both families.
 */
export type AddressSet = IntervalSet<bigint>

const OFFSET: Readonly<Record<Family, bigint>> = { 4: 0n, 6: 1n << 128n }

const LAST: Readonly<Record<Family, bigint>> = { 4: (1n << 32n) - 1n, 6: (1n << 129n) - 1n }

export function positionOf(address: Address): bigint {
  return OFFSET[address.family] + address.value
}

export function addressAt(position: bigint): Address {
  return position < OFFSET[6] ? { family: 4, value: position } : { family: 6, value: position - OFFSET[6] }
}

export const NO_ADDRESSES: AddressSet = emptySet()

/** Every address of a family. */
export const FAMILY_ADDRESSES: Readonly<Record<Family, AddressSet>> = {
  4: intervalSet([{ first: OFFSET[4], last: LAST[4] }]),
  6: intervalSet([{ first: OFFSET[6], last: LAST[6] }]),
}

export const ALL_ADDRESSES: AddressSet = intervalSet(FAMILIES.flatMap((family) => FAMILY_ADDRESSES[family]))

export function rangeSet(ranges: Iterable<AddressRange>): AddressSet {
  return intervalSet(Array.from(ranges, ({ first, last }) => ({ first: positionOf(first), last: positionOf(last) })))
}

export function addressSetOf(...addresses: readonly Address[]): AddressSet {
  return rangeSet(addresses.map((address) => ({ first: address, last: address })))
}

/** An address, a prefix, or `first-last`. `undefined`: none of these, or a range whose ends differ in family or order. */
export function parseRange(text: string): AddressRange | undefined {
  const dash = text.indexOf('-')
  if (dash < 0) return parsePrefix(text)
  const first = parseAddress(text.slice(0, dash))
  const last = parseAddress(text.slice(dash + 1))
  if (first === undefined || last === undefined || first.family !== last.family || first.value > last.value) return undefined
  return { first, last }
}

/** Of texts known to be right: constants of the program. */
export function addressSet(...texts: readonly string[]): AddressSet {
  return rangeSet(
    texts.map((text) => {
      const range = parseRange(text)
      if (range === undefined) throw new RangeError(`not an address, prefix or range: ${text}`)
      return range
    }),
  )
}

export function hasAddress(set: AddressSet, address: Address): boolean {
  return includes(set, positionOf(address))
}

/** Everything that is not in `set`, in both families. */
export function otherAddresses(set: AddressSet): AddressSet {
  return difference(ALL_ADDRESSES, set)
}

export function familyOf(set: AddressSet): readonly Family[] {
  return FAMILIES.filter((family) => set.some(({ first }) => addressAt(first).family === family))
}

/** How many addresses; for both families together. */
export function countAddresses(set: AddressSet): bigint {
  return set.reduce((count, { first, last }) => count + last - first + 1n, 0n)
}

export function rangesOf(set: AddressSet): readonly AddressRange[] {
  return set.map(({ first, last }) => ({ first: addressAt(first), last: addressAt(last) }))
}

/** One address of the set, the lowest: a witness. */
export function someAddress(set: AddressSet): Address | undefined {
  const lowest = set[0]
  return lowest === undefined ? undefined : addressAt(lowest.first)
}

/**
 * The fewest prefixes that together are exactly this set, in order. Not linear in the intervals: one of them may take as many prefixes as
 * twice the bits of its addresses, less two.
 */
export function prefixesOf(set: AddressSet): readonly { readonly address: Address; readonly length: number }[] {
  return rangesOf(set).flatMap(rangePrefixes)
}

function rangePrefixes({ first, last }: AddressRange): { address: Address; length: number }[] {
  const bits = BITS[first.family]
  const result: { address: Address; length: number }[] = []
  let value = first.value
  while (value <= last.value) {
    let free = 0
    while (free < bits && (value & (1n << BigInt(free))) === 0n && value + (1n << BigInt(free + 1)) - 1n <= last.value) free++
    result.push({ address: { family: first.family, value }, length: bits - free })
    value += 1n << BigInt(free)
  }
  return result
}

/** Each stretch of addresses in its shortest usual form (as costly as `prefixesOf`): an address, a prefix, two or three prefixes, or `first-last`. */
export function formatAddressSet(set: AddressSet): readonly string[] {
  return rangesOf(set).flatMap((range) => {
    const prefixes = rangePrefixes(range)
    // Beyond a few prefixes, the two ends say it better.
    if (prefixes.length > 3) return [`${formatAddress(range.first)}-${formatAddress(range.last)}`]
    return prefixes.map(({ address, length }) =>
      length === BITS[address.family] ? formatAddress(address) : `${formatAddress(address)}/${length}`,
    )
  })
}
