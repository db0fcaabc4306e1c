/** Inclusive at both ends. */
export interface Interval<T extends number | bigint> {
  readonly first: T
  readonly last: T
}

declare const canonical: unique symbol

/** Sorted, disjoint and not adjacent, so that equal sets are equal lists. Made by the functions of this file only. Every operation is linear in the intervals involved. */
export type IntervalSet<T extends number | bigint> = readonly Interval<T>[] & { readonly [canonical]: true }

/** Whole numbers: protocols, marks, types. */
export type NumberSet = IntervalSet<number>

function next<T extends number | bigint>(value: T): T {
  const plain: number | bigint = value
  return (typeof plain === 'bigint' ? plain + 1n : plain + 1) as T
}

function previous<T extends number | bigint>(value: T): T {
  const plain: number | bigint = value
  return (typeof plain === 'bigint' ? plain - 1n : plain - 1) as T
}

function trusted<T extends number | bigint>(intervals: readonly Interval<T>[]): IntervalSet<T> {
  return intervals as IntervalSet<T>
}

const EMPTY = trusted<never>([])

export function emptySet<T extends number | bigint>(): IntervalSet<T> {
  return EMPTY as unknown as IntervalSet<T>
}

/** Any intervals, in any order, overlapping or not; one whose `first` is beyond its `last` is empty. O(n log n). */
export function intervalSet<T extends number | bigint>(intervals: Iterable<Interval<T>>): IntervalSet<T> {
  const sorted = [...intervals]
    .filter(({ first, last }) => first <= last)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  return merge(sorted)
}

export function numberSet(...values: readonly number[]): NumberSet {
  return intervalSet(values.map((value) => ({ first: value, last: value })))
}

/** `sorted` by first. */
function merge<T extends number | bigint>(sorted: readonly Interval<T>[]): IntervalSet<T> {
  const result: Interval<T>[] = []
  let open: Interval<T> | undefined
  for (const interval of sorted) {
    if (open !== undefined && interval.first <= next(open.last)) {
      if (interval.last > open.last) open = { first: open.first, last: interval.last }
    } else {
      if (open !== undefined) result.push(open)
      open = interval
    }
  }
  if (open !== undefined) result.push(open)
  return trusted(result)
}

export function union<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  if (a.length === 0 || a === b) return b
  if (b.length === 0) return a
  const sorted: Interval<T>[] = []
  let j = 0
  for (const interval of a) {
    for (let other = b[j]; other !== undefined && other.first < interval.first; other = b[++j]) sorted.push(other)
    sorted.push(interval)
  }
  for (; j < b.length; j++) sorted.push(b[j] as Interval<T>)
  return merge(sorted)
}

export function unionOf<T extends number | bigint>(sets: Iterable<IntervalSet<T>>): IntervalSet<T> {
  const all: Interval<T>[] = []
  for (const set of sets) for (const interval of set) all.push(interval)
  return intervalSet(all)
}

export function intersection<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  if (a === b) return a
  const result: Interval<T>[] = []
  let i = 0
  let j = 0
  for (;;) {
    const x = a[i]
    const y = b[j]
    if (x === undefined || y === undefined) break
    const first = x.first > y.first ? x.first : y.first
    const last = x.last < y.last ? x.last : y.last
    if (first <= last) result.push(first === x.first && last === x.last ? x : { first, last })
    if (x.last < y.last) i++
    else j++
  }
  return result.length === 0 ? emptySet() : trusted(result)
}

/** What is in `a` and not in `b`. */
export function difference<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  if (a.length === 0 || b.length === 0) return a
  if (a === b) return emptySet()
  const result: Interval<T>[] = []
  let j = 0
  for (const interval of a) {
    let first = interval.first
    let hole = b[j]
    while (hole !== undefined && hole.last < first) hole = b[++j]
    while (hole !== undefined && hole.first <= interval.last) {
      if (hole.first > first) result.push({ first, last: previous(hole.first) })
      first = next(hole.last)
      if (hole.last > interval.last) break
      hole = b[++j]
    }
    if (first <= interval.last) result.push(first === interval.first ? interval : { first, last: interval.last })
  }
  return result.length === 0 ? emptySet() : trusted(result)
}

export function isEmpty(set: readonly unknown[]): boolean {
  return set.length === 0
}

/** Binary search. */
export function includes<T extends number | bigint>(set: IntervalSet<T>, value: T): boolean {
  let low = 0
  let high = set.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const interval = set[middle] as Interval<T>
    if (value < interval.first) high = middle - 1
    else if (value > interval.last) low = middle + 1
    else return true
  }
  return false
}

export function isSubset<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  return a === b || difference(a, b).length === 0
}

export function overlaps<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  return intersection(a, b).length > 0
}

export function sameSet<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((interval, index) => interval.first === b[index]?.first && interval.last === b[index]?.last)
}
