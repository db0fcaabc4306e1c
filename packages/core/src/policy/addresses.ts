import {
  type Address,
  type AddressRange,
  BITS,
  formatAddress,
  parseAddress,
  parsePrefix,
  prefixRange,
  sameAddress,
  splitZone,
  unmap,
} from '../network/index.ts'
import type { Problem } from './diagnostic.ts'
import { code, quoted } from './found.ts'

export interface ReadAddress {
  readonly range: AddressRange
  /** Canonical (RFC 5952), with the length where it is a prefix. */
  readonly text: string
}

const INVALID_HINT = 'write an address (203.0.113.7, 2001:db8::1) or a prefix (198.51.100.0/24, 2001:db8::/32)'

/** An address or a prefix, or why the text is neither. Stricter than the kernel: whoever writes bits beyond the length meant something else. */
export function readAddresses(text: string): ReadAddress | Problem {
  const { address: plain, zone } = splitZone(text)
  if (zone !== undefined) return invalid(text, `leave out ${quoted(`%${zone}`)}: an interface is not part of an address`)
  const [base = '', length, ...more] = plain.split('/')
  const address = more.length === 0 ? parseAddress(base) : undefined
  if (address === undefined) return notAnAddress(text, base, length)
  const unmapped = unmap(address)
  if (unmapped !== address) {
    const four = formatAddress(unmapped)
    return invalid(
      text,
      `on the wire it is IPv4: write ${code(length === undefined ? four : `${four}/${Math.max(0, Number(length) - 96)}`)}`,
    )
  }
  const range = parsePrefix(plain)
  if (range === undefined) {
    const mask = length === undefined ? undefined : maskLength(length)
    return invalid(
      text,
      mask === undefined ? `the length goes from 0 to ${BITS[address.family]}` : `write the mask as a length: ${code(`${base}/${mask}`)}`,
    )
  }
  if (address.value === 0n && (length === undefined || Number(length) === 0)) return everywhere(text)
  if (length === undefined) return { range, text: formatAddress(address) }
  const canonical = `${formatAddress(range.first)}/${Number(length)}`
  if (sameAddress(range.first, address) && Number(length) > 0) return { range, text: canonical }
  if (Number(length) === 0) return everywhere(text)
  const message = `${quoted(text)} has bits set beyond the first ${length}`
  return {
    code: 'host-bits',
    message,
    hint: `write ${code(canonical)} for the whole network, or ${code(formatAddress(address))} for the one address`,
  }
}

/** One address, or why the text is none. */
export function readAddress(text: string): Address | Problem {
  const read = readAddresses(text)
  if ('code' in read) return read
  return text.includes('/')
    ? invalid(text, `a prefix is not an address: write ${code(text.slice(0, text.indexOf('/')))}`)
    : read.range.first
}

function everywhere(text: string): Problem {
  const message = `${quoted(text)} stands for every address`
  return { code: 'use-internet', message, hint: `write ${code('from: internet')}, which means everyone, by IPv4 and IPv6` }
}

function invalid(text: string, hint: string): Problem {
  return { code: 'invalid-address', message: `${quoted(text)} is not an address or prefix`, hint }
}

/** `255.255.255.0` → 24. */
function maskLength(text: string): number | undefined {
  const mask = parseAddress(text)
  if (mask?.family !== 4) return undefined
  for (let length = 0; length <= BITS[4]; length++) {
    if (prefixRange({ family: 4, value: mask.value }, length).first.value === mask.value && ones(length) === mask.value) return length
  }
  return undefined
}

function ones(length: number): bigint {
  return ((1n << BigInt(length)) - 1n) << BigInt(BITS[4] - length)
}

function notAnAddress(text: string, base: string, length: string | undefined): Problem {
  const bare = /^\[(.*)\]$/.exec(base)?.[1]
  if (bare !== undefined && parseAddress(bare) !== undefined) return invalid(text, `write it without brackets: ${code(bare)}`)
  const [before = '', after] = base.split(/[:-](?=[^:-]*$)/)
  if (after !== undefined && parseAddress(before) !== undefined && /^[0-9]+$/.test(after))
    return invalid(text, `write the address alone, ${code(before)}: the port belongs to the service`)
  if (after !== undefined && parseAddress(before) !== undefined) return invalid(text, 'write a range of addresses as one or more prefixes')
  const four = base.split('.').map(Number)
  const padded = four.length === 4 && base !== four.join('.') && four.every((octet) => Number.isInteger(octet) && octet >= 0 && octet < 256)
  if (padded)
    return invalid(
      text,
      `write ${code(`${four.join('.')}${length === undefined ? '' : `/${length}`}`)}: a leading zero means octal to some programs`,
    )
  if (/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/.test(base) && /[A-Za-z]/.test(base)) {
    const message = `${quoted(text)} is a host name, and an address belongs here`
    return { code: 'host-name', message, hint: 'write its address: packet filters know no names, and what a name stands for may change' }
  }
  return invalid(text, INVALID_HINT)
}
