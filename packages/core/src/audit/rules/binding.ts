import { type Bind, type Evidence, type Launch, type Shown, show } from '../../evidence/index.ts'
import { titleOf } from '../../systems/index.ts'
import type { AuditContext } from '../audit.ts'
import { bindingChanges, hostVariable, sharedVariables } from '../cures/changes.ts'
import type { Finding, Severity } from '../finding.ts'
import { debuggerOf } from '../join/debugger.ts'
import { isContainer, isOfContainer } from '../join/contained.ts'
import type { Fronting } from '../join/fronting.ts'
import type { PlannedBind } from '../join/planned.ts'
import { normalFirst } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { isPlannedDataStore } from './known.ts'
import { declaresPort, isForThisMachine, isMeantBeyond } from './meant.ts'
import { causes, finding } from './words.ts'

/** `binds-every-interface` and `host-overridden`: what the files say, whether anything runs or not. */
export function checkBinding(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) => exposed(row, context))
}

/** Whether a start of the row that surely opens it is a finding. */
export function isReportedBinding(row: ServiceRow, context: AuditContext): boolean {
  return exposed(row, context).length > 0
}

/** What is open now, or will be, has a finding of its own that names the same lines. */
function isReportedLive(row: ServiceRow): boolean {
  return (
    row.declared !== undefined &&
    (row.now.some((reach) => reach.ways.length > 0) || row.next.some((next) => next.kind === 'reach' && next.reach.ways.length > 0))
  )
}

function exposed(row: ServiceRow, context: AuditContext): readonly Finding[] {
  if (context.host !== undefined && isReportedLive(row)) return []
  const open = normalFirst(row).filter(
    (plan) =>
      !plan.contained &&
      !isOfContainer(row, plan) &&
      (plan.exposure.kind === 'every-interface' || plan.exposure.kind === 'address') &&
      !isToldAsDebugger(row, plan) &&
      !isStartedOtherwise(row, plan) &&
      !isDoor(row, plan),
  )
  if (open.length === 0 || isMeantBeyond(row)) return []
  const told = frontedFirst(row, open)
  const overridden = told.filter((plan) => plan.decidedBy === 'start')
  const own = told.filter((plan) => plan.decidedBy !== 'start')
  const severity = own.length === 0 ? undefined : severityIfExposed(row, own, context)
  return [
    ...(overridden.length === 0 || isPlatforms(row, overridden, context) ? [] : [overriddenFinding(row, overridden)]),
    ...(severity === undefined ? [] : [bindsFinding(row, own, severity)]),
  ]
}

/** What a package or makefile calls a command is started by something else of the folder, with words and variables of its own: they decide. */
function isStartedOtherwise(row: ServiceRow, { launch }: PlannedBind): boolean {
  if (launch?.origin.kind !== 'file' || !isNamedCommand(launch)) return false
  return calledScripts(row).has(`${launch.origin.path}#${launch.claim.name}`)
}

const CALLED_SCRIPTS = new WeakMap<ServiceRow, ReadonlySet<string>>()

/** By which scripts the rest of the folder starts the row. */
function calledScripts(row: ServiceRow): ReadonlySet<string> {
  let scripts = CALLED_SCRIPTS.get(row)
  if (scripts === undefined) {
    scripts = new Set(
      row.planned.flatMap(({ launch }) => (launch === undefined || isNamedCommand(launch) ? [] : (launch.claim.scripts ?? []))),
    )
    CALLED_SCRIPTS.set(row, scripts)
  }
  return scripts
}

const isNamedCommand = ({ claim }: Evidence<Launch>): boolean => claim.by === 'npm-script' || claim.by === 'makefile'

/** A proxy is there to be reached. Where a policy does not know it, `undeclared-listener` tells. */
export function isDoor({ declared }: ServiceRow, { listener, port }: PlannedBind): boolean {
  return listener !== undefined && (declared === undefined || (port !== undefined && !declaresPort(declared, port)))
}

/** A debugger that no service is declared to be has a rule of its own. */
function isToldAsDebugger({ declared }: ServiceRow, plan: PlannedBind): boolean {
  const isDeclared = declared !== undefined && plan.port !== undefined && declaresPort(declared, plan.port)
  return plan.port !== undefined && debuggerOf(plan) !== undefined && !isDeclared
}

/** How bad it would be that these plans open the row; `undefined`: not at all. */
export function severityIfExposed(row: ServiceRow, plans: readonly PlannedBind[], context: AuditContext): Severity | undefined {
  if (isDeployedInContainer(row, plans)) return undefined
  if (row.declared !== undefined || plans.some((plan) => frontOf(row, plan) !== undefined)) return 'high'
  if (isPlatforms(row, plans, context)) return undefined
  // Where containers are built for it, the code runs in one, and what is published decides; unless it has the host's own network, or a
  // manager of the host starts it as well. What else starts it without them is there for whoever works on it.
  const startedElsewhere = plans.every(
    ({ launch }) => launch === undefined || !(isContainer(launch.claim.by) || HOST_MANAGERS.has(launch.claim.by)),
  )
  if (startedElsewhere && runsInContainer(row, context)) return plans.some(isBesideContainers) ? 'low' : undefined
  if (plans.every(isByHand)) return 'low'
  return isPlannedDataStore(row) ? 'high' : 'medium'
}

/** Compose or a script runs it in a container with a network of its own, where it has to be bound for others: what is published decides. */
export function isDeployedInContainer(row: ServiceRow, plans: readonly PlannedBind[]): boolean {
  const deployed = row.planned.some(
    (plan) => plan.contained && (plan.launch?.claim.by === 'compose' || plan.launch?.claim.by === 'docker-run'),
  )
  return deployed && plans.every(({ launch }) => launch === undefined || launch.claim.by === 'npm-script' || launch.claim.by === 'makefile')
}

/**
 * Whether a start without the container opens it: code that names every interface for its container's sake is not blamed for what a package
 * calls `start`, code that names no host is.
 */
function isBesideContainers({ launch, decidedBy }: PlannedBind): boolean {
  return launch !== undefined && (decidedBy === 'default' || !isNamedCommand(launch))
}

/** Where no policy says whom it is for, what a platform needs is no weakness; that others reach it is told by `no-policy`. */
function isPlatforms(row: ServiceRow, plans: readonly PlannedBind[], { policy }: AuditContext): boolean {
  return policy === undefined && row.fronts.length === 0 && plans.every(isGivenItsPort)
}

/**
 * The process type `web` of a Procfile, without a port of its own: a platform hands it one, routes to whatever is bound, and needs every
 * interface for that (Heroku, Dokku and their like). To a port of its own, or another process type, no platform routes.
 */
function isGivenItsPort({ launch, port, exposure }: PlannedBind): boolean {
  return launch?.claim.by === 'procfile' && launch.claim.name === 'web' && port === undefined && exposure.kind !== 'undecided'
}

/** Started by a person, for work on the code: every npm script but those that start the product, and Procfile.dev. */
export function isByHand({ launch }: PlannedBind): boolean {
  if (launch?.claim.by === 'procfile') return launch.environment === 'development' || launch.environment === 'local'
  if (launch?.claim.by === 'makefile') return !/^(?:start|serve|run|up|prod(?:uction)?|deploy)(?:[._-]|$)/.test(launch.claim.name)
  return launch?.claim.by === 'npm-script' && !/^(?:start|serve)(?::prod(?:uction)?)?$/.test(launch.claim.name)
}

/** They deploy it where they run: what they start in a container is known to be contained. */
const HOST_MANAGERS: ReadonlySet<Launch['by']> = new Set(['pm2', 'systemd', 'supervisor'])

function runsInContainer(row: ServiceRow, context: AuditContext): boolean {
  if (row.launches.some((launch) => isContainer(launch.claim.by))) return true
  const folder = folderOf(row)
  return context.evidence.some(
    (item) =>
      item.claim.claim === 'launch' &&
      item.claim.by === 'dockerfile' &&
      (item.claim.workingDirectory ?? '') === folder &&
      item.claim.entry === undefined,
  )
}

function folderOf(row: ServiceRow): string {
  return row.planned[0]?.launch?.claim.workingDirectory ?? ''
}

/**
 * The proxy's route to what this plan binds: to its own port, and to what a normal start of the service has there, not to what a person
 * starts in its place to work on the code.
 */
function frontOf(row: ServiceRow, plan: PlannedBind): Fronting | undefined {
  const isInPlace =
    isByHand(plan) && row.planned.some((other) => other.launch !== undefined && other.port === plan.port && !isByHand(other))
  return isInPlace ? undefined : row.fronts.find(({ target }) => plan.port === undefined || target.port === plan.port)
}

/** What a proxy fronts is told before the rest. */
function frontedFirst(row: ServiceRow, plans: readonly PlannedBind[]): readonly PlannedBind[] {
  const fronted = plans.filter((plan) => frontOf(row, plan) !== undefined)
  return [...new Set([...fronted, ...plans])]
}

function bindsFinding(row: ServiceRow, plans: readonly PlannedBind[], severity: Severity): Finding {
  const [plan] = plans
  const front = plan === undefined ? undefined : frontOf(row, plan)
  // 0 is a port that the system chooses.
  const port = plan?.port === undefined || plan.port === 0 ? '' : ` on port ${plan.port}`
  const what = plan?.exposure.kind === 'address' ? 'an address that others reach' : 'every interface'
  const isAlsoContained = alsoContained(row)
  const why = front !== undefined ? ', though a proxy fronts it' : isPrivate(row) ? ', though it is private' : ''
  return finding({
    rule: 'binds-every-interface',
    severity,
    service: row.name,
    message: `${row.name} binds ${what}${port}${plan?.decidedBy === 'default' ? `, since no host is given` : ''}${plan === undefined ? '' : unlessTold(row, plan)}${why}`,
    places: [...causes(plans), ...(front === undefined ? [] : [{ role: 'forwarded from here', origin: front.origin }])],
    fix: `${bindingFix(plans, isPlannedDataStore(row))}${plan !== undefined && isAlsoContained(plan) ? inContainer(hostVariable(plan, plans)) : ''}`,
    // Whether what containers run as well stays open in them shows once it is tried.
    changes: bindingChanges(plans),
    facts: profilers(plans),
    key: [...new Set(plans.map((item) => item.cause.path))].join(','),
  })
}

/** What nobody can tell, and what may give the same start another host. */
function unlessTold({ planned }: ServiceRow, { bind, launch, port }: PlannedBind): string {
  if (bind === undefined) return ''
  const [reason] = planned.flatMap((other) =>
    other.bind === bind && other.launch === launch && other.port === port && other.exposure.kind === 'undecided'
      ? [other.exposure.reason]
      : [],
  )
  return reason === undefined ? '' : ` unless it is told otherwise (${reason})`
}

/** Whether the line of a plan is one that containers with a network of their own run as well. */
export function alsoContained({ planned }: ServiceRow): (plan: PlannedBind) => boolean {
  const lines = new Set(planned.flatMap(({ contained, bind }) => (contained ? (bind ?? []) : [])))
  return ({ bind }) => bind !== undefined && lines.has(bind)
}

/** What is to be done beside an edit of such a line. */
export const inContainer = (variable: string): string => `, and set ${variable}=0.0.0.0 for the container that runs it as well`

function isPrivate({ declared }: ServiceRow): boolean {
  return declared !== undefined && isForThisMachine(declared)
}

/** What stands beside a server whose profiler is served with it: it shows memory, command line and stacks to whoever asks. */
function profilers(plans: readonly PlannedBind[]): readonly Shown[] {
  return plans.some(({ bind }) => bind?.claim.framework === 'net/http/pprof')
    ? [show("Go's profiler (/debug/pprof/) is served there as well")]
    : []
}

/** Where the host is to be given: in the code, or where the program is started. */
function bindingFix(plans: readonly PlannedBind[], isDataStore: boolean): string {
  const [plan] = plans
  if (plan !== undefined && debuggerOf(plan) !== undefined) return 'bind it to 127.0.0.1, and come by an SSH tunnel'
  if (plan?.listener !== undefined)
    return 'let it listen on 127.0.0.1, or declare in the policy (from) that others are meant to come; then route to what is behind it'
  const launch = plan?.launch?.claim
  if (plan?.bind === undefined && launch !== undefined) {
    if (launch.serves?.program === 'systemd-socket')
      return `write ListenStream=127.0.0.1${plan?.port === undefined ? '' : `:${plan.port}`} in the unit of the socket`
    const program = launch.serves === undefined ? launch.name : titleOf(launch.serves.program)
    const bound = `make ${program} bind 127.0.0.1 where it is started`
    return isContainer(launch.by) && isDataStore ? `take \`network_mode: host\` away and publish it on 127.0.0.1, or ${bound}` : bound
  }
  return HOST_GIVEN[plan?.bind?.claim.language ?? 'javascript'](plan === undefined ? 'HOST' : hostVariable(plan, plans))
}

/** How a host is given in each language, so that the environment can still say another. */
const HOST_GIVEN: Readonly<Record<Bind['language'], (variable: string) => string>> = {
  javascript: (variable) => `give the host: process.env.${variable} || '127.0.0.1'`,
  typescript: (variable) => `give the host: process.env.${variable} || '127.0.0.1'`,
  python: (variable) => `give host=os.getenv("${variable}", "127.0.0.1")`,
  go: (variable) => `give the host in front of the port: "127.0.0.1:8080", or what os.Getenv("${variable}") says where that is set`,
}

function overriddenFinding(row: ServiceRow, plans: readonly PlannedBind[]): Finding {
  const [plan] = plans
  const launch = plan?.launch?.claim
  return finding({
    rule: 'host-overridden',
    severity: overriddenSeverity(row, plans),
    service: row.name,
    message: `${row.name} is started with a host that exposes it${launch === undefined ? '' : ` (${launchedBy(launch)})`}${plan === undefined ? '' : unlessTold(row, plan)}`,
    places: causes(plans),
    fix: 'set the host to 127.0.0.1 there, or take it out',
    changes: [...bindingChanges(plans), ...sharedVariables(row, plans)],
    facts: profilers(plans),
    key: [...new Set(plans.map((item) => item.cause.path))].join(','),
  })
}

function overriddenSeverity(row: ServiceRow, plans: readonly PlannedBind[]): Severity {
  if (row.declared !== undefined || plans.some((plan) => frontOf(row, plan) !== undefined)) return 'high'
  if (plans.every(isByHand)) return 'low'
  return isPlannedDataStore(row) ? 'high' : 'medium'
}

/** As it is called in a message. */
export function launchedBy({ by, name, startedBy }: Launch): string {
  return `${startedBy === undefined ? LAUNCHED_BY[by] : 'program'} ${name}`
}

/** What a launch is called before its name: `npm script start`. */
export const LAUNCHED_BY: Readonly<Record<Launch['by'], string>> = {
  pm2: 'PM2 app',
  compose: 'compose service',
  'docker-run': 'container',
  systemd: 'systemd unit',
  'npm-script': 'npm script',
  shell: 'shell script',
  powershell: 'PowerShell script',
  batch: 'batch file',
  procfile: 'Procfile entry',
  dockerfile: 'Dockerfile',
  makefile: 'make target',
  supervisor: 'supervisord program',
  task: 'task',
}
