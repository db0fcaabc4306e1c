import { ALL_ADDRESSES, type AddressSet } from './address-set.ts'
import { difference as subtract, intersection as intersect, isEmpty, overlaps, sameSet, union as unite, unionOf } from './intervals.ts'
import { ALL_PORTS, type PortSet } from './port-set.ts'

/** Every address of `addresses` with every port of `ports`; neither is empty. */
export interface SourceBox {
  readonly addresses: AddressSet
  readonly ports: PortSet
}

declare const canonical: unique symbol

/**
 * Where packets come from: source address × source port, as boxes whose addresses are disjoint and whose ports differ, so that
 * equal sets have equal boxes. Made by the functions of this file only.
 *
 * An operation costs (boxes of a) × (boxes of b) × intervals, since any two boxes may have addresses in common: distinct port sets are
 * few in practice, and `widen` bounds them. Of sets that have one box with the same ports, as nearly all have, it is linear.
 */
export type SourceSet = readonly SourceBox[] & { readonly [canonical]: true }

function trusted(boxes: readonly SourceBox[]): SourceSet {
  return boxes as SourceSet
}

export const NO_SOURCES: SourceSet = trusted([])

export const ALL_SOURCES: SourceSet = trusted([{ addresses: ALL_ADDRESSES, ports: ALL_PORTS }])

export function sourceSet(addresses: AddressSet, ports: PortSet = ALL_PORTS): SourceSet {
  return isEmpty(addresses) || isEmpty(ports) ? NO_SOURCES : trusted([{ addresses, ports }])
}

/**
 * `boxes` have disjoint addresses; those with the same ports become one. Each is compared with those before it, of which `widen` leaves
 * few: hashing their ports would cost more.
 */
function gather(boxes: readonly SourceBox[]): SourceSet {
  if (boxes.length === 0) return NO_SOURCES
  if (boxes.length === 1) return trusted(boxes)
  const groups: { ports: PortSet; addresses: AddressSet[] }[] = []
  for (const { addresses, ports } of boxes) {
    const group = groups.find((other) => sameSet(other.ports, ports))
    if (group === undefined) groups.push({ ports, addresses: [addresses] })
    else group.addresses.push(addresses)
  }
  const result = groups.map(({ ports, addresses }) => ({ ports, addresses: unionOf(addresses) }))
  return trusted(result.sort((a, b) => ((a.addresses[0]?.first ?? 0n) < (b.addresses[0]?.first ?? 0n) ? -1 : 1)))
}

/** The boxes of two sets that have one each, with the same ports: then their addresses are all that there is to it. */
function samePorts(a: SourceSet, b: SourceSet): readonly [SourceBox, SourceBox] | undefined {
  const [one, other] = [a[0], b[0]]
  if (a.length !== 1 || b.length !== 1 || one === undefined || other === undefined) return undefined
  return one.ports === other.ports || sameSet(one.ports, other.ports) ? [one, other] : undefined
}

/** `box` with these addresses; `set`, which has that box alone, where they are its own. */
function withAddresses(set: SourceSet, box: SourceBox, addresses: AddressSet): SourceSet {
  if (addresses === box.addresses) return set
  return isEmpty(addresses) ? NO_SOURCES : trusted([{ addresses, ports: box.ports }])
}

export function unionSources(a: SourceSet, b: SourceSet): SourceSet {
  if (a.length === 0 || a === b) return b
  if (b.length === 0) return a
  const plain = samePorts(a, b)
  if (plain !== undefined) return withAddresses(a, plain[0], unite(plain[0].addresses, plain[1].addresses))
  const boxes: SourceBox[] = []
  for (const box of a) {
    let rest = box.addresses
    for (const other of b) {
      const addresses = intersect(rest, other.addresses)
      if (isEmpty(addresses)) continue
      boxes.push({ addresses, ports: unite(box.ports, other.ports) })
      rest = subtract(rest, addresses)
    }
    if (!isEmpty(rest)) boxes.push({ addresses: rest, ports: box.ports })
  }
  const known = a.length === 1 ? (a[0] as SourceBox).addresses : unionOf(a.map((box) => box.addresses))
  for (const box of b) {
    const rest = subtract(box.addresses, known)
    if (!isEmpty(rest)) boxes.push({ addresses: rest, ports: box.ports })
  }
  return gather(boxes)
}

export function intersectSources(a: SourceSet, b: SourceSet): SourceSet {
  if (a === ALL_SOURCES || a === b) return b
  if (b === ALL_SOURCES) return a
  const plain = samePorts(a, b)
  if (plain !== undefined) return withAddresses(a, plain[0], intersect(plain[0].addresses, plain[1].addresses))
  const boxes: SourceBox[] = []
  for (const box of a) {
    for (const other of b) {
      const addresses = intersect(box.addresses, other.addresses)
      if (isEmpty(addresses)) continue
      const ports = intersect(box.ports, other.ports)
      if (!isEmpty(ports)) boxes.push({ addresses, ports })
    }
  }
  return gather(boxes)
}

/** What is in `a` and not in `b`. */
export function subtractSources(a: SourceSet, b: SourceSet): SourceSet {
  if (a.length === 0 || b.length === 0) return a
  if (b === ALL_SOURCES || a === b) return NO_SOURCES
  const plain = samePorts(a, b)
  if (plain !== undefined) return withAddresses(a, plain[0], subtract(plain[0].addresses, plain[1].addresses))
  const boxes: SourceBox[] = []
  for (const box of a) {
    let rest = box.addresses
    for (const other of b) {
      const addresses = intersect(rest, other.addresses)
      if (isEmpty(addresses)) continue
      rest = subtract(rest, addresses)
      const ports = subtract(box.ports, other.ports)
      if (!isEmpty(ports)) boxes.push({ addresses, ports })
    }
    if (!isEmpty(rest)) boxes.push({ addresses: rest, ports: box.ports })
  }
  return gather(boxes)
}

export function otherSources(set: SourceSet): SourceSet {
  return set.length === 0 ? ALL_SOURCES : subtractSources(ALL_SOURCES, set)
}

export function sameSources(a: SourceSet, b: SourceSet): boolean {
  if (a === b) return true
  return (
    a.length === b.length &&
    a.every((box, index) => {
      const other = b[index] as SourceBox
      return sameSet(box.addresses, other.addresses) && sameSet(box.ports, other.ports)
    })
  )
}

export function sourcesOverlap(a: SourceSet, b: SourceSet): boolean {
  return a.some((box) => b.some((other) => overlaps(box.ports, other.ports) && overlaps(box.addresses, other.addresses)))
}

/** The addresses from which at least one port is in the set: an attacker chooses the port. */
export function sourceAddresses(set: SourceSet): AddressSet {
  return set.length === 1 ? (set[0] as SourceBox).addresses : unionOf(set.map((box) => box.addresses))
}

/** The most boxes that a set keeps while rules are walked. */
export const MOST_BOXES = 64

/**
 * All of them, widened where it has to be. O(n log n) in the intervals of sets that have one box with the same ports, as those have that
 * rules take which ask for addresses alone; others are put together one after the other.
 */
export function unionOfSources(sets: readonly SourceSet[]): SourceSet {
  let all = NO_SOURCES
  for (let at = 0; at < sets.length; ) {
    const first = sets[at] as SourceSet
    let end = at + 1
    while (end < sets.length && samePorts(first, sets[end] as SourceSet) !== undefined) end++
    all = widen(unionSources(all, end === at + 1 ? first : alike(sets.slice(at, end))))
    at = end
  }
  return all
}

/** Sets that have one box each, with the same ports. */
function alike(sets: readonly SourceSet[]): SourceSet {
  const boxes = sets.map((set) => set[0] as SourceBox)
  return trusted([{ addresses: unionOf(boxes.map(({ addresses }) => addresses)), ports: (boxes[0] as SourceBox).ports }])
}

/** The same set while it is small; beyond `MOST_BOXES`, a larger one that contains it. Never a smaller one. */
export function widen(set: SourceSet): SourceSet {
  if (set.length <= MOST_BOXES) return set
  return sourceSet(sourceAddresses(set), unionOf(set.map((box) => box.ports)))
}
