import {
  type ClientAddress,
  type FileOrigin,
  type ProxyGuard,
  type ProxyListener,
  type ProxyServer,
  type ServerName,
  show,
} from '../../evidence/index.ts'
import { parsePrefix } from '../../network/index.ts'
import { routed, type Rule } from '../request-rules/index.ts'
import { addressesOf, type SiteAddress } from './addresses.ts'
import { positionsOf } from './directives.ts'
import type { CaddyGaps } from './gaps.ts'
import { rulesOf } from './handlers.ts'
import { bindWord, listenersAt, type ListenerOptions, unixListener } from './listen.ts'
import { Matchers, PRIVATE_RANGES } from './matchers.ts'
import { type Options, optionsOf } from './options.ts'
import { adminServer } from './admin.ts'
import { type Directive, originOf } from './parse.ts'
import type { Whole } from './files.ts'

/** The servers of one configuration: its sites, what sends their clients on to HTTPS, and the administration. */
export function serversOf({ options: block, sites, routes }: Whole, main: FileOrigin, gaps: CaddyGaps): readonly ProxyServer[] {
  const options = optionsOf(block, gaps)
  const positions = positionsOf(options.orders.map((line) => line.words.map(({ text }) => text)))
  const servers: ProxyServer[] = []
  const redirects: ProxyServer[] = []
  for (const site of sites) {
    if (site.block === undefined) {
      gaps.at(site, `"${site.name.slice(0, 80)}" stands outside of every site`)
      continue
    }
    if (site.head.length === 0) {
      gaps.at(site, 'a block without an address: only the first one of a file is that of the options')
      continue
    }
    const matchers = new Matchers(site.block, gaps)
    const rules = rulesOf(site.block, { gaps, matchers, positions, routes, invoked: [], root: undefined })
    const errors = site.block
      .filter((line) => line.name === 'handle_errors')
      .map((line): Rule => {
        const inner = rulesOf(line.block ?? [], { gaps, matchers, positions, routes, invoked: [], root: undefined })
        return { when: { kind: 'opaque' }, words: 'an error', origin: originOf(line), does: 'block', rules: inner }
      })
    const read: Site = { directive: site, rules: [...errors, ...rules], options, gaps }
    for (const { addresses, tls } of byListener(addressesOf(site, gaps), read)) {
      servers.push(...siteServers(addresses, tls, read))
      redirects.push(...redirecting(addresses, tls, read))
    }
  }
  return [...servers, ...needed(redirects, servers), ...adminServer(options, main, gaps)]
}

interface Site {
  readonly directive: Directive
  readonly rules: readonly Rule[]
  readonly options: Options
  readonly gaps: CaddyGaps
}

interface Group {
  readonly addresses: readonly SiteAddress[]
  readonly tls: boolean
}

/** Addresses that share their sockets, as `mapAddressToServerBlocks` puts them together. */
function byListener(addresses: readonly SiteAddress[], site: Site): readonly Group[] {
  const groups = new Map<string, { readonly addresses: SiteAddress[]; readonly tls: boolean }>()
  for (const address of addresses) {
    const tls = usesTls(address, site)
    const port = portOf(address, site.options)
    const key = `${tls} ${typeof port === 'number' ? port : JSON.stringify(port)}`
    const group = groups.get(key) ?? { addresses: [], tls }
    group.addresses.push(address)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/**
 * What has a name is HTTPS, unless it is asked for as HTTP, and so is the port of HTTPS. Any other port without a name is HTTP: what `tls` says of certificates makes
 * none of it, only what it says of connections does (caddyconfig/httpcaddyfile/httptype.go, 2.6.2).
 */
function usesTls({ scheme, host, port }: SiteAddress, { directive, options }: Site): boolean {
  if (scheme !== undefined) return scheme === 'https'
  if (port === options.httpPort) return false
  return host !== undefined || port === options.httpsPort || (port !== undefined && hasConnectionPolicy(directive))
}

const OF_CONNECTIONS: ReadonlySet<string> = new Set(['protocols', 'ciphers', 'curves', 'alpn', 'client_auth', 'insecure_secrets_log'])

function hasConnectionPolicy(directive: Directive): boolean {
  return (directive.block ?? []).some(
    (line) => line.name === 'tls' && (line.words.length === 2 || (line.block ?? []).some(({ name }) => OF_CONNECTIONS.has(name))),
  )
}

function portOf({ scheme, host, port }: SiteAddress, { httpPort, httpsPort }: Options): NonNullable<SiteAddress['port']> {
  if (port !== undefined) return port
  return scheme === 'http' || (scheme === undefined && host === undefined) ? httpPort : httpsPort
}

function siteServers(addresses: readonly SiteAddress[], tls: boolean, site: Site): readonly ProxyServer[] {
  const [first] = addresses
  if (first === undefined) return []
  const { directive, options, gaps, rules } = site
  const origin = originOf(directive)
  const listeners = listenersOf(
    portOf(first, options),
    { tls, http3: options.http3, proxyProtocol: options.proxyProtocol, implicit: false, origin: first.origin },
    site,
  )
  const names = namesOf(addresses, origin)
  const paths = addresses.filter(({ path }) => path !== '' && path !== '/*' && path !== '/')
  const incomplete =
    paths.length === addresses.length && paths.length > 0 ? { incomplete: `only for ${show(paths.map(({ path }) => path).join(' '))}` } : {}
  return routed(rules, names, { kind: 'none', origin }).map(({ names: own, routes, rest }) => ({
    layer: 'http',
    listeners,
    names: own,
    routes,
    guards: clientCertificate(directive),
    first: [],
    rest,
    clientAddress: clientAddress(options, directive, gaps),
    ...incomplete,
    origin,
  }))
}

function namesOf(addresses: readonly SiteAddress[], origin: FileOrigin): readonly ServerName[] {
  return addresses.some(({ host }) => host === undefined) ? [{ kind: 'catch-all', origin }] : addresses.flatMap(({ host }) => host ?? [])
}

/** On every address that `bind` names; without it, on all. */
function listenersOf(
  port: NonNullable<SiteAddress['port']>,
  given: ListenerOptions,
  { directive, options, gaps }: Site,
): readonly ProxyListener[] {
  const own = directive.block?.filter((line) => line.name === 'bind') ?? []
  const lines = own.length > 0 ? own : options.defaultBind === undefined ? [] : [options.defaultBind]
  if (lines.length === 0) return listenersAt({ host: '', port, family: undefined }, given)
  return lines.flatMap((line) => {
    const protocols = line.block?.find(({ name }) => name === 'protocols')
    const http3 = given.http3 && (protocols === undefined || protocols.words.some(({ text }) => text === 'h3'))
    return line.words.flatMap(({ text }) => {
      const place = bindWord(text)
      const here = { ...given, http3, origin: originOf(line) }
      if (place === undefined) gaps.at(line, `"${text.slice(0, 80)}" names no socket that is made here`)
      if (place === undefined) return []
      return place.kind === 'unix' ? [unixListener(place.path, here)] : listenersAt({ ...place, port }, here)
    })
  })
}

/** Clients that come by HTTP are sent on. */
function redirecting(addresses: readonly SiteAddress[], tls: boolean, site: Site): readonly ProxyServer[] {
  const { directive, options } = site
  const origin = originOf(directive)
  if (!tls || options.autoHttps !== 'on') return []
  const listeners = listenersOf(
    options.httpPort,
    { tls: false, http3: false, proxyProtocol: options.proxyProtocol, implicit: true, origin },
    site,
  )
  const action = { kind: 'return', status: 308, location: show('https://{host}{uri}'), origin } as const
  return [
    {
      layer: 'http',
      listeners: listeners.filter(({ at }) => at.kind !== 'unix'),
      names: namesOf(addresses, origin),
      routes: [],
      guards: [],
      first: [],
      rest: { early: [], guards: [], satisfy: 'all', action, redirects: [], headers: [] },
      clientAddress: { from: 'connection' },
      origin,
    },
  ]
}

/** A redirection is not made where for each of its names a site stands on its port. */
function needed(redirects: readonly ProxyServer[], servers: readonly ProxyServer[]): readonly ProxyServer[] {
  const taken = new Set(servers.flatMap(placesOf))
  return redirects.filter((redirect) => !placesOf(redirect).every((place) => taken.has(place)))
}

/** Each port with each name. */
function placesOf({ listeners, names }: ProxyServer): readonly string[] {
  const ports = new Set(listeners.flatMap(({ at }) => (at.kind === 'inet' || at.kind === 'name' ? [at.ports.first] : [])))
  return [...ports].flatMap((port) => names.map((name) => `${port} ${nameKey(name)}`))
}

function nameKey(name: ServerName): string {
  return name.kind === 'exact' ? name.name : name.kind === 'wildcard-start' ? `*.${name.suffix}` : name.kind
}

const DEMANDING: ReadonlySet<string> = new Set(['require', 'require_and_verify'])

function clientCertificate(directive: Directive): readonly ProxyGuard[] {
  const client = directive.block
    ?.flatMap((line) => (line.name === 'tls' ? (line.block ?? []) : []))
    .find((line) => line.name === 'client_auth')
  if (client === undefined) return []
  const mode = client.block?.find((line) => line.name === 'mode')?.words[0]?.text
  // Without a mode: verified where certificates to trust are named (modules/caddytls/connpolicy.go).
  const required = mode === undefined ? (client.block ?? []).some((line) => line.name.startsWith('trust')) : DEMANDING.has(mode)
  return [{ guard: 'client-certificate', mode: required ? 'required' : 'optional', origin: originOf(client) }]
}

/** `client_ip` judges what a trusted proxy says; `remote_ip` the connection. */
function clientAddress({ trusted }: Options, directive: Directive, gaps: CaddyGaps): ClientAddress {
  const asks = JSON.stringify(directive.block?.map(wordsWithin) ?? []).includes('"client_ip"')
  if (trusted === undefined || !asks) return { from: 'connection' }
  const [source, ...words] = trusted.words.map(({ text }) => text)
  const ranges = words
    .flatMap((text) => (text === 'private_ranges' ? PRIVATE_RANGES : [text]))
    .map((text) => parsePrefix(text) ?? 'undecided')
  if (source !== 'static')
    gaps.at(trusted, `which proxies are trusted is decided by "${(source ?? '').slice(0, 80)}"`, 'not-understood', false)
  return { from: 'header', header: 'x-forwarded-for', trusted: source === 'static' ? ranges : ['undecided'], origin: originOf(trusted) }
}

function wordsWithin({ name, words, block = [] }: Directive): unknown {
  return [name, words.map(({ text }) => text), block.map(wordsWithin)]
}
