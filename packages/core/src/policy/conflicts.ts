import type { PortRange } from '../evidence/index.ts'
import { quoted } from './found.ts'
import type { Service } from './policy.ts'
import { formatPorts } from './ports.ts'
import type { Scope } from './scope.ts'

interface Claimed {
  readonly range: PortRange
  readonly service: Service
}

/**
 * Reports two services on the same host, port and protocol. Services that compose runs are left out: each has a network
 * namespace, and so all ports, to itself.
 */
export function checkConflicts(services: Iterable<Service>, scope: Scope): void {
  const reported = new Set<string>()
  for (const [where, claims] of claimedPorts(services)) {
    let widest: Claimed | undefined
    for (const claim of claims.toSorted((a, b) => a.range.first - b.range.first)) {
      const pair = `${widest?.service.name} ${claim.service.name}`
      const overlaps = widest !== undefined && widest.service !== claim.service && claim.range.first <= widest.range.last
      if (overlaps && widest !== undefined && !reported.has(pair)) {
        reported.add(pair)
        const last = Math.min(claim.range.last, widest.range.last)
        const shared = formatPorts({ first: claim.range.first, last })
        report(claim.service, widest.service, where, shared, scope)
      }
      if (widest === undefined || claim.range.last > widest.range.last) widest = claim
    }
  }
}

function claimedPorts(services: Iterable<Service>): ReadonlyMap<string, readonly Claimed[]> {
  const claimed = new Map<string, Claimed[]>()
  for (const service of services) {
    if (service.run.by === 'compose') continue
    for (const host of service.hosts) {
      for (const protocol of service.protocols) {
        const where = `${host} ${protocol}`
        const claims = claimed.get(where) ?? []
        claims.push(...service.ports.map((range) => ({ range, service })))
        claimed.set(where, claims)
      }
    }
  }
  return claimed
}

/** At the one that is written later. */
function report(a: Service, b: Service, where: string, ports: string, scope: Scope): void {
  const [first, second] = a.origin.path === b.origin.path && a.origin.span.start.offset < b.origin.span.start.offset ? [a, b] : [b, a]
  const [host = '', protocol = ''] = where.split(' ')
  const { path, span } = first.origins.port
  const message = `${quoted(second.name)} and ${quoted(first.name)} both listen on ${protocol} ${ports} of ${quoted(host)}`
  const hint = `move one of them to another port; the other is at ${path}:${span.start.line}:${span.start.column}`
  scope.report(['services', second.name, 'port'], { code: 'port-conflict', message, hint })
}
