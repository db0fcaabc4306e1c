import { inRange } from '../network/index.ts'
import { quoted } from './found.ts'
import type { Host, HostName, Route, Service, ServiceName } from './policy.ts'
import type { Scope } from './scope.ts'

/** Reports routes that lead nowhere, back to where they came from, or to a service that refuses their host. */
export function checkRoutes(services: ReadonlyMap<ServiceName, Service>, hosts: ReadonlyMap<HostName, Host>, scope: Scope): void {
  for (const service of services.values()) {
    for (const route of service.routes) {
      const path = ['services', service.name, 'routes', route.path]
      if (!scope.expectName(route.service, path, 'service')) continue
      const target = services.get(route.service)
      if (target !== undefined) checkRoute(service, target, path, hosts, scope)
    }
  }
  checkLoops(services, scope)
}

function checkRoute(service: Service, target: Service, path: readonly string[], hosts: ReadonlyMap<HostName, Host>, scope: Scope): void {
  const [port, ...more] = target.ports
  // Without any port the port is wrong, which is reported already.
  if (!target.protocols.includes('tcp') || more.length > 0 || port?.first !== port?.last) {
    const message = `${quoted(target.name)} has not exactly one TCP port, so the route does not say where it goes`
    scope.report(path, { code: 'route-target', message, hint: 'make the port that speaks HTTP a service of its own' })
  }
  const refused = service.hosts.find((name) => !target.hosts.includes(name) && !admits(target, name, hosts))
  if (refused === undefined) return
  const message = `the route comes from ${quoted(refused)}, which ${quoted(target.name)} does not accept`
  scope.report(path, { code: 'route-refused', message, hint: `add it to the service: \`from: ${refused}\`` })
}

/** Whether packets from `name` may be accepted: undecided counts as yes, so that the warning is never wrong. */
function admits(target: Service, name: HostName, hosts: ReadonlyMap<HostName, Host>): boolean {
  const known = hosts.get(name)?.addresses ?? []
  return target.from.some((ref) => {
    switch (ref.kind) {
      case 'built-in':
        return ref.name === 'internet' || ref.name === 'private'
      case 'host':
      case 'service':
        return ref.hosts.includes(name)
      case 'source':
      case 'literal':
        return known.length === 0 || known.some(({ value }) => ref.addresses.some((range) => inRange(range, value)))
      default:
        return ref satisfies never
    }
  })
}

/** Depth first with a stack of its own: as deep as there are services. Each loop is reported once, at the route that closes it. */
function checkLoops(services: ReadonlyMap<ServiceName, Service>, scope: Scope): void {
  const done = new Set<ServiceName>()
  for (const start of services.values()) {
    const trail: { readonly service: Service; readonly routes: Iterator<Route> }[] = []
    const onTrail = new Set<ServiceName>()
    const enter = (service: Service): void => {
      trail.push({ service, routes: service.routes.values() })
      onTrail.add(service.name)
    }
    if (!done.has(start.name)) enter(start)
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const { value: route, done: exhausted } = top.routes.next()
      if (exhausted === true) {
        trail.pop()
        onTrail.delete(top.service.name)
        done.add(top.service.name)
        continue
      }
      const target = services.get(route.service)
      if (target === undefined || done.has(target.name)) continue
      if (!onTrail.has(target.name)) {
        enter(target)
        continue
      }
      const message = `the route leads back to ${quoted(target.name)}, where it came from`
      scope.report(['services', top.service.name, 'routes', route.path], {
        code: 'route-loop',
        message,
        hint: 'route to the service that answers',
      })
    }
  }
}
