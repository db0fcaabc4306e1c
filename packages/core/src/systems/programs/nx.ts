import type { FileOrigin, Setting } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { packageScripts } from '../package-json/scripts.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { setting } from '../secret.ts'
import { entriesOf, entry, itemsOf, originOf, passageOfScalar, textOf, type Tree } from '../yaml.ts'
import { parseOptions } from './options.ts'
import { wordsOf } from './packages.ts'
import { inFolder, present } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Readers } from './run.ts'
import { done, type State, withFolderFile, withUnknown } from './state.ts'
import { isLiteral, type Template } from './template.ts'

/** Projects that are looked at. */
const PROJECTS = 200
const OWN_COMMANDS = new Set(
  'add,affected,connect,daemon,exec,format,format:check,format:write,generate,g,graph,import,init,list,migrate,new,release,repair,report,reset,show,sync,view-logs'.split(
    ',',
  ),
)
const OPTIONS = {
  ...Object.fromEntries(['--parallel', '--output-style', '--outputStyle', '--exclude', '--runner'].map((name) => [name, 'value' as const])),
  '-t': 'script',
  '--target': 'script',
  '--targets': 'script',
  '-p': 'workspace',
  '--project': 'workspace',
  '--projects': 'workspace',
  '-c': 'value',
  '--configuration': 'value',
  '--host': 'host',
  '--port': 'port',
} as const

/** Executors that are a server of their own, as the command that they come to (nx.dev/nx-api: each plugin's executors). */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  'vite:dev-server': ['vite'],
  'vite:preview-server': ['vite', 'preview'],
  'next:server': ['next', 'dev'],
  'webpack:dev-server': ['ng', 'serve'],
  'web:dev-server': ['ng', 'serve'],
  'angular:dev-server': ['ng', 'serve'],
  'build-angular:dev-server': ['ng', 'serve'],
  'build:dev-server': ['ng', 'serve'],
  'rspack:dev-server': ['ng', 'serve'],
  'storybook:storybook': ['storybook', 'dev'],
}

interface Project {
  readonly name: string
  readonly directory: string
  readonly targets: Tree | undefined
}

/** `nx serve api`, `nx run api:serve`, `nx run-many -t serve`: what the target of the project runs (nx.dev/reference/project-configuration). */
export function nx(read: Readers, name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  if (name !== 'nx') return undefined
  const parsed = parseOptions(rest, { options: OPTIONS, unlisted: 'switch' })
  const words = parsed.positionals.filter((word) => isLiteral(word.text)).map((word) => word.text)
  const valuesOf = (role: 'script' | 'workspace'): readonly string[] =>
    parsed.given.flatMap((option) => (option.role === role ? (option.value?.text.split(/[,\s]+/) ?? []) : []))
  const [first = '', second] = words
  if (OWN_COMMANDS.has(first)) return undefined
  const isMany = first === 'run-many'
  const [project, target, configuration] = first === 'run' ? (second ?? '').split(':') : [second, first]
  const targets = isMany ? valuesOf('script') : target === undefined ? [] : [target]
  const wanted = isMany ? valuesOf('workspace') : project === undefined ? valuesOf('workspace') : [project]
  const chosen = parsed.given.findLast((option) => option.name === '-c' || option.name === '--configuration')?.value?.text ?? configuration
  const given = parsed.given
    .filter(({ role }) => role === 'host' || role === 'port')
    .map(({ name: option, value, template }) => optionOf(option, value ?? { ...template, text: '', holes: [] }))
  const origin = rest[0]?.origin
  if (origin === undefined) return undefined
  const readings = projectsOf(state)
    .filter((one) => wanted.length === 0 || wanted.includes(one.name) || wanted.includes(one.directory))
    .flatMap((one) => targets.flatMap((called) => ran(read, one, called, chosen, [...given, ...parsed.rest], state, origin) ?? []))
  const [main, ...also] = readings.flatMap((reading) => [{ ...reading, also: [] }, ...reading.also])
  return main === undefined ? undefined : { ...main, also }
}

function projectsOf({ place }: State): readonly Project[] {
  const root = inFolder(place, '.')
  if (root === undefined) return []
  const files = [...(place.paths ?? [])].filter(
    (path) => /(?:^|\/)(?:project|package)\.json$/.test(path) && (root === '' || path.startsWith(`${root}/`)),
  )
  const found = new Map<string, Project>()
  // What project.json says goes before the manifest beside it.
  for (const path of files.slice(0, PROJECTS).toSorted()) {
    const text = place.text?.(path)
    const tree = text === undefined ? undefined : readData(text, 'json')
    if (text === undefined || tree === undefined) continue
    const directory = directoryOf(path)
    const isManifest = path.endsWith('package.json')
    const targets = isManifest ? entry(entry(tree, 'nx'), 'targets') : entry(tree, 'targets')
    if (isManifest && directory === root) continue
    const name = textOf(entry(tree, 'name')) ?? directory.split('/').at(-1) ?? ''
    found.set(directory, { name, directory, targets: targets ?? found.get(directory)?.targets })
  }
  return [...found.values()]
}

/** The files of variables that Nx loads for a task, the first that sets one first (nx.dev/recipes/tips-n-tricks/define-environment-variables). */
const FILES = ['.env.TARGET.local', '.env.TARGET', '.TARGET.env', '.env.local', '.local.env', '.env'] as const

function ran(
  read: Readers,
  project: Project,
  called: string,
  configuration: string | undefined,
  extra: readonly Template[],
  before: State,
  place: FileOrigin,
): CommandReading | undefined {
  const { directory } = project
  const names = FILES.map((name) => name.replace('TARGET', called))
  const within = { ...before.place, directory }
  const state = [...present(within, names), ...present(before.place, names)].reduce(withFolderFile, before)
  const inside = { ...state, place: within }
  const tree = entry(project.targets, called)
  if (tree === undefined) {
    const manifest = before.place.text?.(directory === '' ? 'package.json' : `${directory}/package.json`)
    const hasScript = manifest !== undefined && packageScripts(manifest).scripts.has(called)
    if (hasScript) return done(inside, 'nx', { script: { name: called, directory, extra: wordsOf(extra) } })
    return inferred(read, called, extra, inside, place)
  }
  const target: Target = { tree, configuration: configuration ?? textOf(entry(tree, 'defaultConfiguration')) }
  const executor = textOf(entry(tree, 'executor')) ?? (entry(tree, 'command') === undefined ? '' : 'nx:run-commands')
  const kind = executor.replace(/^@?[\w-]+\//, '')
  if (/(?:^|[/:])run-commands$/.test(executor)) return runsCommands(read, target, directory, extra, state)
  if (/^(?:node:node|node:execute|js:node)$/.test(kind)) {
    const main = textOf(entry(entry(entry(project.targets, 'build'), 'options'), 'main')) ?? `${directory}/src/main.ts`
    return done(state, 'nx', { entry: joinPath(inFolder(state.place, '.') ?? '', main.replace('{projectRoot}', directory)) ?? main })
  }
  const server = Object.hasOwn(SERVERS, kind) ? SERVERS[kind] : undefined
  if (server !== undefined) return serves(read, target, server, extra, inside)
  const mayServe = /^(?:serve|start|dev|preview)\b/.test(called)
  return done(mayServe ? withUnknown(state, `what the executor ${executor} runs is not known`, originOf(tree)) : state, 'nx')
}

interface Target {
  readonly tree: Tree
  readonly configuration: string | undefined
}

/** An option of a target: its configuration's goes before that of all. */
function optionOfTarget({ tree, configuration = '' }: Target, name: string): Tree | undefined {
  const trees = [entry(entry(tree, 'configurations'), configuration), entry(tree, 'options')]
  return trees.flatMap((options) => entry(options, name) ?? [])[0]
}

function runsCommands(
  read: Readers,
  target: Target,
  directory: string,
  extra: readonly Template[],
  state: State,
): CommandReading | undefined {
  const option = (name: string): Tree | undefined => optionOfTarget(target, name)
  const commands = [
    entry(target.tree, 'command') ?? option('command'),
    ...itemsOf(option('commands')).map((item) => entry(item, 'command') ?? item),
  ]
  const cwd = textOf(option('cwd'))?.replace('{projectRoot}', directory).replace('{workspaceRoot}', '.')
  const at = cwd === undefined ? state.place : { ...state.place, directory: joinPath(state.place.directory ?? '', cwd) }
  const texts = commands.flatMap((command): readonly Template[] => {
    if (command?.kind !== 'scalar') return []
    const passage = passageOfScalar(command)
    return [{ text: passage.content.replaceAll('{projectRoot}', directory), holes: [], origin: originOf(command) }]
  })
  const forwarded = textOf(option('forwardAllArgs')) === 'false' ? [] : extra
  const environment = new Map([...state.environment, ...variablesOf(option('env'))])
  return read.text(texts, { ...state, place: at, environment }, forwarded)
}

/** The executor is a server: the command that it comes to, with the options of the target. */
function serves(
  read: Readers,
  target: Target,
  command: readonly string[],
  extra: readonly Template[],
  state: State,
): CommandReading | undefined {
  const origin = originOf(target.tree)
  const told = ['host', 'hostname', 'port'].flatMap((name): readonly Template[] => {
    const value = optionOfTarget(target, name)
    const plain = `--${name}`
    if (value?.kind !== 'scalar' || value.value === 'false') return []
    return [{ text: value.value === 'true' ? plain : `${plain}=${value.value}`, holes: [], origin: originOf(value) }]
  })
  return read.words([...command.map((text) => ({ text, holes: [], origin })), ...told, ...extra], state)
}

/** Targets that plugins make of a project's own configuration (nx.dev/concepts/inferred-tasks). */
function inferred(read: Readers, called: string, extra: readonly Template[], state: State, origin: FileOrigin): CommandReading | undefined {
  const isServer = called === 'serve' || called === 'dev'
  const vite = present(state.place, ['vite.config.ts', 'vite.config.mts', 'vite.config.js', 'vite.config.mjs'])
  const next = present(state.place, ['next.config.js', 'next.config.mjs', 'next.config.ts'])
  if (!isServer) return undefined
  if (next.length > 0) return read.words([...['next', 'dev'].map((text) => ({ text, holes: [], origin })), ...extra], state)
  return vite.length > 0 ? read.words([{ text: 'vite', holes: [], origin }, ...extra], state) : undefined
}

function optionOf(name: string, value: Template): Template {
  return { ...value, text: value.text === '' ? name : `${name}=${value.text}` }
}

function variablesOf(tree: Tree | undefined): readonly (readonly [string, Setting])[] {
  return [...entriesOf(tree)].flatMap(([name, { value }]) => {
    if (value.kind !== 'scalar') return []
    const origin = originOf(value)
    return [[name, setting(name, { kind: 'known', value: value.value, origin }, origin)] as const]
  })
}
