import { type Evidence, type Launch, printable, type Setting, show } from '../../evidence/index.ts'
import type { AuditContext } from '../audit.ts'
import { readingChanges } from '../cures/changes.ts'
import type { Finding } from '../finding.ts'
import type { PlannedBind } from '../join/planned.ts'
import { HOST_VARIABLES, promisesOf } from '../join/promised.ts'
import type { ServiceRow } from '../join/service.ts'
import { alsoContained, inContainer, launchedBy } from './binding.ts'
import { causes, finding } from './words.ts'

/** `host-not-read`: a variable that was to keep a service on this machine, and that its listening line does not read. */
export function checkUnreadHosts({ rows }: AuditContext): readonly Finding[] {
  const readers = readersOf(rows)
  return rows.flatMap((row) => [...unread(row, readers).values()].map((found) => unreadFinding(row, found)))
}

/** A variable that nothing reads, with all that sets it under one name. */
interface Unread {
  readonly name: string
  /** What sets it, as a message has it. */
  readonly by: string
  readonly key: string
  readonly settings: Setting[]
  readonly plans: PlannedBind[]
}

const isOnThisMachine = ({ exposure }: PlannedBind): boolean => exposure.kind === 'loopback'

interface Readers {
  /** Whether any of the servers that a launch starts reads a variable. */
  readonly isRead: (name: string, launch: Evidence<Launch>) => boolean
  /** Whether any does that the same line sets it for. */
  readonly isReadBeside: (name: string, setting: Setting) => boolean
}

/**
 * A variable that is one program's by its name, and that this program reads, promises nothing to what is started beside it; one for
 * whatever is started (`HOST`) does, unless that is on this machine alone anyway.
 */
function unread({ launches, planned }: ServiceRow, { isRead, isReadBeside }: Readers): ReadonlyMap<string, Unread> {
  const plansOf = new Map<Evidence<Launch>, PlannedBind[]>(launches.map((launch) => [launch, []]))
  for (const plan of planned) if (plan.launch !== undefined && plan.bind !== undefined) plansOf.get(plan.launch)?.push(plan)
  const found = new Map<string, Unread>()
  for (const [launch, plans] of plansOf) {
    if (plans.some((plan) => plan.decidedBy === 'unknown')) continue
    const isHarmless = plans.every(isOnThisMachine)
    for (const { name, setting } of plans.flatMap(promisesOf)) {
      if (isRead(name, launch) || (isReadBeside(name, setting) && (isHarmless || !HOST_VARIABLES.has(name)))) continue
      const { by, key } = setBy(launch, name, setting)
      const known = found.get(key) ?? { name, by, key, settings: [], plans: [] }
      found.set(key, known)
      known.settings.push(setting)
      known.plans.push(...plans)
    }
  }
  return found
}

/** What starts the program, or a file of variables that is loaded. */
function setBy({ claim }: Evidence<Launch>, name: string, { origin }: Setting): Pick<Unread, 'by' | 'key'> {
  return claim.environment.get(name)?.origin === origin
    ? { by: launchedBy(claim), key: `${claim.by} ${claim.name} ${name}` }
    : { by: printable(origin.path), key: `${origin.path} ${name}` }
}

function readersOf(rows: readonly ServiceRow[]): Readers {
  const readOf = new Map<Evidence<Launch>, Set<string>>()
  const readAt = new Set<string>()
  const placeOf = (name: string, { origin: { path, span } }: Setting): string => `${name} ${path}:${span.start.offset}`
  for (const { launch, reads, hosts } of rows.flatMap(({ planned }) => planned)) {
    if (launch === undefined) continue
    const names = readOf.get(launch) ?? new Set()
    readOf.set(launch, names)
    for (const name of reads) {
      names.add(name)
      const setting = hosts?.get(name)
      if (setting !== undefined) readAt.add(placeOf(name, setting))
    }
  }
  return {
    isRead: (name, launch) => readOf.get(launch)?.has(name) === true,
    isReadBeside: (name, setting) => readAt.has(placeOf(name, setting)),
  }
}

function unreadFinding(row: ServiceRow, { name, by, key, settings, plans }: Unread): Finding {
  const isAlsoContained = alsoContained(row)
  const places = new Map(settings.map(({ origin }) => [`${origin.path}:${origin.span.start.offset}`, { role: `sets ${name}`, origin }]))
  return finding({
    rule: 'host-not-read',
    // What is on this machine alone without it is not opened by it.
    severity: plans.every(isOnThisMachine) ? 'low' : 'medium',
    service: row.name,
    message: `${by} sets ${name}, and what listens does not read it`,
    places: [...places.values(), ...causes(plans)],
    fix: `read ${name} where the server listens${plans.some(isAlsoContained) ? inContainer(name) : ''}`,
    changes: readingChanges(plans, name),
    facts: [show(`${name} has no effect on ${row.name}`)],
    key,
  })
}
