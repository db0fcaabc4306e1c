import {
  type Bind,
  type FileOrigin,
  keyOfDecision,
  type Resolved,
  resolveValue,
  type Surroundings,
  type Value,
} from '../../evidence/index.ts'
import { exposureOf } from './exposure.ts'
import type { PlannedBind } from './planned.ts'

/** Host and port of one way that a start may turn out. */
export type Combined = Pick<PlannedBind, 'exposure' | 'given' | 'givenAt' | 'port' | 'portPlace' | 'portVariables' | 'cause' | 'decidedBy'>

/** Every combination of the hosts and ports that are possible; the same one only once. */
export function combine(
  host: Value,
  port: Value,
  { defaultHost, emptyHost, defaultPort }: Pick<Bind, 'defaultHost' | 'emptyHost' | 'defaultPort'>,
  surroundings: Surroundings,
  place: FileOrigin,
): readonly Combined[] {
  const found = new Map<string, Combined>()
  for (const { hosts, ports } of decidedTogether(host, port, surroundings))
    for (const resolvedHost of hosts.map(hostOf))
      for (const resolvedPort of ports.map(afterColon)) {
        const exposure = exposureOf(resolvedHost, defaultHost, emptyHost)
        const number = portOf(resolvedPort, defaultPort)
        const portPlace = number === undefined || resolvedPort.kind !== 'known' ? undefined : resolvedPort.origin
        const cause = causeOf(resolvedHost, host, place)
        found.set(`${exposure.kind} ${number} ${cause.origin.path}:${cause.origin.span.start.offset}`, {
          exposure,
          given: resolvedHost.kind === 'known' ? String(resolvedHost.value) : undefined,
          ...givenElsewhere(resolvedHost, cause.by, place),
          port: number,
          portPlace,
          portVariables: portPlace !== undefined && within(portPlace, port) ? variablesOf(port) : [],
          cause: cause.origin,
          decidedBy: cause.by,
        })
      }
  return [...found.values()]
}

interface Alternative {
  readonly hosts: readonly Resolved[]
  readonly ports: readonly Resolved[]
}

/** What is possible for host and port: where the same condition decides both, they are so together. */
function decidedTogether(host: Value, port: Value, surroundings: Surroundings): readonly Alternative[] {
  const condition = conditionOf(host)
  if (host.kind !== 'choice' || port.kind !== 'choice' || condition === undefined || condition !== conditionOf(port))
    return [{ hosts: resolveValue(host, surroundings), ports: resolveValue(port, surroundings) }]
  const sides = [0, 1].map((value): Value => ({ kind: 'known', value, origin: host.origin }))
  return resolveValue({ ...host, options: sides }, surroundings).flatMap((side): readonly Alternative[] => {
    const index = side.kind === 'known' ? Number(side.value) : 0
    const [hostThen, portThen] = [host.options[index], port.options[index]]
    return hostThen === undefined || portThen === undefined
      ? []
      : [{ hosts: resolveValue(hostThen, surroundings), ports: resolveValue(portThen, surroundings) }]
  })
}

/** What decides between the two options of a value, wherever it stands. */
function conditionOf(value: Value): string | undefined {
  if (value.kind !== 'choice' || value.when === undefined || value.options.length !== 2) return undefined
  return keyOfDecision(value.when)
}

/** A host that code has from another file. */
function givenElsewhere(host: Resolved, by: PlannedBind['decidedBy'], place: FileOrigin): Pick<Combined, 'givenAt'> {
  const origin = by === 'code' && host.kind === 'known' ? host.origin : undefined
  return origin === undefined || origin.path === place.path ? {} : { givenAt: origin }
}

function causeOf(
  resolved: Resolved,
  host: Value,
  place: FileOrigin,
): { readonly origin: FileOrigin; readonly by: PlannedBind['decidedBy'] } {
  if (resolved.kind === 'absent') return { origin: place, by: resolved.unset === undefined ? 'default' : 'unknown' }
  if (resolved.kind === 'unknown') return { origin: resolved.origin, by: 'unknown' }
  const origin = resolved.origin
  if (origin === undefined || within(origin, host)) return { origin: place, by: 'code' }
  return { origin, by: 'start' }
}

/** Whether the origin is one that the value itself gives, rather than what it was set to from outside. */
function within(origin: FileOrigin, value: Value): boolean {
  switch (value.kind) {
    case 'absent':
      return false
    case 'known':
    case 'unknown':
      return value.origin === origin
    case 'environment':
    case 'argument':
      return within(origin, value.fallback)
    case 'choice':
      return value.options.some((option) => within(origin, option))
    case 'joined':
      return value.origin === origin || value.parts.some((part) => within(origin, part))
    default:
      return value satisfies never
  }
}

/** `host:port` in one text, which a variable or an argument gives that the code takes for both (`ADDR=127.0.0.1:8080`): a host alone has no port. */
const ENDPOINT = /^(\[[^\]]{0,100}\]|[^:[\]/\s]{0,260}):(\d{1,5})$/

function hostOf(host: Resolved): Resolved {
  const found = host.kind === 'known' ? ENDPOINT.exec(String(host.value))?.[1] : undefined
  return host.kind !== 'known' || found === undefined ? host : { ...host, value: found === '' ? '*' : found }
}

function afterColon(port: Resolved): Resolved {
  const found = port.kind === 'known' ? ENDPOINT.exec(String(port.value))?.[2] : undefined
  return port.kind !== 'known' || found === undefined ? port : { ...port, value: found }
}

function portOf(port: Resolved, defaultPort: number | undefined): number | undefined {
  if (port.kind === 'unknown') return undefined
  if (port.kind === 'absent') return port.unset === undefined ? defaultPort : undefined
  const number = Number(port.value)
  return Number.isInteger(number) && number >= 0 && number <= 65535 ? number : undefined
}

/** The environment variables that a value depends on. */
export function variablesOf(value: Value): readonly string[] {
  switch (value.kind) {
    case 'environment':
      return [value.name, ...variablesOf(value.fallback)]
    case 'argument':
      return variablesOf(value.fallback)
    case 'choice':
      return value.options.flatMap(variablesOf)
    case 'joined':
      return value.parts.flatMap(variablesOf)
    default:
      return []
  }
}
