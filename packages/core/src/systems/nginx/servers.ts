import type { AddressRange } from '../../network/index.ts'
import { parsePrefix } from '../../network/index.ts'
import {
  type ClientAddress,
  type EarlyStep,
  type FileOrigin,
  type Handling,
  type ProxyAction,
  type ProxyGuard,
  type ProxyListener,
  type ProxyServer,
  type ServerName,
  socketKey,
} from '../../evidence/index.ts'
import { passAction } from './actions.ts'
import { earlySteps } from './early.ts'
import { guardsOf } from './guards.ts'
import { implicitListener, readListen } from './listen.ts'
import { handlingOf, routesOf } from './locations.ts'
import { readNames } from './names.ts'
import { originOf } from './parse.ts'
import type { Scope } from './scope.ts'
import { Variables } from './variables.ts'
import type { World } from './world.ts'

/** The servers of an `http` block, `server` by `server`. */
export function httpServers(level: Scope, world: World): readonly ProxyServer[] {
  return level.own('server').map((directive) => httpServer(level.child('server', directive), originOf(directive), world))
}

export function httpServer(scope: Scope, origin: FileOrigin, world: World, incomplete?: string): ProxyServer {
  const variables = new Variables(scope, world.variables)
  const written = scope.own('listen').flatMap((directive) => readListen(directive, 80, world.gaps) ?? [])
  const assumed = scope.has('listen') || incomplete !== undefined ? [] : [implicitListener(origin)]
  // `http2 on` since nginx 1.25.1, `ssl on` until then.
  const switched = { ...(scope.isOn('http2') ? { http2: true } : {}), ...(scope.isOn('ssl') ? { tls: true } : {}) }
  const names = scope.own('server_name').flatMap((directive) => readNames(directive, world.gaps))
  return {
    layer: 'http',
    listeners: [...written, ...assumed].map((listener) => ({ ...listener, ...switched })),
    names: names.length > 0 || scope.has('server_name') ? names : [{ kind: 'exact', name: '', origin }],
    routes: routesOf(scope, world, variables),
    guards: clientCertificate(scope),
    first: [...refusedHandshakes(scope), ...earlySteps(scope, world, variables)],
    // The rewrite phase of the server has run before; here it does not run again.
    rest: handlingOf(scope, origin, world, variables, []),
    clientAddress: clientAddress(scope),
    ...(incomplete === undefined ? {} : { incomplete }),
    origin,
  }
}

/** `stream`: one action a server, and no port without a `listen`. */
export function streamServers(level: Scope, world: World): readonly ProxyServer[] {
  return level.own('server').map((directive) => {
    const scope = level.child('server', directive)
    const origin = originOf(directive)
    const names = scope.own('server_name').flatMap((line) => readNames(line, world.gaps))
    return bareServer('stream', scope, origin, names, streamHandling(scope, origin, world), world)
  })
}

/** `mail`, `rtmp`: that they listen is known; of `mail` also whom it asks where each client's messages go. */
export function otherServers(level: Scope, world: World): readonly ProxyServer[] {
  return level.own('server').map((directive) => {
    const scope = level.child('server', directive)
    const origin = originOf(directive)
    const asks = level.kind === 'other' ? scope.value('auth_http') : undefined
    const unknown: ProxyAction = { kind: 'unknown', reason: `what a ${level.head?.name ?? 'server'} server does is not followed`, origin }
    const action = asks === undefined ? unknown : asking(passAction(asks, 'http', world, new Variables(scope, world.variables)))
    return bareServer('other', scope, origin, [], { ...EMPTY, action }, world)
  })
}

/** The answer names the back end (ngx_mail_auth_http_module, `Auth-Server`). */
function asking(action: ProxyAction): ProxyAction {
  if (action.kind !== 'pass') return action
  const chosen = {
    kind: 'unknown',
    reason: 'the answer of auth_http names the back end',
    clientChosen: false,
    origin: action.origin,
  } as const
  return { ...action, targets: [...action.targets, chosen] }
}

const EMPTY = { early: [], guards: [], satisfy: 'all', redirects: [], headers: [] } as const

function bareServer(
  layer: 'stream' | 'other',
  scope: Scope,
  origin: FileOrigin,
  names: readonly ServerName[],
  rest: Handling,
  world: World,
): ProxyServer {
  return {
    layer,
    listeners: scope.own('listen').flatMap((line) => readListen(line, undefined, world.gaps) ?? []),
    names,
    routes: [],
    guards: clientCertificate(scope),
    first: [],
    rest,
    clientAddress: clientAddress(scope),
    origin,
  }
}

function streamHandling(scope: Scope, origin: FileOrigin, world: World): Handling {
  const handler = scope.own('proxy_pass', 'pass', 'return').at(-1)
  const guards = guardsOf(scope, world)
  if (handler === undefined) return { ...EMPTY, guards, action: { kind: 'none', origin } }
  // It answers with a text of its own and closes; there are no statuses here.
  if (handler.name === 'return') return { ...EMPTY, guards, action: { kind: 'return', status: 0, origin: originOf(handler) } }
  const datagrams = scope.own('listen').some((line) => line.words.some((word) => word.text === 'udp'))
  const scheme = datagrams ? 'udp' : scope.isOn('proxy_ssl') ? 'tls' : 'tcp'
  return { ...EMPTY, guards, action: passAction(handler, scheme, world, new Variables(scope, world.variables)) }
}

const CERTIFICATE_MODES: ReadonlyMap<string, 'required' | 'optional'> = new Map([
  ['on', 'required'],
  ['optional', 'optional'],
  // Any certificate passes: it is for the back end to judge.
  ['optional_no_ca', 'optional'],
])

function clientCertificate(scope: Scope): readonly ProxyGuard[] {
  const directive = scope.value('ssl_verify_client')
  const mode = CERTIFICATE_MODES.get(directive?.words[0]?.text ?? '')
  return directive === undefined || mode === undefined ? [] : [{ guard: 'client-certificate', mode, origin: originOf(directive) }]
}

/** `ssl_reject_handshake on`: a TLS client gets no further; without TLS it does nothing. */
function refusedHandshakes(scope: Scope): readonly EarlyStep[] {
  const directive = scope.isOn('ssl_reject_handshake') ? scope.value('ssl_reject_handshake') : undefined
  const everywhere = scope.own('listen').every((line) => line.words.some((word) => word.text === 'ssl' || word.text === 'quic'))
  if (directive === undefined || !scope.has('listen') || !everywhere) return []
  const origin = originOf(directive)
  return [{ then: { kind: 'return', status: 444, origin }, origin }]
}

/** The realip module: which connections may say in a header whose address `allow` and `deny` judge. */
function clientAddress(scope: Scope): ClientAddress {
  const lines = scope.nearest('set_real_ip_from')
  const [first] = lines
  if (first === undefined) return { from: 'connection' }
  const trusted = lines.map((line): AddressRange | 'unix' | 'undecided' => {
    const text = line.words[0]?.text ?? ''
    // A host name is resolved when nginx starts.
    return text === 'unix:' ? 'unix' : (parsePrefix(text) ?? 'undecided')
  })
  const header = scope.value('real_ip_header')?.words[0]?.text.toLowerCase() ?? 'x-real-ip'
  return { from: 'header', header, trusted, origin: originOf(first) }
}

/**
 * Options that one `listen` sets hold for its address in every server (`ngx_http_add_addresses`): TLS, HTTP/2 and the PROXY
 * protocol where any says so, the socket's options from the one that sets them; the first server is the default unless another says so.
 */
export function shareListeners(servers: readonly ProxyServer[]): readonly ProxyServer[] {
  const groups = new Map<string, { readonly listener: ProxyListener; readonly server: ProxyServer }[]>()
  for (const server of servers) {
    for (const listener of server.listeners) {
      const key = `${server.layer === 'http' ? 'http' : 'stream'} ${socketKey(listener)}`
      const group = groups.get(key) ?? []
      group.push({ listener, server })
      groups.set(key, group)
    }
  }
  const shared = new Map<ProxyListener, ProxyListener>()
  for (const group of groups.values()) {
    const chosen = group.find((member) => member.listener.defaultServer) ?? group[0]
    const tls = group.some((member) => member.listener.tls)
    const http2 = group.some((member) => member.listener.http2)
    const proxyProtocol = group.some((member) => member.listener.proxyProtocol)
    const ipv6only = group.every((member) => member.listener.ipv6only)
    const reuseport = group.some((member) => member.listener.reuseport)
    for (const { listener } of group) {
      shared.set(listener, { ...listener, tls, http2, proxyProtocol, ipv6only, reuseport, defaultServer: listener === chosen?.listener })
    }
  }
  return servers.map((server) => ({ ...server, listeners: server.listeners.map((listener) => shared.get(listener) ?? listener) }))
}
