import { type Address, isLoopback, isLoopbackName, isUnspecified, sameAddress, spelledAddress } from '../../network/index.ts'
import {
  type Evidence,
  evidenceOf,
  type FileOrigin,
  type Handling,
  type PassAction,
  type Proxy,
  type ProxyAction,
  type ProxyRoute,
  type ProxyServer,
  type ProxyTarget,
  type Standing,
} from '../../evidence/index.ts'
import type { HostModel } from '../../reach/index.ts'
import type { ServiceRow } from './service.ts'

/** One route of a proxy that leads to a service. */
export interface Fronting {
  readonly system: string
  readonly standing: Standing
  readonly server: ProxyServer
  readonly action: PassAction
  readonly target: { readonly host: string; readonly port: number }
  /** The line that names the target. */
  readonly origin: FileOrigin
}

/** One route of a proxy that may lead to a service: where it leads is decided when a request comes, by a resolver, or outside the file. */
export interface PossibleFronting {
  readonly system: string
  /** Those that share the line. */
  readonly servers: readonly ProxyServer[]
  readonly reason: string
  /** Whoever sends the request decides. */
  readonly clientChosen: boolean
  /** What is certain of it. */
  readonly host: string | undefined
  readonly port: number | undefined
  readonly origin: FileOrigin
}

type Named = Pick<ServiceRow, 'containers' | 'container' | 'name'>

export interface FrontingTarget {
  readonly fronting: Fronting
  readonly proxy: Evidence<Proxy>
  /** `ports`: of this machine. `inside`: of its container, which others in the same network reach by its name. */
  leadsTo(row: Named, ports: readonly number[], inside: readonly number[]): boolean
}

/** Every target that a proxy of this machine or folder forwards to. `own`: the machine's addresses, as far as they are known. */
export function frontsOf(evidence: readonly Evidence[], own: readonly Address[]): readonly FrontingTarget[] {
  return evidenceOf(evidence, 'proxy').flatMap((proxy) =>
    proxy.claim.servers.flatMap((server) =>
      passesOf(server).flatMap(({ action, target }) =>
        certainTargets(target).map(({ host, port }): FrontingTarget => {
          const isOwn = isHere(host) || own.some((address) => sameText(host, address))
          const { system } = proxy.claim
          return {
            proxy,
            fronting: { system, standing: proxy.standing, server, action, target: { host, port }, origin: target.origin },
            leadsTo: (row, ports, inside) =>
              (ports.includes(port) && (isOwn || namesContainer(row, host))) || (inside.includes(port) && namesContainer(row, host)),
          }
        }),
      ),
    ),
  )
}

/** Every target that may be one of this machine's. */
export function possibleFrontsOf(evidence: readonly Evidence[]): readonly PossibleFronting[] {
  const placed = new Set([
    ...evidenceOf(evidence, 'compose-service').map(({ claim }) => claim.name),
    ...evidenceOf(evidence, 'container').flatMap(({ claim }) => [
      claim.name,
      ...(claim.compose === undefined ? [] : [claim.compose.service]),
    ]),
  ])
  const found = evidenceOf(evidence, 'proxy').flatMap((proxy) =>
    proxy.claim.servers.flatMap((server) =>
      passesOf(server).flatMap(({ target, internal }) =>
        possibleTargets(target, placed).map((possible): PossibleFronting => {
          // What the client asks for comes to such a route only where an answer of another back end sends it on.
          const clientChosen = possible.clientChosen && !internal
          return { system: proxy.claim.system, servers: [server], ...possible, clientChosen, origin: target.origin }
        }),
      ),
    ),
  )
  const distinct = new Map<string, PossibleFronting>()
  for (const one of found) {
    const key = JSON.stringify([one.origin.path, one.origin.span.start, one.host, one.port])
    distinct.set(key, { ...one, servers: [...(distinct.get(key)?.servers ?? []), ...one.servers] })
  }
  return [...distinct.values()]
}

/** Whether the target can be an endpoint of this row. */
export function mayLeadTo(front: PossibleFronting, ports: readonly number[]): boolean {
  if (front.port !== undefined && !ports.includes(front.port)) return false
  return front.host === undefined || isHere(front.host) || isName(front.host)
}

/** The addresses of the machine itself; none where it was not looked at. */
export function ownAddresses(host: HostModel | undefined): readonly Address[] {
  return [...(host?.namespaces.values() ?? [])].flatMap((namespace) =>
    namespace.kind === 'host' ? namespace.interfaces.flatMap((device) => device.addresses.map((item) => item.address)) : [],
  )
}

/** An address or name of the machine that the proxy runs on. Its own other addresses are those of its interfaces. */
export function isHere(host: string): boolean {
  if (isLoopbackName(host)) return true
  const address = spelledAddress(host)
  return address !== undefined && (isLoopback(address) || isUnspecified(address))
}

function isName(host: string): boolean {
  return spelledAddress(host) === undefined
}

function sameText(host: string, address: Address): boolean {
  const named = spelledAddress(host)
  return named !== undefined && sameAddress(named, address)
}

/** In compose and Docker networks, services know each other by name. */
function namesContainer(row: Named, host: string): boolean {
  return (
    row.containers.some(({ claim }) => host === claim.name) ||
    host === row.container?.claim.name ||
    host === row.container?.claim.compose?.service
  )
}

interface Pass {
  readonly action: PassAction
  readonly target: ProxyTarget
  /** Clients do not come here by themselves. */
  readonly internal: boolean
}

function passesOf(server: ProxyServer): readonly Pass[] {
  const found: Pass[] = []
  const add = (actions: readonly ProxyAction[], internal: boolean): void => {
    for (const action of actions) if (action.kind === 'pass') for (const target of action.targets) found.push({ action, target, internal })
  }
  const visit = (route: ProxyRoute): void => {
    const internal = route.guards.some(({ guard }) => guard === 'internal')
    add(actionsOf(route), internal)
    for (const nested of route.nested) visit(nested)
  }
  add(
    server.first.flatMap((step) => (step.then.kind === 'instead' ? [step.then.action] : [])),
    false,
  )
  add(actionsOf(server.rest), false)
  for (const route of server.routes) visit(route)
  return found
}

/** Where a server certainly forwards to. */
export function forwardedTo(server: ProxyServer): readonly { readonly host: string; readonly port: number }[] {
  return passesOf(server).flatMap(({ target }) => certainTargets(target))
}

function actionsOf(handling: Handling): readonly ProxyAction[] {
  return [handling.action, ...handling.early.flatMap((step) => (step.then.kind === 'instead' ? [step.then.action] : []))]
}

function certainTargets(target: ProxyTarget): readonly { readonly host: string; readonly port: number }[] {
  if (target.kind !== 'inet' || target.host.kind !== 'known' || target.port.kind !== 'known') return []
  const port = Number(target.port.value)
  return Number.isInteger(port) ? [{ host: String(target.host.value), port }] : []
}

function possibleTargets(
  target: ProxyTarget,
  placed: ReadonlySet<string>,
): readonly Pick<PossibleFronting, 'reason' | 'clientChosen' | 'host' | 'port'>[] {
  if (target.kind === 'unix') return []
  if (target.kind === 'unknown') {
    const { reason, clientChosen, host, port, elsewhere } = target
    return elsewhere === true ? [] : [{ reason, clientChosen, host, port }]
  }
  const port = target.port.kind === 'known' ? Number(target.port.value) : undefined
  if (target.host.kind !== 'known') return [{ reason: 'the environment gives its host', clientChosen: false, host: undefined, port }]
  const host = String(target.host.value)
  if (isLoopbackName(host) || (isName(host) && placed.has(host))) return []
  if (!isName(host)) return port === undefined && isHere(host) ? [{ reason: 'its port is not known', clientChosen: false, host, port }] : []
  return port === undefined ? [] : [{ reason: 'a resolver says which machine this name is', clientChosen: false, host, port }]
}
