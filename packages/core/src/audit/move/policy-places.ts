import { type FileOrigin, samePlace } from '../../evidence/index.ts'
import type { Policy, Service } from '../../policy/index.ts'
import { type KnownPlace, place } from './exact.ts'

/** A place of the policy that has the port, and the other environments that take it from there too. */
export interface PolicyPlace extends KnownPlace {
  readonly sharedWith: readonly string[]
}

/**
 * Where the policy says a service's port, as it is in one environment: the port itself, the origins of its scripts, and what stands under
 * `services` without being in force in any other environment. `texts`: of the policy's files.
 */
export function policyPlaces(
  service: Service,
  port: number,
  others: ReadonlyMap<string, Policy>,
  texts: (path: string) => string | undefined,
): readonly PolicyPlace[] {
  const sharing = (origin: FileOrigin): readonly string[] =>
    [...others].flatMap(([name, policy]) => {
      const theirs = policy.services.get(service.name)
      const origins = theirs === undefined ? [] : [theirs.origins.port, ...(theirs.http?.origins ?? []).map((item) => item.origin)]
      return origins.some((each) => samePlace(each, origin)) ? [name] : []
    })
  const base = basePort(service, port, texts(service.origin.path))
  const isBase = base !== undefined && base.start !== service.origins.port.span.start.offset
  const isOfOthers = [...others.values()].some((policy) => {
    const theirs = policy.services.get(service.name)?.origins.port
    return base !== undefined && theirs?.path === base.path && base.start >= theirs.span.start.offset && base.end <= theirs.span.end.offset
  })
  return [
    { ...place(service.origins.port, 'policy'), sharedWith: sharing(service.origins.port) },
    ...(service.http?.origins ?? []).map(({ origin }) => ({ ...place(origin, 'policy'), sharedWith: sharing(origin) })),
    ...(base !== undefined && isBase && !isOfOthers ? [{ ...base, sharedWith: [] }] : []),
  ]
}

/** The port that stands with the service's name under `services`: what every environment that says none takes. */
function basePort({ origin }: Service, port: number, text: string | undefined): KnownPlace | undefined {
  if (text === undefined) return undefined
  const { offset, column } = origin.span.start
  const lines = text.slice(offset).split('\n')
  let length = 0
  for (const [index, line] of lines.entries()) {
    // What is indented no further is the next service.
    if (index > 0 && line.trim() !== '' && line.search(/\S/) < column) break
    const match = new RegExp(`\\bport\\s*:\\s*(${port})(?!\\w)`).exec(line)
    if (match !== null) {
      const start = offset + length + match.index + match[0].length - String(port).length
      return { path: origin.path, start, end: start + String(port).length, role: 'policy' }
    }
    length += line.length + 1
  }
  return undefined
}
