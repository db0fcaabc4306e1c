import type { Bind, ComposeService, Evidence, Launch } from '../../evidence/index.ts'
import { directoryOf, isEdgeFunction, sourceTwins } from '../../systems/index.ts'
import { commandKey, ContainerCommands, isContainer, isContained } from './contained.ts'
import { isDebugger } from './debugger.ts'
import { bindsOf, fileMissing, type StartFacts } from './facts.ts'
import { describes, Groups, placeOf } from './grouping.ts'
import { listenersOf } from './listeners.ts'
import { configurationOf, type PlannedBind, planLaunch, planUnstarted, planUnstartedListener } from './planned.ts'

/** One service as the files have it: every way that it is started, and what each of them binds. */
export interface PlannedService {
  readonly name: string
  readonly launches: readonly Evidence<Launch>[]
  readonly binds: readonly Evidence<Bind>[]
  /** The containers that it runs in, as compose files and scripts have them: one for each way to deploy it. */
  readonly containers: readonly Evidence<ComposeService>[]
  readonly planned: readonly PlannedBind[]
}

/** Which launch names a service best, when several start the same code: managers before scripts. */
const NAMING: readonly Launch['by'][] = [
  'compose',
  'docker-run',
  'pm2',
  'systemd',
  'supervisor',
  'procfile',
  'dockerfile',
  'shell',
  'powershell',
  'batch',
  'npm-script',
  'makefile',
  'task',
]

/** Launches of the same code are one service; code that nothing starts is one of its own. */
export function groupPlanned(facts: StartFacts): readonly PlannedService[] {
  const groups = groupLaunches(facts)
  const started = groups.all.map(({ launches, binds }): PlannedService => {
    const naming = launches.toSorted((a, b) => NAMING.indexOf(a.claim.by) - NAMING.indexOf(b.claim.by))[0]
    return {
      name: naming === undefined ? '' : (nameOfProxy(facts, naming, binds) ?? nameOfLaunch(naming)),
      launches,
      binds: [...binds],
      containers: facts.compose.filter((item) => launches.some((launch) => describes(item, launch))),
      planned: launches.flatMap((launch) => planLaunch(facts, launch)),
    }
  })
  const named = new Set(started.flatMap(({ containers }) => containers))
  const images = facts.compose
    .filter((item) => !named.has(item))
    .map((item): PlannedService => ({ name: item.claim.name, launches: [], binds: [], containers: [item], planned: [] }))
  const unstarted = facts.binds
    .filter(
      (bind) =>
        !bind.claim.test &&
        bind.claim.runtime === undefined &&
        !groups.has(bind) &&
        !builtElsewhere(facts, bind) &&
        !isUnnamed(bind) &&
        !isOfEdgeFunction(bind),
    )
    .map(
      (bind): PlannedService => ({
        name: nameOfBind(bind),
        launches: [],
        binds: [bind],
        containers: [],
        planned: planUnstarted(bind, facts),
      }),
    )
  return [...started, ...images, ...mergeByName(unstarted), ...proxies(facts, groups)]
}

const isOfEdgeFunction = ({ origin }: Evidence<Bind>): boolean => origin.kind === 'file' && isEdgeFunction(origin.path)

/** Of each system the listeners that nothing here starts, as one program. */
function proxies(facts: StartFacts, groups: Groups): readonly PlannedService[] {
  const started = new Set(groups.all.flatMap(({ launches }) => launches.flatMap((launch) => listenersOf(facts.listeners, launch))))
  const left = facts.listeners.filter((listener) => !started.has(listener) && !listener.isContainers)
  return [...new Set(left.map(({ proxy }) => proxy.claim.system))].map((system) => ({
    name: system,
    launches: [],
    binds: [],
    containers: [],
    planned: left.filter(({ proxy }) => proxy.claim.system === system).flatMap(planUnstartedListener),
  }))
}

/** A script or a Dockerfile that starts nothing but a proxy is known by it. */
function nameOfProxy({ listeners }: StartFacts, launch: Evidence<Launch>, binds: ReadonlySet<Evidence<Bind>>): string | undefined {
  const { by, entry } = launch.claim
  if (binds.size > 0 || entry !== undefined || !NAMELESS_STARTS.has(by)) return undefined
  return listenersOf(listeners, launch)[0]?.proxy.claim.system
}

/** Of these the folder names what they start. */
const NAMELESS_STARTS: ReadonlySet<Launch['by']> = new Set(['npm-script', 'makefile', 'shell', 'powershell', 'batch', 'dockerfile'])

function groupLaunches(facts: StartFacts): Groups {
  const groups = new Groups()
  const containers = new ContainerCommands(facts.launches.filter((launch) => isContained(facts, launch)))
  const scripts = new Set(facts.launches.filter((launch) => containers.isScript(launch)))
  const known = new Set(facts.launches.filter(({ claim }) => claim.meant === undefined).flatMap((launch) => bindsOf(facts, launch)))
  for (const launch of [...facts.launches.filter((one) => !scripts.has(one)), ...scripts]) {
    const all = bindsOf(facts, launch)
    const isOther = launch.claim.meant !== undefined && !NAMELESS_STARTS.has(launch.claim.by) && all.some((bind) => known.has(bind))
    // What a manager starts that may be other code than what something else starts is a service of its own.
    const binds = isOther ? [] : all
    const listens = listenersOf(facts.listeners, launch).map(
      ({ listener }) => `listens ${listener.origin.path}:${listener.origin.span.start.offset}`,
    )
    const isIdle = all.length + listens.length === 0 && launch.claim.serves === undefined
    if (isIdle && !isManaged(launch) && (containers.has(launch) || fileMissing(facts, launch) === undefined)) continue
    const isScript = scripts.has(launch)
    const program = programKey(launch, isScript || containers.has(launch))
    const isProxy = listens.length > 0 && binds.length === 0 && launch.claim.entry === undefined && !isManaged(launch)
    const own = [...(isProxy ? [] : [groupKey(launch, binds)]), ...(program === undefined ? [] : [program]), ...listens]
    // What a program starts is told with that program; of one that only scripts start, with those that start the same.
    const isChild = launch.claim.managedAt !== undefined
    const same = program !== undefined && NAMELESS_STARTS.has(launch.claim.by) ? [program] : []
    const keys = isChild ? [managedKey(launch), ...same] : [...own, ...containerKeys(launch)]
    const start = startKey(launch)
    // What a container runs by a script is told with the container, whatever it has in common with others.
    const group = groups.of(launch, [...(isDebugger(launch) ? [start] : []), ...(isScript ? [commandKey(launch)] : []), ...binds, ...keys])
    group.launches.push(launch)
    for (const bind of binds) group.binds.add(bind)
    const code = binds.flatMap((one) => [one, ...sourcesOf(facts, one)])
    const commands = containers.has(launch) ? [commandKey(launch)] : []
    groups.remember([...code, ...configurationOf(facts, launch), ...keys, start, managedKey(launch), ...commands], group)
    // What a manager started, seen before, and the scripts of the package turn out to be one.
    if (program !== undefined && keys.includes(program)) groups.join(group, program)
  }
  return groups
}

/** The lines of source that a line of built output was made from. */
function sourcesOf(facts: StartFacts, bind: Evidence<Bind>): readonly Evidence<Bind>[] {
  const from = bind.claim.builtFrom
  return from === undefined ? [] : facts.binds.filter((other) => other.origin.kind === 'file' && other.origin.path === from)
}

/** A manager's entry is a service even where what it runs was not understood. */
function isManaged(launch: Evidence<Launch>): boolean {
  return launch.claim.by === 'pm2' || launch.claim.by === 'compose' || launch.claim.by === 'docker-run'
}

/**
 * What a manager and a script start as one program in one folder: `next start` of PM2 and of package.json; also in a container, where it
 * is built from the folder.
 */
function programKey(launch: Evidence<Launch>, inContainer: boolean): string | undefined {
  const { by, serves, workingDirectory } = launch.claim
  // Two programs of one folder that are looked into by a debugger each are two.
  if (serves === undefined || isDebugger(launch)) return undefined
  if ((inContainer || isContainer(by)) && workingDirectory === undefined) return undefined
  return `program ${serves.program} ${workingDirectory ?? besideFile(launch)}`
}

/** Of a file that does not say where it starts what is beside it; folders of scripts are of the one that they are in. */
function besideFile({ origin }: Evidence<Launch>): string {
  return origin.kind === 'file' ? directoryOf(origin.path).replace(/(?:^|\/)(?:scripts?|bin|tools|deploy)$/, '') : ''
}

/** All that one line of a manager starts. */
function managedKey(launch: Evidence<Launch>): string {
  const { by, name } = launch.claim
  return `managed ${by} ${name} ${placeOf(launch)}`
}

/** All that runs in one container. */
function containerKeys(launch: Evidence<Launch>): readonly string[] {
  return isContainer(launch.claim.by) ? [managedKey(launch)] : []
}

/** What a program has in common with the debugger that is started with it. */
function startKey(launch: Evidence<Launch>): string {
  const { by, name, entry, environmentName } = launch.claim
  return `start ${JSON.stringify([by, name, placeOf(launch), entry, environmentName])}`
}

function groupKey(launch: Evidence<Launch>, binds: readonly Evidence<Bind>[]): string {
  const { by, name, entry, workingDirectory = '', serves } = launch.claim
  const [first] = binds
  if (first !== undefined) return `code ${placeOf(first)}`
  if (serves !== undefined && entry !== undefined) return `entry ${entry}`
  // The scripts of one package are ways to start one thing, for this purpose or that; its image runs one of them.
  const isOfPackage = by === 'npm-script' || by === 'makefile' || (by === 'dockerfile' && launch.claim.workingDirectory !== undefined)
  return isOfPackage ? `package ${workingDirectory}` : `${by} ${workingDirectory} ${name} ${serves === undefined ? '' : placeOf(launch)}`
}

/** Configuration by another name than the one that is read unasked (`vite.base.ts`): one only where a command names it. */
function isUnnamed({ claim, origin }: Evidence<Bind>): boolean {
  const name = origin.kind === 'file' ? origin.path.slice(origin.path.lastIndexOf('/') + 1) : ''
  return name.startsWith(`${claim.framework.replace('-preview', '')}.`) && !/\.config\.\w+$/.test(name)
}

/** Built output whose source is there as well says the same thing twice. */
function builtElsewhere(facts: StartFacts, bind: Evidence<Bind>): boolean {
  const path = bind.origin.kind === 'file' ? bind.origin.path : ''
  const twins = new Set(sourceTwins(path))
  return bind.claim.builtFrom !== undefined || facts.binds.some((other) => other.origin.kind === 'file' && twins.has(other.origin.path))
}

function nameOfLaunch(launch: Evidence<Launch>): string {
  const { by, name, workingDirectory } = launch.claim
  if (!NAMELESS_STARTS.has(by)) return by === 'systemd' ? name.replace(/\.service$/, '') : name
  const folder = (workingDirectory ?? '')
    .split('/')
    .filter((part) => part !== '')
    .at(-1)
  return folder ?? nameOfPath(launch.claim.entry ?? name)
}

function nameOfBind(bind: Evidence<Bind>): string {
  return nameOfPath(bind.origin.kind === 'file' ? bind.origin.path : '')
}

const NAMELESS = /^(?:src|source|lib|app|dist|build|out|server|backend|packages|services|apps)$/

/** The folder that a file is in, above folders that say nothing; else the file's own name. */
function nameOfPath(path: string): string {
  const folders = path.split('/')
  const file = folders.pop() ?? path
  return folders.filter((folder) => !NAMELESS.test(folder)).at(-1) ?? file.replace(/\.\w+$/, '')
}

function mergeByName(services: readonly PlannedService[]): readonly PlannedService[] {
  const merged = new Map<string, PlannedService>()
  for (const service of services) {
    const known = merged.get(service.name)
    merged.set(
      service.name,
      known === undefined
        ? service
        : { ...known, binds: [...known.binds, ...service.binds], planned: [...known.planned, ...service.planned] },
    )
  }
  return [...merged.values()]
}
