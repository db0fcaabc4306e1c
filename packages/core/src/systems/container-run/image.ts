import { knownText, type Setting, type Value, type Word } from '../../evidence/index.ts'
import { programOf } from '../compose/images.ts'
import { type Command, readStages, type Stage, stageFor } from '../dockerfile/image.ts'
import { containerStarts } from '../dockerfile/starts.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { literalText, wordsOf } from '../secret.ts'
import type { Start, Starts } from '../starts/index.ts'
import { commandOfKnown, withProgram } from './known-image.ts'
import { type ContainerCommand, leading, readContainerCommand, type Spelling } from './command.ts'
import { environmentOf, withImage } from './environment.ts'
import type { ContainerRun } from './run.ts'

/** An image that a script builds from a Dockerfile of the folder. */
export interface BuiltImage {
  /** Relative to the folder. */
  readonly context: string
  readonly stage: Stage | undefined
}

/** docker 28, `docker build --help`, `docker buildx build --help`. */
const BUILD: Spelling = {
  verbs: ['build', 'image build', 'buildx build', 'builder build'],
  switches: new Set([
    '-q',
    '-D',
    '--quiet',
    '--compress',
    '--force-rm',
    '--no-cache',
    '--pull',
    '--push',
    '--load',
    '--rm',
    '--squash',
    '--check',
    '--debug',
  ]),
  shortSwitches: new Set(['q', 'D']),
  longNames: { t: '--tag', f: '--file' },
}

/** The images that the commands of scripts build: an image is often built by one script and run by another. */
export class BuiltImages {
  readonly #whole = new Map<string, BuiltImage>()
  /** By name without tag; `undefined`: several that differ. */
  readonly #named = new Map<string, BuiltImage | undefined>()

  add(tag: Value, image: BuiltImage): void {
    if (tag.kind === 'known') this.#whole.set(String(tag.value), image)
    const name = repositoryOf(tag)
    if (name === undefined) return
    const other = this.#named.get(name)
    const same =
      other?.context === image.context && other.stage?.origin.path === image.stage?.origin.path && other.stage?.name === image.stage?.name
    this.#named.set(name, this.#named.has(name) && !same ? undefined : image)
  }

  /** The image of the whole name; else the only one of that name whatever its tag, which often is not known. */
  get(image: Value | undefined): BuiltImage | undefined {
    const whole = image?.kind === 'known' ? this.#whole.get(String(image.value)) : undefined
    return whole ?? this.#named.get(repositoryOf(image) ?? '')
  }
}

export function imagesOf(
  scripts: readonly { readonly found: readonly Start[]; readonly directories: readonly string[] }[],
  starts: Starts,
): BuiltImages {
  const images = new BuiltImages()
  for (const { found, directories } of scripts)
    for (const start of found) {
      const command = readContainerCommand(start.words, BUILD)
      const image = command === undefined ? undefined : builtImage(command, start, directories, starts)
      if (image === undefined) continue
      for (const { value } of command?.options.get('--tag') ?? []) images.add(value, image)
    }
  return images
}

function builtImage(
  { options, rest }: ContainerCommand,
  { workingDirectory }: Start,
  directories: readonly string[],
  starts: Starts,
): BuiltImage | undefined {
  const last = (name: string): string | undefined => knownText(options.get(name)?.at(-1)?.value)
  const context = knownText(rest.at(-1)?.text)
  if (context === undefined) return undefined
  return (workingDirectory === undefined ? directories : [workingDirectory])
    .map((directory) => imageFrom(directory, context, last('--file'), last('--target'), starts))
    .find((image) => image !== undefined)
}

/** Images that nobody builds himself (Docker Hub's official ones that stand before or beside other programs, and bases). */
const OFFICIAL =
  /^(?:nginx|httpd|caddy|traefik|haproxy|node|python|golang|ruby|php|openjdk|eclipse-temurin|alpine|ubuntu|debian|busybox|consul|vault|registry|rabbitmq|nats|influxdb|telegraf|grafana|elasticsearch|kibana|logstash|wordpress|nextcloud|ghost|adminer|couchdb|cassandra|neo4j|hello-world)$/

/**
 * What an image of a plain name is likely built from where no script says so: the Dockerfile beside the script, or of the folder. Asked for what
 * has the network of the machine, where what its code binds decides.
 */
export function imageHere(image: Value | undefined, { workingDirectory, origin }: Start, starts: Starts): BuiltImage | undefined {
  const name = repositoryOf(image)
  if (name === undefined || name.includes('/') || OFFICIAL.test(name) || programOf(name) !== undefined) return undefined
  const directories = workingDirectory === undefined ? [directoryOf(origin.path), ''] : [workingDirectory]
  return directories.map((directory) => imageFrom(directory, '.', undefined, undefined, starts)).find((found) => found !== undefined)
}

function imageFrom(
  directory: string,
  written: string,
  file: string | undefined,
  target: string | undefined,
  starts: Starts,
): BuiltImage | undefined {
  const context = written.startsWith('/') ? undefined : joinPath(directory, written)
  const path = context === undefined ? undefined : file === undefined ? joinPath(context, 'Dockerfile') : joinPath(directory, file)
  const text = path === undefined ? undefined : starts.text(path)
  return context === undefined || text === undefined ? undefined : { context, stage: stageFor(readStages(text, context).stages, target) }
}

/** `registry:5000/team/web:1.2` without the tag, which often is not known (`web:$TAG`); `undefined` where the name itself is not. */
function repositoryOf(image: Value | undefined): string | undefined {
  const text = leading(image)
  const name = text.replace(/@.*$/s, '').replace(/:[^/]*$/s, '')
  return name === '' || (name === text && image?.kind !== 'known') ? undefined : name
}

/** What a container of an image that is built here, or that everybody knows, comes to start, with what `docker run` sets (docs.docker.com/reference/cli/docker/container/run). */
export function containerRunStarts(run: ContainerRun, image: BuiltImage | undefined, outer: Start, starts: Starts): readonly Start[] {
  const stage = image?.stage
  const given = environmentOf(run, outer, starts)
  const environment = withImage(stage?.environment ?? new Map<string, Setting>(), given)
  const mounts = stage?.mounts ?? new Map<string, string>()
  const place = mounts.size === 0 && image !== undefined ? { directories: [image.context] } : { workingDirectory: directoryIn(run, stage) }
  const entrypoint = run.options.get('--entrypoint')?.at(-1)
  const [own, replaced] = [execOf(run.command), entrypoint === undefined ? undefined : execOf(wordsOf([{ ...entrypoint, source: '…' }]))]
  const program =
    image === undefined && replaced === undefined
      ? commandOfKnown(knownText(run.image), run.image === undefined || run.image.kind === 'absent' ? outer.origin : run.image.origin)
      : undefined
  return containerStarts(
    ...(program === undefined
      ? // An entry point of one's own takes the image's command away.
        ([replaced ?? stage?.entrypoint, own ?? (replaced === undefined ? stage?.command : undefined)] as const)
      : withProgram(program, own)),
    { ...place, mounts, environment, environmentFiles: given.files, unseenEnvironment: given.unseen },
    starts,
  )
}

/** `-v ./nginx.conf:/etc/nginx/nginx.conf`, `$PWD` and `$(pwd)` before it: places in the container, and the files of the folder. */
export function volumesOf(run: ContainerRun, { workingDirectory, origin }: Start): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>()
  for (const { value } of run.options.get('--volume') ?? []) {
    const [written = '', target] = literalText(value).split(':')
    const source = /^(?:\.{1,2}|…)(?=\/|$)/.test(written) ? written.replace(/^…/, '.') : undefined
    const found = source === undefined ? undefined : joinPath(workingDirectory ?? directoryOf(origin.path), source)
    if (found !== undefined && target?.startsWith('/') === true && mounts.size < 200) mounts.set(joinPath('/', target) ?? target, found)
  }
  return mounts
}

function execOf(words: readonly Word[]): Command | undefined {
  const [first] = words
  if (first === undefined || first.text.kind === 'absent') return undefined
  return { form: 'exec', words, raw: words.map(({ text }) => text), origin: first.text.origin }
}

function directoryIn(run: ContainerRun, stage: Stage | undefined): string | undefined {
  const given = run.options.get('--workdir')?.at(-1)
  return given === undefined ? stage?.workingDirectory : knownText(given.value)
}
