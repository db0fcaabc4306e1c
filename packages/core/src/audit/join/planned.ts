import {
  type Bind,
  type CommandBind,
  type Evidence,
  type FileOrigin,
  type Launch,
  type Protocol,
  type Setting,
  show,
  type Surroundings,
  type Value,
} from '../../evidence/index.ts'
import { formatAddress } from '../../network/index.ts'
import { isTestPath } from '../../systems/index.ts'
import { unlessChanged } from './changed.ts'
import { combine, variablesOf } from './combine.ts'
import { commandPlace, isContained } from './contained.ts'
import type { Exposure } from './exposure.ts'
import { fileMissing, type MissingFile, type StartFacts } from './facts.ts'
import { isNamedHost } from './promised.ts'
import { bindsStarted } from './started.ts'
import { type ConfiguredListener, listenersOf } from './listeners.ts'
import { factsFor } from './late.ts'
import { surroundingsOf, surroundingsOfCode, surroundingsOfCommand } from './surroundings.ts'

/** What one way of starting one server will bind. */
export interface PlannedBind {
  readonly protocol: Protocol
  readonly exposure: Exposure
  /** The host as it is given; `*`: every interface, by a port alone. `undefined`: none is, or it cannot be told. */
  readonly given: string | undefined
  /** Where the code has it from, if that is another file than the one that listens. */
  readonly givenAt?: FileOrigin
  /** `undefined`: it cannot be told from the files. */
  readonly port: number | undefined
  /** The place that gives the port; `undefined` where it is the program's own. */
  readonly portPlace: FileOrigin | undefined
  /** The variables that would give another port, and that nothing which was read sets. */
  readonly portVariables: readonly string[]
  /** The place that decides the host: the line that listens, or the argument or variable that overrides it. */
  readonly cause: FileOrigin
  /** `default`: no host is given anywhere. `code`: the source says it. `start`: an argument or variable of the launch does. */
  readonly decidedBy: 'default' | 'code' | 'start' | 'unknown'
  /** The variables that the line reads for its host. */
  readonly reads: readonly string[]
  /** Those variables of the start that are named as hosts are. Absent: none. */
  readonly hosts?: ReadonlyMap<string, Setting>
  readonly bind: Evidence<Bind> | undefined
  readonly launch: Evidence<Launch> | undefined
  /** The socket of a proxy that its configuration brings: every one of them, and no program of the folder binds it. */
  readonly listener?: ConfiguredListener
  /** Runs in a container: what it binds there is open to the container's network only, publishing decides the rest. */
  readonly contained: boolean
  /** The file that starts it has several environments, and a script chooses another one of them. */
  readonly passedOver: boolean
}

/** What a launch will bind: the binds of the code it starts as its surroundings decide them, and what its own command line says. */
export function planLaunch(facts: StartFacts, launch: Evidence<Launch>): readonly PlannedBind[] {
  const contained = isContained(facts, launch)
  const surroundings = surroundingsOf(facts, launch)
  const passedOver = isPassedOver(facts, launch)
  const { serves, builtOf } = launch.claim
  const command = serves === undefined ? [] : planCommand(facts, launch, serves, surroundingsOfCommand(facts, launch), contained)
  const code = bindsStarted(facts, launch)
    .flatMap((bind) =>
      builtOf !== undefined && serves === undefined
        ? planBuilt(bind, launch, facts, contained)
        : factsFor(bind, facts).flatMap((own) =>
            planBind(bind, launch, own === facts ? surroundings : surroundingsOf(own, launch), contained),
          ),
    )
    .map((plan) => unlessOther(atSource(facts, plan, surroundings), launch))
  const listening = listenersOf(facts.listeners, launch).flatMap((listener) => planListener(listener, launch, surroundings, contained))
  const plans = [...command, ...code, ...listening].map((plan) => unlessChanged(plan, facts))
  const missing = plans.length === 0 && !contained ? fileMissing(facts, launch) : undefined
  const hosts = new Map([...surroundings.environment].filter(([name]) => isNamedHost(name)))
  const more = { ...(passedOver ? { passedOver } : {}), ...(hosts.size === 0 ? {} : { hosts }) }
  return (missing === undefined ? plans : planMissing(missing, launch, surroundings)).map((plan) => ({ ...plan, ...more }))
}

/** One socket of which nothing is known but what starts it, since a file is not there that would tell. */
function planMissing({ path, named }: MissingFile, launch: Evidence<Launch>, surroundings: Surroundings): readonly PlannedBind[] {
  const place = commandPlace(launch)
  if (place === undefined) return []
  const reason = `${show(path)} is not among the files that were looked at`
  const unknown: Value = { kind: 'unknown', reason, origin: named ?? place }
  return combine(unknown, unknown, { defaultHost: EVERY_FOUR }, surroundings, place).map((item) => ({
    ...item,
    protocol: 'tcp',
    reads: [],
    bind: undefined,
    launch,
    contained: false,
    passedOver: false,
  }))
}

/** What a line binds that may be what is started: undecided where the start would have it come further, or less far, than it does by itself. */
function planBuilt(bind: Evidence<Bind>, launch: Evidence<Launch>, facts: StartFacts, contained: boolean): readonly PlannedBind[] {
  const entry = bind.claim.entries.findLast((path) => !isTestPath(path)) ?? ''
  const asIfNamed = { ...launch, claim: { ...launch.claim, entry } }
  const plans = factsFor(bind, facts).flatMap((own) => planBind(bind, launch, surroundingsOf(own, asIfNamed), contained))
  const kinds = new Set([...plans, ...planUnstarted(bind, facts)].map(({ exposure }) => exposure.kind))
  if (kinds.size === 1) return plans
  const reason = `${show(launch.claim.entry ?? '')} is not there, and whether this is built into it is not known`
  return plans.map((plan) => ({ ...plan, exposure: { kind: 'undecided', reason }, decidedBy: 'unknown' }))
}

/** What is closed in a file that may be what is started is not known to be: another file may run. */
function unlessOther(plan: PlannedBind, { claim: { meant, entry = '' } }: Evidence<Launch>): PlannedBind {
  if (meant === undefined || plan.exposure.kind !== 'loopback') return plan
  const reason = `${show(meant)} is not there, and whether ${show(entry)} is what runs is not known`
  return { ...plan, exposure: { kind: 'undecided', reason }, decidedBy: 'unknown' }
}

/** So many ports of a range are told one by one. */
const MOST_OF_A_RANGE = 16

/** What a line `listen` of a proxy binds; of a long range the rest as one without a number. */
function planListener(
  socket: ConfiguredListener,
  launch: Evidence<Launch> | undefined,
  surroundings: Surroundings,
  contained: boolean,
): readonly PlannedBind[] {
  const { at, protocol, origin } = socket.listener
  if (at.kind === 'unix' || protocol === 'unix') return []
  const known = (value: string | number): Value => ({ kind: 'known', value, origin })
  const host = at.kind === 'inet' ? known(formatAddress(at.address)) : at.kind === 'name' ? known(at.name) : at.address
  const { first, last } = at.kind === 'undecided' ? { first: 0, last: 0 } : at.ports
  const numbers = Array.from({ length: Math.min(MOST_OF_A_RANGE, last - first + 1) }, (_, index) => known(first + index))
  const unnamed: Value = { kind: 'unknown', reason: 'one of many ports', origin }
  const ports = at.kind === 'undecided' ? [at.port] : last - first < MOST_OF_A_RANGE ? numbers : [...numbers, unnamed]
  return ports
    .flatMap((port) => combine(host, port, { defaultHost: EVERY_FOUR }, surroundings, origin))
    .map((item) => ({
      ...item,
      protocol,
      reads: variablesOf(host),
      bind: undefined,
      launch,
      listener: socket,
      contained,
      passedOver: false,
    }))
}

const EVERY_FOUR = '0.0.0.0'

/** What of a proxy nothing that was read starts: its machine does. */
export function planUnstartedListener(socket: ConfiguredListener): readonly PlannedBind[] {
  return planListener(socket, undefined, { environment: new Map(), arguments: new Map() }, false)
}

/** Where every script that starts the file chooses one environment, the others are not how it is normally started. */
function isPassedOver(facts: StartFacts, launch: Evidence<Launch>): boolean {
  const path = launch.origin.kind === 'file' ? launch.origin.path : undefined
  const chosen = new Set(facts.choices.flatMap(({ claim }) => (claim.file === path ? [claim.environmentName] : [])))
  const [name] = chosen
  if (chosen.size !== 1 || launch.claim.environmentName === name) return false
  return facts.launches.some(
    ({ claim, origin }) =>
      claim.name === launch.claim.name && claim.environmentName === name && origin.kind === 'file' && origin.path === path,
  )
}

/** Built output that does what its source says is named by its source, where a person edits; built output that is out of date is named itself. */
function atSource(facts: StartFacts, plan: PlannedBind, surroundings: Surroundings): PlannedBind {
  const built = plan.bind?.origin.kind === 'file' ? plan.bind.origin.path : undefined
  if (built === undefined || plan.bind?.claim.builtFrom === undefined) return plan
  const from = plan.bind.claim.builtFrom
  const twins = facts.binds.filter((bind) => bind.origin.kind === 'file' && bind.origin.path === from)
  const same = twins
    .flatMap((bind) => planBind(bind, plan.launch, surroundings, plan.contained))
    .find((twin) => twin.port === plan.port && twin.exposure.kind === plan.exposure.kind)
  return same ?? plan
}

/** What a line of code will bind when nothing that was read starts it. */
export function planUnstarted(bind: Evidence<Bind>, facts: StartFacts): readonly PlannedBind[] {
  const plans = factsFor(bind, facts).flatMap((own) => planBind(bind, undefined, surroundingsOfCode(own, bind), false))
  return plans.map((plan) => unlessChanged(plan, facts))
}

/** The argument that gives the host; a launch may be written over many lines. */
function argumentPlace(host: Value): FileOrigin | undefined {
  return host.kind === 'absent' ? undefined : host.origin
}

/** Programs of which a reader of code finds lines of another name in the configuration file. */
const CONFIGURED_AS: Readonly<Record<string, readonly string[]>> = {
  'vite-dev': ['vite'],
  'react-router-dev': ['vite'],
  'remix-vite-dev': ['vite'],
  // `vite preview` takes `server.host` where `preview.host` is not given (vite, resolvePreviewOptions).
  'vite-preview': ['vite-preview', 'vite'],
  'webpack-serve': ['webpack'],
  'webpack-dev-server': ['webpack'],
  'vue-cli-service-serve': ['vue-cli-service'],
  'astro-standalone': ['astro'],
  // Nuxt 2 is told by `server` what Nuxt 3 is told by `devServer`.
  'nuxt-dev': ['nuxt', 'nuxt2'],
  'nuxt-preview': ['nuxt2'],
  'nuxt2-dev': ['nuxt2'],
}

function configuredAs(launch: Evidence<Launch>): readonly string[] {
  const { serves } = launch.claim
  return serves === undefined ? [] : (CONFIGURED_AS[serves.program] ?? [serves.program])
}

/** The lines of configuration that hold for a program where its command line says nothing. */
export function configurationOf(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const { configurationFiles = [] } = launch.claim
  if (configurationFiles.length === 0) return []
  return configuredAs(launch).flatMap((framework) =>
    facts.binds.filter(
      (bind) => bind.claim.framework === framework && bind.origin.kind === 'file' && configurationFiles.includes(bind.origin.path),
    ),
  )
}

/** A host on the command line outranks all configuration; without one every line of its own configuration that gives one is a socket. */
function planCommand(
  facts: StartFacts,
  launch: Evidence<Launch>,
  serves: CommandBind,
  surroundings: Surroundings,
  contained: boolean,
): readonly PlannedBind[] {
  const place = commandPlace(launch)
  if (place === undefined) return []
  const configurations = configurationOf(facts, launch)
  const giving = isGiven(serves.host) ? [] : configurations.filter((bind) => bind.claim.host.kind !== 'absent')
  const hosts = giving.filter((bind) => bind.claim.framework === giving[0]?.claim.framework)
  const [framework] = configuredAs(launch)
  const own = configurations.find((bind) => bind.claim.framework === framework)
  const configuredPort = isGiven(serves.port) ? serves.port : own?.claim.port
  return (hosts.length === 0 ? [undefined] : hosts).flatMap((configuration) => {
    const host = configuration === undefined ? serves.host : over(serves, serves.host, configuration.claim.host)
    const saidPort =
      (isGiven(serves.port) || configuration?.claim.framework !== framework ? undefined : configuration?.claim.port) ?? configuredPort
    const port = saidPort === undefined ? serves.port : over(serves, serves.port, saidPort)
    const configured = configuration?.origin.kind === 'file' ? configuration.origin : undefined
    const emptyHost = configuration?.claim.emptyHost ?? serves.emptyHost
    return combine(
      host,
      port,
      { ...serves, ...(emptyHost === undefined ? {} : { emptyHost }) },
      surroundings,
      configured ?? argumentPlace(host) ?? place,
    ).map(
      (item): PlannedBind => ({
        ...item,
        decidedBy: item.decidedBy === 'code' && configured === undefined ? 'start' : item.decidedBy,
        protocol: serves.protocol,
        reads: variablesOf(host),
        bind: configuration,
        launch,
        contained,
        passedOver: false,
      }),
    )
  })
}

/** What its configuration says, behind the variables that go before it. */
function over(serves: CommandBind, own: Value, said: Value): Value {
  if (serves.variablesFirst === undefined || own.kind !== 'environment') return said
  return { ...own, fallback: own.fallback.kind === 'absent' ? said : over(serves, own.fallback, said) }
}

/** Said on the command line: a variable that the program looks at by itself comes after its configuration. */
function isGiven(value: Value): boolean {
  return value.kind !== 'absent' && !(value.kind === 'environment' && value.optional === true)
}

function planBind(
  bind: Evidence<Bind>,
  launch: Evidence<Launch> | undefined,
  surroundings: Surroundings,
  contained: boolean,
): readonly PlannedBind[] {
  if (bind.origin.kind !== 'file') return []
  const { host, port, protocol } = bind.claim
  return combine(host, port, bind.claim, surroundings, bind.origin).map((item) => ({
    ...item,
    protocol,
    reads: variablesOf(host),
    bind,
    launch,
    contained,
    passedOver: false,
  }))
}
