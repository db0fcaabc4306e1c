import type { PortRange } from '../evidence/index.ts'
import { explainOrigin } from './web.ts'
import { quoted } from './found.ts'
import type { Path } from './places.ts'
import type { Http, RateLimit, Run, Service, SourceRef, Tls } from './policy.ts'
import { formatPorts, joinPorts, readPorts } from './ports.ts'
import type { Authored } from './schema.ts'
import type { Scope } from './scope.ts'
import { type Declared, resolveFrom } from './sources.ts'

export type AuthoredService = NonNullable<Authored['services']>[string]

export function resolveService(name: string, value: AuthoredService, declared: Declared, scope: Scope): Service {
  const path = ['services', name]
  const origin = scope.origin(path)
  const said = (key: keyof Service['origins']): Service['origin'] => (value[key] === undefined ? origin : scope.origin([...path, key]))
  const loopback: SourceRef = { kind: 'built-in', name: 'loopback', origin }
  const from = value.from === undefined ? [loopback] : resolveFrom(value.from, [...path, 'from'], declared, scope)
  const domains = scope.items(value.domain, [...path, 'domain'], (domain) => domain.toLowerCase()).map((item) => item.value.toLowerCase())
  if (value.tls === 'letsencrypt' && value.domain === undefined) {
    const message = `${quoted(name)} has a certificate of Let's Encrypt and no domain name`
    scope.report([...path, 'tls'], {
      code: 'tls-without-domain',
      message,
      hint: 'add `domain: example.com` with the name that the certificate is for',
    })
  }
  const ports = resolvePorts(value.port, [...path, 'port'], scope)
  return {
    name,
    hosts: declared.placements.get(name) ?? [],
    ports,
    protocols: value.protocol === undefined ? ['tcp'] : scope.items(value.protocol, [...path, 'protocol']).map((item) => item.value),
    from,
    edge: isEdge(value, from, ports),
    domains,
    tls: resolveTls(value.tls),
    routes: Object.entries(value.routes ?? {}).map(([at, service]) => ({
      path: at,
      service,
      origin: scope.origin([...path, 'routes', at]),
    })),
    limit: value.limit === undefined ? undefined : readLimit(value.limit),
    http: value.http === undefined ? undefined : resolveHttp(value.http, [...path, 'http'], scope),
    run: resolveRun(name, value.run),
    origin,
    origins: {
      host: said('host'),
      port: said('port'),
      protocol: said('protocol'),
      from: said('from'),
      domain: said('domain'),
      tls: said('tls'),
      limit: said('limit'),
      http: said('http'),
      run: said('run'),
    },
  }
}

const WEB_PORTS: readonly number[] = [80, 443]

function isEdge({ tls, routes, domain }: AuthoredService, from: readonly SourceRef[], ports: readonly PortRange[]): boolean {
  if (!from.some((ref) => ref.kind === 'built-in' && ref.name === 'internet')) return false
  const isDoor = resolveTls(tls).kind !== 'none' || Object.keys(routes ?? {}).length > 0 || domain !== undefined
  return isDoor || ports.every(({ first, last }) => first === last && WEB_PORTS.includes(first))
}

export function resolvePorts(value: AuthoredService['port'], path: Path, scope: Scope): readonly PortRange[] {
  const ranges = scope.items(value, path).flatMap((item) => {
    const range = readPorts(item.value)
    if (!('code' in range)) return [range]
    scope.report(item.path, range)
    return []
  })
  const { ports, repeated } = joinPorts(ranges)
  if (repeated !== undefined) {
    const message = `${formatPorts(repeated)} overlaps with another entry of the list`
    scope.report(path, { code: 'repeated', message, hint: `the list means ${ports.map(formatPorts).join(', ')}: write that` })
  }
  return ports
}

function resolveTls(tls: AuthoredService['tls']): Tls {
  if (tls === undefined || tls === 'none') return { kind: 'none' }
  return tls === 'letsencrypt' ? { kind: 'letsencrypt' } : { kind: 'files', ...tls }
}

/** `10r/s`, `600r/m`, as the schema has checked. */
function readLimit(text: string): RateLimit {
  return { requests: Number.parseInt(text, 10), per: text.endsWith('s') ? 'second' : 'minute' }
}

function resolveHttp(http: NonNullable<AuthoredService['http']>, path: Path, scope: Scope): Http {
  const origins = scope.items(http.origins, [...path, 'origins']).flatMap((item) => {
    const problem = explainOrigin(item.value)
    if (problem === undefined) return [{ value: item.value, origin: scope.origin(item.path) }]
    scope.report(item.path, problem)
    return []
  })
  return { health: http.health, origins: http.origins === undefined ? undefined : origins, auth: http.auth ?? 'none' }
}

function resolveRun(name: string, run: AuthoredService['run']): Run {
  for (const by of ['pm2', 'compose', 'systemd', 'command'] as const) {
    const given = run?.[by]
    if (given !== undefined) return { by, name: given }
  }
  return { by: 'any', name }
}
