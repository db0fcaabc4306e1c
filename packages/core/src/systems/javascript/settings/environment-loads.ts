import type { FileOrigin, Value } from '../../../evidence/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, NOTHING, valueOf } from '../values/meaning.ts'
import type { Module } from '../source/module.ts'
import { pathsOf } from './file-paths.ts'
import { readBefore } from './load-order.ts'
import { type Node, nodeAt } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText } from '../source/syntax.ts'
import { known, settled } from '../values/values.ts'

/** Packages that load when they are imported. */
const IMPORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['dotenv/config', ['.env']],
  ['dotenv/config.js', ['.env']],
  ['@dotenvx/dotenvx/config', ['.env']],
  ['dotenv-safe/config', ['.env']],
  ['dotenv-flow/config', ['.env', '.env.local']],
])
/** Functions that load: the option that names the file, if it is not the argument itself. */
const CALLS: ReadonlyMap<string, { readonly path: string | undefined; readonly files: readonly string[] }> = new Map([
  ['dotenv#config', { path: 'path', files: ['.env'] }],
  ['@dotenvx/dotenvx#config', { path: 'path', files: ['.env'] }],
  ['dotenv-safe#config', { path: 'path', files: ['.env'] }],
  ['dotenv-flow#config', { path: 'path', files: ['.env', '.env.local'] }],
  ['#process.loadEnvFile', { path: undefined, files: ['.env'] }],
  ['node:process#loadEnvFile', { path: undefined, files: ['.env'] }],
])

export const mayLoadEnvironment = (content: string): boolean => content.includes('dotenv') || content.includes('loadEnvFile')

export interface Load {
  readonly files: readonly Value[]
  readonly overrides: boolean
  readonly relativeTo?: 'folder'
  readonly readBefore?: readonly string[]
  readonly origin: FileOrigin
}

export function environmentLoadsOf(module: Module, evaluator: Evaluator): readonly Load[] {
  const found: Load[] = []
  for (const [specifier, files] of IMPORTS) {
    for (const at of module.offsets(specifier)) {
      const literal = nodeAt(module.root, at)?.parent
      const statement = literal === undefined ? undefined : importOf(literal)
      if (statement === undefined || literalText(literal) !== specifier) continue
      const origin = module.file.origin(statement.start, statement.end)
      found.push({ files: files.map((file) => known(file, origin)), overrides: false, ...before(module, statement, evaluator), origin })
    }
  }
  for (const word of callNames(module)) {
    for (const call of module.calls(word)) {
      const load = loadOf(call, module, evaluator)
      if (load !== undefined) found.push({ ...load, ...before(module, call, evaluator) })
    }
  }
  return found.toSorted((a, b) => a.origin.span.start.offset - b.origin.span.start.offset)
}

function before(module: Module, load: Node, { project }: Evaluator): Pick<Load, 'readBefore'> {
  const paths = readBefore(module, load, project)
  return paths.length === 0 ? {} : { readBefore: paths }
}

function importOf(literal: Node): Node | undefined {
  const { parent } = literal
  if (parent?.kind === 'import_statement') return parent
  const call = parent?.kind === 'arguments' ? parent.parent : undefined
  const callee = call === undefined ? undefined : calleeOf(call)
  return callee?.kind === 'import' || callee?.content === 'require' ? call : undefined
}

/** `config`, `loadEnvFile`, and what an import calls them. */
function callNames(module: Module): ReadonlySet<string> {
  const names = new Set(['config', 'loadEnvFile'])
  for (const [, name] of module.file.content.matchAll(/\b(?:config|loadEnvFile)(?:\s+as\s+|\s*:\s*)(\w+)/g))
    if (name !== undefined) names.add(name)
  return names
}

function loadOf(call: Node, module: Module, evaluator: Evaluator): Load | undefined {
  const callee = calleeOf(call)
  const meaning = callee === undefined ? undefined : evaluator.ask(new Map(), () => evaluator.meaning(callee, undefined)).answer
  const row = meaning?.kind === 'library' ? CALLS.get(meaning.name) : undefined
  if (row === undefined) return undefined
  const origin = module.file.origin(call.start, call.end)
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
