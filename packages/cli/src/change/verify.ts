import {
  type AuditReport,
  type Finding,
  isNamedHost,
  LAUNCHED_BY,
  type PlannedBind,
  type PredictedEndpoint,
  predictedEndpoints,
  SEVERITIES,
} from '@sallyport/core/audit'
import { type ClaimKind, type Evidence, type Launch, show } from '@sallyport/core/evidence'
import { placeText } from '../report/words.ts'
import type { Offer } from './repairs.ts'

/** What was seen, and what the rules say of it. */
export interface Looked {
  readonly evidence: readonly Evidence[]
  readonly report: AuditReport
}

/** Why edits are not what they are to be. */
export interface Problem {
  readonly why: string
  /** The finding that they do not cure; the others of its repair they may. */
  readonly still?: Finding
}

/** What is wrong with the edits: a finding is still there, a new one is, or something can no longer be read. `undefined`: nothing. */
export function problemOf(before: Looked, after: Looked, offers: readonly Made[], paths: ReadonlySet<string>): Problem | undefined {
  const still = offers
    .flatMap(({ repair, partly }) => repair.findings.map((finding) => ({ finding, isPart: partly !== undefined })))
    .find(({ finding, isPart }) =>
      // Of what is cured in part there has to be less than before.
      after.report.findings.some((each) => isStill(finding, each) && !(isPart && each.changes.length < finding.changes.length)),
    )?.finding
  if (still !== undefined) return { why: `with the edits it would still be so: ${still.message}`, still }
  const fresh = after.report.findings.find(
    (finding) => isNew(finding, before.report) && !wasUndecided(finding, before.report, after.report),
  )
  const why =
    (fresh === undefined ? undefined : `with the edits there would be a new finding: ${fresh.message}`) ??
    unanswered(before.report, after.report) ??
    shutBeside(before.report, after.report) ??
    moved(before.report, after.report, paths) ??
    unread(before.evidence, after.evidence, paths)
  return why === undefined ? undefined : { why }
}

/** One that is less grave than before is none. */
function isNew({ fingerprint, severity }: Finding, { findings }: AuditReport): boolean {
  const rank = SEVERITIES.indexOf(severity)
  return !findings.some((known) => known.fingerprint === fingerprint && SEVERITIES.indexOf(known.severity) <= rank)
}

/** What cannot be told of a start is told once nothing worse is known of it: it could not be told before either. */
function wasUndecided({ rule, service }: Finding, before: AuditReport, after: AuditReport): boolean {
  if (rule !== 'undecided' || service === undefined) return false
  const known = undecidedStarts(before, service)
  const starts = [...undecidedStarts(after, service)]
  return starts.length > 0 && starts.every((start) => known.has(start))
}

function undecidedStarts({ rows }: AuditReport, service: string): ReadonlySet<string> {
  const plans = rows.flatMap((row) => (row.name === service ? row.planned : []))
  return new Set(plans.flatMap((plan) => (plan.exposure.kind === 'undecided' ? [`${planKey(plan)} ${plan.exposure.reason}`] : [])))
}

type Made = Pick<Offer, 'repair' | 'partly'>

/** In a container of its own network a server on loopback answers nobody, whatever is published: where it has been open in there, it has to stay so. */
function unanswered(before: AuditReport, after: AuditReport): string | undefined {
  const was = new Map<string, boolean>()
  for (const plan of containedPlans(before)) was.set(planKey(plan), was.get(planKey(plan)) === true || plan.exposure.kind !== 'loopback')
  const shut = containedPlans(after).find((plan) => plan.exposure.kind === 'loopback' && was.get(planKey(plan)) === true)
  if (shut?.launch === undefined) return undefined
  const { claim, origin } = shut.launch
  const named = claim.by === 'dockerfile' ? 'the image' : `${LAUNCHED_BY[claim.by]} ${show(claim.name)}`
  const variable = shut.reads.find(isNamedHost)
  const first = variable === undefined ? 'give the host there by a variable that is 0.0.0.0' : `set ${variable}=0.0.0.0 there`
  return `with the edits ${named} (${placeText(origin)}) would listen on its container's own loopback, where nobody reaches it: ${first} first, then run fix again`
}

/** One place may give the host of several services: of those that nothing is found wrong with none is to be closed along. */
function shutBeside(before: AuditReport, after: AuditReport): string | undefined {
  const found = new Set(before.findings.flatMap(({ service, severity }) => (severity === 'info' ? [] : [service])))
  for (const row of before.rows) {
    if (found.has(row.name)) continue
    const now = after.rows.filter(({ name }) => name === row.name).flatMap(predictedEndpoints)
    const shut = predictedEndpoints(row).find(
      (was) =>
        isOpen(was) &&
        now.some(({ port, protocol }) => port === was.port && protocol === was.protocol) &&
        !now.some((is) => is.port === was.port && is.protocol === was.protocol && is.exposure !== 'loopback'),
    )
    if (shut !== undefined)
      return `with the edits ${row.name} would no longer be open to others either, and nothing was found that speaks against it`
  }
  return undefined
}

function isOpen({ exposure }: PredictedEndpoint): boolean {
  return exposure === 'every-interface' || exposure === 'address'
}

/** What runs in containers with a network of their own. An image is started by itself only where nothing of the folder runs it. */
function containedPlans({ rows }: AuditReport): readonly PlannedBind[] {
  return rows.flatMap(({ planned }) => {
    const run = new Set(planned.flatMap(({ launch, bind }) => (launch !== undefined && RUNNERS.has(launch.claim.by) ? [bind] : [])))
    return planned.filter(({ contained, launch, bind }) => contained && !(launch?.claim.by === 'dockerfile' && run.has(bind)))
  })
}

/** What runs an image as it says. */
const RUNNERS: ReadonlySet<Launch['by']> = new Set(['compose', 'docker-run'])

/** Equal for the same start of the same server, as it is and as it would be. */
function planKey({ launch, protocol, port }: PlannedBind): string {
  const file = launch?.origin.kind === 'file' ? launch.origin.path : ''
  return JSON.stringify([launch?.claim.by, launch?.claim.name, file, protocol, port])
}

/** A server that comes to listen on another port is no longer the one that the finding was of. */
function moved(before: AuditReport, after: AuditReport, paths: ReadonlySet<string>): string | undefined {
  for (const path of paths) {
    const now = portsOf(after, path)
    const gone = [...portsOf(before, path)].find((port) => !now.has(port))
    if (gone !== undefined) return `with the edits what ${path} starts on port ${gone} would be on another one`
  }
  return undefined
}

function portsOf({ rows }: AuditReport, path: string): ReadonlySet<number> {
  const plans = rows.flatMap(({ planned }) => planned)
  return new Set(
    plans.flatMap(({ bind, port }) => (port !== undefined && bind?.origin.kind === 'file' && bind.origin.path === path ? [port] : [])),
  )
}

/** The finding as it is after the edits; `undefined`: they have cured it, be it as a consequence of another one. */
export function asLeft(finding: Finding, { report }: Looked): Finding | undefined {
  return report.findings.find((each) => each.fingerprint === finding.fingerprint && isOfSameFile(finding, each))
}

/** What runs stays as it is until it is started again: there the files no longer are the cause. */
function isStill(finding: Finding, after: Finding): boolean {
  if (after.fingerprint !== finding.fingerprint || !isOfSameFile(finding, after)) return false
  return after.changes.length > 0 || !JUDGED_BY_WHAT_RUNS.has(finding.rule)
}

/** What a copy on the machine says is another finding than what the file in the folder says, and has the same fingerprint. */
function isOfSameFile(finding: Finding, after: Finding): boolean {
  const [cause] = pathsOf(finding)
  return cause === undefined || pathsOf(after).includes(cause)
}

function pathsOf({ places }: Finding): readonly string[] {
  return places.flatMap(({ origin }) => (origin.kind === 'file' ? [origin.path] : []))
}

const JUDGED_BY_WHAT_RUNS: ReadonlySet<string> = new Set([
  'private-reachable',
  'proxy-bypassed',
  'docker-past-firewall',
  'datastore-reachable',
  'debugger-reachable',
])

/** What an edit must not make unreadable: a server that is no longer seen is no server that is closed. */
const SEEN: readonly ClaimKind[] = ['bind', 'launch', 'compose-service', 'proxy', 'variable', 'environment-load']

function unread(before: readonly Evidence[], after: readonly Evidence[], paths: ReadonlySet<string>): string | undefined {
  const isOf = ({ origin }: Evidence): boolean => origin.kind === 'file' && paths.has(origin.path)
  const gaps = (evidence: readonly Evidence[]): number => evidence.filter((item) => item.claim.claim === 'gap' && isOf(item)).length
  if (gaps(after) > gaps(before)) return 'with the edits something in these files could no longer be understood'
  for (const path of paths)
    for (const kind of SEEN) {
      const count = (evidence: readonly Evidence[]): number =>
        evidence.filter(({ claim, origin }) => claim.claim === kind && origin.kind === 'file' && origin.path === path).length
      if (count(after) < count(before)) return `with the edits something that ${path} says could no longer be seen`
    }
  return undefined
}
