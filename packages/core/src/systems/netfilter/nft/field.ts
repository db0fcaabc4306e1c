import type { Condition } from '../../../evidence/index.ts'
import { type Family, includes, intervalSet, type NumberSet, numberSet } from '../../../network/index.ts'
import type { Json } from '../../json.ts'
import { ALWAYS, any } from '../conditions.ts'
import { addressesOf, type Names, numbersOf } from './values.ts'

/** What stands on the left of a match: a field of the packet, and how to ask for its values. `undefined` answers: not understood. */
export interface Field {
  /** What has to hold for the field to be there at all; without it the rule ends, whether the match is negated or not. */
  readonly requires: Condition
  /** That the field is one of the values. */
  among(values: readonly Json[]): Condition | undefined
  /** That at least one of the bits is set. */
  anyBit(values: readonly Json[]): Condition | undefined
  /** That the field lies in the range from the value on (`up`) or to it, the value itself included when `equal`. */
  ordered(value: Json, up: boolean, equal: boolean): Condition | undefined
}

/** A number, of which only some bits may be asked: `(value & mask) ^ flipped`. */
export interface NumberFacts {
  readonly requires?: Condition
  readonly largest: number
  readonly names?: Names
  /** The condition that `value & mask` is one of `values`. */
  make(mask: number, values: NumberSet): Condition | undefined
}

export function numberField({ requires = ALWAYS, largest, names = {}, make }: NumberFacts, mask = largest, flipped = 0): Field {
  const among = (set: NumberSet | undefined): Condition | undefined => {
    if (set === undefined) return undefined
    if (flipped === 0) return make(mask, set)
    if (set.some(({ first, last }) => first !== last)) return undefined
    return make(mask, numberSet(...set.map(({ first }) => (first ^ flipped) >>> 0)))
  }
  return {
    requires,
    among: (values) => among(numbersOf(values, names, largest)),
    anyBit(values) {
      // Together they are one number.
      const bits = numbersOf([values], names, largest)?.[0]?.first
      if (bits === undefined || flipped !== 0) return undefined
      return make((mask & bits) >>> 0, intervalSet([{ first: 1, last: largest }]))
    },
    ordered(value, up, equal) {
      const limit = numbersOf([value], names, largest)?.[0]
      if (limit === undefined || limit.first !== limit.last) return undefined
      const edge = equal ? limit.first : up ? limit.first + 1 : limit.first - 1
      return among(intervalSet([up ? { first: edge, last: largest } : { first: 0, last: edge }]))
    },
  }
}

/** Fields that are asked by whole values only. */
export function valueField(requires: Condition, among: (values: readonly Json[]) => Condition | undefined): Field {
  return { requires, among, anyBit: () => undefined, ordered: () => undefined }
}

export const TRACKED: Condition = { kind: 'tracked' }

export function familyIs(family: Family): Condition {
  return { kind: 'family', families: [family] }
}

export function protocolIs(...numbers: readonly number[]): Condition {
  return { kind: 'protocol', protocols: numberSet(...numbers) }
}

/** The values of a small field that, masked, are in the set. */
export function unmasked(mask: number, values: NumberSet, largest: number): NumberSet {
  if (mask === largest) return values
  const found: { first: number; last: number }[] = []
  for (let value = 0; value <= largest; value++) if (includes(values, value & mask)) found.push({ first: value, last: value })
  return intervalSet(found)
}

export function addressField(
  kind: 'source' | 'destination' | 'original-source' | 'original-destination',
  family: Family,
  requires: Condition,
): Field {
  return valueField(requires, (values) => {
    const addresses = addressesOf(values, family)
    return addresses === undefined ? undefined : { kind, addresses }
  })
}

export function portFacts(
  kind: 'source-port' | 'destination-port' | 'original-source-port' | 'original-destination-port',
  requires: Condition,
): NumberFacts {
  return { requires, largest: 65535, make: (mask, values) => ({ kind, ports: unmasked(mask, values, 65535) }) }
}

export function protocolFacts(requires: Condition): NumberFacts {
  return {
    requires,
    largest: 255,
    names: 'protocol',
    make: (mask, values) => ({ kind: 'protocol', protocols: unmasked(mask, values, 255) }),
  }
}

export function markFacts(of: 'packet' | 'connection'): NumberFacts {
  return {
    requires: of === 'packet' ? ALWAYS : TRACKED,
    largest: 0xffff_ffff,
    make: (mask, values) => ({ kind: 'mark', of, mask, values }),
  }
}

export function familyFacts(names: Readonly<Record<string, number>>, four: number, six: number): NumberFacts {
  return {
    largest: 0xffff,
    names,
    make: (mask, values) =>
      any(...(includes(values, four & mask) ? [familyIs(4)] : []), ...(includes(values, six & mask) ? [familyIs(6)] : [])),
  }
}
