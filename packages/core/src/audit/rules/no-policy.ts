import { type Shown, show } from '../../evidence/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import { predictedEndpoints } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond } from './intent.ts'
import { isClient } from './meant.ts'
import { canReach, endpointWords, finding } from './words.ts'

/** `no-policy` (C2): everything that others can reach, when nobody has said whether that is meant. */
export function checkNoPolicy(context: AuditContext): readonly Finding[] {
  if (context.policy !== undefined) return []
  const live = context.rows.flatMap(openDoors)
  // What does not run is as its files have it.
  const configured = context.rows.flatMap((row) => (row.now.length > 0 ? [] : configuredDoors(row)))
  const doors = [...live, ...configured]
  if (doors.length === 0) return []
  const clauses = [
    ...(live.length === 0 ? [] : [`Others ${live.some(({ surely }) => surely) ? 'can' : 'may'} reach ${namesOf(live)}`]),
    ...(configured.length === 0 ? [] : [`${live.length === 0 ? 'The' : 'the'} files open ${namesOf(configured)} to others`]),
  ]
  return [
    finding({
      rule: 'no-policy',
      severity: 'info',
      message: `${clauses.join(', ')}, and no policy says whether that is meant`,
      places: doors.map(({ place }) => place),
      fix: 'run sallyport init, and read every `from` that it writes',
      facts: doors.flatMap(({ fact }) => fact ?? []),
      key: 'policy',
    }),
  ]
}

function namesOf(doors: readonly Door[]): string {
  const names = [...new Set(doors.map(({ name }) => name))]
  return names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`
}

/** A message names so many; the facts name all. */
const MOST_NAMES = 5

interface Door {
  readonly name: string
  readonly place: Place
  /** Where the place itself does not say it. */
  readonly fact?: Shown
  /** Packets of others arrive for certain. */
  readonly surely: boolean
}

function openDoors(row: ServiceRow): readonly Door[] {
  return row.now.flatMap((reach): readonly Door[] => {
    const ways = fromBeyond(reach.ways)
    const [socket] = reach.endpoint.sockets
    if (ways.length === 0 || socket === undefined || isClient(reach.endpoint)) return []
    const ports = new Set(ways.map((way) => way.at.port))
    const published = ports.size === 1 && !ports.has(reach.endpoint.port) ? ` by port ${[...ports].join()}` : ''
    return [
      {
        name: row.name,
        place: { role: `${row.name} listens here`, origin: socket.origin },
        fact: show(`${row.name}, ${endpointWords(reach)}: ${canReach(ways)} it${published}`),
        surely: ways.some(({ certainty }) => certainty === 'open'),
      },
    ]
  })
}

function configuredDoors(row: ServiceRow): readonly Door[] {
  return predictedEndpoints(row)
    .filter(({ exposure }) => exposure === 'every-interface' || exposure === 'address')
    .map(({ protocol, port, exposure, cause }) => ({
      name: row.name,
      surely: false,
      place: {
        role: `opens ${row.name}: ${protocol} ${port ?? 'any port'} on ${exposure === 'address' ? 'an address that others reach' : 'every interface'}`,
        origin: cause,
      },
    }))
}
