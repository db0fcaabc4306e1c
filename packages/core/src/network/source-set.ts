import { ALL_ADDRESSES, type AddressSet } from './address-set.ts'
import { difference as subtract, intersection as intersect, isEmpty, sameSet, union as unite, unionOf } from './intervals.ts'
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
 * An operation costs (boxes of a) × (boxes of b) × intervals: distinct port sets are few in practice, and `widen` bounds them.
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

/** `boxes` have disjoint addresses; those with the same ports become one. */
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

export function unionSources(a: SourceSet, b: SourceSet): SourceSet {
  if (a.length === 0 || a === b) return b
  if (b.length === 0) return a
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
  return intersectSources(a, b).length > 0
}

/** The addresses from which at least one port is in the set: an attacker chooses the port. */
export function sourceAddresses(set: SourceSet): AddressSet {
  return set.length === 1 ? (set[0] as SourceBox).addresses : unionOf(set.map((box) => box.addresses))
}

/** The most boxes that a set keeps while rules are walked. */
export const MOST_BOXES = 64

/** The same set while it is small; beyond `MOST_BOXES`, a larger one that contains it. Never a smaller one. */
export function widen(set: SourceSet): SourceSet {
  if (set.length <= MOST_BOXES) return set
  return sourceSet(sourceAddresses(set), unionOf(set.map((box) => box.ports)))
}
