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
  const doors = context.rows.flatMap((row) => (context.host === undefined ? configuredDoors(row) : openDoors(row)))
  if (doors.length === 0) return []
  const names = [...new Set(doors.map(({ name }) => name))]
  const rest = names.length - MOST_NAMES
  const who = names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more`
  return [
    finding({
      rule: 'no-policy',
      severity: 'info',
      message: `${context.host === undefined ? `The files open ${who} to others` : `Others ${doors.some(({ surely }) => surely) ? 'can' : 'may'} reach ${who}`}, and no policy says whether that is meant`,
      places: doors.map(({ place }) => place),
      fix: 'run sallyport init, and read every `from` that it writes',
      facts: doors.flatMap(({ fact }) => fact ?? []),
      key: 'policy',
    }),
  ]
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
