import { isLoopback, isUnspecified, parseAddress } from '../../network/index.ts'
import {
  type Evidence,
  evidenceOf,
  type FileOrigin,
  type PassAction,
  type ProxyAction,
  type ProxyRoute,
  type ProxyServer,
  type Standing,
  type Value,
} from '../../evidence/index.ts'
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

export interface FrontingTarget {
  readonly fronting: Fronting
  leadsTo(row: Pick<ServiceRow, 'compose' | 'container' | 'name'>, ports: readonly number[]): boolean
}

/** Every target that a proxy of this machine or folder forwards to. */
export function frontsOf(evidence: readonly Evidence[]): readonly FrontingTarget[] {
  return evidenceOf(evidence, 'proxy').flatMap((proxy) =>
    proxy.claim.servers.flatMap((server) =>
      passesOf(server).flatMap(({ action, host, port, origin }): readonly FrontingTarget[] => [
        {
          fronting: { system: proxy.claim.system, standing: proxy.standing, server, action, target: { host, port }, origin },
          leadsTo: (row, ports) => ports.includes(port) && (isHere(host) || namesContainer(row, host)),
        },
      ]),
    ),
  )
}

/** An address or name of the machine that the proxy runs on. Its own other addresses are judged by the rule on targets. */
export function isHere(host: string): boolean {
  if (/^localhost\.?$/i.test(host)) return true
  const address = parseAddress(host)
  return address !== undefined && (isLoopback(address) || isUnspecified(address))
}

/** In compose and Docker networks, services know each other by name. */
function namesContainer(row: Pick<ServiceRow, 'compose' | 'container' | 'name'>, host: string): boolean {
  return host === row.compose?.claim.name || host === row.container?.claim.name || host === row.container?.claim.compose?.service
}

interface Pass {
  readonly action: PassAction
  readonly host: string
  readonly port: number
  readonly origin: FileOrigin
}

function passesOf(server: ProxyServer): readonly Pass[] {
  const actions: ProxyAction[] = [server.rest.action]
  const visit = (route: ProxyRoute): void => {
    actions.push(route.action, ...route.early.flatMap((step) => (step.then.kind === 'instead' ? [step.then.action] : [])))
    for (const nested of route.nested) visit(nested)
  }
  for (const route of server.routes) visit(route)
  return actions.flatMap((action) => (action.kind === 'pass' ? targetsOf(action) : []))
}

function targetsOf(action: PassAction): readonly Pass[] {
  return action.targets.flatMap((target) => {
    if (target.kind !== 'inet') return []
    const host = known(target.host)
    const port = Number(known(target.port))
    return host === undefined || !Number.isInteger(port) ? [] : [{ action, host, port, origin: target.origin }]
  })
}

function known(value: Value): string | undefined {
  return value.kind === 'known' ? String(value.value) : undefined
}
