import type { EnvironmentLoad, FileOrigin, Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { isSettings, settingsOption } from './classes.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import { bare, literalText } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, mapAbsent, valueOf } from './thing.ts'

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
])
const NAMES = ['load_dotenv', 'read_env', 'Config'] as const
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
  return [...calls, ...settings].map(({ load, node }) => ({
    claim: { claim: 'environment-load', ...load, entries: entriesOf(evaluator, node) },
    origin: node.origin,
  }))
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
  const paths = nodes.map((node) => pathOf(evaluator, node))
  return {
    files: paths.map((one) => one.value),
    overrides,
    ...(paths.some((one) => one.inFolder) ? { relativeTo: 'folder' as const } : {}),
  }
}

interface PathValue {
  readonly value: Value
  /** Made from the source file's own directory. */
  readonly inFolder: boolean
}

function pathOf(evaluator: Evaluator, node: Node): PathValue {
  const parts = partsOf(evaluator, bare(node), 12)
  const here = parts?.[0] === HERE
  const texts = parts?.filter((part) => part !== HERE)
  if (texts === undefined || texts.length !== (parts?.length ?? 0) - (here ? 1 : 0))
    return {
      value: mapAbsent(valueOf(evaluator.ask({ node, frame: undefined }), node.origin), {
        kind: 'known',
        value: '.env',
        origin: node.origin,
      }),
      inFolder: false,
    }
  if (!here) return { value: { kind: 'known', value: texts.join('/'), origin: node.origin }, inFolder: false }
  const joined = joinPath(directoryOf(node.file.path), texts.join('/'))
  if (joined === undefined)
    return { value: { kind: 'unknown', reason: 'the file is outside the folder', origin: node.origin }, inFolder: true }
  return { value: { kind: 'known', value: joined, origin: node.origin }, inFolder: true }
}

/** The directory of the source file, at the start of a path. */
const HERE = Symbol('the directory of the source file')
type PathPart = string | typeof HERE

/** `Path(__file__).resolve().parent.parent / ".env"`, `os.path.join(os.path.dirname(__file__), ".env")`, `BASE_DIR / ".env"`. */
function partsOf(evaluator: Evaluator, node: Node, depth: number): readonly PathPart[] | undefined {
  if (depth === 0) return undefined
  const inner = (one: Node | undefined): readonly PathPart[] | undefined =>
    one === undefined ? undefined : partsOf(evaluator, bare(one), depth - 1)
  const text = literalText(node)
  if (text !== undefined) return [text]
  switch (node.kind) {
    case 'identifier': {
      if (node.content === '__file__') return [HERE, 'file']
      const definitions = evaluator.moduleOf(node)?.lookup(node.content, node) ?? []
      const [only] = definitions
      return definitions.length === 1 && only?.kind === 'assignment' && only.path.length === 0 ? inner(only.value) : undefined
    }
    case 'binary_operator': {
      if (node.field('operator')?.kind !== '/') return undefined
      const [left, right] = [inner(node.field('left')), inner(node.field('right'))]
      return left === undefined || right === undefined ? undefined : [...left, ...right]
    }
    case 'attribute':
      return node.field('attribute')?.content === 'parent' ? parentOf(inner(node.field('object'))) : undefined
    case 'subscript': {
      const base = /\.parents$/.test(node.field('value')?.content ?? '') ? inner(node.field('value')?.field('object')) : undefined
      const index = Number(node.named[1]?.content)
      return base === undefined || !Number.isInteger(index)
        ? undefined
        : Array.from({ length: index + 1 }).reduce<readonly PathPart[] | undefined>(parentOf, base)
    }
    case 'call':
      return callParts(node, inner)
    default:
      return undefined
  }
}

function callParts(call: Node, inner: (one: Node | undefined) => readonly PathPart[] | undefined): readonly PathPart[] | undefined {
  const callee = call.field('function')
  const given = call.field('arguments')?.named ?? []
  const name = callee?.content ?? ''
  if (
    /(?:^|\.)(?:resolve|absolute|expanduser|joinpath)$/.test(name) &&
    callee?.kind === 'attribute' &&
    !/path\.(?:expanduser)$/.test(name)
  ) {
    const rest = given.map(inner)
    const base = inner(callee.field('object'))
    return base === undefined || rest.some((one) => one === undefined) ? undefined : [...base, ...rest.flatMap((one) => one ?? [])]
  }
  if (/(?:^|\.)(?:Path|PurePath|abspath|realpath|normpath|str|join)$/.test(name)) {
    const parts = given.map(inner)
    return parts.some((one) => one === undefined) ? undefined : parts.flatMap((one) => one ?? [])
  }
  if (/(?:^|\.)dirname$/.test(name)) return parentOf(inner(given[0]))
  return /(?:^|\.)(?:getcwd|cwd)$/.test(name) ? [] : undefined
}

function parentOf(parts: readonly PathPart[] | undefined): readonly PathPart[] | undefined {
  if (parts === undefined) return undefined
  // The file itself stands as one name behind its directory.
  return parts.at(-1) === 'file' && parts.at(-2) === HERE ? parts.slice(0, -1) : [...parts, '..']
}
