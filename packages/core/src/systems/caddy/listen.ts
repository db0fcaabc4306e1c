import type { FileOrigin, ListenAddress, ProxyListener, Value } from '../../evidence/index.ts'
import { parseAddress } from '../../network/index.ts'
import { portNumber } from '../proxy-values.ts'
import { masked, hasEnvironment, hasPlaceholder, soleVariable, toValue } from './values.ts'

/** Where a socket is to be, as far as it is written: `bind` words, `listen` of the JSON configuration, `admin`. */
export interface Place {
  /** As written, brackets taken off; empty: every address of both families. */
  readonly host: string
  readonly port: number | Value
  /** `tcp4/`, `tcp6/`. */
  readonly family: 4 | 6 | undefined
}

export interface ListenerOptions {
  readonly tls: boolean
  readonly http3: boolean
  readonly proxyProtocol: boolean
  readonly implicit: boolean
  readonly origin: FileOrigin
}

const NETWORK = /^(tcp|tcp4|tcp6|udp|udp4|udp6|unix|unixgram|unixpacket|unix\+h2c|fd|fdgram|ip|ip4|ip6)\/(.*)$/

/**
 * The sockets of one place. Go's `net.Listen` takes both families for no host, for `::` and for `0.0.0.0` as well, unless the network is `tcp4` or `tcp6`
 * (net/ipsock_posix.go, `favoriteAddrFamily`); HTTP/3 has a socket of its own beside that of TLS (modules/caddyhttp/app.go).
 */
export function listenersAt(place: Place, options: ListenerOptions): readonly ProxyListener[] {
  const at = listenAddress(place, options.origin)
  const isDual = at.kind === 'undecided' || (at.kind === 'inet' && at.address.family === 6 && at.address.value === 0n && place.family !== 6)
  const common = {
    at,
    tls: options.tls,
    http2: options.tls,
    proxyProtocol: options.proxyProtocol,
    defaultServer: false,
    ipv6only: !isDual,
    reuseport: false,
    implicit: options.implicit,
    origin: options.origin,
  }
  const tcp: ProxyListener = { ...common, protocol: 'tcp' }
  return options.tls && options.http3 ? [tcp, { ...common, protocol: 'udp' }] : [tcp]
}

export function unixListener(path: string, options: ListenerOptions): ProxyListener {
  return {
    at: { kind: 'unix', path },
    protocol: 'unix',
    tls: options.tls,
    http2: options.tls,
    proxyProtocol: options.proxyProtocol,
    defaultServer: false,
    ipv6only: false,
    reuseport: false,
    implicit: options.implicit,
    origin: options.origin,
  }
}

/** One word of `bind`: `127.0.0.1`, `[::1]`, `localhost`, `tcp4/0.0.0.0`, `unix//run/caddy.sock`, `fd/3`. `undefined`: it names no socket that is made here. */
export function bindWord(
  text: string,
):
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'host'; readonly host: string; readonly family: 4 | 6 | undefined }
  | undefined {
  const [, network = 'tcp', rest = text] = NETWORK.exec(text) ?? []
  if (network.startsWith('unix')) return { kind: 'unix', path: rest.split('|')[0] ?? rest }
  if (!network.startsWith('tcp')) return undefined
  const family = network === 'tcp4' ? 4 : network === 'tcp6' ? 6 : undefined
  return { kind: 'host', host: rest.replace(/^\[(.*)\]$/, '$1'), family }
}

/** `host:port`, `:port`, `host`, a range of ports, with a network before it (`caddy.ParseNetworkAddress`). `undefined`: not taken, or no socket of this kind. */
export function networkAddress(
  text: string,
  usual: number | undefined,
  origin: FileOrigin,
): { readonly kind: 'unix'; readonly path: string } | ({ readonly kind: 'inet'; readonly last: number | undefined } & Place) | undefined {
  const sole = soleVariable(text)
  if (sole !== undefined) return fromVariable(sole, usual, origin)
  const [, network = 'tcp', rest = text] = NETWORK.exec(text) ?? []
  if (network.startsWith('unix')) return { kind: 'unix', path: rest.split('|')[0] ?? rest }
  if (!/^(?:tcp|udp)[46]?$/.test(network)) return undefined
  const family = network.endsWith('4') ? 4 : network.endsWith('6') ? 6 : undefined
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(masked(rest)) ?? /^([^]*):([^:]*)$/.exec(masked(rest))
  if (parts === null) return undefined
  const host = rest.slice(0, parts[1]?.length).replace(/^\[(.*)\]$/, '$1')
  const written = parts[2] === undefined ? undefined : rest.slice(rest.length - parts[2].length)
  if (written === undefined) return usual === undefined ? undefined : { kind: 'inet', host, port: usual, last: undefined, family }
  if (hasEnvironment(written) || hasPlaceholder(written) || written.includes('{env.'))
    return { kind: 'inet', host, port: toValue(written, origin, portNumber), last: undefined, family }
  const [, from = '', to] = /^([0-9]+)(?:-([0-9]+))?$/.exec(written) ?? []
  const port = portNumber(from)
  const last = to === undefined ? undefined : portNumber(to)
  if (port === undefined || (to !== undefined && (last === undefined || last < port))) return undefined
  return { kind: 'inet', host, port, last, family }
}

/** `{$ADDRESS:127.0.0.1:2019}`: host and port in one. */
function fromVariable(
  { name, fallback }: { readonly name: string; readonly fallback: string | undefined },
  usual: number | undefined,
  origin: FileOrigin,
): ReturnType<typeof networkAddress> {
  const likely = fallback === undefined ? undefined : networkAddress(fallback, usual, origin)
  if (likely?.kind === 'unix') return likely
  const unknown: Value = { kind: 'unknown', reason: `${name} has no value here`, origin }
  const port =
    likely === undefined
      ? unknown
      : typeof likely.port === 'number'
        ? ({ kind: 'known', value: likely.port, origin } as const)
        : likely.port
  // Read for both of its parts: as the host, `host:port` is the host of it.
  const host = fallback === undefined ? `{$${name}}` : `{$${name}:${likely?.host ?? ''}}`
  return {
    kind: 'inet',
    host,
    port: { kind: 'environment', name, fallback: port, emptyIsUnset: false, origin },
    last: undefined,
    family: likely?.family,
  }
}

const EVERY_SIX = { family: 6, value: 0n } as const
const EVERY_FOUR = { family: 4, value: 0n } as const

function listenAddress({ host, port, family }: Place, origin: FileOrigin): ListenAddress {
  const isOpen = hasEnvironment(host) || host.includes('{')
  const every = family === 4 ? '0.0.0.0' : '::'
  if (isOpen || typeof port !== 'number') {
    const address: Value = host === '' ? { kind: 'known', value: every, origin } : toValue(host, origin)
    return { kind: 'undecided', address, port: typeof port === 'number' ? { kind: 'known', value: port, origin } : port }
  }
  const ports = { first: port, last: port }
  if (host === '') return { kind: 'inet', address: family === 4 ? EVERY_FOUR : EVERY_SIX, ports }
  const address = parseAddress(host)
  if (address === undefined) return { kind: 'name', name: host.toLowerCase(), ports }
  return { kind: 'inet', address: address.family === 4 && address.value === 0n && family !== 4 ? EVERY_SIX : address, ports }
}
