/** One representation for both families: a family is a value on the address, never a branch in the code. */

export type Family = 4 | 6

/** `value` is the address as an unsigned integer of 32 (family 4) or 128 (family 6) bits. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** Inclusive at both ends; `first` and `last` have the same family. */
export interface AddressRange {
  readonly first: Address
  readonly last: Address
}

export const FAMILIES: readonly Family[] = [4, 6]

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 }

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/
const GROUP = /^[0-9a-fA-F]{1,4}$/

/**
 * Reads one address in the strict textual forms of RFC 4291 §2.2 and RFC 6943 §3.1.1 (dotted decimal only: no octal,
 * hexadecimal or short forms, which different programs read differently). A zone (`fe80::1%eth0`) is not part of an
 * address and is refused here; `splitZone` takes it off.
 *
 * An IPv4-mapped IPv6 address stays family 6: on the wire it is an IPv6 packet. `unmap` converts where a socket API mapped it.
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseSix(text) : parseFour(text)
}

function parseFour(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!OCTET.test(part)) return undefined
    const octet = Number(part)
    if (octet > 255) return undefined
    value = (value << 8n) | BigInt(octet)
  }
  return { family: 4, value }
}

function parseSix(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  let value = 0n
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group)
  return { family: 6, value }
}

/** An embedded IPv4 address may stand only at the very end (RFC 4291 §2.2, form 3). */
function groups(text: string, mayEndInFour: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const result: number[] = []
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      result.push(Number.parseInt(part, 16))
      continue
    }
    const four = mayEndInFour && index === parts.length - 1 ? parseFour(part) : undefined
    if (four === undefined) return undefined
    result.push(Number(four.value >> 16n), Number(four.value & 0xffffn))
  }
  return result.length <= 8 ? result : undefined
}

/** `fe80::1%eth0` → address text and zone (RFC 4007 §11). */
export function splitZone(text: string): { readonly address: string; readonly zone: string | undefined } {
  const at = text.indexOf('%')
  return at < 0 ? { address: text, zone: undefined } : { address: text.slice(0, at), zone: text.slice(at + 1) }
}

const MAPPED = 0xffffn << 32n

/** `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2) as the IPv4 address that it stands for; any other address unchanged. */
export function unmap(address: Address): Address {
  return address.family === 6 && address.value >> 32n === MAPPED >> 32n ? { family: 4, value: address.value & 0xffff_ffffn } : address
}

/** The canonical text of RFC 5952 (lower case, longest run of zeros shortened, the first of equals). */
export function formatAddress(address: Address): string {
  if (address.family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 0xffn)).join('.')
  if (address.value >> 32n === MAPPED >> 32n) return `::ffff:${formatAddress(unmap(address))}`
  const words = Array.from({ length: 8 }, (_, index) => Number((address.value >> BigInt(112 - 16 * index)) & 0xffffn))
  const run = longestZeroRun(words)
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':')
  return run.length < 2 ? hex(words) : `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [index, word] of words.entries()) {
    if (word !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  }
  return best
}

/** `192.0.2.0/24` or a single address → the range that it covers. Bits beyond the length are ignored, as the kernel does. */
export function parsePrefix(text: string): AddressRange | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { first: address, last: address }
  const length = text.slice(slash + 1)
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > BITS[address.family]) return undefined
  return prefixRange(address, Number(length))
}

export function prefixRange(address: Address, length: number): AddressRange {
  const host = (1n << BigInt(BITS[address.family] - length)) - 1n
  const first = (address.value | host) ^ host
  return { first: { family: address.family, value: first }, last: { family: address.family, value: first | host } }
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value
}

export function inRange(range: AddressRange, address: Address): boolean {
  return range.first.family === address.family && range.first.value <= address.value && address.value <= range.last.value
}

/** `0.0.0.0` and `::`: as a socket's address, every address of its namespace. */
export function isUnspecified(address: Address): boolean {
  return address.value === 0n
}

const LOOPBACK: readonly AddressRange[] = ['127.0.0.0/8', '::1'].flatMap((text) => parsePrefix(text) ?? [])

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3). A mapped `::ffff:127.0.0.1` counts: a socket bound to it takes IPv4 loopback. */
export function isLoopback(address: Address): boolean {
  const plain = unmap(address)
  return LOOPBACK.some((range) => inRange(range, plain))
}
