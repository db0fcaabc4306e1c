import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../test/proportion.ts'
import { firstMatch, type Interval, intervalSet, NO_SET, type Shares, sharesIn, valuesIn, valuesOf } from './index.ts'

/** A universe small enough to try every member. */
const UNIVERSE = Array.from({ length: 24 }, (_, index) => index)

const sets = fc
  .array(
    fc.tuple(fc.nat(23), fc.nat(5)).map(([first, more]): Interval<number> => ({ first, last: Math.min(23, first + more) })),
    { maxLength: 4 },
  )
  .map(intervalSet)

/** Numbers of the sets are any that ascend. */
const lists = fc.array(sets, { maxLength: 8 }).map((list) => list.map((set, index) => ({ number: index * 3 + 1, set })))

function has(list: readonly Interval<number>[], value: number): boolean {
  return list.some(({ first, last }) => first <= value && value <= last)
}

function numberOf({ intervals, by }: Shares<number>, value: number): number | undefined {
  const found = by.filter((_, at) => has(intervals.slice(at, at + 1), value))
  expect(found.length).toBeLessThanOrEqual(1)
  return found[0]
}

describe('who is first to have a value, against every member of a small universe', () => {
  it('of a list of sets', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const shares = firstMatch(list)
        for (const value of UNIVERSE) expect(numberOf(shares, value)).toBe(list.find(({ set }) => has(set, value))?.number)
        const firsts = shares.intervals.map(({ first }) => first)
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
      }),
    )
  })

  it('within a set, of which nothing is left out', () => {
    fc.assert(
      fc.property(lists, sets, (list, set) => {
        const shares = sharesIn(set, firstMatch(list))
        for (const value of UNIVERSE)
          expect(numberOf(shares, value)).toBe(has(set, value) ? (list.find((one) => has(one.set, value))?.number ?? NO_SET) : undefined)
      }),
    )
  })

  it('as a set again, in its one form', () => {
    fc.assert(
      fc.property(lists, sets, sets, fc.nat(24), (list, set, part, bound) => {
        const shares = sharesIn(set, firstMatch(list))
        const wanted = UNIVERSE.filter((value) => (numberOf(shares, value) ?? -1) >= bound)
        const singles = (values: readonly number[]) => intervalSet(values.map((value) => ({ first: value, last: value })))
        expect(valuesOf(shares, (number) => number >= bound)).toEqual(singles(wanted))
        expect(valuesIn(part, shares, (number) => number >= bound)).toEqual(singles(wanted.filter((value) => has(part, value))))
      }),
    )
  })

  it('in time that grows as the intervals do', () => {
    expectProportional((count) => {
      const list = Array.from({ length: count }, (_, at) => ({
        number: at,
        set: intervalSet([{ first: (at * 7919) % (count * 4), last: ((at * 7919) % (count * 4)) + 1 }]),
      }))
      const shares = sharesIn(intervalSet([{ first: 0, last: count * 8 }]), firstMatch(list))
      valuesOf(shares, (number) => number > count / 2)
    }, 2_000)
  })
})
