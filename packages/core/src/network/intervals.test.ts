import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../test/proportion.ts'
import {
  difference,
  includes,
  intersection,
  type Interval,
  type IntervalSet,
  intervalSet,
  isEmpty,
  isSubset,
  overlaps,
  sameSet,
  union,
  unionOf,
} from './index.ts'

/** A universe small enough to try every member. */
const UNIVERSE = Array.from({ length: 24 }, (_, index) => index)

const intervals = fc.array(
  fc.tuple(fc.nat(23), fc.nat(23)).map(([first, last]): Interval<number> => ({ first, last })),
  { maxLength: 6 },
)

function members(set: IntervalSet<number>): readonly number[] {
  return UNIVERSE.filter((value) => set.some(({ first, last }) => first <= value && value <= last))
}

function listed(list: readonly Interval<number>[]): readonly number[] {
  return UNIVERSE.filter((value) => list.some(({ first, last }) => first <= value && value <= last))
}

/** Sorted, disjoint, not adjacent: one form for each set. */
function expectCanonical(set: IntervalSet<number>): void {
  for (const [index, { first, last }] of set.entries()) {
    expect(first).toBeLessThanOrEqual(last)
    const before = set[index - 1]
    if (before !== undefined) expect(first).toBeGreaterThan(before.last + 1)
  }
}

describe('intervals, against every member of a small universe', () => {
  it('are made canonical from any list', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const set = intervalSet(list)
        expectCanonical(set)
        expect(members(set)).toEqual(listed(list))
      }),
    )
  })

  it('union, intersection and difference', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const [inA, inB] = [new Set(listed(a)), new Set(listed(b))]
        const [x, y] = [intervalSet(a), intervalSet(b)]
        for (const [set, expected] of [
          [union(x, y), UNIVERSE.filter((value) => inA.has(value) || inB.has(value))],
          [unionOf([x, y, x]), UNIVERSE.filter((value) => inA.has(value) || inB.has(value))],
          [intersection(x, y), UNIVERSE.filter((value) => inA.has(value) && inB.has(value))],
          [difference(x, y), UNIVERSE.filter((value) => inA.has(value) && !inB.has(value))],
        ] as const) {
          expectCanonical(set)
          expect(members(set)).toEqual(expected)
        }
      }),
    )
  })

  it('membership, subsets, overlaps, equality', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const [x, y] = [intervalSet(a), intervalSet(b)]
        const [inA, inB] = [listed(a), listed(b)]
        for (const value of UNIVERSE) expect(includes(x, value)).toBe(inA.includes(value))
        expect(isSubset(x, y)).toBe(inA.every((value) => inB.includes(value)))
        expect(overlaps(x, y)).toBe(inA.some((value) => inB.includes(value)))
        expect(sameSet(x, y)).toBe(inA.length === inB.length && inA.every((value) => inB.includes(value)))
        expect(isEmpty(x)).toBe(inA.length === 0)
      }),
    )
  })

  it('work on bigints in the same way', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const big = (list: readonly Interval<number>[]) =>
          intervalSet(list.map(({ first, last }) => ({ first: BigInt(first), last: BigInt(last) })))
        const small = (set: IntervalSet<bigint>) => set.map(({ first, last }) => ({ first: Number(first), last: Number(last) }))
        expect(small(union(big(a), big(b)))).toEqual(union(intervalSet(a), intervalSet(b)))
        expect(small(intersection(big(a), big(b)))).toEqual(intersection(intervalSet(a), intervalSet(b)))
        expect(small(difference(big(a), big(b)))).toEqual(difference(intervalSet(a), intervalSet(b)))
      }),
    )
  })

  it('one of many intervals with one of few, either way round', () => {
    const comb = fc
      .array(fc.nat(199), { minLength: 30, maxLength: 120 })
      .map((all) => intervalSet(all.map((at) => ({ first: at, last: at }))))
    const few = fc
      .array(
        fc.tuple(fc.nat(205), fc.nat(30)).map(([first, more]) => ({ first, last: first + more })),
        { maxLength: 3 },
      )
      .map(intervalSet)
    const inside = (set: IntervalSet<number>): ReadonlySet<number> =>
      new Set(set.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index)))
    const sorted = (all: Iterable<number>): readonly number[] => [...new Set(all)].sort((a, b) => a - b)
    const sets = fc.tuple(comb, few).chain(([a, b]) => fc.constantFrom([a, b] as const, [b, a] as const))
    fc.assert(
      fc.property(sets, ([a, b]) => {
        const [inA, inB] = [inside(a), inside(b)]
        for (const [set, expected] of [
          [union(a, b), [...inA, ...inB]],
          [unionOf([a, b]), [...inA, ...inB]],
          [intersection(a, b), [...inA].filter((value) => inB.has(value))],
          [difference(a, b), [...inA].filter((value) => !inB.has(value))],
        ] as const) {
          expectCanonical(set)
          expect([...inside(set)]).toEqual(sorted(expected))
        }
        expect(overlaps(a, b)).toBe([...inA].some((value) => inB.has(value)))
        expect(isSubset(intersection(a, b), a)).toBe(true)
        expect(isSubset(a, b)).toBe([...inA].every((value) => inB.has(value)))
      }),
      { numRuns: 500 },
    )
  })

  it('what changes nothing gives the very same set', () => {
    const many = intervalSet(Array.from({ length: 100 }, (_, index) => ({ first: index * 4, last: index * 4 + 1 })))
    const [within, beside] = [intervalSet([{ first: 40, last: 41 }]), intervalSet([{ first: 42, last: 43 }])]
    expect(union(many, within)).toBe(many)
    expect(difference(many, beside)).toBe(many)
    expect(difference(within, many)).toHaveLength(0)
    expect(difference(beside, many)).toBe(beside)
  })

  it('take time in proportion to the intervals involved', () => {
    const comb = (count: number, offset: number) =>
      intervalSet(Array.from({ length: count }, (_, index) => ({ first: index * 4 + offset, last: index * 4 + offset + 1 })))
    expectProportional((count) => {
      const [x, y] = [comb(count, 0), comb(count, 1)]
      for (const operation of [union, intersection, difference]) operation(x, y)
    }, 10_000)
  })
})
