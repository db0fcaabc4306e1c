import { checkConflicts } from './conflicts.ts'
import { resolveAccept, resolveListeners, resolveTests } from './claims.ts'
import { resolveHosts, resolvePlacement, thisHost } from './hosts.ts'
import { type Alarm, type Bucket, type Policy, type Service, THIS_HOST } from './policy.ts'
import { checkRoutes } from './routes.ts'
import type { Authored } from './schema.ts'
import type { Scope } from './scope.ts'
import { resolveService } from './services.ts'
import { resolveSources } from './sources.ts'

/** What a policy without a name is called. */
const UNNAMED = 'deployment'

/** Puts every default in and every name's meaning; what cannot be is reported to the scope, and the result is then of no use. */
export function resolvePolicy(authored: Authored, scope: Scope): Omit<Policy, 'files' | 'environment'> {
  const sources = resolveSources(authored, scope)
  const hosts = resolveHosts(authored, scope)
  const written = Object.entries(authored.services ?? {})
  const placements = new Map(written.map(([name, value]) => [name, resolvePlacement(name, value.host, scope)]))
  const declared = { sources, hosts, placements }
  const services = new Map<string, Service>()
  for (const [name, value] of written) services.set(name, resolveService(name, value, declared, scope))
  const local = [...services.values()].find((service) => service.hosts.includes(THIS_HOST))
  if (local !== undefined && !hosts.has(THIS_HOST)) hosts.set(THIS_HOST, thisHost(local.origin))
  checkRoutes(services, hosts, scope)
  checkConflicts(services.values(), scope)
  return {
    version: 1,
    name: authored.name ?? UNNAMED,
    catalogue: authored.catalogue ?? 1,
    sources,
    hosts,
    services,
    tests: resolveTests(authored, services, declared, scope),
    accept: resolveAccept(authored, scope),
    listeners: resolveListeners(authored, scope),
    buckets: resolveBuckets(authored, scope),
    alarms: resolveAlarms(authored, scope),
  }
}

function resolveBuckets(authored: Authored, scope: Scope): ReadonlyMap<string, Bucket> {
  const buckets = new Map<string, Bucket>()
  for (const [name, value] of Object.entries(authored.buckets ?? {})) {
    const { encryption = 'aes256', versioning = true, expireAfterDays } = value
    buckets.set(name, { name, encryption, versioning, expireAfterDays, origin: scope.origin(['buckets', name]) })
  }
  return buckets
}

function resolveAlarms(authored: Authored, scope: Scope): ReadonlyMap<string, Alarm> {
  const alarms = new Map<string, Alarm>()
  for (const [name, value] of Object.entries(authored.alarms ?? {})) {
    const path = ['alarms', name, 'of']
    scope.expectName(value.of, path, 'host', 'service')
    const { metric, threshold, minutes = 5 } = value
    alarms.set(name, {
      name,
      metric,
      of: { value: value.of, origin: scope.origin(path) },
      threshold,
      minutes,
      origin: scope.origin(['alarms', name]),
    })
  }
  return alarms
}
