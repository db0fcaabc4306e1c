import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { ServiceRow } from '../join/service.ts'

/** A place of which the readers know that it gives or names a port: inclusive start, exclusive end. */
export interface KnownPlace {
  readonly path: string
  readonly start: number
  readonly end: number
  readonly role: PlaceRole
}

/** What a place of the port is, in a few words. */
export type PlaceRole = 'port' | 'variable' | 'address' | 'published port' | 'container port' | 'firewall' | 'policy' | 'text'

/** The places where the files give a service this port, by what they mean: what listens, its start, its variables, what is published. */
export function placesOfRow(row: ServiceRow, port: number, variables: ReadonlySet<string>): readonly KnownPlace[] {
  const planned = row.planned.flatMap((plan) => [
    ...(plan.port === port && plan.portPlace !== undefined ? [place(plan.portPlace, 'port')] : []),
    ...known(plan.bind?.claim.port, port),
    ...known(plan.launch?.claim.serves?.port, port),
  ])
  const started = [...row.launches, ...row.planned.flatMap(({ launch }) => (launch === undefined ? [] : [launch]))].flatMap(({ claim }) =>
    [...claim.environment].flatMap(([name, { value }]) => (variables.has(name) ? known(value, port, 'variable') : [])),
  )
  const contained = row.containers.flatMap(({ claim }) => [
    ...claim.published
      .filter(({ hostPorts }) => hostPorts?.first === port && hostPorts.last === port)
      .map(({ origin }) => place(origin, 'published port')),
    ...claim.exposed.flatMap(({ ports, origin }) =>
      ports.first === port && origin !== undefined ? [place(origin, 'container port')] : [],
    ),
  ])
  return [...planned, ...started, ...contained]
}

function known(value: Value | undefined, port: number, role: PlaceRole = 'port'): readonly KnownPlace[] {
  if (value === undefined) return []
  switch (value.kind) {
    case 'known':
      return String(value.value) === String(port) ? [place(value.origin, role)] : []
    case 'environment':
      return [...known(value.fallback, port, role), ...known(value.whenSet, port, role)]
    case 'argument':
      return known(value.fallback, port, role)
    case 'joined':
      return value.parts.flatMap((part) => known(part, port, role))
    case 'choice':
      return value.options.flatMap((option) => known(option, port, role))
    case 'absent':
    case 'unknown':
      return []
    default:
      return value satisfies never
  }
}

export function place({ path, span }: FileOrigin, role: PlaceRole): KnownPlace {
  return { path, start: span.start.offset, end: span.end.offset, role }
}
