import { difference, intersection, isSubset, type NumberSet, overlaps } from '../../network/index.ts'

/**
 * Packets, as one set of cells for each dimension of a `Space`, all of which have to hold. `undefined`: every cell. No set is empty, and
 * none is every cell of its dimension.
 */
export type Box = readonly (NumberSet | undefined)[]

/** `undefined`: they have no packet in common. */
export function meet(a: Box, b: Box): Box | undefined {
  const result: (NumberSet | undefined)[] = []
  for (let dimension = 0; dimension < a.length; dimension++) {
    const set = a[dimension]
    const other = b[dimension]
    const both = set === undefined ? other : other === undefined ? set : intersection(set, other)
    if (both?.length === 0) return undefined
    result.push(both)
  }
  return result
}

export function touches(a: Box, b: Box): boolean {
  for (let dimension = 0; dimension < a.length; dimension++) {
    const set = a[dimension]
    const other = b[dimension]
    if (set !== undefined && other !== undefined && set !== other && !overlaps(set, other)) return false
  }
  return true
}

/** Whether every packet of `a` is in `b`. */
export function within(a: Box, b: Box): boolean {
  for (let dimension = 0; dimension < a.length; dimension++) {
    const set = a[dimension]
    const other = b[dimension]
    if (other !== undefined && (set === undefined || !isSubset(set, other))) return false
  }
  return true
}

/** What is in `a` and not in `b`, in boxes that have no packet in common. `full`: every cell of each dimension. */
export function without(a: Box, b: Box, full: readonly NumberSet[]): readonly Box[] {
  if (!touches(a, b)) return [a]
  const pieces: Box[] = []
  const rest = [...a]
  for (const [dimension, other] of b.entries()) {
    if (other === undefined) continue
    const set = rest[dimension] ?? (full[dimension] as NumberSet)
    const outside = difference(set, other)
    if (outside.length > 0) pieces.push(rest.with(dimension, outside))
    rest[dimension] = intersection(set, other)
  }
  return pieces
}
