import {
  type ComposeService,
  type ConfiguredPort,
  type Evidence,
  type FileOrigin,
  includesPort,
  type Launch,
  type Protocol,
} from '../../evidence/index.ts'
import { resolveValue } from '../../evidence/index.ts'
import { isOfContainer } from './contained.ts'
import { isDebugger } from './debugger.ts'
import { exposureOf } from './exposure.ts'
import type { PlannedBind } from './planned.ts'
import type { ServiceRow } from './service.ts'

/** What a normal start of a service makes of its sockets, as the machine that it runs on would have them. */
export interface PredictedEndpoint {
  readonly protocol: Protocol
  /** `undefined`: the files do not tell. For a container: the published port, or the container's own where it is `internal`. */
  readonly port: number | undefined
  /** `internal`: on a container network only. */
  readonly exposure: 'every-interface' | 'address' | 'loopback' | 'internal' | 'undecided'
  readonly cause: FileOrigin
  /** A container's, by what is published of it; otherwise the program binds it on the machine. */
  readonly contained: boolean
  /** Nothing of it is published: a network gives the container an address beside the machine's, by the driver that is set here. */
  readonly besideMachine?: FileOrigin
  /** Of `undecided`. */
  readonly reason?: string
}

/** What the files alone say will listen, from the way that the service is normally started; of a compose profile, when it is asked for. */
export function predictedEndpoints(row: ServiceRow): readonly PredictedEndpoint[] {
  const plans = eachSocketOnce(normalPlans(row))
  const outside = agreeing(plans.filter((plan) => !plan.contained))
  const containers = row.containers.filter(({ claim }) => claim.networkMode !== 'host')
  if (containers.length > 0) {
    const told = [...fromContainers(containers, plans), ...(containers.length < row.containers.length ? outside : [])]
    return distinct([...told, ...agreeing(otherwiseOpened(row, told))])
  }
  const image = plans
    .filter((plan) => plan.contained)
    .map(
      (plan): PredictedEndpoint => ({
        protocol: plan.protocol,
        port: plan.port,
        exposure: 'undecided',
        cause: plan.cause,
        contained: true,
        reason: 'whoever runs the image decides what is published',
      }),
    )
  const told = [...outside, ...(outside.length === 0 ? image : [])]
  return distinct([...told, ...agreeing(otherwiseOpened(row, told))])
}

/** A proxy has many servers on one socket, and one for each family of addresses. */
function eachSocketOnce(plans: readonly PlannedBind[]): readonly PlannedBind[] {
  const seen = new Set<string>()
  return plans.filter(({ listener, protocol, port, exposure, contained }) => {
    if (listener === undefined) return true
    const key = `${protocol} ${port ?? placeKey(listener.listener.origin)} ${exposure.kind} ${contained}`
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}

function placeKey({ path, span }: FileOrigin): string {
  return `${path}:${span.start.offset}`
}

/** Where the rest are ways to work on what something else deploys. */
const FOR_DEVELOPERS: ReadonlySet<Launch['by']> = new Set(['npm-script', 'makefile', 'dockerfile'])

/**
 * What a manager or a script opens to others, though the service is normally started in another way that does not open it, and a debugger
 * that anything does. What is published of an image says nothing of the machine's own sockets.
 */
function otherwiseOpened(row: ServiceRow, normal: readonly PredictedEndpoint[]): readonly PlannedBind[] {
  const isClosed = ({ exposure, contained }: PredictedEndpoint): boolean =>
    exposure === 'loopback' || exposure === 'internal' || (exposure === 'undecided' && contained)
  const told = new Set(normal.flatMap((item) => (isClosed(item) && item.port !== undefined ? [] : [item.port])))
  return row.planned.filter((plan) => {
    const { launch, port, exposure, contained, passedOver } = plan
    return (
      launch !== undefined &&
      (!FOR_DEVELOPERS.has(launch.claim.by) || isDebugger(launch)) &&
      (exposure.kind === 'every-interface' || exposure.kind === 'address') &&
      !(contained || passedOver || port === undefined || told.has(port) || told.has(undefined) || isOfContainer(row, plan))
    )
  })
}

/** A line that may bind one way or the other, for reasons that the files do not tell, is undecided; open where foreman opens it. */
function agreeing(plans: readonly PlannedBind[]): readonly PredictedEndpoint[] {
  const lines = new Map<string, PlannedBind[]>()
  for (const plan of plans) {
    const origin = plan.bind?.origin ?? plan.listener?.listener.origin ?? plan.launch?.origin
    const place = origin?.kind === 'file' ? placeKey(origin) : ''
    const key = `${place} ${plan.launch?.claim.name ?? ''} ${plan.launch?.origin.kind === 'file' ? plan.launch.origin.span.start.offset : ''} ${plan.launch?.claim.environmentName ?? ''} ${plan.port}`
    lines.set(key, [...(lines.get(key) ?? []), plan])
  }
  return [...lines.values()].flatMap((alternatives) => {
    const [first] = alternatives
    const kinds = new Set(alternatives.map((plan) => plan.exposure.kind))
    // Which of several files keeps it closed is all the same.
    if (kinds.size === 1 && kinds.has('loopback')) return distinctBy(alternatives, ({ protocol }) => protocol).map(fromPlan)
    if (first === undefined || kinds.size === 1) return alternatives.map(fromPlan)
    const opened = alternatives.filter((plan) => isOfRunner(plan) && plan.exposure.kind !== 'loopback')
    if (opened.length > 0) return opened.map(fromPlan)
    const origin = first.bind?.origin ?? first.listener?.listener.origin ?? first.launch?.origin
    const reason =
      alternatives.flatMap(({ exposure }) => (exposure.kind === 'undecided' ? [exposure.reason] : []))[0] ??
      (alternatives.some(isOfRunner) ? NOT_OF_PLATFORM : 'one of several hosts, as it turns out at start')
    return [{ ...fromPlan(first), exposure: 'undecided' as const, cause: origin?.kind === 'file' ? origin : first.cause, reason }]
  })
}

const NOT_OF_PLATFORM = 'foreman and its like load .env, and a platform that runs the Procfile does not'

/** Decided by a file that only some load which may start it. */
function isOfRunner({ cause, launch }: PlannedBind): boolean {
  return launch?.claim.runnerFiles?.includes(cause.path) === true
}

function fromPlan(plan: PlannedBind): PredictedEndpoint {
  const { exposure } = plan
  return {
    protocol: plan.protocol,
    // 0 is a port that the system chooses.
    port: plan.port === 0 ? undefined : plan.port,
    exposure: exposure.kind,
    cause: plan.cause,
    contained: false,
    ...(exposure.kind === 'undecided' ? { reason: exposure.reason } : {}),
  }
}

/** So many ports of a published range are told one by one. */
const MOST_OF_A_RANGE = 16

/** What any of them publishes is; the rest is of their networks, open to neighbours where these are beside the machine. */
function fromContainers(containers: readonly Evidence<ComposeService>[], plans: readonly PlannedBind[]): readonly PredictedEndpoint[] {
  const published = containers.flatMap(({ claim }) => claim.published)
  const isPublished = (port: number): boolean => published.some(({ containerPorts }) => includesPort(containerPorts, port))
  const [besideMachine] = containers.flatMap(({ claim }) => claim.networks.flatMap((network) => network.besideMachine ?? []))
  const reached =
    besideMachine === undefined ? ({ exposure: 'internal' } as const) : ({ exposure: 'every-interface', besideMachine } as const)
  const said = containers
    .flatMap(({ claim, origin }) => claim.exposed.map((item) => ({ ...item, within: origin })))
    .filter(({ ports, ofOtherCommand }) => !isPublished(ports.first) && ofOtherCommand !== true)
    .flatMap((item): readonly PredictedEndpoint[] => {
      const cause = item.origin ?? (item.within.kind === 'file' ? item.within : undefined)
      return cause === undefined ? [] : [{ protocol: item.protocol, port: item.ports.first, ...reached, cause, contained: true }]
    })
  const isElsewhere = (port: number): boolean => port !== 0 && !isPublished(port) && !said.some((item) => item.port === port)
  // A port that is not known may be one of those; where there are none, it is of the network.
  const isAlone = published.length === 0 && said.length === 0
  const open = plans.filter(({ exposure }) => exposure.kind !== 'loopback')
  const unknown = isAlone ? open.filter(({ port }) => port === undefined).slice(0, 1) : []
  const bound = [...open.filter(({ port }) => port !== undefined && isElsewhere(port)), ...unknown].map(
    (plan): PredictedEndpoint => ({ protocol: plan.protocol, port: plan.port, ...reached, cause: plan.cause, contained: true }),
  )
  return [...published.flatMap(fromPublished), ...said, ...bound]
}

function fromPublished(port: ConfiguredPort): readonly PredictedEndpoint[] {
  const { hostPorts } = port
  const ports =
    hostPorts === undefined
      ? [undefined]
      : Array.from({ length: Math.min(MOST_OF_A_RANGE, hostPorts.last - hostPorts.first + 1) }, (_, index) => hostPorts.first + index)
  return resolveValue(port.hostAddress, { environment: new Map(), arguments: new Map() }).flatMap((address) => {
    const exposure = exposureOf(address, '*')
    const reason = exposure.kind === 'undecided' ? { reason: exposure.reason } : {}
    return ports.map(
      (number): PredictedEndpoint => ({
        protocol: port.protocol,
        port: number,
        exposure: exposure.kind,
        cause: port.origin,
        contained: true,
        ...reason,
      }),
    )
  })
}

/**
 * Managers before hand-written starts; of npm's scripts `start` (or `serve`) before those for development, of which `preview` is one, and
 * what a runner of tasks calls `serve` or `dev`.
 */
const RANKS: Readonly<Record<Launch['by'], number>> = {
  compose: 0,
  'docker-run': 0,
  pm2: 1,
  systemd: 1,
  supervisor: 1,
  procfile: 2,
  dockerfile: 3,
  shell: 4,
  powershell: 4,
  batch: 4,
  'npm-script': 5,
  makefile: 5,
  task: 5,
}

function rankOf(launch: Evidence<Launch>): number {
  const { by, name, startedBy } = launch.claim
  // A program that nothing is known to start starts it.
  if (startedBy !== undefined) return 6
  const isForDevelopment =
    by === 'npm-script' ? !/^(?:start|serve)(?::prod(?:uction)?)?$/.test(name) : by === 'task' && /:(?:serve|dev|preview)$/.test(name)
  return RANKS[by] + (isForDevelopment ? 0.5 : 0)
}

/** The ways of the best kind by which a service is started, without those that its scripts pass over. */
export function normalPlans(row: ServiceRow): readonly PlannedBind[] {
  const started = row.planned.filter((plan) => plan.launch !== undefined && !plan.passedOver)
  if (started.length === 0) return row.planned
  const unstarted = row.planned.filter((plan) => plan.launch === undefined && plan.listener !== undefined)
  const ranks = new Map(started.map((plan) => [plan, plan.launch === undefined ? 9 : rankOf(plan.launch)]))
  const best = Math.min(...ranks.values())
  return [...started.filter((plan) => ranks.get(plan) === best), ...unstarted]
}

/** All plans: how the service is normally started is told, and mended, before other ways. */
export function normalFirst(row: ServiceRow): readonly PlannedBind[] {
  return [...new Set([...normalPlans(row), ...row.planned])]
}

function distinct(endpoints: readonly PredictedEndpoint[]): readonly PredictedEndpoint[] {
  return distinctBy(
    endpoints,
    ({ protocol, port, exposure, cause }) => `${protocol} ${port} ${exposure} ${cause.path}:${cause.span.start.line}`,
  )
}

/** The first of each key. */
function distinctBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const found = new Map<string, T>()
  for (const item of items) if (!found.has(keyOf(item))) found.set(keyOf(item), item)
  return [...found.values()]
}
