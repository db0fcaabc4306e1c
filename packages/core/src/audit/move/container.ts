import { type ComposeService, type Evidence, evidenceOf } from '../../evidence/index.ts'
import { isContainer } from '../join/contained.ts'
import type { ServiceRow } from '../join/service.ts'
import type { KnownPlace } from './exact.ts'
import { isImage } from './text.ts'

/** Whose `localhost` a place speaks of. */
export type Surrounding = 'machine' | 'own container' | 'other container'

/**
 * The port inside the service's containers: no container has it, it moves along, or it stays, since nothing that was read gives it. Where it
 * stays, only the published side moves: on the container network and in the container itself the old port is still the right one.
 */
export type InnerPort = 'none' | 'moves' | 'stays'

/** `own`: the places of the service that its starts give, `row`: without starts of other environments. */
export function innerPort(row: ServiceRow, port: number, variables: ReadonlySet<string>): InnerPort {
  const isOnMachine = (name: string): boolean => row.containers.some(({ claim }) => claim.name === name && claim.networkMode === 'host')
  const contained = row.launches.filter(({ claim }) => isContainer(claim.by) && !isOnMachine(claim.name))
  const containers = row.containers.filter(({ claim }) => claim.networkMode !== 'host')
  const plans = row.planned.filter((plan) => plan.contained)
  if (containers.length === 0 && contained.length === 0 && plans.length === 0) return 'none'
  const isGiven =
    plans.some((plan) => plan.port === port && plan.portPlace !== undefined) ||
    // An image that was not read listens where its variable says, as far as anybody can tell.
    contained.some(
      (launch) =>
        !plans.some((plan) => plan.launch === launch) &&
        [...launch.claim.environment].some(
          ([name, { value }]) => variables.has(name) && value.kind === 'known' && String(value.value) === String(port),
        ),
    )
  return isGiven ? 'moves' : 'stays'
}

/** What names the container's own side: it moves where what listens in there does. */
export function innerPlaces(own: readonly KnownPlace[], inner: InnerPort): readonly KnownPlace[] {
  return inner === 'moves'
    ? own.filter(({ role }) => role === 'published port').map((each): KnownPlace => ({ ...each, role: 'container port' }))
    : []
}

/** Tells of each place of a file whose `localhost` it speaks of. */
export function surroundingsIn(path: string, row: ServiceRow, evidence: readonly Evidence[]): (offset: number) => Surrounding {
  const own = new Set(row.containers.map(({ claim }) => claim.name))
  const blocks = evidenceOf(evidence, 'compose-service')
    .flatMap(({ claim, origin }) =>
      origin.kind === 'file' && origin.path === path
        ? [{ claim, start: origin.span.start.offset, end: isCommand(claim) ? origin.span.end.offset : Infinity }]
        : [],
    )
    .toSorted((a, b) => a.start - b.start)
  const image = evidenceOf(evidence, 'launch').filter(
    ({ claim, origin }) => claim.by === 'dockerfile' && origin.kind === 'file' && origin.path === path,
  )
  if (isImage(path)) {
    const isOwn = row.launches.some(
      (launch) =>
        image.some(({ origin }) => origin === launch.origin) ||
        launch.claim.command.some(({ text }) => text.kind !== 'absent' && text.origin.path === path),
    )
    return () => (isOwn || image.length === 0 ? 'own container' : 'other container')
  }
  return (offset) => {
    const block = blocks.findLast(({ start }) => start <= offset)
    if (block === undefined || block.end <= offset || block.claim.networkMode === 'host') return 'machine'
    const shared = /^(?:service|container):(.*)$/.exec(block.claim.networkMode ?? '')?.[1]
    return own.has(shared ?? block.claim.name) ? 'own container' : 'other container'
  }
}

/** `docker run` in a script: what stands behind it is outside again. */
const isCommand = ({ project, manager }: ComposeService): boolean => project === '' && manager === undefined
