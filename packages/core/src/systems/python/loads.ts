import type { EnvironmentLoad, FileOrigin } from '../../evidence/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { isSettings, settingsOption } from './classes.ts'
import { decoupleFile } from './decouple.ts'
import { entriesOf } from './entries.ts'
import { pathOf } from './file-paths.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import { bare } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, mapAbsent } from './thing.ts'

type Load = Omit<EnvironmentLoad, 'claim' | 'entries'>

/** Functions that load variables from a file, and the name of the argument that says which. */
const CALLS: ReadonlyMap<string, { readonly path: readonly string[]; readonly override: string }> = new Map([
  ['dotenv.load_dotenv', { path: ['dotenv_path'], override: 'override' }],
  ['dotenv.main.load_dotenv', { path: ['dotenv_path'], override: 'override' }],
  ['environ.Env.read_env', { path: ['env_file'], override: 'overwrite' }],
  ['environ.Env().read_env', { path: ['env_file'], override: 'overwrite' }],
  ['environs.Env().read_env', { path: ['path'], override: 'override' }],
  ['environs.env.read_env', { path: ['path'], override: 'override' }],
  ['starlette.config.Config', { path: ['env_file'], override: '' }],
  ['decouple.RepositoryEnv', { path: ['source'], override: '' }],
])
const NAMES = ['load_dotenv', 'read_env', 'Config', 'RepositoryEnv'] as const
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
      const override = shape.given.keywords.get(row.override)?.node.kind === 'true'
      return [{ load: loadOf(evaluator, pathArgument(shape.given, row.path), node, override), node }]
    })
  const settings = module.occurrences('BaseSettings').flatMap((node) => settingsLoad(evaluator, node) ?? [])
  return [...calls, ...settings, ...decoupled(evaluator, module)].map(({ load, node }) => ({
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
  return file === undefined || file.kind === 'none'
    ? undefined
    : { load: loadOf(evaluator, { node: file, frame: undefined }, file, false), node: file }
}

function loadOf(evaluator: Evaluator, located: Located | undefined, at: Node, overrides: boolean): Load {
  const path = located === undefined ? undefined : bare(located.node)
  const found = path?.kind === 'call' && FIND.test(path.field('function')?.content ?? '') ? argumentsOf(path, undefined) : undefined
  const named = found === undefined ? path : (found.positional[0] ?? found.keywords.get('filename'))?.node
  if (named === undefined || named.kind === 'none') return { files: [{ kind: 'known', value: '.env', origin: at.origin }], overrides }
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
