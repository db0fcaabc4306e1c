import type { ProxyGuard, ProxyListener, ProxyRoute, ProxyServer } from '../../evidence/index.ts'
import { isLoopback } from '../../network/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { type Fronting, frontsOf, isHere } from '../join/fronting.ts'
import { dataStoreAt } from './known.ts'
import { finding } from './words.ts'

/** `datastore-reachable`: a proxy that others reach, which passes them on to a data store of this machine without asking who they are. */
export function checkProxiedStores({ evidence, rows }: AuditContext): readonly Finding[] {
  const seen = new Set<string>()
  return frontsOf(evidence, []).flatMap(({ fronting }): readonly Finding[] => {
    const { system, target, origin } = fronting
    const key = `${target.host}:${target.port} ${origin.path}:${origin.span.start.line}`
    // What the policy declares is judged by its routes.
    const isDeclared = rows.some((row) => row.declared !== undefined && row.fronts.some((front) => front.origin === origin))
    const opened = openStoreOf(fronting)
    if (opened === undefined || isDeclared || seen.has(key)) return []
    const { store, door } = opened
    seen.add(key)
    return [
      finding({
        rule: 'datastore-reachable',
        severity: 'high',
        message: `${system} passes whoever reaches it on to ${store} on ${target.host}:${target.port}, without asking who they are`,
        places: [
          { role: 'forwarded from here', origin },
          { role: 'listens here', origin: door.origin },
        ],
        fix: `take the route out, let ${system} listen on 127.0.0.1 there, or have it ask for a password or certificate before it forwards`,
        key: `proxied ${target.host}:${target.port}`,
      }),
    ]
  })
}

/** The data store of this machine that others are passed on to without being asked, and where they come in. */
export function openStoreOf({ server, target, action }: Fronting): { readonly store: string; readonly door: ProxyListener } | undefined {
  const store = dataStoreAt(target.port)
  const door = server.listeners.find(isForOthers)
  return store === undefined || door === undefined || !isHere(target.host) || isGuarded(server, action) ? undefined : { store, door }
}

function isForOthers({ at }: ProxyListener): boolean {
  return at.kind === 'inet' ? !isLoopback(at.address) : at.kind !== 'unix' && !(at.kind === 'name' && isHere(at.name))
}

/** Guards that hold for everyone who comes; one that is not understood may hold. */
const ASKS: ReadonlySet<ProxyGuard['guard']> = new Set<ProxyGuard['guard']>([
  'client-certificate',
  'addresses',
  'basic-auth',
  'auth-request',
  'token',
  'internal',
  'unknown',
])

function isGuarded(server: ProxyServer, action: unknown): boolean {
  const asks = (guards: readonly ProxyGuard[]): boolean => guards.some(({ guard }) => ASKS.has(guard))
  if (asks(server.guards)) return true
  if (server.rest.action === action) return asks(server.rest.guards)
  const found = (routes: readonly ProxyRoute[]): boolean =>
    routes.some((route) => {
      const isHis = route.action === action || route.early.some(({ then }) => then.kind === 'instead' && then.action === action)
      return (isHis && (asks(route.guards) || route.match.kind === 'named')) || found(route.nested)
    })
  return found(server.routes)
}
