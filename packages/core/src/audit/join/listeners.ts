import {
  type Evidence,
  evidenceOf,
  type FileOrigin,
  type Launch,
  type Proxy,
  type ProxyListener,
  type ProxyServer,
  socketKey,
} from '../../evidence/index.ts'
import { isTestPath } from '../../systems/index.ts'
import { forwardedTo, isHere } from './fronting.ts'

/** One socket that the configuration of a proxy has it take connections on. */
export interface ConfiguredListener {
  readonly proxy: Evidence<Proxy>
  /** The first line that names it. */
  readonly listener: ProxyListener
  /** All that are told apart there by name. */
  readonly servers: readonly ProxyServer[]
  /** Whatever container it is in, it is in one. */
  readonly isContainers: boolean
}

const DOCUMENTS = /(?:^|\/)docs?\//

/** Of proxies of the folder and of the machine itself. What a container’s own files say holds in the container, and is seen there. */
export function configuredListeners(evidence: readonly Evidence[]): readonly ConfiguredListener[] {
  const containers = new Set(evidenceOf(evidence, 'compose-service').map(({ claim }) => claim.name))
  return evidenceOf(evidence, 'proxy').flatMap((proxy) => {
    if (proxy.origin.kind !== 'file' || proxy.origin.root !== undefined) return []
    const { path } = proxy.origin
    return !path.startsWith('/') && (isTestPath(path) || DOCUMENTS.test(path)) ? [] : socketsOf(proxy, containers)
  })
}

/** It forwards to containers by their names, which only other containers know, and to nothing of its own machine. */
function isWithin(server: ProxyServer, containers: ReadonlySet<string>): boolean {
  const hosts = forwardedTo(server).map(({ host }) => host)
  return hosts.some((host) => containers.has(host)) && !hosts.some(isHere)
}

function socketsOf(proxy: Evidence<Proxy>, containers: ReadonlySet<string>): readonly ConfiguredListener[] {
  const found = new Map<string, { readonly listener: ProxyListener; readonly servers: ProxyServer[] }>()
  const isContainers = proxy.claim.servers.some((server) => isWithin(server, containers))
  for (const server of proxy.claim.servers)
    for (const listener of server.listeners) {
      if (listener.at.kind === 'unix') continue
      const known = found.get(socketKey(listener)) ?? { listener, servers: [] }
      found.set(socketKey(listener), known)
      known.servers.push(server)
    }
  return [...found.values()].map((socket) => ({ proxy, ...socket, isContainers }))
}

/** The proxy of the machine itself, which runs by it: what its next start or reload does. */
export function isMachines({ proxy }: ConfiguredListener): boolean {
  return proxy.origin.kind === 'file' && proxy.origin.path.startsWith('/')
}

/** The listeners that a launch brings. */
export function listenersOf(listeners: readonly ConfiguredListener[], launch: Evidence<Launch>): readonly ConfiguredListener[] {
  const { configurationFiles = [], proxyFiles = [] } = launch.claim
  if (configurationFiles.length + proxyFiles.length === 0) return []
  return listeners.filter(({ proxy, listener }) => isGiven(launch, proxy, listener.origin))
}

/** Whether the program of a launch is given this line of the proxy's configuration, or finds it in its container. */
export function isGiven({ claim }: Evidence<Launch>, proxy: Evidence<Proxy>, line: FileOrigin): boolean {
  const files = [...(claim.configurationFiles ?? []), ...(claim.proxyFiles ?? [])]
  return [proxy.claim.main, line.path].some(
    (path) => path !== undefined && files.some((file) => file === '' || path === file || path.startsWith(`${file}/`)),
  )
}

/** Whether it only sends its clients on to another address, as port 80 does to https. */
export function onlyRedirects(servers: readonly ProxyServer[]): boolean {
  return servers.every((server) => {
    const redirects = server.first.some(({ condition, then }) => condition === undefined && then.kind === 'return' && isMoved(then.status))
    return redirects || (server.routes.length > 0 ? isMovedBy(server) : isMovedAction(server.rest.action))
  })
}

function isMovedBy({ routes, rest }: ProxyServer): boolean {
  const isMovedRoute = (route: ProxyServer['routes'][number]): boolean =>
    ('path' in route.match && route.match.path.startsWith('/.well-known/')) ||
    isMovedAction(route.action) ||
    route.early.some(({ condition, then }) => condition === undefined && then.kind === 'return' && isMoved(then.status))
  const takesAll = routes.some(({ match }) => match.kind.startsWith('prefix') && 'path' in match && match.path === '/')
  return routes.every(isMovedRoute) && (takesAll || isMovedAction(rest.action))
}

function isMovedAction(action: ProxyServer['rest']['action']): boolean {
  return action.kind === 'return' && isMoved(action.status)
}

/** RFC 9110 §15.4; 444 closes without an answer (nginx), 404 and its like tell nothing. */
function isMoved(status: number): boolean {
  return (status >= 300 && status < 400) || status >= 400
}
