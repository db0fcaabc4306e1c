import { includesPort, type ListenAddress, type ProxyAction, type ProxyRoute, type ProxyServer } from '../evidence/index.ts'
import { isLoopback } from '../network/index.ts'
import type { SeenService } from '../policy/write.ts'
import type { Fronting } from './join/fronting.ts'
import { onlyRedirects } from './join/listeners.ts'
import type { ServiceRow } from './join/service.ts'
import { openStoreOf } from './rules/proxied-store.ts'

/** What a route of a policy can lead to: the name that a port gets, and the routes of proxies that lead there. */
export interface Target {
  readonly name: string
  readonly fronts: readonly Fronting[]
}

type Routes = NonNullable<SeenService['routes']>

/**
 * The routes of the servers that are meant, in the order of the configuration; one path leads to one service. That a data store is passed on
 * to without asking is nothing to be taken as meant.
 */
export function routesOf(targets: readonly Target[], isMeant: (server: ProxyServer) => boolean): Routes {
  const routes = new Map<string, string>()
  for (const { name, fronts } of targets)
    for (const front of fronts) {
      const { server, action } = front
      if (!isMeant(server) || openStoreOf(front) !== undefined) continue
      const path = pathOf(server, action)
      // The same path under another domain: a person has to say which is which.
      const free = !routes.has(path) || routes.get(path) === name ? path : `/${name}`
      routes.set(free, name)
    }
  return [...routes].map(([path, service]) => ({ path, service }))
}

/** The paths that a policy's routes can have. */
const WRITABLE = /^\/[^\s?#]*$/

function pathOf(server: ProxyServer, action: ProxyAction): string {
  const found = server.routes.flatMap((route) => pathsIn(route, action))[0]
  return found !== undefined && WRITABLE.test(found) ? found : '/'
}

function pathsIn(route: ProxyRoute, action: ProxyAction): readonly string[] {
  const { match } = route
  const isIt = route.action === action || route.early.some(({ then }) => then.kind === 'instead' && then.action === action)
  const own = isIt && 'path' in match ? [match.path] : []
  return [...own, ...route.nested.flatMap((nested) => pathsIn(nested, action))]
}

/** A port of a proxy that is configured, and that no row listens on. */
export interface Door {
  readonly system: string
  readonly port: number
  readonly servers: readonly ProxyServer[]
  /** Exact names that a policy can have. */
  readonly domains: readonly string[]
  readonly forOthers: boolean
  /** It only sends its clients on. */
  readonly redirects: boolean
}

/** The ports on which the proxies of these services listen, and those that files have any other proxy of this machine listen on. */
export function doorsOf(targets: readonly Target[], rows: readonly ServiceRow[]): readonly Door[] {
  const doors = new Map<number, { readonly system: string; readonly servers: Set<ProxyServer> }>()
  const add = (system: string, server: ProxyServer): void => {
    for (const port of portsOf(server)) {
      const door = doors.get(port) ?? { system, servers: new Set() }
      door.servers.add(server)
      doors.set(port, door)
    }
  }
  for (const { fronts } of targets) for (const { system, server } of fronts) add(system, server)
  for (const { listener, contained } of rows.flatMap(({ planned }) => planned))
    if (!contained) for (const server of listener?.servers ?? []) add(listener?.proxy.claim.system ?? '', server)
  return [...doors]
    .toSorted(([a], [b]) => a - b)
    .map(([port, { system, servers }]) => ({
      system,
      port,
      servers: [...servers],
      domains: [...new Set([...servers].flatMap(domainsOf))],
      redirects: onlyRedirects([...servers]),
      forOthers: [...servers].some((server) => server.listeners.some(({ at }) => isOn(at, port) && !isLocal(at))),
    }))
}

function portsOf({ listeners }: ProxyServer): readonly number[] {
  return listeners.flatMap(({ at, protocol }) =>
    protocol === 'tcp' && (at.kind === 'inet' || at.kind === 'name') && at.ports.first === at.ports.last ? [at.ports.first] : [],
  )
}

export function isOn(at: ListenAddress, port: number): boolean {
  return (at.kind === 'inet' || at.kind === 'name') && includesPort(at.ports, port)
}

function isLocal(at: ListenAddress): boolean {
  return at.kind === 'inet' && isLoopback(at.address)
}

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Names of the server that a policy can have. */
export function domainsOf({ names }: ProxyServer): readonly string[] {
  return names.flatMap((name) => (name.kind === 'exact' && DOMAIN.test(name.name) ? [name.name] : []))
}
