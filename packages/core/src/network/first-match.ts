import { type Interval, type IntervalSet, merge, next, previous, reaching, trusted } from './intervals.ts'

/** Values, each with the number of the set that it belongs to. Two lists, so that sets are made of the very intervals that stand here. */
export interface Shares<T extends number | bigint> {
  /** Sorted and disjoint. */
  readonly intervals: readonly Interval<T>[]
  /** Of the interval at the same place. */
  readonly by: readonly number[]
}

/** The number of values that no set has. */
export const NO_SET = Infinity

export interface Numbered<T extends number | bigint> {
  readonly number: number
  readonly set: IntervalSet<T>
}

/**
 * Each value with the first of the sets that has it. O(n log s) in the intervals of all `s` sets: to take one set after the other away from
 * what is left would be quadratic.
 */
export function firstMatch<T extends number | bigint>(sets: readonly Numbered<T>[]): Shares<T> {
  const [only] = sets
  if (only === undefined) return { intervals: [], by: [] }
  if (sets.length === 1) return { intervals: only.set, by: only.set.map(() => only.number) }
  const middle = sets.length >> 1
  return overlay(firstMatch(sets.slice(0, middle)), firstMatch(sets.slice(middle)))
}

/** All of `over`, and of `under` what it leaves. Linear in both. */
function overlay<T extends number | bigint>(over: Shares<T>, under: Shares<T>): Shares<T> {
  const found = new Growing<T>()
  let i = 0
  let covered: T | undefined
  for (const [at, interval] of under.intervals.entries()) {
    const number = under.by[at] as number
    let { first } = interval
    if (covered !== undefined && covered >= first) first = next(covered)
    for (let other = over.intervals[i]; other !== undefined && other.first <= interval.last; other = over.intervals[i]) {
      if (first < other.first) found.add({ first, last: previous(other.first) }, number)
      found.add(other, over.by[i++] as number)
      covered = other.last
      if (covered >= first) first = next(covered)
    }
    if (first <= interval.last) found.add(first === interval.first ? interval : { first, last: interval.last }, number)
  }
  for (; i < over.intervals.length; i++) found.add(over.intervals[i] as Interval<T>, over.by[i] as number)
  return found
}

/** Shares that are found in their order. */
class Growing<T extends number | bigint> implements Shares<T> {
  readonly intervals: Interval<T>[] = []
  readonly by: number[] = []

  add(interval: Interval<T>, number: number): void {
    this.intervals.push(interval)
    this.by.push(number)
  }
}

/** All values of `set`; those that nobody shares by `NO_SET`. Linear in `set` and in what of `shares` is in it. */
export function sharesIn<T extends number | bigint>(set: readonly Interval<T>[], shares: Shares<T>): Shares<T> {
  const found = new Growing<T>()
  let j = 0
  for (const interval of set) {
    let { first } = interval
    j = reaching(shares.intervals, first, j)
    for (let share = shares.intervals[j]; share !== undefined && share.first <= interval.last; share = shares.intervals[++j]) {
      if (share.first > first) {
        found.add({ first, last: previous(share.first) }, NO_SET)
        first = share.first
      }
      const last = share.last < interval.last ? share.last : interval.last
      found.add(first === share.first && last === share.last ? share : { first, last }, shares.by[j] as number)
      first = next(last)
      if (share.last >= interval.last) break
    }
    if (first <= interval.last) found.add(first === interval.first ? interval : { first, last: interval.last }, NO_SET)
  }
  return found
}

/** The values whose number is wanted. Linear. */
export function valuesOf<T extends number | bigint>({ intervals, by }: Shares<T>, isWanted: (number: number) => boolean): IntervalSet<T> {
  const found: Interval<T>[] = []
  let isNext = false
  for (let at = 0; at < by.length; at++) {
    if (!isWanted(by[at] as number)) {
      isNext = false
      continue
    }
    const interval = intervals[at] as Interval<T>
    const before = found.at(-1)
    // What stands between two intervals is at least one value.
    if (isNext && before !== undefined && next(before.last) === interval.first)
      found[found.length - 1] = { first: before.first, last: interval.last }
    else found.push(interval)
    isNext = true
  }
  return trusted(found)
}

/** Of `set`, the values whose number is wanted. Linear in `set` and in what of `shares` is in it. */
export function valuesIn<T extends number | bigint>(
  set: IntervalSet<T>,
  shares: Shares<T>,
  isWanted: (number: number) => boolean,
): IntervalSet<T> {
  const found: Interval<T>[] = []
  let j = 0
  for (const { first, last } of set) {
    j = reaching(shares.intervals, first, j)
    for (let share = shares.intervals[j]; share !== undefined && share.first <= last; share = shares.intervals[++j]) {
      if (isWanted(shares.by[j] as number)) {
        const within = share.first >= first && share.last <= last
        found.push(within ? share : { first: share.first > first ? share.first : first, last: share.last < last ? share.last : last })
      }
      if (share.last >= last) break
    }
  }
  return merge(found)
}
