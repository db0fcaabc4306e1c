import {
  ABSENT,
  type ComposeService,
  type Evidence,
  type FileOrigin,
  joinValues,
  knownText,
  type Launch,
  type Value,
} from '../../evidence/index.ts'
import { type Command, readStages, type Stage, stageFor } from '../dockerfile/image.ts'
import { leftOut } from '../dockerfile/left-out.ts'
import { containerStarts } from '../dockerfile/starts.ts'
import { type Passage, passageAt } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { type GivenWord, wordsOf } from '../secret.ts'
import { launchesOf } from '../launches.ts'
import { withHostNetwork } from '../container-run/host-network.ts'
import { commandOfKnown, withProgram } from '../container-run/known-image.ts'
import { proxyFilesIn, withProxyFiles } from '../proxy-files.ts'
import type { StartContext, Starts } from '../starts/index.ts'
import { evidenceIn } from '../system.ts'
import { entriesOf, entry, itemsOf, originOf, passageOfScalar, type Tree } from '../yaml.ts'
import { environmentOf, type ServiceEnvironment } from './environment.ts'
import { appended, isNull, last, type Layers, replaced, within } from './layers.ts'
import type { Loader, Model, Service } from './model.ts'
import { exposedBy, publishedBy, unique } from './published.ts'

/** Words of one command; what stands behind them is left out. */
const WORDS = 4096

/** Where a service stands: everything about it has this in common. */
export interface Within {
  readonly project: string
  /** What compose is started with. */
  readonly files: readonly string[]
  readonly environment: string | undefined
  readonly model: Model
  readonly loader: Loader
  readonly starts: Starts
}

export function serviceEvidence(service: Service, at: Within): readonly Evidence[] {
  const { layers, variables, origin, name } = service
  const { starts, environment } = at
  const build = buildOf(service, at)
  const report = (reason: string, place: FileOrigin): void => starts.problem(reason, place)
  const image = variables.text(last(layers, 'image'))
  const named = last(layers, 'image') ?? last(layers, 'build')
  const place = named === undefined ? origin : originOf(named)
  const mode = networkMode(service)
  const written = last(service.layers, 'network_mode')
  if (mode === 'unknown' && written !== undefined)
    report('whether the container has the network of the machine is not known', originOf(written))
  const restart = variables.text(last(layers, 'restart'))
  const exposed = [...appended(layers, 'expose').flatMap((item) => exposedBy(item, variables)), ...exposedByImage(service, build?.stage)]
  const claim: ComposeService = {
    claim: 'compose-service',
    project: at.project,
    name,
    deployments: [at.files.join('\n')],
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build: build.context }),
    profiles: profilesOf(service),
    ...(mode === undefined ? {} : { networkMode: mode }),
    networks: mode === undefined ? networksOf(service, at.model) : [],
    published: unique(appended(layers, 'ports').flatMap((item) => publishedBy(item, variables, report))),
    exposed,
    restart: restart ?? 'no',
  }
  const settings = environmentOf(service, at.loader, build?.stage?.environment ?? new Map())
  const context = placeOf(service, build, settings)
  for (const mount of [...bindMounts(service), ...configMounts(service, at.model)])
    starts.written.standsAt(mount.file, mount.place, context.mounts ?? new Map(), mount.origin)
  const found = containerStarts(...commandsOf(service, build?.stage, commandOfKnown(image, place)), context, starts)
  const mounted = bindMounts(service).map(({ file }) => file)
  const absentFiles = leftOut(build?.stage, build?.context ?? '', mounted, starts)
  const more = { instances: instancesOf(service), ...(environment === undefined ? {} : { environmentName: environment }) }
  const launches = found.flatMap((start) => launchesOf(start, 'compose', name, { ...more, absentFiles }))
  const proxyFiles = [
    ...(build?.stage?.proxyFiles ?? []),
    ...proxyFilesIn(placesOf(bindMounts(service))),
    ...proxyFilesIn(placesOf(configMounts(service, at.model))),
  ]
  const started = (launches.length > 0 ? launches : [imageLaunch(name, settings, more)]).map((launch) => withProxyFiles(launch, proxyFiles))
  const own = mode === 'host' ? started.map((launch) => withHostNetwork(launch, place, starts.snapshot.paths)) : started
  return [claim, ...own].map((one) => evidenceIn(starts.snapshot.context, one, origin, environment))
}

/** Those that have to be asked for: none where `.env` asks for one of them (docs.docker.com/compose, COMPOSE_PROFILES). */
function profilesOf({ layers, variables, origin }: Service): readonly string[] {
  const profiles = new Set(appended(layers, 'profiles').flatMap((item) => variables.text(item) ?? []))
  const asked = knownText(variables.get('COMPOSE_PROFILES', origin))?.split(',') ?? []
  return asked.some((name) => name.trim() === '*' || profiles.has(name.trim())) ? [] : [...profiles]
}

/** A service of which only the image knows what it runs. */
function imageLaunch(
  name: string,
  { settings, files, unseen }: ServiceEnvironment,
  more: { readonly instances: number; readonly environmentName?: string },
): Launch {
  const seen = unseen === undefined ? {} : { unseenEnvironment: unseen }
  return { claim: 'launch', by: 'compose', name, command: [], environment: settings, environmentFiles: files, ...seen, ...more }
}

/**
 * Entry point and command: the service's own, else the image's. An entry point of the service takes the image's command away,
 * and an empty text or list is none at all (compose-spec 05-services.md, command, entrypoint).
 */
function commandsOf(
  service: Service,
  stage: Stage | undefined,
  program: Command | undefined,
): readonly [Command | undefined, Command | undefined] {
  const entrypoint = replaced(service.layers, 'entrypoint')
  const command = replaced(service.layers, 'command')
  const given = command === undefined ? undefined : commandFrom(command, service)
  if (stage === undefined && entrypoint === undefined && program !== undefined) return withProgram(program, given)
  return [
    entrypoint === undefined ? stage?.entrypoint : commandFrom(entrypoint, service),
    command !== undefined ? given : entrypoint === undefined ? stage?.command : undefined,
  ]
}

/** What the image says to listen on is what its own command does. */
function exposedByImage(service: Service, stage: Stage | undefined): ComposeService['exposed'] {
  const entrypoint = replaced(service.layers, 'entrypoint')
  const command = replaced(service.layers, 'command')
  const isOwn =
    (entrypoint === undefined || isSame(commandFrom(entrypoint, service), stage?.entrypoint)) &&
    (command === undefined || isSame(commandFrom(command, service), stage?.command))
  return (stage?.exposed ?? []).map((port) => (isOwn ? port : { ...port, ofOtherCommand: true }))
}

function isSame(one: Command | undefined, two: Command | undefined): boolean {
  return one !== undefined && two !== undefined && textOf(one) === textOf(two)
}

/** Blanks apart, as a person would say it. */
function textOf(command: Command): string {
  const text =
    command.form === 'shell'
      ? command.text.content
      : command.raw.map((word) => (word.kind === 'known' ? String(word.value) : OPEN)).join(' ')
  return text.trim().replace(/\s+/g, ' ')
}

/** Where the container's files are in the folder: by what was copied or mounted, else by what the image is built from. */
function placeOf(service: Service, build: Build | undefined, settings: ServiceEnvironment): StartContext {
  const mounts = new Map([...(build?.stage?.mounts ?? []), ...placesOf(bindMounts(service))])
  const common = { mounts, environment: settings.settings, environmentFiles: settings.files, unseenEnvironment: settings.unseen }
  if (mounts.size === 0 && build?.inFolder === true) return { ...common, directories: [build.context] }
  return { ...common, workingDirectory: workingDirectory(service, build?.stage) }
}

interface Build {
  /** Relative to the folder, or as it is written. */
  readonly context: string
  readonly inFolder: boolean
  readonly stage: Stage | undefined
}

function buildOf({ layers, variables }: Service, { starts }: Within): Build | undefined {
  const trees = layers.get('build')?.filter((tree) => !isNull(tree)) ?? []
  if (trees.length === 0) return undefined
  const field = (name: string): Tree | undefined =>
    trees
      .map((tree) => (name === 'context' && tree.kind === 'scalar' ? tree : entry(tree, name)))
      .findLast((tree) => tree !== undefined && !isNull(tree))
  const tree = field('context')
  const written = tree === undefined ? '.' : variables.text(tree)
  if (written === undefined) return { context: '', inFolder: false, stage: undefined }
  if (/^(?:[a-z+]+:\/\/|git@|github\.com\/)/i.test(written) || written.startsWith('/'))
    return { context: written, inFolder: false, stage: undefined }
  const context = joinPath(directoryOf((tree ?? trees[0])?.text.path ?? ''), written)
  if (context === undefined) return { context: written, inFolder: false, stage: undefined }
  const file = field('dockerfile')
  const name = file === undefined ? 'Dockerfile' : variables.text(file)
  const path = name === undefined || field('dockerfile_inline') !== undefined ? undefined : joinPath(context, name)
  const text = path === undefined ? undefined : starts.text(path)
  if (text === undefined) return { context, inFolder: true, stage: undefined }
  const { stages } = readStages(text, context, argumentsOf(trees, variables))
  const target = field('target')
  return { context, inFolder: true, stage: stageFor(stages, target === undefined ? undefined : variables.text(target)) }
}

function argumentsOf(trees: readonly Tree[], variables: Service['variables']): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>()
  for (const tree of trees) {
    const given = entry(tree, 'args')
    for (const [name, { value }] of entriesOf(given)) if (!isNull(value)) found.set(name, variables.value(value))
    for (const item of given?.kind === 'list' ? given.items : []) {
      const [, name, value] = /^([^=]+)=([^]*)$/.exec(variables.text(item) ?? '') ?? []
      if (name !== undefined && value !== undefined) found.set(name, { kind: 'known', value, origin: originOf(item) })
    }
  }
  return found
}

function networkMode({ layers, variables }: Service): string | undefined {
  const tree = last(layers, 'network_mode') ?? last(layers, 'net')
  return tree === undefined ? undefined : (variables.text(tree) ?? 'unknown')
}

/** docs.docker.com/engine/network/drivers. */
const BESIDE_MACHINE: ReadonlySet<string> = new Set(['macvlan', 'ipvlan'])

/** Names as the file gives them; a service that names none is on `default`. */
function networksOf({ layers, variables }: Service, { networks }: Model): ComposeService['networks'] {
  const names = new Set<string>()
  for (const tree of layers.get('networks') ?? []) {
    for (const name of tree.kind === 'mapping' ? tree.entries.keys() : itemsOf(tree).flatMap((item) => variables.text(item) ?? []))
      names.add(name)
  }
  if (names.size === 0) names.add('default')
  return [...names].map((name) => {
    const declared: Layers | undefined = networks.get(name)
    if (declared === undefined) return { name, internal: false }
    const driver = last(declared, 'driver')
    const isBeside = driver !== undefined && BESIDE_MACHINE.has(variables.text(driver) ?? '')
    return {
      name,
      internal: variables.text(last(declared, 'internal')) === 'true',
      ...(isBeside ? { besideMachine: originOf(driver) } : {}),
    }
  })
}

function workingDirectory({ layers, variables }: Service, stage: Stage | undefined): string | undefined {
  const tree = last(layers, 'working_dir')
  return tree === undefined ? stage?.workingDirectory : variables.text(tree)
}

interface BindMount {
  /** Absolute, in the container. */
  readonly place: string
  /** A file or directory, relative to the folder. */
  readonly file: string
  readonly origin: FileOrigin
}

/** Mounts of one service. */
const MOUNTS = 200

/** `./api:/app`: the files of the folder stand in the container as well. */
function bindMounts({ layers, variables }: Service): readonly BindMount[] {
  const mounts: BindMount[] = []
  for (const item of appended(layers, 'volumes')) {
    const [source, target] =
      item.kind === 'mapping'
        ? [variables.text(entry(item, 'source')), variables.text(entry(item, 'target'))]
        : (atWorkingDirectory(item) ?? variables.text(item) ?? '').split(':')
    const isPath = source !== undefined && /^\.{1,2}(?:\/|$)/.test(source)
    const inFolder = isPath ? joinPath(directoryOf(item.text.path), source) : undefined
    const place = target?.startsWith('/') === true ? joinPath('/', target) : undefined
    if (inFolder !== undefined && place !== undefined && mounts.length < MOUNTS)
      mounts.push({ place, file: inFolder, origin: originOf(item) })
  }
  return mounts
}

function placesOf(mounts: readonly BindMount[]): ReadonlyMap<string, string> {
  return new Map(mounts.map(({ place, file }) => [place, file]))
}

/** `$PWD/nginx.conf:…`: compose is run where its file is. */
function atWorkingDirectory(item: Tree): string | undefined {
  const rest = item.kind === 'scalar' ? /^\$(?:\{PWD(?::?-[^}$]*)?\}|PWD(?=\/))([^$]*)$/.exec(item.value)?.[1] : undefined
  return rest === undefined ? undefined : `.${rest}`
}

/** `configs`: files that the engine puts into the container (compose-spec 08-configs.md). */
function configMounts({ layers, variables }: Service, { configs }: Model): readonly BindMount[] {
  const mounts: BindMount[] = []
  for (const item of appended(layers, 'configs')) {
    const [name, given] =
      item.kind === 'mapping' ? [variables.text(entry(item, 'source')), variables.text(entry(item, 'target'))] : [variables.text(item)]
    const declared = last(configs.get(name ?? '') ?? new Map(), 'file')
    const text = variables.text(declared)
    const file = declared === undefined || text === undefined ? undefined : joinPath(directoryOf(declared.text.path), text)
    const place = given ?? `/${name}`
    if (file !== undefined && place.startsWith('/') && mounts.length < MOUNTS) mounts.push({ place, file, origin: originOf(item) })
  }
  return mounts
}

/** A list of words; or one text, which compose splits as a shell would but never gives to one. */
function commandFrom(tree: Tree | undefined, { variables }: Service): Command | undefined {
  if (tree === undefined) return undefined
  const origin = originOf(tree)
  if (tree.kind === 'mapping' || (tree.kind === 'scalar' && tree.value.trim() === '')) return undefined
  const given =
    tree.kind === 'list'
      ? tree.items.map((item) => ({
          value: variables.value(item),
          source: item.kind === 'scalar' ? item.value : '',
          origin: originOf(item),
        }))
      : split(variables.value(tree), tree.value.includes('$') ? undefined : passageOfScalar(tree), origin)
  return { form: 'exec', words: wordsOf(given), raw: given.map(({ value }) => value), origin }
}

/** Stand around the number of a part that is not known, while the text is split: no file has these characters. */
const [OPEN, CLOSE] = ['\u0001', '\u0002']

/** Splits at blanks with quotes taken out; operators and variables of a shell stay text. */
function split(value: Value, source: Passage | undefined, origin: FileOrigin): readonly GivenWord[] {
  const unknown: Value[] = []
  const text = (value.kind === 'joined' ? value.parts : [value])
    .map((part) => (part.kind === 'known' ? String(part.value) : `${OPEN}${unknown.push(part) - 1}${CLOSE}`))
    .join('')
  const passage = source ?? passageAt(text, origin)
  const found: GivenWord[] = []
  for (const match of passage.content.slice(0, 100_000).matchAll(/(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g)) {
    const [written] = match
    const plain = written.replace(
      /\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g,
      (_, escaped: string | undefined, double: string | undefined, single: string | undefined) =>
        escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? '',
    )
    const place = passage.origin(match.index, match.index + written.length)
    found.push({ value: filled(plain, unknown, place), source: written, origin: place, spreads: !/["']/.test(written) })
    if (found.length >= WORDS) break
  }
  return found
}

function filled(text: string, unknown: readonly Value[], origin: FileOrigin): Value {
  if (!text.includes(OPEN)) return { kind: 'known', value: text, origin }
  const parts = text
    .split(PART)
    .map((piece, index): Value => (index % 2 === 0 ? { kind: 'known', value: piece, origin } : (unknown[Number(piece)] ?? ABSENT)))
  return joinValues(parts, origin)
}

const PART = new RegExp(`${OPEN}(\\d+)${CLOSE}`)

function instancesOf({ layers, variables }: Service): number {
  const deploy = within(layers, 'deploy')
  const number = Number(variables.text(last(deploy, 'replicas')) ?? variables.text(last(layers, 'scale')) ?? '1')
  return Number.isInteger(number) && number >= 0 ? number : 1
}
