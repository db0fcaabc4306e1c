/** Inclusive at both ends. */
export interface Interval<T extends number | bigint> {
  readonly first: T
  readonly last: T
}

declare const canonical: unique symbol

/** Sorted, disjoint and not adjacent, so that equal sets are equal lists. Made by the functions of this file only. Every operation is at most linear in the intervals involved, but those that say why not. */
export type IntervalSet<T extends number | bigint> = readonly Interval<T>[] & { readonly [canonical]: true }

/** Whole numbers: protocols, marks, types. */
export type NumberSet = IntervalSet<number>

export function next<T extends number | bigint>(value: T): T {
  const plain: number | bigint = value
  return (typeof plain === 'bigint' ? plain + 1n : plain + 1) as T
}

export function previous<T extends number | bigint>(value: T): T {
  const plain: number | bigint = value
  return (typeof plain === 'bigint' ? plain - 1n : plain - 1) as T
}

/** For the files of this folder: `intervals` are sorted, disjoint and not adjacent. */
export function trusted<T extends number | bigint>(intervals: readonly Interval<T>[]): IntervalSet<T> {
  return intervals as IntervalSet<T>
}

const EMPTY = trusted<never>([])

export function emptySet<T extends number | bigint>(): IntervalSet<T> {
  return EMPTY as unknown as IntervalSet<T>
}

/** Any intervals, in any order, overlapping or not; one whose `first` is beyond its `last` is empty. O(n log n): they have to be sorted. */
export function intervalSet<T extends number | bigint>(intervals: Iterable<Interval<T>>): IntervalSet<T> {
  return merge([...intervals].filter(({ first, last }) => first <= last).sort(byFirst))
}

function byFirst<T extends number | bigint>(a: Interval<T>, b: Interval<T>): number {
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0
}

export function numberSet(...values: readonly number[]): NumberSet {
  return intervalSet(values.map((value) => ({ first: value, last: value })))
}

/** `sorted` by first. */
export function merge<T extends number | bigint>(sorted: readonly Interval<T>[]): IntervalSet<T> {
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
  if (isFew(b, a)) return b.reduce(withInterval, a)
  if (isFew(a, b)) return a.reduce(withInterval, b)
  const sorted: Interval<T>[] = []
  let j = 0
  for (const interval of a) {
    for (let other = b[j]; other !== undefined && other.first < interval.first; other = b[++j]) sorted.push(other)
    sorted.push(interval)
  }
  for (; j < b.length; j++) sorted.push(b[j] as Interval<T>)
  return merge(sorted)
}

/** O(n log n) in the intervals of all, which have to be sorted: to put in one set after the other would be quadratic in the sets. */
export function unionOf<T extends number | bigint>(sets: Iterable<IntervalSet<T>>): IntervalSet<T> {
  const [first, second, ...rest] = [...sets].filter((set) => set.length > 0)
  if (first === undefined) return emptySet()
  if (second === undefined) return first
  if (rest.length === 0) return union(first, second)
  const all: Interval<T>[] = []
  for (const set of [first, second, ...rest]) for (const interval of set) all.push(interval)
  return merge(all.sort(byFirst))
}

/** `a` itself where all of it is in `b`, `b` itself where all of that is in `a`: what is known of a set is found again. */
export function intersection<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  if (a === b) return a
  const result: Interval<T>[] = []
  let ofA = 0
  let ofB = 0
  let i = 0
  let j = 0
  for (;;) {
    const x = a[i]
    const y = b[j]
    if (x === undefined || y === undefined) break
    const first = x.first > y.first ? x.first : y.first
    const last = x.last < y.last ? x.last : y.last
    if (first <= last) {
      const wholeX = first === x.first && last === x.last
      const wholeY = first === y.first && last === y.last
      if (wholeX) ofA++
      if (wholeY) ofB++
      result.push(wholeX ? x : wholeY ? y : { first, last })
    }
    if (x.last < y.last) i = reaching(a, y.first, i + 1)
    else j = reaching(b, x.first, j + 1)
  }
  if (ofA === a.length) return a
  if (ofB === b.length) return b
  return result.length === 0 ? emptySet() : trusted(result)
}

/** What is in `a` and not in `b`; `a` itself where nothing is in both. */
export function difference<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  if (a.length === 0 || b.length === 0) return a
  if (a === b) return emptySet()
  if (isFew(b, a)) return b.reduce(withoutInterval, a)
  const result: Interval<T>[] = []
  let j = 0
  let changed = false
  for (const interval of a) {
    let first = interval.first
    j = reaching(b, first, j)
    let hole = b[j]
    while (hole !== undefined && hole.first <= interval.last) {
      changed = true
      if (hole.first > first) result.push({ first, last: previous(hole.first) })
      first = next(hole.last)
      if (hole.last > interval.last) break
      hole = b[++j]
    }
    if (first <= interval.last) result.push(first === interval.first ? interval : { first, last: interval.last })
  }
  if (!changed) return a
  return result.length === 0 ? emptySet() : trusted(result)
}

/** Whether putting `few` in one by one is quicker than going through both. */
function isFew(few: readonly unknown[], many: readonly unknown[]): boolean {
  return few.length <= 4 && few.length * 8 < many.length
}

/**
 * Where the first interval stands, from `start` on, that ends at `value` or beyond. In steps that double, so that it takes the logarithm of
 * the way: to ask for one value after the other is never slower than to go through the list.
 */
export function reaching<T extends number | bigint>(set: readonly Interval<T>[], value: T, start = 0): number {
  return firstFrom(set, start, ({ last }) => last >= value)
}

/** Where the first interval stands, from `start` on, that begins beyond `value`. */
function beyond<T extends number | bigint>(set: readonly Interval<T>[], value: T, start: number): number {
  return firstFrom(set, start, ({ first }) => first > value)
}

/** `holds` of no interval before some place, and of all from there on. */
function firstFrom<T extends number | bigint>(
  set: readonly Interval<T>[],
  start: number,
  holds: (interval: Interval<T>) => boolean,
): number {
  let low = start
  let step = 1
  for (let at = low; at < set.length && !holds(set[at] as Interval<T>); at = low + step - 1) {
    low = at + 1
    step *= 2
  }
  let high = Math.min(low + step - 1, set.length)
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(set[middle] as Interval<T>)) high = middle
    else low = middle + 1
  }
  return low
}

/** One more interval: as many comparisons as a binary search takes, and one copy of the list. */
function withInterval<T extends number | bigint>(set: IntervalSet<T>, { first, last }: Interval<T>): IntervalSet<T> {
  const from = reaching(set, previous(first))
  const to = beyond(set, next(last), from)
  const head = set[from]
  const tail = set[to - 1]
  if (from === to || head === undefined || tail === undefined) return trusted(set.toSpliced(from, 0, { first, last }))
  if (head === tail && head.first <= first && head.last >= last) return set
  const whole = { first: head.first < first ? head.first : first, last: tail.last > last ? tail.last : last }
  return trusted(set.toSpliced(from, to - from, whole))
}

/** One interval less, likewise. */
function withoutInterval<T extends number | bigint>(set: IntervalSet<T>, { first, last }: Interval<T>): IntervalSet<T> {
  const from = reaching(set, first)
  const to = beyond(set, last, from)
  const head = set[from]
  const tail = set[to - 1]
  if (from === to || head === undefined || tail === undefined) return set
  const left: Interval<T>[] = []
  if (head.first < first) left.push({ first: head.first, last: previous(first) })
  if (tail.last > last) left.push({ first: next(last), last: tail.last })
  return trusted(set.toSpliced(from, to - from, ...left))
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
  if (a === b) return true
  let j = 0
  for (const { first, last } of a) {
    j = reaching(b, first, j)
    const other = b[j]
    if (other === undefined || other.first > first || other.last < last) return false
  }
  return true
}

export function overlaps<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  if (a.length > b.length) return overlaps(b, a)
  let j = 0
  for (const { first, last } of a) {
    j = reaching(b, first, j)
    const other = b[j]
    if (other === undefined) return false
    if (other.first <= last) return true
  }
  return false
}

export function sameSet<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((interval, index) => interval.first === b[index]?.first && interval.last === b[index]?.last)
}
