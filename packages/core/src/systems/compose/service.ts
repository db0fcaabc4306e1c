import { type ComposeService, type Evidence, type FileOrigin, show, type Value, type Word } from '../../evidence/index.ts'
import { type Command, readStages, type Stage, stageFor } from '../dockerfile/image.ts'
import { containerStarts } from '../dockerfile/starts.ts'
import { passageAt } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { literalText, wordsOf } from '../secret.ts'
import { launchesOf, type StartContext, type Starts } from '../starts.ts'
import { evidenceIn } from '../system.ts'
import { entriesOf, entry, itemsOf, originOf, passageOfScalar, type Tree } from '../yaml.ts'
import { environmentOf, type ServiceEnvironment } from './environment.ts'
import { appended, isNull, last, type Layers, replaced, within } from './layers.ts'
import type { Loader, Model, Service } from './model.ts'
import { exposedBy, publishedBy, unique } from './published.ts'

/** Where a service stands: everything about it has this in common. */
export interface Within {
  readonly project: string
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
  const mode = networkMode(service)
  const restart = variables.text(last(layers, 'restart'))
  const exposed = [...appended(layers, 'expose').flatMap((item) => exposedBy(item, variables)), ...(build?.stage?.exposed ?? [])]
  const claim: ComposeService = {
    claim: 'compose-service',
    project: at.project,
    name,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build: build.context }),
    profiles: [...new Set(appended(layers, 'profiles').flatMap((item) => variables.text(item) ?? []))],
    ...(mode === undefined ? {} : { networkMode: mode }),
    networks: mode === undefined ? networksOf(service, at.model) : [],
    published: unique(appended(layers, 'ports').flatMap((item) => publishedBy(item, variables, report))),
    exposed,
    restart: restart ?? 'no',
  }
  const settings = environmentOf(service, at.loader, build?.stage?.environment ?? new Map())
  const found = containerStarts(...commandsOf(service, build?.stage), placeOf(service, build, settings), starts)
  const more = { instances: instancesOf(service), ...(environment === undefined ? {} : { environmentName: environment }) }
  const launches = found.flatMap((start) => launchesOf(start, 'compose', name, more))
  const own = launches.length > 0 ? launches : [imageLaunch(name, settings.settings, settings.files, more)]
  return [claim, ...own].map((one) => evidenceIn(starts.snapshot.context, one, origin, environment))
}

/** A service of which only the image knows what it runs. */
function imageLaunch(
  name: string,
  environment: ReturnType<typeof environmentOf>['settings'],
  environmentFiles: readonly string[],
  more: { readonly instances: number; readonly environmentName?: string },
) {
  return { claim: 'launch' as const, by: 'compose' as const, name, command: [], environment, environmentFiles, ...more }
}

/**
 * Entry point and command: the service's own, else the image's. An entry point of the service takes the image's command away,
 * and an empty text or list is none at all (compose-spec 05-services.md, command, entrypoint).
 */
function commandsOf(service: Service, stage: Stage | undefined): readonly [Command | undefined, Command | undefined] {
  const entrypoint = replaced(service.layers, 'entrypoint')
  const command = replaced(service.layers, 'command')
  return [
    entrypoint === undefined ? stage?.entrypoint : commandFrom(entrypoint, service),
    command !== undefined ? commandFrom(command, service) : entrypoint === undefined ? stage?.command : undefined,
  ]
}

/** Where the container's files are in the folder: by what was copied or mounted, else by what the image is built from. */
function placeOf(service: Service, build: Build | undefined, settings: ServiceEnvironment): StartContext {
  const mounts = new Map([...(build?.stage?.mounts ?? []), ...bindMounts(service)])
  const common = { mounts, environment: settings.settings, environmentFiles: settings.files }
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
    return { name, internal: declared !== undefined && variables.text(last(declared, 'internal')) === 'true' }
  })
}

function workingDirectory({ layers, variables }: Service, stage: Stage | undefined): string | undefined {
  const tree = last(layers, 'working_dir')
  return tree === undefined ? stage?.workingDirectory : variables.text(tree)
}

/** `./api:/app`: the files of the folder stand in the container as well. */
function bindMounts({ layers, variables }: Service): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>()
  for (const item of appended(layers, 'volumes')) {
    const [source, target] =
      item.kind === 'mapping'
        ? [variables.text(entry(item, 'source')), variables.text(entry(item, 'target'))]
        : (variables.text(item) ?? '').split(':')
    const isPath = source !== undefined && /^\.{1,2}(?:\/|$)/.test(source)
    const inFolder = isPath ? joinPath(directoryOf(item.text.path), source) : undefined
    const place = target?.startsWith('/') === true ? joinPath('/', target) : undefined
    if (inFolder !== undefined && place !== undefined && mounts.size < 200) mounts.set(place, inFolder)
  }
  return mounts
}

/** A list of words; or one text, which compose splits as a shell would but never gives to one. */
function commandFrom(tree: Tree | undefined, { variables }: Service): Command | undefined {
  if (tree === undefined) return undefined
  const origin = originOf(tree)
  if (tree.kind === 'list') {
    const values = tree.items.map((item) => {
      const value = variables.value(item)
      return { value, source: item.kind === 'scalar' ? item.value : '', origin: originOf(item) }
    })
    return { form: 'exec', words: wordsOf(values), origin }
  }
  if (tree.kind !== 'scalar' || tree.value.trim() === '') return undefined
  const value = variables.value(tree)
  if (value.kind === 'known') {
    const same = !tree.value.includes('$')
    return { form: 'exec', words: split(same ? passageOfScalar(tree) : passageAt(String(value.value), origin)), origin }
  }
  const { start, end } = tree
  const words: readonly Word[] = literalText(value)
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(
      (word): Word => ({
        text: word.includes('…')
          ? { kind: 'unknown', reason: 'a variable that is not set in .env', origin: tree.text.origin(start, end) }
          : { kind: 'known', value: word, origin },
        shown: show(word),
      }),
    )
  return { form: 'exec', words: wordsOf(words.map(({ text, shown }) => ({ value: text, source: shown, origin }))), origin }
}

/** Splits at blanks with quotes taken out; operators and variables of a shell stay text. */
function split(passage: ReturnType<typeof passageAt>): readonly Word[] {
  const found: { value: Value; source: string; origin: FileOrigin }[] = []
  const word = /(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g
  for (const match of passage.content.slice(0, 100_000).matchAll(word)) {
    const [source] = match
    const value = source.replace(
      /\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g,
      (_, escaped: string | undefined, double: string | undefined, single: string | undefined) =>
        escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? '',
    )
    const origin = passage.origin(match.index, match.index + source.length)
    found.push({ value: { kind: 'known', value, origin }, source, origin })
    if (found.length >= 4096) break
  }
  return wordsOf(found)
}

function instancesOf({ layers, variables }: Service): number {
  const deploy = within(layers, 'deploy')
  const number = Number(variables.text(last(deploy, 'replicas')) ?? variables.text(last(layers, 'scale')) ?? '1')
  return Number.isInteger(number) && number >= 0 ? number : 1
}
