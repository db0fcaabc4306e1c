import { type DataFormat, dataFormat } from '../../data/index.ts'
import { directoryOf } from '../../paths.ts'
import type { Node } from '../../tree.ts'
import type { LibraryCall } from '../values/builtins.ts'
import { fileMeaning } from '../values/data-values.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { pathsOf } from './file-paths.ts'
import type { Meaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import { argumentsOf } from '../source/syntax.ts'

/** Functions that give the text of a file. */
const READS: ReadonlySet<string> = new Set([
  'node:fs#readFileSync',
  'node:fs#promises.readFile',
  'node:fs/promises#readFile',
  'fs-extra#readFileSync',
  'fs-extra#readFile',
  '#Deno.readTextFileSync',
  '#Deno.readTextFile',
  '#Bun.file',
])
/** Methods of such a text that change nothing. */
const KEEPS: ReadonlySet<string> = new Set(['toString', 'trim', 'text'])

/** Functions that take a text apart. */
const PARSERS: ReadonlyMap<string, DataFormat> = new Map([
  ['#JSON.parse', 'json'],
  ['json5', 'json'],
  ['json5#parse', 'json'],
  ['jsonc-parser#parse', 'json'],
  ['js-yaml#load', 'yaml'],
  ['js-yaml#safeLoad', 'yaml'],
  ['yaml#parse', 'yaml'],
  ['yamljs#parse', 'yaml'],
  ['toml#parse', 'toml'],
  ['smol-toml#parse', 'toml'],
  ['@iarna/toml#parse', 'toml'],
  ['ini#parse', 'ini'],
  ['ini#decode', 'ini'],
])

/** Functions that read a file and take it apart. */
const LOADERS: ReadonlyMap<string, DataFormat> = new Map([
  ['fs-extra#readJsonSync', 'json'],
  ['fs-extra#readJSONSync', 'json'],
  ['fs-extra#readJson', 'json'],
  ['fs-extra#readJSON', 'json'],
  ['jsonfile#readFileSync', 'json'],
  ['jsonfile#readFile', 'json'],
  ['load-json-file#loadJsonFile', 'json'],
  ['load-json-file#loadJsonFileSync', 'json'],
  ['yamljs#load', 'yaml'],
  ['read-yaml-file', 'yaml'],
  ['read-yaml-file#sync', 'yaml'],
])

/** What a call gives that reads a configuration file of the folder, or takes one apart. */
export function readFile({ name, call, frame }: LibraryCall, evaluator: Evaluator): Meaning | undefined {
  const [first] = argumentsOf(call)
  const loader = LOADERS.get(name)
  if (first === undefined) return undefined
  if (loader !== undefined) return fileNamed(first, loader, evaluator)
  const parser = PARSERS.get(name)
  const text = parser === undefined ? undefined : evaluator.meaning(first, frame)
  const [path] = text?.kind === 'result' && READS.has(text.of) ? argumentsOf(text.call) : []
  return path === undefined ? undefined : fileNamed(path, parser, evaluator)
}

/** `readFileSync(path).toString()`, `await Bun.file(path).json()`. */
export function textMethod({ receiver, name }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'result' || !READS.has(receiver.of)) return undefined
  if (KEEPS.has(name)) return receiver
  const [path] = name === 'json' ? argumentsOf(receiver.call) : []
  return path === undefined ? undefined : fileNamed(path, 'json', evaluator)
}

/** `undefined`: which file it is cannot be told, or it is outside the folder; what is asked of it is then not known where it is asked. */
function fileNamed(node: Node, format: DataFormat | undefined, evaluator: Evaluator): Meaning | undefined {
  const path = folderPath(node, evaluator)
  if (path === undefined || !evaluator.project.snapshot.paths.has(path)) return undefined
  return fileMeaning(path, format ?? dataFormat(path), node.origin, evaluator)
}

/** The file of the folder that a path names, where it can be told. */
export function folderPath(node: Node, evaluator: Evaluator): string | undefined {
  const [path] = pathsOf(node, evaluator)
  if (path?.value.kind !== 'known') return undefined
  const name = String(path.value.value).replace(/^(?:\.\/)+/, '')
  if (path.inFolder) return name
  // A program is started in the directory of its package, or in the folder's own.
  const { manifests } = evaluator.project.configuration
  const directories = [packageDirectory(node.file.path, manifests), '', directoryOf(node.file.path)]
  const candidates = directories.map((directory) => (directory === '' ? name : `${directory}/${name}`))
  return candidates.find((candidate) => evaluator.project.snapshot.paths.has(candidate)) ?? candidates[0]
}

/** The directory of the nearest package.json. */
export function packageDirectory(path: string, manifests: ReadonlyMap<string, unknown>): string {
  for (let directory = directoryOf(path); ; directory = directoryOf(directory))
    if (directory === '' || manifests.has(directory)) return directory
}
