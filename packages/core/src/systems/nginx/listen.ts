import { ABSENT, type FileOrigin, type ListenAddress, type PortRange, type ProxyListener } from '../../evidence/index.ts'
import { parseAddress } from '../../network/index.ts'
import type { Gaps } from './gaps.ts'
import { type Directive, originOf } from './parse.ts'
import { portNumber } from '../proxy-values.ts'
import { hasEnvironment, type Placed, toValue } from './values.ts'
import { placedWord } from './variables.ts'

/** The parameters of `listen` that say nothing of who can connect; with a value behind `=` or without. */
const HARMLESS = /^(?:bind|deferred|multipath|(?:setfib|fastopen|backlog|rcvbuf|sndbuf|accept_filter|so_keepalive)=.*)$/

/** The servers of `http` have port 80 where none is given; those of `stream` and `mail` have to give one. */
export function readListen(directive: Directive, defaultPort: number | undefined, gaps: Gaps): ProxyListener | undefined {
  const [word, ...options] = directive.words
  if (word === undefined) return undefined
  const at = listenAddress(placedWord(directive, word.text), defaultPort)
  if (at === undefined) {
    gaps.at(directive, `"${word.text.slice(0, 80)}" is no address that nginx can listen on`)
    return undefined
  }
  const given = new Set(options.map((option) => option.text.toLowerCase()))
  const strange = options.find((option) => !KNOWN.has(option.text) && !HARMLESS.test(option.text))
  if (strange !== undefined) gaps.at(directive, `listen does not take "${strange.text.slice(0, 80)}"`)
  const datagrams = given.has('udp') || given.has('quic')
  return {
    at,
    protocol: at.kind === 'unix' ? 'unix' : datagrams ? 'udp' : 'tcp',
    tls: given.has('ssl') || given.has('quic'),
    http2: given.has('http2'),
    proxyProtocol: given.has('proxy_protocol'),
    defaultServer: given.has('default_server') || given.has('default'),
    // On since nginx 1.3.4.
    ipv6only: !given.has('ipv6only=off'),
    reuseport: given.has('reuseport'),
    implicit: false,
    origin: originOf(directive),
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'default_server',
  'default',
  'ssl',
  'http2',
  'quic',
  'proxy_protocol',
  'udp',
  'reuseport',
  'ipv6only=on',
  'ipv6only=off',
])

/** Of a server without a `listen`: every IPv4 address, port 80 (8000 where nginx is not started by root; `ngx_http_core_server`). */
export function implicitListener(origin: FileOrigin): ProxyListener {
  const at: ListenAddress = { kind: 'inet', address: { family: 4, value: 0n }, ports: { first: 80, last: 80 } }
  const off = { tls: false, http2: false, proxyProtocol: false, defaultServer: false, reuseport: false }
  return { at, protocol: 'tcp', ...off, ipv6only: true, implicit: true, origin }
}

/** `address:port`, `address`, `port`, `port-port`, `*:port`, `[address]:port`, `name:port`, `unix:path` (`ngx_parse_url`, `ngx_parse_inet_url`). */
function listenAddress(placed: Placed, defaultPort: number | undefined): ListenAddress | undefined {
  const { text } = placed
  if (text.startsWith('unix:')) return text.length > 'unix:'.length ? { kind: 'unix', path: text.slice('unix:'.length) } : undefined
  const six = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  const [, host = '', port] = six ?? /^([^:]*)(?::(.*))?$/.exec(text) ?? []
  if (hasEnvironment(placed)) return undecided(placed, host, port)
  if (/[/?]/.test(text) || (host === '' && six === null)) return undefined
  const alone = six === null && port === undefined ? portRange(host) : undefined
  if (alone !== undefined) return { kind: 'inet', address: EVERY_FOUR, ports: alone }
  const ports = port === undefined ? defaultPort && { first: defaultPort, last: defaultPort } : portRange(port)
  if (!ports || (six === null && port === undefined && /^[0-9]+(?:-[0-9]+)?$/.test(host))) return undefined
  const address = host === '*' && six === null ? EVERY_FOUR : parseAddress(host)
  if (address !== undefined) return (address.family === 6) === (six !== null) ? { kind: 'inet', address, ports } : undefined
  return six === null ? { kind: 'name', name: host.toLowerCase(), ports } : undefined
}

const EVERY_FOUR = { family: 4, value: 0n } as const

/** `8000` or `8000-8010`, ends included (nginx 1.15.10). */
function portRange(text: string): PortRange | undefined {
  const [, from = '', to] = /^([0-9]+)(?:-([0-9]+))?$/.exec(text) ?? []
  const first = portNumber(from)
  const last = to === undefined ? first : portNumber(to)
  return first === undefined || last === undefined || last < first ? undefined : { first, last }
}

/** `${PORT}` alone is taken for a port on every address: the wider reading. */
function undecided(placed: Placed, host: string, port: string | undefined): ListenAddress {
  if (port === undefined) return { kind: 'undecided', address: ABSENT, port: toValue({ ...placed, text: host }, portNumber) }
  const address = host === '*' ? ABSENT : toValue({ ...placed, text: host })
  return { kind: 'undecided', address, port: toValue({ ...placed, text: port }, portNumber) }
}
