import type { FileOrigin, ListenAddress, ProxyGuard, ProxyListener, Value } from '../../evidence/index.ts'
import { parseAddress } from '../../network/index.ts'
import { haproxyAddress, type HaproxyAddress } from './addresses.ts'
import type { HaproxyGaps } from './gaps.ts'
import { type Line, originOf, wordOrigin } from './parse.ts'
import { type Given, hasEnvironment, masked, toValue } from './values.ts'
import type { Word } from './words.ts'

/** The sockets of a `bind` line: several addresses, of which commas part one from another, with the options behind them. */
export function bindListeners(line: Line, given: Given, gaps: HaproxyGaps): readonly ProxyListener[] {
  const [addresses, ...options] = line.words
  if (addresses === undefined) {
    gaps.at(line, 'bind names an address')
    return []
  }
  return listenersOf(
    line,
    addresses,
    options.map(({ text }) => text),
    given,
    gaps,
  )
}

/** As `bindListeners`, for `stats socket` and whatever else listens. */
export function listenersOf(
  line: Line,
  addresses: Word,
  options: readonly string[],
  given: Given,
  gaps: HaproxyGaps,
): readonly ProxyListener[] {
  return splitCommas(addresses.text).flatMap((text) => {
    const origin = wordOrigin(line, addresses)
    const address = haproxyAddress(text, origin, given)
    const at = address === undefined ? undefined : listenAddress(address, origin, given)
    if (address === undefined || at === undefined) {
      const isOther = address?.kind === 'other'
      // A name in the abstract namespace is reached from this machine alone.
      if (!isOther || !address.what.startsWith('abns'))
        gaps.at(
          line,
          isOther ? `what ${address.what} listens on is not told here` : `"${text.slice(0, 80)}" is no address that HAProxy can listen on`,
        )
      return []
    }
    const isIp = address.kind === 'inet'
    const listener: ProxyListener = {
      at,
      protocol: isIp ? (address.datagram ? 'udp' : 'tcp') : 'unix',
      tls: options.includes('ssl'),
      http2: /\bh2\b/.test(valueOf(options, 'alpn') ?? valueOf(options, 'proto') ?? ''),
      proxyProtocol: options.includes('accept-proxy'),
      defaultServer: false,
      ipv6only: options.includes('v6only') || !(at.kind === 'inet' && at.address.family === 6 && at.address.value === 0n),
      reuseport: true,
      implicit: false,
      origin: originOf(line),
    }
    return [listener]
  })
}

/** `verify required` asks every client for a certificate. */
export function bindGuards(lines: readonly Line[]): readonly ProxyGuard[] {
  const asking = lines.map((line) => ({
    line,
    mode: valueOf(
      line.words.map(({ text }) => text),
      'verify',
    ),
  }))
  const [first] = asking.filter(({ mode }) => mode === 'required' || mode === 'optional')
  if (first === undefined) return []
  const isRequired = asking.every(({ mode }) => mode === 'required')
  return [{ guard: 'client-certificate', mode: isRequired ? 'required' : 'optional', origin: originOf(first.line) }]
}

function valueOf(options: readonly string[], name: string): string | undefined {
  const at = options.indexOf(name)
  return at < 0 ? undefined : options[at + 1]
}

function splitCommas(text: string): readonly string[] {
  const mask = masked(text)
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= mask.length; at++) {
    if (at < mask.length && mask[at] !== ',') continue
    if (at > from) parts.push(text.slice(from, at))
    from = at + 1
  }
  return parts
}

const EVERY_SIX = { family: 6, value: 0n } as const
const EVERY_FOUR = { family: 4, value: 0n } as const

/** No host and `*` are every address of IPv4, unless the family is given. */
function listenAddress(address: HaproxyAddress, origin: FileOrigin, given: Given): ListenAddress | undefined {
  if (address.kind === 'unix') return { kind: 'unix', path: address.path }
  if (address.kind === 'other') return undefined
  const { host, family, port } = address
  const every = host === '' || host === '*'
  if (port.kind === 'absent' && hasEnvironment(host)) {
    // One variable may be the address with its port.
    return { kind: 'undecided', address: toValue(host, origin, given), port: toValue(host, origin, given) }
  }
  if (port.kind === 'absent' || port.kind === 'offset') return undefined
  if (port.kind === 'open' || hasEnvironment(host)) {
    const known = (value: string | number): Value => ({ kind: 'known', value, origin })
    const where = every ? known(family === 6 ? '::' : '0.0.0.0') : toValue(host, origin, given)
    const number = port.kind === 'open' ? port.value : known(port.first)
    return { kind: 'undecided', address: where, port: number }
  }
  const ports = { first: port.first, last: port.last }
  if (every) return { kind: 'inet', address: family === 6 ? EVERY_SIX : EVERY_FOUR, ports }
  const parsed = parseAddress(host)
  return parsed === undefined ? { kind: 'name', name: host.toLowerCase(), ports } : { kind: 'inet', address: parsed, ports }
}
