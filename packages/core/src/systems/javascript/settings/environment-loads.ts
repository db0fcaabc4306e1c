import type { FileOrigin } from '../../../evidence/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, NOTHING, valueOf } from '../values/meaning.ts'
import type { Module } from '../source/module.ts'
import { fillsAnother } from './dotenv-target.ts'
import { pathsOf } from './file-paths.ts'
import { type Node, nodeAt } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText } from '../source/syntax.ts'
import { known, settled } from '../values/values.ts'
import { configured, flowing, layered, type Loaded, LOADERS, METHODS } from './environment-loaders.ts'

/** Packages that load when they are imported. */
const IMPORTS: ReadonlyMap<string, (at: Node) => Loaded> = new Map([
  ['dotenv/config', configured],
  ['dotenv/config.js', configured],
  ['@dotenvx/dotenvx/config', configured],
  ['dotenv-safe/config', configured],
  ['dotenv-flow/config', flowing],
  ['dotenv-defaults/config', layered],
  ['dotenv-extended/config', layered],
])
/** Functions that load: the option that names the file, if it is not the argument itself. */
const CALLS: ReadonlyMap<string, { readonly path: string | undefined; readonly files: readonly string[] }> = new Map([
  ['dotenv#config', { path: 'path', files: ['.env'] }],
  ['dotenv#configDotenv', { path: 'path', files: ['.env'] }],
  ['@dotenvx/dotenvx#config', { path: 'path', files: ['.env'] }],
  ['dotenv-safe#config', { path: 'path', files: ['.env'] }],
  ['#process.loadEnvFile', { path: undefined, files: ['.env'] }],
  ['node:process#loadEnvFile', { path: undefined, files: ['.env'] }],
])

export const mayLoadEnvironment = (content: string): boolean => /dotenv|loadEnv|\bConfigModule\b/.test(content)

export interface Load extends Loaded {
  readonly origin: FileOrigin
}

export function environmentLoadsOf(module: Module, evaluator: Evaluator): readonly Load[] {
  const found: Load[] = []
  for (const [specifier, load] of IMPORTS) {
    for (const at of module.offsets(specifier)) {
      const literal = nodeAt(module.root, at)?.parent
      const statement = literal === undefined ? undefined : importOf(literal)
      if (literal === undefined || statement === undefined || literalText(literal) !== specifier) continue
      const origin = module.file.origin(statement.start, statement.end)
      found.push({ ...plain(load(literal)), origin })
    }
  }
  for (const word of callNames(module)) {
    for (const call of module.calls(word)) {
      const load = loadOf(call, module, evaluator)
      if (load !== undefined) found.push(load)
    }
  }
  return found.toSorted((a, b) => a.origin.span.start.offset - b.origin.span.start.offset)
}

const plain = (load: Loaded): Loaded => ({ ...load, files: load.files.map(settled) })

function importOf(literal: Node): Node | undefined {
  const { parent } = literal
  if (parent?.kind === 'import_statement') return parent
  const call = parent?.kind === 'arguments' ? parent.parent : undefined
  const callee = call === undefined ? undefined : calleeOf(call)
  return callee?.kind === 'import' || callee?.content === 'require' ? call : undefined
}

/** `config`, `loadEnvFile` and their like, and what an import calls them. */
function callNames(module: Module): ReadonlySet<string> {
  const names = new Set(['config', 'configDotenv', 'load', 'loadEnvFile', 'loadEnv', 'loadEnvConfig', 'forRoot', 'envSchema', 'register'])
  const renamed =
    /\b(?:config|loadEnvFile|loadEnv|loadEnvConfig|envSchema)(?:\s+as\s+|\s*:\s*)(\w+)|\b(\w+)\s*=\s*require\(\s*['"]env-schema['"]\s*\)/g
  for (const [, alias, whole] of module.file.content.matchAll(renamed)) {
    const name = alias ?? whole
    if (name !== undefined) names.add(name)
  }
  return names
}

function loadOf(call: Node, module: Module, evaluator: Evaluator): Load | undefined {
  const callee = calleeOf(call)
  const meaning = callee === undefined ? undefined : evaluator.ask(new Map(), () => evaluator.meaning(callee, undefined)).answer
  const row = meaning?.kind === 'library' ? CALLS.get(meaning.name) : undefined
  const origin = module.file.origin(call.start, call.end)
  const loader =
    (meaning?.kind === 'library' ? LOADERS.get(meaning.name) : undefined) ?? METHODS.get(callee?.field('property')?.content ?? '')
  const loaded = row === undefined ? loader?.(call, evaluator) : undefined
  if (loaded !== undefined) return { ...plain(loaded), origin }
  if (row === undefined || (row.path !== undefined && fillsAnother(call, evaluator))) return undefined
  const [first] = argumentsOf(call)
  const options = first === undefined ? NOTHING : evaluator.ask(new Map(), () => evaluator.meaning(first, undefined)).answer
  const isObject = row.path !== undefined && !isNothing(options)
  const path = first === undefined ? undefined : isObject ? pathMember(first) : first
  const override = isObject ? evaluator.property(options, 'override', call) : NOTHING
  const overrides = override.kind === 'value' && override.value.kind === 'known' && override.value.value === true
  const given = isObject && path === undefined ? evaluator.property(options, row.path ?? '', call) : undefined
  if (path === undefined && (given === undefined || isNothing(given)))
    return { files: row.files.map((file) => known(file, origin)), overrides, origin }
  const paths = path === undefined ? [{ value: valueOf(given ?? NOTHING, call.origin), inFolder: false }] : pathsOf(path, evaluator)
  return {
    files: paths.map(({ value }) => settled(value)),
    overrides,
    ...(paths.some(({ inFolder }) => inFolder) ? { relativeTo: 'folder' as const } : {}),
    origin,
  }
}

function pathMember(options: Node): Node | undefined {
  const literal = bare(options)
  return literal.kind === 'object' ? literal.named.find((member) => member.field('key')?.content === 'path')?.field('value') : undefined
}
