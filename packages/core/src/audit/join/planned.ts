import { isLoopback, isUnspecified, parseAddress, type Address } from '../../network/index.ts'
import {
  type Bind,
  type CommandBind,
  type ComposeService,
  type EnvironmentLoad,
  type Evidence,
  evidenceOf,
  type FileOrigin,
  type Launch,
  type Protocol,
  type Resolved,
  resolveValue,
  type Setting,
  type Surroundings,
  type Value,
  type Variable,
} from '../../evidence/index.ts'

/** How far a host that a server is told to bind lets others come. */
export type Exposure =
  | { readonly kind: 'loopback'; readonly address: Address }
  | { readonly kind: 'address'; readonly address: Address }
  /** `families`: `0.0.0.0` binds IPv4 only, `::` and no host at all both. */
  | { readonly kind: 'every-interface'; readonly address: Address }
  | { readonly kind: 'undecided'; readonly reason: string }

/** What one way of starting one server will bind. */
export interface PlannedBind {
  readonly protocol: Protocol
  readonly exposure: Exposure
  /** `undefined`: it cannot be told from the files. */
  readonly port: number | undefined
  /** The place that decides the host: the line that listens, or the argument or variable that overrides it. */
  readonly cause: FileOrigin
  /** `default`: no host is given anywhere. `code`: the source says it. `start`: an argument or variable of the launch does. */
  readonly decidedBy: 'default' | 'code' | 'start' | 'unknown'
  /** The variables that the line reads for its host. */
  readonly reads: readonly string[]
  readonly bind: Evidence<Bind> | undefined
  readonly launch: Evidence<Launch> | undefined
  /** Runs in a container: what it binds there is open to the container's network only, publishing decides the rest. */
  readonly contained: boolean
}

/** Everything that the files say of starting servers. */
export interface StartFacts {
  readonly binds: readonly Evidence<Bind>[]
  readonly launches: readonly Evidence<Launch>[]
  readonly loads: readonly Evidence<EnvironmentLoad>[]
  readonly variables: readonly Evidence<Variable>[]
  readonly compose: readonly Evidence<ComposeService>[]
}

export function startFacts(evidence: readonly Evidence[]): StartFacts {
  return {
    binds: evidenceOf(evidence, 'bind'),
    launches: evidenceOf(evidence, 'launch'),
    loads: evidenceOf(evidence, 'environment-load'),
    variables: evidenceOf(evidence, 'variable'),
    compose: evidenceOf(evidence, 'compose-service'),
  }
}

/** The binds of the code that a launch starts. */
export function bindsOf(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const entry = launch.claim.entry
  if (entry === undefined) return []
  const exact = facts.binds.filter((bind) => bind.claim.entries.includes(entry))
  if (exact.length > 0) return exact.filter((bind) => !bind.claim.test)
  // What runs is built, and only its source is there.
  const sources = new Set(sourceTwins(entry))
  return facts.binds.filter((bind) => !bind.claim.test && bind.claim.entries.some((path) => sources.has(path)))
}

const BUILT_FOLDERS = /(^|\/)(?:dist|build|out|lib)\//

/** `dist/index.js` is made from `src/index.ts`, or from `index.ts` beside the folder; the extension may be any of TypeScript's and JavaScript's. */
export function sourceTwins(entry: string): readonly string[] {
  if (!BUILT_FOLDERS.test(entry)) return []
  const stem = entry.replace(/\.[cm]?js$/, '')
  return [stem.replace(BUILT_FOLDERS, '$1src/'), stem.replace(BUILT_FOLDERS, '$1')].flatMap((path) =>
    ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs'].map((extension) => path + extension),
  )
}

/** What a launch will bind: the binds of the code it starts as its surroundings decide them, or what its own command line says. */
export function planLaunch(facts: StartFacts, launch: Evidence<Launch>): readonly PlannedBind[] {
  const contained = launch.claim.by === 'dockerfile' || (launch.claim.by === 'compose' && !sharesHost(facts, launch))
  const surroundings = surroundingsOf(facts, launch)
  if (launch.claim.serves !== undefined) return planCommand(facts, launch, launch.claim.serves, surroundings, contained)
  const binds = bindsOf(facts, launch)
  const plans = binds.flatMap((bind) => planBind(bind, launch, surroundings, contained))
  return plans.map((plan) => atSource(facts, plan, surroundings))
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
  const environment = new Map<string, Setting>()
  for (const load of facts.loads)
    if (shares(load.claim.entries, bind.claim.entries))
      addFiles(environment, facts, filesOf(load.claim), folderOf(bind.claim.entries[0] ?? ''))
  return planBind(bind, undefined, { environment, arguments: new Map() }, false)
}

/** `network_mode: host`: the container has no network of its own. */
function sharesHost(facts: StartFacts, launch: Evidence<Launch>): boolean {
  return facts.compose.some(
    (service) => service.claim.name === launch.claim.name && service.claim.networkMode === 'host' && samePath(service, launch),
  )
}

function samePath(a: Evidence, b: Evidence): boolean {
  return a.origin.kind === 'file' && b.origin.kind === 'file' && a.origin.path === b.origin.path
}

/** The argument that gives the host; a launch may be written over many lines. */
function argumentPlace(host: Value): FileOrigin | undefined {
  return host.kind === 'absent' ? undefined : host.origin
}

/** Programs whose configuration file is source that a reader of code reads: what it binds, by the framework's name. */
const CONFIGURED_IN_CODE: Readonly<Record<string, readonly string[]>> = {
  'vite-dev': ['vite'],
  // `vite preview` takes `server.host` where `preview.host` is not given (vite, resolvePreviewOptions).
  'vite-preview': ['vite-preview', 'vite'],
}

/** The lines of configuration that hold for a program where its command line says nothing. */
export function configurationOf(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const frameworks = CONFIGURED_IN_CODE[launch.claim.serves?.program ?? ''] ?? []
  const directory = launch.claim.workingDirectory ?? ''
  return frameworks.flatMap((framework) =>
    facts.binds.filter(
      (bind) => bind.claim.framework === framework && bind.origin.kind === 'file' && folderOf(bind.origin.path) === directory,
    ),
  )
}

function planCommand(
  facts: StartFacts,
  launch: Evidence<Launch>,
  serves: CommandBind,
  surroundings: Surroundings,
  contained: boolean,
): readonly PlannedBind[] {
  const place = launch.origin.kind === 'file' ? launch.origin : undefined
  if (place === undefined) return []
  const configurations = configurationOf(facts, launch)
  const configuration = serves.host.kind === 'absent' ? configurations.find((bind) => bind.claim.host.kind !== 'absent') : undefined
  const host = configuration?.claim.host ?? serves.host
  const own = configurations.find((bind) => bind.claim.framework === CONFIGURED_IN_CODE[serves.program]?.[0])
  const port = serves.port.kind === 'absent' && own !== undefined ? own.claim.port : serves.port
  const configured = configuration?.origin.kind === 'file' ? configuration.origin : undefined
  return combine(host, port, serves.defaultHost, serves.defaultPort, surroundings, configured ?? argumentPlace(host) ?? place).map(
    (item) => ({
      ...item,
      decidedBy: item.decidedBy === 'code' && configured === undefined ? 'start' : item.decidedBy,
      protocol: serves.protocol,
      reads: variablesOf(host),
      bind: configured === undefined ? undefined : configuration,
      launch,
      contained,
    }),
  )
}

function planBind(
  bind: Evidence<Bind>,
  launch: Evidence<Launch> | undefined,
  surroundings: Surroundings,
  contained: boolean,
): readonly PlannedBind[] {
  if (bind.origin.kind !== 'file') return []
  const { host, port, defaultHost, defaultPort, protocol } = bind.claim
  return combine(host, port, defaultHost, defaultPort, surroundings, bind.origin).map((item) => ({
    ...item,
    protocol,
    reads: variablesOf(host),
    bind,
    launch,
    contained,
  }))
}

type Combined = Pick<PlannedBind, 'exposure' | 'port' | 'cause' | 'decidedBy'>

/** Every combination of the hosts and ports that are possible; the same one only once. */
function combine(
  host: Value,
  port: Value,
  defaultHost: string,
  defaultPort: number | undefined,
  surroundings: Surroundings,
  place: FileOrigin,
): readonly Combined[] {
  const found = new Map<string, Combined>()
  for (const resolvedHost of resolveValue(host, surroundings))
    for (const resolvedPort of resolveValue(port, surroundings)) {
      const exposure = exposureOf(resolvedHost, defaultHost)
      const number = portOf(resolvedPort, defaultPort)
      const cause = causeOf(resolvedHost, host, place)
      found.set(`${exposure.kind} ${number} ${cause.origin.path}:${cause.origin.span.start.offset}`, {
        exposure,
        port: number,
        cause: cause.origin,
        decidedBy: cause.by,
      })
    }
  return [...found.values()]
}

function causeOf(
  resolved: Resolved,
  host: Value,
  place: FileOrigin,
): { readonly origin: FileOrigin; readonly by: PlannedBind['decidedBy'] } {
  if (resolved.kind === 'absent') return { origin: place, by: resolved.unset === undefined ? 'default' : 'unknown' }
  if (resolved.kind === 'unknown') return { origin: resolved.origin, by: 'unknown' }
  const origin = resolved.origin
  if (origin === undefined || within(origin, host)) return { origin: place, by: 'code' }
  return { origin, by: 'start' }
}

/** Whether the origin is one that the value itself gives, rather than what it was set to from outside. */
function within(origin: FileOrigin, value: Value): boolean {
  switch (value.kind) {
    case 'absent':
      return false
    case 'known':
    case 'unknown':
      return value.origin === origin
    case 'environment':
    case 'argument':
      return within(origin, value.fallback)
    case 'choice':
      return value.options.some((option) => within(origin, option))
    case 'joined':
      return value.origin === origin || value.parts.some((part) => within(origin, part))
    default:
      return value satisfies never
  }
}

const EVERY_FOUR: Address = { family: 4, value: 0n }
const EVERY_SIX: Address = { family: 6, value: 0n }
const LOOPBACK_FOUR: Address = { family: 4, value: 0x7f000001n }

/** `localhost` is 127.0.0.1 or ::1 as the resolver says; both are loopback (RFC 6761 §6.3). */
export function exposureOf(host: Resolved, defaultHost: string): Exposure {
  if (host.kind === 'unknown') return { kind: 'undecided', reason: host.reason }
  if (host.kind === 'absent' && host.unset !== undefined)
    return { kind: 'undecided', reason: `${host.unset} decides the host, and nothing here sets it` }
  if (host.kind === 'absent' || host.value === '' || host.value === false) return exposureOfText(defaultHost)
  // `host: true` is every interface where a framework takes it (Vite, webpack-dev-server).
  return host.value === true ? { kind: 'every-interface', address: EVERY_SIX } : exposureOfText(String(host.value))
}

function exposureOfText(text: string): Exposure {
  const plain = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (plain === '*' || plain === '') return { kind: 'every-interface', address: EVERY_SIX }
  if (/^localhost\.?$/i.test(plain) || /\.localhost\.?$/i.test(plain)) return { kind: 'loopback', address: LOOPBACK_FOUR }
  const address = parseAddress(plain)
  // `0` and `0x7f.1` are addresses to some resolvers only.
  if (address === undefined)
    return /^0+$/.test(plain)
      ? { kind: 'every-interface', address: EVERY_FOUR }
      : { kind: 'undecided', reason: `${plain} is a name, and what it resolves to is not known` }
  if (isLoopback(address)) return { kind: 'loopback', address }
  return isUnspecified(address) ? { kind: 'every-interface', address } : { kind: 'address', address }
}

function portOf(port: Resolved, defaultPort: number | undefined): number | undefined {
  if (port.kind === 'unknown') return undefined
  if (port.kind === 'absent') return port.unset === undefined ? defaultPort : undefined
  const number = Number(port.value)
  return Number.isInteger(number) && number >= 0 && number <= 65535 ? number : undefined
}

/** The environment variables that a value depends on. */
export function variablesOf(value: Value): readonly string[] {
  switch (value.kind) {
    case 'environment':
      return [value.name, ...variablesOf(value.fallback)]
    case 'argument':
      return variablesOf(value.fallback)
    case 'choice':
      return value.options.flatMap(variablesOf)
    case 'joined':
      return value.parts.flatMap(variablesOf)
    default:
      return []
  }
}

/** What the program finds set: the launch's own variables, then those of files that the launch or the code loads. */
function surroundingsOf(facts: StartFacts, launch: Evidence<Launch>): Surroundings {
  const environment = new Map<string, Setting>(launch.claim.environment)
  addFiles(environment, facts, launch.claim.environmentFiles, '')
  const { entry, workingDirectory = '' } = launch.claim
  for (const load of facts.loads) {
    if (entry === undefined || ![entry, ...sourceTwins(entry)].some((path) => load.claim.entries.includes(path))) continue
    addFiles(environment, facts, filesOf(load.claim), workingDirectory, load.claim.overrides)
  }
  return { environment, arguments: new Map() }
}

/** A variable that is set already stays, unless the loader says that files win. */
function addFiles(
  environment: Map<string, Setting>,
  facts: StartFacts,
  files: readonly string[],
  directory: string,
  overrides = false,
): void {
  for (const file of files) {
    const path = [directory, file.replace(/^\.\//, '')].filter((part) => part !== '').join('/')
    for (const item of facts.variables) {
      if (item.claim.file !== path || item.origin.kind !== 'file') continue
      if (overrides || !environment.has(item.claim.name)) environment.set(item.claim.name, { value: item.claim.value, origin: item.origin })
    }
  }
}

function filesOf(load: EnvironmentLoad): readonly string[] {
  return load.files.flatMap((file) => (file.kind === 'known' ? [String(file.value)] : []))
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

function shares(a: readonly string[], b: readonly string[]): boolean {
  return a.some((path) => b.includes(path))
}
