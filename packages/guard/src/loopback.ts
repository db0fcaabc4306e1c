import { parseAddress, unmap } from '@sallyport/core/network'

/** The addresses that nearly every peer has, so that they are not parsed each time. */
const COMMON = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/**
 * Whether the text is an address of the loopback interface: 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), or one of the former as a
 * dual-stack socket shows it (::ffff:127.0.0.0/104). `undefined`: no address in a strict form.
 */
export function inLoopback(text: string): boolean | undefined {
  if (COMMON.has(text)) return true
  const parsed = parseAddress(text)
  if (parsed === undefined) return undefined
  const { family, value } = unmap(parsed)
  return family === 4 ? value >> 24n === 127n : value === 1n
}
