import { isTestPath, sourceTwins, stemOf } from '../../systems/index.ts'
import {
  type Bind,
  type ComposeService,
  type ConfiguredPort,
  type EnvironmentChoice,
  type EnvironmentLoad,
  type Evidence,
  evidenceOf,
  type FileChange,
  type FileOrigin,
  type Launch,
  type MissingImport,
  samePlace,
  type Value,
  type Variable,
} from '../../evidence/index.ts'
import { byFile } from './changed.ts'
import { type ConfiguredListener, configuredListeners } from './listeners.ts'

/** Everything that the files say of starting servers. */
export interface StartFacts {
  readonly binds: readonly Evidence<Bind>[]
  readonly launches: readonly Evidence<Launch>[]
  readonly loads: readonly Evidence<EnvironmentLoad>[]
  /** By the files that come to run it; of several that one which is run for its effect. */
  readonly missing: ReadonlyMap<string, Evidence<MissingImport>>
  readonly variables: readonly Evidence<Variable>[]
  readonly choices: readonly Evidence<EnvironmentChoice>[]
  /** What scripts change in the files that are read, by file. */
  readonly changes: ReadonlyMap<string, readonly Evidence<FileChange>[]>
  readonly compose: readonly Evidence<ComposeService>[]
  readonly listeners: readonly ConfiguredListener[]
}

export function startFacts(evidence: readonly Evidence[]): StartFacts {
  return {
    binds: evidenceOf(evidence, 'bind'),
    launches: distinct(evidenceOf(evidence, 'launch')),
    loads: evidenceOf(evidence, 'environment-load'),
    missing: byImporter(evidenceOf(evidence, 'missing-import')),
    variables: inOneFile(evidenceOf(evidence, 'variable')),
    choices: evidenceOf(evidence, 'environment-choice'),
    changes: byFile(evidenceOf(evidence, 'file-change')),
    compose: asOne(distinct(evidenceOf(evidence, 'compose-service'))),
    listeners: configuredListeners(evidence),
  }
}

function byImporter(imports: readonly Evidence<MissingImport>[]): ReadonlyMap<string, Evidence<MissingImport>> {
  const found = new Map<string, Evidence<MissingImport>>()
  for (const item of imports) for (const path of item.claim.entries) if (item.claim.isForEffect || !found.has(path)) found.set(path, item)
  return found
}

/** A variable that a file has, and that a script writes into it: one of the values, or the other. */
function inOneFile(variables: readonly Evidence<Variable>[]): readonly Evidence<Variable>[] {
  const found = new Map<string, Evidence<Variable>>()
  for (const item of variables) {
    const key = `${item.claim.file}\n${item.claim.name}`
    const before = found.get(key)
    found.set(
      key,
      before === undefined ? item : { ...before, claim: { ...before.claim, value: oneOf(before.claim.value, item.claim.value) } },
    )
  }
  return [...found.values()]
}

function oneOf(a: Value, b: Value): Value {
  if (a.kind === 'absent' || b.kind === 'absent') return a.kind === 'absent' ? b : a
  const options = a.kind === 'choice' && a.when === undefined ? a.options : [a]
  const isSame = options.some((option) => option.kind === 'known' && b.kind === 'known' && String(option.value) === String(b.value))
  if (isSame) return a
  if (options.length >= MOST_VALUES) return { kind: 'unknown', reason: 'one of many values', origin: a.origin }
  return { kind: 'choice', options: [...options, b], origin: a.origin }
}

/** Values of one variable that are told apart. */
const MOST_VALUES = 12

/** Two compose projects that read one file say the same of it. */
function distinct<T extends ComposeService | Launch>(evidence: readonly Evidence<T>[]): readonly Evidence<T>[] {
  const seen = new Set<string>()
  const partOf = numbering()
  return evidence.filter(({ claim, origin }) => {
    if (origin.kind !== 'file' || (claim.claim === 'launch' && claim.by !== 'compose')) return true
    const parts = Object.entries(claim).map(([name, part]) => `${name}:${partOf(part)}`)
    const key = [origin.path, origin.span.start.offset, ...parts].join('\n')
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}

/** The same number for what is written the same. Starts of one command share its words: each list is written out once. */
function numbering(): (part: unknown) => number {
  const written = new Map<string, number>()
  const known = new Map<unknown, number>()
  return (part) => {
    let number = known.get(part)
    if (number === undefined) {
      const text = JSON.stringify(part, entries) ?? ''
      number = written.get(text) ?? written.size
      written.set(text, number)
      known.set(part, number)
    }
    return number
  }
}

function entries(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value
}

/** One service that several commands start in different ways, with all that they publish; an address that one of them gives is known. */
function asOne(services: readonly Evidence<ComposeService>[]): readonly Evidence<ComposeService>[] {
  const found = new Map<string, Evidence<ComposeService>>()
  services.forEach((service, index) => {
    const { claim, origin } = service
    const key = origin.kind !== 'file' || claim.project === '' ? String(index) : `${origin.path}:${origin.span.start.offset}:${claim.name}`
    const known = found.get(key)
    found.set(key, known === undefined ? service : { ...known, claim: { ...known.claim, ...together([known, service]) } })
  })
  return [...found.values()]
}

function together(services: readonly Evidence<ComposeService>[]): Pick<ComposeService, 'published' | 'deployments'> {
  const deployments = new Set(services.flatMap(({ claim }) => claim.deployments ?? []))
  return { published: publishedBy(services), ...(deployments.size === 0 ? {} : { deployments: [...deployments] }) }
}

function publishedBy(services: readonly Evidence<ComposeService>[]): readonly ConfiguredPort[] {
  const ports = new Map(services.flatMap(({ claim }) => claim.published.map((port) => [JSON.stringify(port), port] as const)))
  const isOther = (one: ConfiguredPort, two: ConfiguredPort): boolean =>
    two.hostAddress.kind !== 'unknown' && samePlace(one.origin, two.origin)
  return [...ports.values()].filter(
    (port) => port.hostAddress.kind !== 'unknown' || ![...ports.values()].some((other) => isOther(port, other)),
  )
}

/** The lines that bind in the code that a launch starts, whether it comes to run them or not. */
export function bindsOf(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const entry = launch.claim.entry
  if (entry === undefined) return []
  const binds = facts.binds.filter(({ claim }) => claim.runtime === undefined || claim.runtime === launch.claim.runtime)
  const exact = binds.filter((bind) => bind.claim.entries.includes(entry))
  if (exact.length > 0) return exact.filter((bind) => !bind.claim.test || isProduct(launch, bind))
  // What runs is built, and only its source is there.
  const sources = new Set(sourceTwins(entry))
  const built = binds.filter((bind) => !bind.claim.test && bind.claim.entries.some((path) => sources.has(path)))
  return built.length > 0 || launch.claim.builtOf === undefined ? built : serversBuilt(facts, launch)
}

/** More servers than this in one package are no answer to which of them is built. */
const MOST_BUILT = 4

/** The servers of its package that a start may run whose built file nothing tells the source of: those that nothing else starts but to develop. */
function serversBuilt(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const { builtOf, entry = '' } = launch.claim
  if (!isMeantToRun(launch)) return []
  const started = startedFromSource(facts)
  const left = facts.binds.filter((bind) => {
    const { test, package: own, builtFrom, runtime } = bind.claim
    return own === builtOf && !test && builtFrom === undefined && runtime === undefined && !started.has(bind)
  })
  const named = left.filter((bind) => bind.claim.entries.some((path) => stemOf(path) === stemOf(entry)))
  const found = named.length > 0 ? named : left
  return found.length > MOST_BUILT ? [] : found
}

const STARTED_FROM_SOURCE = new WeakMap<StartFacts, ReadonlySet<Evidence<Bind>>>()

/** What the launches start whose source is known: the same for every built file. */
function startedFromSource(facts: StartFacts): ReadonlySet<Evidence<Bind>> {
  let started = STARTED_FROM_SOURCE.get(facts)
  if (started === undefined) {
    const launches = facts.launches.filter((launch) => launch.claim.builtOf === undefined && isMeantToRun(launch))
    started = new Set(launches.flatMap((launch) => bindsOf(facts, launch)))
    STARTED_FROM_SOURCE.set(facts, started)
  }
  return started
}

/** A file that nobody looked at; `named`: the import that names it, where no start does. */
export interface MissingFile {
  readonly path: string
  readonly named?: FileOrigin
}

/** The file that was not looked at and by which it starts the product: that one may listen wherever it wants. */
export function fileMissing(facts: StartFacts, launch: Evidence<Launch>): MissingFile | undefined {
  const { entry, missing } = launch.claim
  if (entry === undefined || !isMeantToRun(launch)) return undefined
  if (missing === true) return { path: entry }
  const found = facts.missing.get(entry)
  if (found === undefined) return undefined
  return { path: found.claim.path, ...(found.origin.kind === 'file' ? { named: found.origin } : {}) }
}

function isMeantToRun(launch: Evidence<Launch>): boolean {
  const { by, name } = launch.claim
  return MANAGERS.has(by) || by === 'docker-run' || PRODUCT_SCRIPT.test(name.replaceAll(':', '-'))
}

/** Who starts what is meant to run; of scripts those that say so. */
const MANAGERS: ReadonlySet<Launch['by']> = new Set(['procfile', 'systemd', 'supervisor', 'pm2', 'compose', 'dockerfile'])
const PRODUCT_SCRIPT = /(?:^|\/)(?:start|serve|run|up|entrypoint|docker-entrypoint|prod(?:uction)?)(?:[._-][\w.-]*)?$/

/** Code in a folder for tests, or with the name of a test, is none where the deployment itself starts that very file. */
function isProduct(launch: Evidence<Launch>, bind: Evidence<Bind>): boolean {
  const { by, name, entry } = launch.claim
  if (launch.environment === 'test' || bind.origin.kind !== 'file' || entry === undefined) return false
  if (bind.origin.path !== entry && !isTestPath(entry)) return false
  return MANAGERS.has(by) || PRODUCT_SCRIPT.test(name)
}
