import { type Address, parseAddress } from './address.ts'

/** Names that resolvers give the loopback addresses: RFC 6761 §6.3, and the hosts files of Debian, Fedora and Alpine. */
const LOOPBACK_NAME = /^(?:(?:.*\.)?localhost|localhost[46]?(?:\.localdomain[46]?)?|ip6-(?:localhost|loopback))\.?$/i

export function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAME.test(name)
}

/** As a host stands before `:PORT`: an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function hostBeforePort(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The address that a program gets which asks getaddrinfo(3) for the text: beside the strict forms those of inet_aton(3), with one to four
 * parts in decimal, octal or hexadecimal, the last of which fills what is left: `127.1`, `0`, `0x7f000001`, `2130706433`.
 */
export function spelledAddress(text: string): Address | undefined {
  const strict = parseAddress(text.replace(/^\[(.*)\]$/, '$1'))
  if (strict !== undefined || !/^[0-9a-fx.]{1,64}$/i.test(text)) return strict
  const parts = text.split('.').map(partOf)
  const last = parts.pop()
  if (last === undefined || parts.length > 3 || last >= 256 ** (4 - parts.length)) return undefined
  let value = last
  for (const [index, part] of parts.entries()) {
    if (part === undefined || part > 255) return undefined
    value += part * 256 ** (3 - index)
  }
  return { family: 4, value: BigInt(value) }
}

function partOf(part: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(part)) return Number.parseInt(part, 16)
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8)
  return /^[1-9][0-9]*$/.test(part) ? Number(part) : undefined
}
