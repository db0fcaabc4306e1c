import { type Evidence, type FileOrigin, knownText, resolveValue, type Setting, type Value, type Word } from '../../evidence/index.ts'
import { type ContainerCommand, readContainerCommand, type Spelling } from '../container-run/command.ts'
import { publishedOption } from '../container-run/run.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { type Start, Starts } from '../starts/index.ts'
import { isComposeFile } from './index.ts'
import { Loader } from './model.ts'
import { listedIn, projectName, usualFiles } from './projects.ts'
import { serviceEvidence } from './service.ts'
import { changed, inSwarm } from './swarm.ts'

/** docker compose 2, `docker compose --help`: what stands before its own command. */
const COMPOSE: Spelling = {
  verbs: ['compose'],
  switches: new Set(['--all-resources', '--compatibility', '--dry-run', '--verbose']),
  shortSwitches: new Set(),
  longNames: { f: '--file', p: '--project-name' },
}

/** `docker compose run --help`. */
const RUN: Spelling = {
  verbs: ['run'],
  switches: new Set([
    '-i',
    '-T',
    '--build',
    '--detach',
    '--interactive',
    '--no-TTY',
    '--no-deps',
    '--quiet',
    '--quiet-build',
    '--quiet-pull',
    '--remove-orphans',
    '--rm',
    '--service-ports',
    '--use-aliases',
  ]),
  shortSwitches: new Set(['d', 'i', 'T', 'P', 'q']),
  longNames: { p: '--publish', d: '--detach', P: '--service-ports', q: '--quiet' },
}

/** `docker stack deploy --help`. */
const STACK: Spelling = {
  verbs: ['stack deploy', 'stack up'],
  switches: new Set(['--prune', '--with-registry-auth', '--detach', '--quiet']),
  shortSwitches: new Set(['d', 'q']),
  longNames: { c: '--compose-file', d: '--detach', q: '--quiet' },
}

/** Commands that start containers of their own accord. */
const STARTING: ReadonlySet<string> = new Set(['up', 'create', 'start', 'restart', 'watch', 'run'])

/**
 * What a command of compose starts that its files by themselves do not say: files that only the command names, variables that it gives,
 * ports of its own; `undefined`: another command.
 */
export function composeEvidence(start: Start, words: readonly Word[], starts: Starts): readonly Evidence[] | undefined {
  const stack = readContainerCommand(words, STACK)
  if (stack !== undefined) return project(stack, '--compose-file', start, starts)?.map(inSwarm) ?? []
  const command = readContainerCommand(asPlugin(words), COMPOSE)
  if (command === undefined) return undefined
  const [verb, ...rest] = command.rest
  const name = knownText(verb?.text)
  if (name === undefined || !STARTING.has(name)) return []
  const found = project(command, '--file', start, starts) ?? []
  return name === 'run' && verb !== undefined ? ofRun(found, words, verb, rest, start, starts) : found
}

/** `docker-compose` is `docker compose`. */
function asPlugin(words: readonly Word[]): readonly Word[] {
  const [program, ...rest] = words
  const [, engine] = /^(docker|podman)-compose$/.exec(nameOf(knownText(program?.text) ?? '')) ?? []
  if (engine === undefined || program === undefined || program.text.kind !== 'known') return words
  const word = (value: string): Word => ({ ...program, text: { kind: 'known', value, origin: wordOrigin(program) } })
  return [word(engine), word('compose'), ...rest]
}

function wordOrigin({ text }: Word): FileOrigin {
  if (text.kind === 'absent') throw new TypeError('a word without a place')
  return text.origin
}

/** The evidence of a project as a command has it; `undefined`: the compose reader says the same. */
function project(command: ContainerCommand, option: string, start: Start, starts: Starts): readonly Evidence[] | undefined {
  const outer = settled(start.environment)
  const named = command.options.get(option)?.map(({ value }) => value) ?? listed(outer)
  const variables = command.options.get('--env-file') ?? []
  if (named.length === 0 && outer.size === 0 && variables.length === 0 && option === '--file' && !isRun(command)) return undefined
  const candidates = start.workingDirectory === undefined ? [directoryOf(start.origin.path), ''] : [start.workingDirectory]
  const places = [...new Set(candidates)].filter((place) => !place.startsWith('/'))
  const files = places.map((place) => filesAt(place, named, command, starts)).find((found) => found !== undefined)
  const [first] = files ?? []
  if (files === undefined || first === undefined) {
    // Compose files by their usual names are read wherever they are: which of them is meant makes no difference.
    const others = [...starts.snapshot.paths].some(isComposeFile)
    const isTyped = named.some((value) => knownText(value) === '-')
    if (isTyped || (named.length > 0 && !others))
      starts.problem('which compose file is started is not known, or it is not in the folder', start.origin)
    return undefined
  }
  // What is not understood of files that the compose reader has as well, it tells.
  const isUsual = files.every(isComposeFile)
  const into = isUsual ? new Starts(starts.snapshot) : starts
  const loader = new Loader(into)
  const directory = directoryOf(first)
  const cwd = places.find((place) => files.every((file) => file.startsWith(place === '' ? '' : `${place}/`))) ?? ''
  const given = variables.flatMap(({ value }) => joinPath(cwd, knownText(value) ?? '') ?? [])
  const from = given.length > 0 ? given : option === '--file' ? [joinPath(directory, '.env') ?? '.env'] : []
  const values = loader.variables(from, outer)
  const model = loader.model(files, values)
  const environment = environmentIn(nameOf(files.at(-1) ?? ''))
  const name = projectName({ directory, files, environment, values }, model.name)
  const at = { project: name, files, environment, model, loader, starts: into }
  const evidence = [...model.services.values()].flatMap((service) => serviceEvidence(service, at))
  for (const need of into.needs) starts.needs.add(need)
  return evidence
}

function isRun({ rest }: ContainerCommand): boolean {
  return knownText(rest[0]?.text) === 'run'
}

/** COMPOSE_FILE, where the shell that runs compose has it. */
function listed(outer: ReadonlyMap<string, Value>): readonly Value[] {
  const value = outer.get('COMPOSE_FILE')
  return value?.kind === 'known' ? listedIn(value.value, outer).map((file) => ({ ...value, value: file })) : []
}

/** The files of a command that is run in this directory, all of which are there; without any the usual ones. */
function filesAt(place: string, named: readonly Value[], { options }: ContainerCommand, starts: Starts): readonly string[] | undefined {
  const { paths } = starts.snapshot
  const other = knownText(options.get('--project-directory')?.at(-1)?.value)
  const directory = other === undefined ? place : joinPath(place, other)
  const usual = named.length > 0 || directory === undefined ? [] : usualFiles(directory, paths)
  const written = named.map((value) => joinPath(place, knownText(value) ?? ''))
  const files = named.length > 0 ? written : usual
  return files.length > 0 && files.every((file) => file !== undefined && paths.has(file)) ? (files as readonly string[]) : undefined
}

/** What the shell sets, each name with all that it may be. */
function settled(environment: ReadonlyMap<string, Setting>): ReadonlyMap<string, Value> {
  return new Map(
    [...environment].flatMap(([name, { value, origin }]): readonly (readonly [string, Value])[] => {
      const options = resolveValue(value, { environment, arguments: new Map() }).map((one): Value => {
        if (one.kind === 'known') return { kind: 'known', value: one.value, origin: one.origin ?? origin }
        return { kind: 'unknown', reason: one.kind === 'unknown' ? one.reason : `\`${one.unset ?? name}\` is not set here`, origin }
      })
      const [first] = options
      return first === undefined ? [] : [[name, options.length === 1 ? first : { kind: 'choice', options, origin }]]
    }),
  )
}

/** `run` publishes what it says itself, and what the file says only when it is asked to. */
function ofRun(
  found: readonly Evidence[],
  words: readonly Word[],
  verb: Word,
  rest: readonly Word[],
  start: Start,
  starts: Starts,
): readonly Evidence[] {
  const [program] = words
  const run = program === undefined ? undefined : readContainerCommand([asEngine(program), verb, ...rest], RUN)
  const name = knownText(run?.rest[0]?.text)
  if (run === undefined || name === undefined) return []
  const own = (run.options.get('--publish') ?? []).flatMap(({ value, origin }) =>
    publishedOption(value, origin, start.environment, (reason) => starts.problem(reason, origin)),
  )
  const all = run.options.has('--service-ports')
  return found
    .filter(({ claim }) => claim.claim === 'compose-service' && claim.name === name)
    .map(changed((service) => ({ ...service, published: [...(all ? service.published : []), ...own] })))
}

function asEngine(program: Word): Word {
  return { ...program, text: { kind: 'known', value: 'docker', origin: wordOrigin(program) } }
}
