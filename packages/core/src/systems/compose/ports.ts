import type { PortRange, Protocol } from '../../evidence/index.ts'
import { type Address, parseAddress } from '../../network/index.ts'

/** One published port, or ports published one for one, as `[IP:][HOST:]CONTAINER[/PROTOCOL]` says it. */
export interface PortSpecification {
  /** Absent: every address, both families. */
  readonly address: Address | undefined
  /** Absent: the engine chooses. Longer than `containerPorts` (then a single port): it chooses one of them. */
  readonly hostPorts: PortRange | undefined
  readonly containerPorts: PortRange
  readonly protocol: Protocol
}

export type PortReading =
  | { readonly kind: 'port'; readonly port: PortSpecification }
  /** SCTP: no claim speaks of it. */
  | { readonly kind: 'other-protocol'; readonly protocol: string }
  | { readonly kind: 'invalid'; readonly reason: string }

const invalid = (reason: string): PortReading => ({ kind: 'invalid', reason })

/**
 * The short form of compose's `ports` and of `docker run -p`. Both hand it to one function, whose rules these are
 * (docker/go-connections nat.ParsePortSpec): the last two parts between colons are the ports, all before them is the address.
 */
export function readPort(text: string): PortReading {
  const parts = text.split(':')
  const container = parts.at(-1) ?? ''
  const host = parts.length > 1 ? (parts.at(-2) ?? '') : ''
  const ip = parts.slice(0, -2).join(':')
  const [containerText = '', protocolText = ''] = splitOnce(container, '/')
  const protocol = (protocolText === '' ? 'tcp' : protocolText).toLowerCase()
  const containerPorts = readRange(containerText)
  if (containerPorts === undefined)
    return invalid(containerText === '' ? 'no container port is given' : `\`${containerText}\` is no port or range of ports`)
  const hostPorts = host === '' ? undefined : readRange(host)
  if (host !== '' && hostPorts === undefined) return invalid(`\`${host}\` is no port or range of ports`)
  const address = ip === '' ? undefined : parseAddress(/^\[([^\]]*)\]$/.exec(ip)?.[1] ?? ip)
  if (ip !== '' && address === undefined) return invalid(`\`${ip}\` is no address`)
  return finishPort(address, hostPorts, containerPorts, protocol)
}

/** What the short and the long form have in common. */
export function finishPort(
  address: Address | undefined,
  hostPorts: PortRange | undefined,
  containerPorts: PortRange,
  protocol: string,
): PortReading {
  if (hostPorts !== undefined && span(hostPorts) !== span(containerPorts) && span(containerPorts) !== 0) {
    return invalid('the ranges of host and container ports differ in length')
  }
  if (protocol === 'sctp') return { kind: 'other-protocol', protocol }
  if (protocol !== 'tcp' && protocol !== 'udp') return invalid(`\`${protocol}\` is no protocol`)
  // Port 0 is any free port.
  const chosen = hostPorts?.first === 0 ? undefined : hostPorts
  return { kind: 'port', port: { address, hostPorts: chosen, containerPorts, protocol } }
}

/** `80` or `80-90`; inclusive. */
export function readRange(text: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (match === null) return undefined
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return last <= 65_535 && first <= last ? { first, last } : undefined
}

function span(range: PortRange): number {
  return range.last - range.first
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
