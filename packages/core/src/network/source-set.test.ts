import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALL_SOURCES,
  includes,
  intersectSources,
  type IntervalSet,
  intervalSet,
  MOST_BOXES,
  NO_SOURCES,
  otherSources,
  sameSet,
  sameSources,
  type SourceSet,
  sourceAddresses,
  sourceSet,
  sourcesOverlap,
  subtractSources,
  unionOfSources,
  unionSources,
  widen,
} from './index.ts'

const ADDRESSES = Array.from({ length: 6 }, (_, index) => BigInt(index))
const PORTS = Array.from({ length: 6 }, (_, index) => index)

function small<T extends number | bigint>(values: readonly T[]): fc.Arbitrary<IntervalSet<T>> {
  return fc.subarray([...values]).map((chosen) => intervalSet(chosen.map((value) => ({ first: value, last: value }))))
}

const sources: fc.Arbitrary<SourceSet> = fc
  .array(fc.tuple(small(ADDRESSES), small(PORTS)), { maxLength: 4 })
  .map((boxes) => boxes.reduce<SourceSet>((set, [addresses, ports]) => unionSources(set, sourceSet(addresses, ports)), NO_SOURCES))

/** Every point of the small universe that is in the set. */
function points(set: SourceSet): readonly string[] {
  return ADDRESSES.flatMap((address) => PORTS.filter((port) => has(set, address, port)).map((port) => `${address}:${port}`))
}

function has(set: SourceSet, address: bigint, port: number): boolean {
  return set.some(({ addresses, ports }) => includes(addresses, address) && includes(ports, port))
}

describe('source sets, against every point of a small universe', () => {
  it('union, intersection, difference, and one form for each set', () => {
    fc.assert(
      fc.property(sources, sources, (a, b) => {
        const [inA, inB] = [points(a), points(b)]
        expect(points(unionSources(a, b))).toEqual(points(ALL_SOURCES).filter((point) => inA.includes(point) || inB.includes(point)))
        expect(points(intersectSources(a, b))).toEqual(inA.filter((point) => inB.includes(point)))
        expect(points(subtractSources(a, b))).toEqual(inA.filter((point) => !inB.includes(point)))
        expect(sourcesOverlap(a, b)).toBe(inA.some((point) => inB.includes(point)))
        expect(sameSources(a, b)).toBe(inA.join() === inB.join())
        for (const set of [a, unionSources(a, b), intersectSources(a, b), subtractSources(a, b)]) {
          for (const [index, box] of set.entries()) {
            expect(box.addresses.length * box.ports.length).toBeGreaterThan(0)
            for (const other of set.slice(index + 1)) expect(sameSet(box.ports, other.ports)).toBe(false)
          }
        }
      }),
    )
  })

  it('the union of many at once is that of one after the other', () => {
    const plain = small(ADDRESSES).map((addresses) => sourceSet(addresses))
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, plain, sources), { maxLength: 8 }), (sets) => {
        expect(sameSources(unionOfSources(sets), sets.reduce(unionSources, NO_SOURCES))).toBe(true)
      }),
    )
  })

  it('complement', () => {
    fc.assert(
      fc.property(sources, (set) => {
        const other = otherSources(set)
        expect(sourcesOverlap(set, other)).toBe(false)
        expect(sameSources(unionSources(set, other), ALL_SOURCES)).toBe(true)
        expect(sameSources(otherSources(other), set)).toBe(true)
      }),
    )
  })

  it('a set past its bound becomes a larger one, never a smaller', () => {
    const grow = (count: number): SourceSet =>
      Array.from({ length: count }, (_, index) => index).reduce<SourceSet>(
        (set, index) =>
          unionSources(
            set,
            sourceSet(
              intervalSet([{ first: BigInt(index * 2), last: BigInt(index * 2) }]),
              intervalSet([{ first: index * 2, last: index * 2 }]),
            ),
          ),
        NO_SOURCES,
      )
    const within = grow(MOST_BOXES)
    expect(widen(within)).toBe(within)
    const beyond = grow(MOST_BOXES + 1)
    const wider = widen(beyond)
    expect(wider).toHaveLength(1)
    expect(subtractSources(beyond, wider)).toHaveLength(0)
    expect(sameSet(sourceAddresses(wider), sourceAddresses(beyond))).toBe(true)
  })
})
