import type { HostName, Policy, Run, Service } from '../policy/index.ts'
import type { WriteOptions } from './write.ts'

/**
 * The services of a host that a manager runs: the one that is asked for; else those of which the policy says so; else, where it says of none who
 * runs it, all that are programs of one's own: no doors, no ports below 1024, which a system's own services have.
 */
export function managedBy(policy: Policy, host: HostName, manager: Run['by'], { service: asked }: WriteOptions): readonly Service[] {
  const here = [...policy.services.values()].filter(({ hosts }) => hosts.includes(host))
  if (asked !== undefined) return here.filter(({ name }) => name === asked)
  const said = here.filter(({ run }) => run.by === manager)
  if (said.length > 0) return said
  return [...policy.services.values()].some(({ run }) => run.by !== 'any' && run.by !== 'command') ? [] : here.filter(isOwnProgram)
}

function isOwnProgram({ routes, tls, ports }: Service): boolean {
  return routes.length === 0 && tls.kind === 'none' && ports.every(({ first }) => first >= 1024)
}

/** What a program is told of where it listens, by variables: the first port of several. */
export function listenVariables(service: Service, address: string): ReadonlyMap<string, string> {
  const [port] = service.ports
  const origins = service.http?.origins
  return new Map([
    ['HOST', address],
    ...(port === undefined ? [] : [['PORT', String(port.first)] as const]),
    ...(origins === undefined ? [] : [['CORS_ORIGINS', origins.map(({ value }) => value).join(',')] as const]),
  ])
}

export function hasSeveralPorts({ ports }: Service): boolean {
  return ports.length > 1 || ports.some(({ first, last }) => first !== last)
}
