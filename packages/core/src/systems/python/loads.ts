import type { EnvironmentLoad, FileOrigin } from '../../evidence/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { isSettings } from './classes.ts'
import { decoupleFile } from './decouple.ts'
import { entriesOf } from './entries.ts'
import { pathOf } from './file-paths.ts'
import type { Evaluator } from './evaluator.ts'
import { directoryOf } from '../paths.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import type { Project } from './project.ts'
import { fileOrder, settingsOption } from './settings.ts'
import { bare, literalText, nameOf } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, mapAbsent } from './thing.ts'

type Load = Omit<EnvironmentLoad, 'claim' | 'entries'>

interface Loader {
  /** Names of the argument that says which file. */
  readonly path: readonly string[]
  readonly override: string
  /**
   * Where `.env` is looked for when nothing says which: in the directory of the file that calls, or in those above it as well (python-dotenv,
   * src/dotenv/main.py: find_dotenv; environs, Env.read_env; django-environ, Env.read_env). Left out: in the working directory.
   */
  readonly search?: 'beside' | 'up'
  /** Loads only where this is given as true. */
  readonly asked?: string
}

const DOTENV: Loader = { path: ['dotenv_path'], override: 'override', search: 'up' }
const ENVIRONS: Loader = { path: ['path'], override: 'override', search: 'up' }
const DJANGO: Loader = { path: ['env_file'], override: 'overwrite', search: 'beside' }

/** dynaconf.com, Configuration: load_dotenv, dotenv_path, dotenv_override. */
const DYNACONF: Loader = { path: ['dotenv_path'], override: 'dotenv_override', search: 'up', asked: 'load_dotenv' }

/** Functions that load variables from a file. */
const CALLS: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  ['dotenv.load_dotenv', DOTENV],
  ['dotenv.main.load_dotenv', DOTENV],
  ['environ.Env.read_env', DJANGO],
  ['environ.Env().read_env', DJANGO],
  ['environs.Env().read_env', ENVIRONS],
  ['environs.env.read_env', ENVIRONS],
  ['starlette.config.Config', { path: ['env_file'], override: '' }],
  ['dynaconf.Dynaconf', DYNACONF],
  ['dynaconf.LazySettings', DYNACONF],
  ['decouple.RepositoryEnv', { path: ['source'], override: '' }],
])
const NAMES = ['load_dotenv', 'read_env', 'Config', 'RepositoryEnv', 'Dynaconf', 'LazySettings'] as const
const FIND = /(?:^|\.)find_dotenv$/

export function mayLoad(content: string): boolean {
  return /dotenv|read_env|env_file|starlette\.config|\bdecouple\b/.test(content)
}

/** Where a file loads variables from `.env` files when it starts. */
export function loadsOf(evaluator: Evaluator, module: Module): readonly { readonly claim: EnvironmentLoad; readonly origin: FileOrigin }[] {
  if (isTestCode(module.file)) return []
  const calls = NAMES.filter((name) => module.file.content.includes(name))
    .flatMap((name) => module.occurrences(name))
    .flatMap((node) => {
      const shape = callShape(node)
      const thing = shape === undefined ? undefined : evaluator.ask({ node: shape.callee, frame: undefined })
      const row = thing?.kind === 'external' ? CALLS.get(thing.name) : undefined
      if (shape === undefined || row === undefined) return []
      if (row.asked !== undefined && shape.given.keywords.get(row.asked)?.node.kind !== 'true') return []
      const override = shape.given.keywords.get(row.override)?.node.kind === 'true'
      return [{ load: loadOf(evaluator, pathArgument(shape.given, row.path), node, override, row.search), node }]
    })
  const settings = module.occurrences('BaseSettings').flatMap((node) => settingsLoad(evaluator, node) ?? [])
  const instances = module.occurrences('_env_file').flatMap((node) => instanceLoad(evaluator, node) ?? [])
  return [...calls, ...instances, ...settings, ...decoupled(evaluator, module)].map(({ load, node }) => ({
    claim: { claim: 'environment-load', ...load, entries: entriesOf(evaluator, node) },
    origin: node.origin,
  }))
}

/** The file of variables that decouple finds from where it is called. */
function decoupled(evaluator: Evaluator, module: Module): readonly { readonly load: Load; readonly node: Node }[] {
  const node = module.occurrences('decouple').find((one) => one.parent?.parent?.kind === 'import_from_statement')
  const path = node === undefined ? undefined : decoupleFile(evaluator.project, module.path)
  if (node === undefined || path?.endsWith('.env') !== true) return []
  return [{ load: { files: [{ kind: 'known', value: path, origin: node.origin }], overrides: false, relativeTo: 'folder' }, node }]
}

function pathArgument(given: CallArguments, names: readonly string[]): Located | undefined {
  return names.flatMap((name) => given.keywords.get(name) ?? [])[0] ?? given.positional[0]
}

/** `env_file` of pydantic settings: read into the fields, behind the variables that are set. */
function settingsLoad(evaluator: Evaluator, name: Node): { readonly load: Load; readonly node: Node } | undefined {
  const list = name.parent?.kind === 'attribute' ? name.parent.parent : name.parent
  const definition = list?.kind === 'argument_list' ? list.parent : undefined
  if (definition?.kind !== 'class_definition' || !isSettings(evaluator, definition)) return undefined
  const file = settingsOption(definition, 'env_file')
  const order = fileOrder(evaluator, definition)
  return file === undefined || file.kind === 'none' || order === 'never' || isReplaced(evaluator, definition)
    ? undefined
    : { load: settingsFiles(evaluator, file, order), node: file }
}

/** Whether every object of the class names files of its own, or none: `Settings(_env_file=None)`. */
function isReplaced(evaluator: Evaluator, settings: Node): boolean {
  const { project } = evaluator
  const name = nameOf(settings)
  const calls = project.graph.entries(settings.file.path).flatMap((path) => {
    const module = project.text(path)?.content.includes(name) === true ? project.module(path) : undefined
    return (module?.occurrences(name) ?? []).flatMap(({ parent }) => (parent?.kind === 'call' ? [parent] : []))
  })
  return calls.length > 0 && calls.every((call) => argumentsOf(call, undefined).keywords.has('_env_file'))
}

/** `Settings(_env_file="prod.env")`: in the place of the files that the class names (docs.pydantic.dev, Settings Management: Dotenv support). */
function instanceLoad(evaluator: Evaluator, name: Node): { readonly load: Load; readonly node: Node } | undefined {
  const value = name.parent?.kind === 'keyword_argument' && name.parent.field('name') === name ? name.parent.field('value') : undefined
  const call = value === undefined ? undefined : name.parent?.parent?.parent
  const callee = call?.kind === 'call' ? call.field('function') : undefined
  if (value === undefined || value.kind === 'none' || callee === undefined) return undefined
  const thing = evaluator.ask({ node: callee, frame: undefined })
  return thing.kind === 'class' && isSettings(evaluator, thing.node)
    ? { load: settingsFiles(evaluator, value, fileOrder(evaluator, thing.node)), node: name }
    : undefined
}

/** Of several files pydantic takes the last that has the setting. */
function settingsFiles(evaluator: Evaluator, files: Node, order: ReturnType<typeof fileOrder>): Load {
  const load = loadOf(evaluator, { node: files, frame: undefined }, files, order === 'first')
  return { ...load, files: load.files.toReversed() }
}

function loadOf(evaluator: Evaluator, located: Located | undefined, at: Node, overrides: boolean, search?: Loader['search']): Load {
  const path = located === undefined ? undefined : bare(located.node)
  const found = path?.kind === 'call' && FIND.test(path.field('function')?.content ?? '') ? argumentsOf(path, undefined) : undefined
  const named = found === undefined ? path : (found.positional[0] ?? found.keywords.get('filename'))?.node
  const isNamed = named !== undefined && named.kind !== 'none'
  const where = found === undefined ? (isNamed ? undefined : search) : 'up'
  if (where !== undefined && found?.keywords.get('usecwd')?.node.kind !== 'true') {
    const name = isNamed ? literalText(named) : '.env'
    if (name !== undefined) {
      const value = foundFrom(evaluator.project, at.file.path, name, where)
      return { files: [{ kind: 'known', value, origin: at.origin }], overrides, relativeTo: 'folder' }
    }
  }
  if (!isNamed) return { files: [{ kind: 'known', value: '.env', origin: at.origin }], overrides }
  const nodes = named.kind === 'tuple' || named.kind === 'list' ? named.named : [named]
  const paths = nodes.map((node) => {
    const { value, inFolder } = pathOf(evaluator, { node, frame: undefined })
    return { value: mapAbsent(value, { kind: 'known', value: '.env', origin: node.origin }), inFolder }
  })
  return {
    files: paths.map((one) => one.value),
    overrides,
    ...(paths.some((one) => one.inFolder) ? { relativeTo: 'folder' as const } : {}),
  }
}

/** The file that is found from a source file: in its directory, else in one above it; where there is none, where it would be first. */
function foundFrom({ snapshot: { paths } }: Project, from: string, name: string, search: 'beside' | 'up'): string {
  const first = directoryOf(from)
  const inside = (directory: string): string => (directory === '' ? name : `${directory}/${name}`)
  for (let directory = first; ; directory = directoryOf(directory)) {
    if (paths.has(inside(directory))) return inside(directory)
    if (directory === '' || search === 'beside') return inside(first)
  }
}
