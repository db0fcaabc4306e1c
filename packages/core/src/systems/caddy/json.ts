import { type FileOrigin, type ProxyListener, type ProxyServer, show, type ServerName, Text } from '../../evidence/index.ts'
import { type Routed, routed, type Rule } from '../request-rules/index.ts'
import { entriesOf, entry, itemsOf, originOf, readYaml, textOf, type Tree } from '../yaml.ts'
import { administration } from './admin.ts'
import type { CaddyGaps } from './gaps.ts'
import { type JsonContext, jsonRules } from './json-routes.ts'
import { listenersAt, type ListenerOptions, networkAddress, unixListener } from './listen.ts'
import { portNumber } from '../proxy-values.ts'

/** Apps that open nothing (caddyserver.com/docs/json/apps). */
const QUIET_APPS: ReadonlySet<string> = new Set(['http', 'tls', 'pki', 'events', 'cache'])

const MOST_PORTS = 64

/** Caddy's own configuration: what a Caddyfile is made into. */
export function readJson(path: string, content: string, gaps: CaddyGaps): readonly ProxyServer[] {
  const text = new Text(path, content)
  const { documents, problems } = readYaml(text)
  const [first] = problems
  if (first !== undefined) gaps.add('not-understood', `${path} is not read as JSON: ${first.reason}`, first.origin)
  const [root] = documents
  if (root === undefined) return []
  const apps = entry(root, 'apps')
  for (const [name, app] of entriesOf(apps)) {
    if (QUIET_APPS.has(name)) continue
    gaps.add('not-understood', `the app "${name.slice(0, 80)}": what it listens on and passes on is not followed`, originOf(app.key))
  }
  const http = entry(apps, 'http')
  const ports = { http: portField(http, 'http_port') ?? 80, https: portField(http, 'https_port') ?? 443 }
  const servers = [...entriesOf(entry(http, 'servers'))].flatMap(([, { value }]) => serversOf(value, ports, gaps))
  return [...servers, ...adminOf(root, gaps)]
}

function portField(tree: Tree | undefined, name: string): number | undefined {
  return portNumber(textOf(entry(tree, name)) ?? '')
}

function isTrue(tree: Tree | undefined): boolean {
  return textOf(tree) === 'true'
}

function adminOf(root: Tree, gaps: CaddyGaps): readonly ProxyServer[] {
  const admin = entry(root, 'admin')
  if (isTrue(entry(admin, 'disabled'))) return []
  const listen = entry(admin, 'listen')
  const address = textOf(listen)
  if (listen === undefined || address === undefined) return administration('localhost:2019', true, originOf(root))
  const servers = administration(address, false, originOf(listen))
  if (servers.length === 0) gaps.add('not-understood', `"${address.slice(0, 80)}" is no address of an administration`, originOf(listen))
  return servers
}

interface Ports {
  readonly http: number
  readonly https: number
}

function serversOf(server: Tree, ports: Ports, gaps: CaddyGaps): readonly ProxyServer[] {
  const origin = originOf(server)
  const named = new Map([...entriesOf(entry(server, 'named_routes'))].map(([name, { value }]) => [name, value]))
  const context: JsonContext = { gaps, named, invoked: [], prefix: '' }
  const rules = jsonRules(itemsOf(entry(server, 'routes')), context)
  const errors: readonly Rule[] = [
    {
      when: { kind: 'opaque' },
      words: 'an error',
      origin,
      does: 'block',
      rules: jsonRules(itemsOf(entry(entry(server, 'errors'), 'routes')), context),
    },
  ]
  const places = itemsOf(entry(server, 'listen'))
  const tls = usesTls(server, places, rules, ports)
  const protocols = itemsOf(entry(server, 'protocols')).map(textOf)
  const options = {
    tls,
    http3: protocols.length === 0 || protocols.includes('h3'),
    proxyProtocol: itemsOf(entry(server, 'listener_wrappers')).some((wrapper) => textOf(entry(wrapper, 'wrapper')) === 'proxy_protocol'),
    implicit: false,
  }
  const listeners = places.flatMap((place) => listenersOf(place, { ...options, origin: originOf(place) }, gaps))
  const clientAddress = { from: 'connection' } as const
  const names: readonly ServerName[] = [{ kind: 'catch-all', origin }]
  const common = { layer: 'http', guards: [], first: [], clientAddress, origin } as const
  const parts = routed([...errors, ...rules], names, { kind: 'none', origin })
  // For names that no route asks for there may be nothing at all.
  const isNothing = ({ names: own, routes, rest }: Routed): boolean =>
    own.every(({ kind }) => kind === 'catch-all') && routes.length === 0 && rest.action.kind === 'none'
  const served = parts.length === 1 ? parts : parts.filter((part) => !isNothing(part))
  const found: readonly ProxyServer[] = served.map((part) => ({ ...common, listeners, ...part }))
  return [...found, ...redirects(server, found, listeners, ports.http)]
}

function listenersOf(place: Tree, options: ListenerOptions, gaps: CaddyGaps): readonly ProxyListener[] {
  const text = textOf(place) ?? ''
  const found = networkAddress(text, undefined, options.origin)
  if (found === undefined) {
    gaps.add('not-understood', `"${text.slice(0, 80)}" names no socket that is made here`, options.origin)
    return []
  }
  if (found.kind === 'unix') return [unixListener(found.path, options)]
  const { port, last } = found
  const count = typeof port === 'number' && last !== undefined ? last - port + 1 : 1
  if (count > MOST_PORTS) gaps.add('limit', `more than ${MOST_PORTS} ports: the rest is not listed`, options.origin)
  return Array.from({ length: Math.min(count, MOST_PORTS) }, (_, index) => (typeof port === 'number' ? port + index : port)).flatMap(
    (each) => listenersAt({ ...found, port: each }, options),
  )
}

/** As `automaticHTTPSPhase1` (modules/caddyhttp/autohttps.go). */
function usesTls(server: Tree, places: readonly Tree[], rules: readonly Rule[], ports: Ports): boolean {
  const policies = itemsOf(entry(server, 'tls_connection_policies'))
  const automatic = entry(server, 'automatic_https')
  if (isTrue(entry(automatic, 'disable'))) return policies.length > 0
  const numbers = places
    .map((place) => networkAddress(textOf(place) ?? '', undefined, originOf(place)))
    .map((found) => (found?.kind === 'inet' ? found.port : undefined))
  const only = (port: number): boolean => numbers.length > 0 && numbers.every((each) => each === port)
  if (only(ports.http)) return false
  if (policies.length > 0 || only(ports.https)) return true
  const skip = new Set(itemsOf(entry(automatic, 'skip')).map((item) => textOf(item)?.toLowerCase()))
  return rules.some((rule) => hostsIn(rule).some((host) => !skip.has(host)))
}

/** Of the routes themselves: hosts that routes within them ask for count for nothing. */
function hostsIn(rule: Rule): readonly string[] {
  const visit = (condition: Rule['when']): readonly string[] => {
    if (condition.kind === 'hosts') return condition.any.map((host) => (host.kind === 'exact' ? host.name : `*.${host.suffix}`))
    return condition.kind === 'all' || condition.kind === 'any' ? condition.of.flatMap(visit) : []
  }
  return visit(rule.when)
}

function redirects(
  server: Tree,
  served: readonly ProxyServer[],
  listeners: readonly ProxyListener[],
  httpPort: number,
): readonly ProxyServer[] {
  const automatic = entry(server, 'automatic_https')
  const asked = served.flatMap((one) => one.names.filter(({ kind }) => kind !== 'catch-all'))
  const names = asked.length > 0 ? asked : served.flatMap((one) => one.names)
  const isOff = isTrue(entry(automatic, 'disable')) || isTrue(entry(automatic, 'disable_redirects'))
  if (isOff || !listeners.some(({ tls }) => tls)) return []
  const origin: FileOrigin = originOf(server)
  const own = listeners.flatMap((listener): readonly ProxyListener[] => {
    const { at } = listener
    if (listener.protocol !== 'tcp' || (at.kind !== 'inet' && at.kind !== 'name')) return []
    const ports = { first: httpPort, last: httpPort }
    return [{ ...listener, at: { ...at, ports }, tls: false, http2: false, implicit: true }]
  })
  const action = { kind: 'return', status: 308, location: show('https://{host}{uri}'), origin } as const
  const rest = { early: [], guards: [], satisfy: 'all', action, redirects: [], headers: [] } as const
  return [{ layer: 'http', listeners: own, names, routes: [], guards: [], first: [], rest, clientAddress: { from: 'connection' }, origin }]
}
