import { type Evidence, evidenceOf, type FileOrigin, type Gap } from '../../evidence/index.ts'
import { isTestPath } from '../../systems/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import { normalPlans } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { isDoor, isReportedBinding, severityIfExposed } from './binding.ts'
import { isMeantBeyond } from './meant.ts'
import { causes, finding } from './words.ts'

/** `undecided`, as far as files go: hosts that they do not tell, and files that were not read. What runs is judged by its packets. */
export function checkUndecided(context: AuditContext): readonly Finding[] {
  const files = unread(context)
  const told = new Set<string>()
  const undecided = context.rows.flatMap((row) =>
    starts(row, context).map((found): Finding => {
      // What was not understood of the file that starts a service says more of why its host is not known.
      const paths = new Set(row.launches.flatMap(({ origin }) => (origin.kind === 'file' ? origin.path : [])))
      for (const path of paths) told.add(path)
      return { ...found, places: [...found.places, ...[...paths].flatMap((path) => (files.get(path) ?? []).map(placeOf))] }
    }),
  )
  return [...undecided, ...[...files].filter(([path]) => !told.has(path)).map(unreadFinding)]
}

/** A start that binds what nobody can tell, where one of the possibilities would be a finding of weight. */
function starts(row: ServiceRow, context: AuditContext): readonly Finding[] {
  if (row.now.length > 0 || isMeantBeyond(row)) return []
  // Told with the next start of the service.
  if (row.declared !== undefined && row.next.some((next) => next.kind === 'undecided')) return []
  // The same line, where one of its hosts is open for certain, is a finding already.
  if (isReportedBinding(row, context)) return []
  const plans = normalPlans(row).filter((plan) => !plan.contained && plan.exposure.kind === 'undecided' && !isDoor(row, plan))
  const worst = plans.length === 0 ? undefined : severityIfExposed(row, plans, context)
  if (worst !== 'high' && worst !== 'medium') return []
  const ports = new Set(plans.flatMap((plan) => plan.port ?? []))
  const reasons = new Set(plans.flatMap(({ exposure }) => (exposure.kind === 'undecided' ? [exposure.reason] : [])))
  return [
    finding({
      rule: 'undecided',
      severity: 'info',
      service: row.name,
      message: `It cannot be told who reaches ${row.name}${ports.size === 0 ? '' : ` on port ${[...ports].join(', ')}`} when it is started: ${[...reasons].join('; ')}`,
      places: causes(plans),
      fix: 'give the host where it listens, or set its variable where it is started',
      key: 'start',
    }),
  ]
}

/** Files that may start or forward to something, and could not be read or understood. Tests and documents start nothing that matters. */
function unread({ evidence, policy }: AuditContext): ReadonlyMap<string, readonly Evidence<Gap>[]> {
  // Variables that a file elsewhere may set make undecided what reads them.
  const followed = new Set(
    evidenceOf(evidence, 'launch')
      .flatMap(({ claim }) => claim.unseenEnvironment?.origin ?? [])
      .map(placeKey),
  )
  const files = new Map<string, Evidence<Gap>[]>()
  for (const gap of evidenceOf(evidence, 'gap')) {
    const { kind } = gap.claim.affects
    // What proxies forward to is compared with the routes of a policy.
    if (gap.standing !== 'configured' || !(kind === 'folder' || (kind === 'proxy' && policy !== undefined))) continue
    const path = pathOf(gap)
    if (gap.origin.kind === 'file' && followed.has(placeKey(gap.origin))) continue
    if (!isTestPath(path) && !DOCUMENTS.test(path) && maySay(gap, path)) files.set(path, [...(files.get(path) ?? []), gap])
  }
  return files
}

/** What of a script is not understood matters in those that are there to start something. */
function maySay({ claim }: Evidence<Gap>, path: string): boolean {
  if (claim.code !== 'not-understood' || !SCRIPT.test(path)) return true
  return STARTER.test(path)
}

const SCRIPT = /\.(?:sh|bash|zsh|ps1|psm1)$/i
const STARTER = /^(?:[^/]+\/)?(?:docker-)?(?:start|run|serve|server|up|boot|launch|deploy|entrypoint|prod)[^/]*$/i

function placeKey({ path, span }: FileOrigin): string {
  return `${path}:${span.start.line}`
}

function unreadFinding([path, gaps]: readonly [string, readonly Evidence<Gap>[]]): Finding {
  return finding({
    rule: 'undecided',
    severity: 'info',
    message: `It cannot be told what ${path === '.' ? 'this folder' : path} starts or binds: ${[...new Set(gaps.map(({ claim }) => claim.what))].join('; ')}`,
    places: gaps.map(placeOf),
    fix: gaps.flatMap(({ claim }) => claim.remedy ?? [])[0] ?? 'write it so that it can be read, or accept it by its path',
    key: path,
  })
}

function placeOf({ claim, origin }: Evidence<Gap>): Place {
  return { role: claim.what, origin }
}

const DOCUMENTS = /(?:^|\/)docs?\/|\.(?:md|rst|adoc)$/i

/** A fault of a reader is told of the first of its files, which the gap names as a path of the machine. */
function pathOf({ origin }: Evidence): string {
  return origin.kind === 'file' || origin.kind === 'kernel' ? origin.path : '.'
}
