import type { Condition } from '../../../evidence/index.ts'
import {
  type AddressSet,
  BITS,
  type Family,
  type NumberSet,
  parseAddress,
  parseRange,
  type Interval,
  intervalSet,
  type PortSet,
  prefixRange,
  rangeSet,
  unionOf,
} from '../../../network/index.ts'

/** What a value is read with. */
export interface ValueContext {
  readonly family: Family
  /** What `-m set` asks: the condition that a packet is in the set, in the directions given (`src,dst`). */
  ipset(name: string, directions: readonly string[]): Condition | undefined
}

/** Every reader of this file answers `undefined` for what it does not understand. */

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`, several with commas. */
export function readAddresses(text: string, family: Family): AddressSet | undefined {
  const sets: AddressSet[] = []
  for (const part of text.split(',')) {
    const set = readPrefix(part, family)
    if (set === undefined) return undefined
    sets.push(set)
  }
  return unionOf(sets)
}

function readPrefix(text: string, family: Family): AddressSet | undefined {
  const slash = text.indexOf('/')
  const mask = slash < 0 ? undefined : parseAddress(text.slice(slash + 1))
  if (mask === undefined) {
    const range = text.includes('-') ? undefined : parseRange(text)
    return range === undefined || range.first.family !== family ? undefined : rangeSet([range])
  }
  const address = parseAddress(text.slice(0, slash))
  const length = maskLength(mask.value, BITS[family])
  if (address === undefined || length === undefined || address.family !== family || mask.family !== family) return undefined
  return rangeSet([prefixRange(address, length)])
}

/** `undefined`: a mask with holes in it. */
export function maskLength(mask: bigint, bits: number): number | undefined {
  const holes = ((1n << BigInt(bits)) - 1n) ^ mask
  if ((holes & (holes + 1n)) !== 0n) return undefined
  return bits - holes.toString(2).replace(/^0$/, '').length
}

/** `first-last` or one address. */
export function readAddressRange(text: string, family: Family): AddressSet | undefined {
  const range = text.includes('/') ? undefined : parseRange(text)
  return range === undefined || range.first.family !== family ? undefined : rangeSet([range])
}

/** `22`, `1000:2000`, `:1024`, `1024:`, several with commas. */
export function readPorts(text: string): PortSet | undefined {
  return readNumbers(text, ':', 65535)
}

/** Unsigned numbers up to `largest`, with ranges. */
export function readNumbers(text: string, separator: string, largest: number): NumberSet | undefined {
  const ranges: Interval<number>[] = []
  for (const part of text.split(',')) {
    const ends = part.split(separator)
    if (ends.length > 2 || part === '') return undefined
    const first = ends.length === 2 && ends[0] === '' ? 0 : readNumber(ends[0], largest)
    const last = ends.length === 1 ? first : ends[1] === '' ? largest : readNumber(ends[1], largest)
    if (first === undefined || last === undefined || first > last) return undefined
    ranges.push({ first, last })
  }
  return intervalSet(ranges)
}

/** Decimal or, after `0x`, hexadecimal. */
export function readNumber(text: string | undefined, largest: number): number | undefined {
  if (text === undefined || !/^(?:0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text)) return undefined
  const value = Number(text)
  return value <= largest ? value : undefined
}

const LARGEST_MARK = 0xffff_ffff

/** `value[/mask]`. */
export function readMark(text: string | undefined): { readonly value: number; readonly mask: number } | undefined {
  const [value, mask, more] = (text ?? '').split('/')
  const valueNumber = readNumber(value, LARGEST_MARK)
  const maskNumber = mask === undefined ? LARGEST_MARK : readNumber(mask, LARGEST_MARK)
  return valueNumber === undefined || maskNumber === undefined || more !== undefined ? undefined : { value: valueNumber, mask: maskNumber }
}

/** `word,word` in any case; every word has to be in the table. */
export function readWords<T>(text: string, table: Readonly<Record<string, T>>): readonly T[] | undefined {
  const found: T[] = []
  for (const word of text.split(',')) {
    const key = word.toUpperCase()
    if (!Object.hasOwn(table, key)) return undefined
    found.push(table[key] as T)
  }
  return found
}
