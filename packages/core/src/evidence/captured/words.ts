import * as z from 'zod/mini'
import {
  type Address,
  type AddressRange,
  type AddressSet,
  formatAddress,
  type NumberSet,
  intervalSet,
  parseAddress,
  parseRange,
  rangeSet,
  rangesOf,
  sameAddress,
} from '../../network/index.ts'
import { redact } from '../secrets/index.ts'
import { printable, show, type Shown } from '../shown.ts'

/** How the plain parts of evidence are written in a capture, and read from one that anybody may have written. */

/** `Out` as evidence has it; in the file any JSON. */
export type Codec<Out> = z.ZodMiniType<Out>

/** The longest text of a capture, in UTF-16 code units. */
const LONGEST = 1 << 16

/** A value that the file has as text or a list. */
function native<T>(): z.ZodMiniCustom<T, T> {
  return z.custom<T>((value) => typeof value === 'object' && value !== null)
}

const string = z.string().check(z.maxLength(LONGEST))

/** A name, a path, an identifier. Fit to be shown once it is read. */
export const name: Codec<string> = z.codec(string, z.string(), { decode: printable, encode: (text) => text })

/** Text that may hold a secret, which does not go into the file. */
export const told: Codec<string> = z.codec(string, z.string(), { decode: printable, encode: redact })

/** A capture may come from anywhere: what it calls shown goes through the same door as everything else. */
export const shown: Codec<Shown> = z.codec(
  string,
  z.custom<Shown>((text) => typeof text === 'string'),
  {
    decode: (text) => show(text, Math.max(text.length, 1)),
    encode: (text) => text,
  },
)

export const integer: Codec<number> = z.int()
export const unsigned: Codec<number> = z.int().check(z.nonnegative())
export const port: Codec<number> = z.int().check(z.nonnegative(), z.maximum(65_535))
export const flag: Codec<boolean> = z.boolean()

/** Every field of `T`, also those that may be left out: a capture that was written would be refused for one that nothing reads. */
export function record<T>(
  fields: {
    readonly [Key in keyof T]-?: Codec<Required<T>[Key]> | z.ZodMiniExactOptional<Codec<Required<T>[Key]>>
  },
): Codec<T> {
  return z.strictObject(fields) as unknown as Codec<T>
}

function refuse(text: string, kind: string, issues: z.core.$ZodRawIssue[]): never {
  issues.push({ code: 'custom', message: `no ${kind}: ${show(text)}`, input: text })
  return z.NEVER
}

export const address: Codec<Address> = z.codec(string, native<Address>(), {
  decode: (text, { issues }) => parseAddress(text) ?? refuse(text, 'address', issues),
  encode: formatAddress,
})

function rangeText({ first, last }: AddressRange): string {
  return sameAddress(first, last) ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`
}

export const addressRange: Codec<AddressRange> = z.codec(string, native<AddressRange>(), {
  decode: (text, { issues }) => {
    const single = parseAddress(text)
    return (single === undefined ? parseRange(text) : { first: single, last: single }) ?? refuse(text, 'address or range', issues)
  },
  encode: rangeText,
})

export const addressSet: Codec<AddressSet> = z.codec(z.array(addressRange), native<AddressSet>(), {
  decode: rangeSet,
  encode: (set) => [...rangesOf(set)],
})

const interval = z.tuple([z.int(), z.int()]).check(z.refine(([first, last]) => first <= last, 'the first number is above the last'))

/** Ports, protocols, marks …: pairs of the first and the last number, both inclusive. */
export const numberSet: Codec<NumberSet> = z.codec(z.array(interval), native<NumberSet>(), {
  decode: (pairs) => intervalSet(pairs.map(([first, last]) => ({ first, last }))),
  encode: (set) => set.map(({ first, last }): [number, number] => [first, last]),
})

export const family: Codec<4 | 6> = z.literal([4, 6])
export const protocol: Codec<'tcp' | 'udp'> = z.enum(['tcp', 'udp'])
export const portRange: Codec<{ readonly first: number; readonly last: number }> = record<{
  readonly first: number
  readonly last: number
}>({ first: port, last: port })
export const prefix: Codec<{ readonly address: Address; readonly prefixLength: number }> = record<{
  readonly address: Address
  readonly prefixLength: number
}>({
  address,
  prefixLength: z.int().check(z.nonnegative(), z.maximum(128)),
})

export function list<T>(of: Codec<T>): Codec<readonly T[]> {
  return z.array(of)
}

/** Left out of the file where the evidence has none. */
export function maybe<T>(of: Codec<T>): z.ZodMiniExactOptional<Codec<T>> {
  return z.exactOptional(of)
}

/** Pairs in the file. */
export function mapOf<T>(of: Codec<T>): Codec<ReadonlyMap<string, T>> {
  return z.codec(z.array(z.tuple([name, of])), native<ReadonlyMap<string, T>>(), {
    decode: (pairs) => new Map(pairs),
    encode: (map) => [...map],
  })
}

export function words<const T extends readonly string[]>(...all: T): Codec<T[number]> {
  return z.enum(all)
}

/** One of several kinds of object, told apart by `key`. */
export const kinds = z.discriminatedUnion

export function recursive<T>(of: () => Codec<T>): Codec<T> {
  return z.lazy(of)
}
