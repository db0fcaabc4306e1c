import type { DeviceName } from '../../../evidence/index.ts'
import {
  type Address,
  type AddressRange,
  type AddressSet,
  BITS,
  type Family,
  intervalSet,
  type NumberSet,
  parseAddress,
  prefixRange,
  rangeSet,
} from '../../../network/index.ts'
import { field, items, type Json, numberField } from '../../json.ts'
import { protocolNumber } from '../protocols.ts'

/** The right-hand sides of `nft -j`. Every reader answers `undefined` when one of the values is not understood. */

/** Names of numbers: a table, or the protocols. */
export type Names = Readonly<Record<string, number>> | 'protocol'

/** An element as it is without its timeout, comment or counters. */
export function bareValue(value: Json): Json {
  return field(field(value, 'elem'), 'val') ?? value
}

export function addressesOf(values: readonly Json[], family: Family): AddressSet | undefined {
  const ranges: AddressRange[] = []
  for (const value of values) {
    const range = addressRange(bareValue(value), family)
    if (range === undefined) return undefined
    ranges.push(range)
  }
  return rangeSet(ranges)
}

export function addressRange(value: Json, family: Family): AddressRange | undefined {
  const prefix = field(value, 'prefix')
  if (prefix !== undefined) {
    const address = addressOf(field(prefix, 'addr'), family)
    const length = numberField(prefix, 'len')
    if (address === undefined || length === undefined || !Number.isInteger(length) || length < 0 || length > BITS[family]) return undefined
    return prefixRange(address, length)
  }
  const range = field(value, 'range')
  const first = addressOf(range === undefined ? value : items(range)[0], family)
  const last = range === undefined ? first : addressOf(items(range)[1], family)
  if (first === undefined || last === undefined || first.value > last.value) return undefined
  return { first, last }
}

function addressOf(value: Json | undefined, family: Family): Address | undefined {
  const address = typeof value === 'string' ? parseAddress(value) : undefined
  return address?.family === family ? address : undefined
}

export function numbersOf(values: readonly Json[], names: Names, largest: number): NumberSet | undefined {
  const ranges: { first: number; last: number }[] = []
  for (const value of values) {
    const bare = bareValue(value)
    const range = field(bare, 'range')
    const first = numberOf(range === undefined ? bare : items(range)[0], names, largest)
    const last = range === undefined ? first : numberOf(items(range)[1], names, largest)
    if (first === undefined || last === undefined || first > last) return undefined
    ranges.push({ first, last })
  }
  return intervalSet(ranges)
}

function numberOf(value: Json | undefined, names: Names, largest: number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= largest ? value : undefined
  if (typeof value === 'string') return named(value, names) ?? numberOf(untyped(value), names, largest)
  // Bits that belong together: a list, or `{ "|": [ … ] }`.
  const bits = Array.isArray(value) ? value : items(field(value, '|'))
  if (bits.length === 0) return undefined
  let sum = 0
  for (const bit of bits) {
    const number = numberOf(bit as Json, names, largest)
    if (number === undefined) return undefined
    sum = (sum | number) >>> 0
  }
  return sum
}

/** `0x50 [invalid type]`: what nft prints of a number where it has lost its type (`ct original proto-dst` of several protocols). */
function untyped(text: string): number | undefined {
  const found = /^0x([0-9a-f]{1,8}) \[invalid type\]$/.exec(text)
  return found === null ? undefined : Number.parseInt(found[1] as string, 16)
}

function named(text: string, names: Names): number | undefined {
  if (names === 'protocol') return protocolNumber(text)
  return Object.hasOwn(names, text) ? names[text] : undefined
}

export function wordsOf<T>(values: readonly Json[], table: Readonly<Record<string, T>>): readonly T[] | undefined {
  const words: T[] = []
  for (const value of values) {
    const word = bareValue(value)
    if (typeof word !== 'string' || !Object.hasOwn(table, word)) return undefined
    words.push(table[word] as T)
  }
  return words
}

/** A device that does not exist any more is printed by its number: which one that was, nobody knows. */
export function devicesOf(values: readonly Json[]): readonly DeviceName[] | undefined {
  const names: DeviceName[] = []
  for (const value of values) {
    const name = bareValue(value)
    if (typeof name !== 'string' || name === '' || /^[0-9]+$/.test(name)) return undefined
    // A star that is meant as one is written `\*`.
    if (name.endsWith('\\*')) names.push({ name: `${name.slice(0, -2)}*`, prefix: false })
    else names.push(name.endsWith('*') ? { name: name.slice(0, -1), prefix: true } : { name, prefix: false })
  }
  return names
}
