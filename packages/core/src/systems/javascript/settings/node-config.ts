import { directoryOf, nameOf } from '../../paths.ts'
import type { Node } from '../../tree.ts'
import { between, saysOneOf } from '../values/conditions.ts'
import { fileMeaning } from '../values/data-values.ts'
import { dataFormat } from '../../data/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { packageDirectory } from './file-data.ts'
import { eitherMeaning, isNothing, type Meaning, NOTHING, unknownMeaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import { argumentsOf, literalText } from '../source/syntax.ts'
import { known } from '../values/values.ts'

/** The package `config`, as its values are told from those of other packages. */
const LIBRARY = 'config'
const OWN: ReadonlySet<string> = new Set(['get', 'has', 'util', 'default', '__esModule'])

/** `config.get('server.port')` of the package config (github.com/node-config/node-config, wiki: Configuration Files). */
export function nodeConfigMethod({ receiver, name, call }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'library' || receiver.name !== LIBRARY || name !== 'get') return undefined
  const path = literalText(argumentsOf(call)[0])
  return path === undefined ? undefined : setting(path.split('.'), call, evaluator)
}

/** `config.server`. */
export function nodeConfigProperty(library: string, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  if (library !== LIBRARY || OWN.has(name) || configurationFiles(at, evaluator).length === 0) return undefined
  return setting([name], at, evaluator)
}

interface File {
  readonly path: string
  /** `default`, `production`, `local`, `custom-environment-variables`. */
  readonly name: string
}

/** The files of the directory `config` beside the nearest package.json, or of the folder. */
function configurationFiles(at: Node, evaluator: Evaluator): readonly File[] {
  const { snapshot, configuration } = evaluator.project
  for (const base of new Set([packageDirectory(at.file.path, configuration.manifests), ''])) {
    const directory = base === '' ? 'config' : `${base}/config`
    const files: File[] = []
    for (const path of snapshot.paths) {
      if (directoryOf(path) !== directory || !(dataFormat(path) !== undefined || /\.[cm]?[jt]s$/.test(path))) continue
      files.push({ path, name: nameOf(path).replace(/\.\w+$/, '') })
    }
    if (files.some(({ name }) => name === 'default')) return files.toSorted((a, b) => a.path.localeCompare(b.path))
  }
  return []
}

/** Files of one environment that are told apart. */
const MAX_ENVIRONMENTS = 6

function setting(path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const files = configurationFiles(at, evaluator)
  if (files.length === 0) return unknownMeaning('the configuration files are not in the folder', at.origin)
  const inFile = (file: File): Meaning => {
    const whole =
      dataFormat(file.path) === undefined
        ? evaluator.property({ kind: 'module', path: file.path }, 'default', at)
        : fileMeaning(file.path, undefined, at.origin, evaluator)
    return path.reduce((found, part) => (isNothing(found) ? NOTHING : evaluator.property(found, part, at)), whole)
  }
  const named = (name: string): Meaning => {
    const file = files.find((one) => one.name === name)
    return file === undefined ? NOTHING : inFile(file)
  }
  const special = new Set(['default', 'local', 'custom-environment-variables'])
  const environments = files.filter(({ name }) => !special.has(name) && !name.includes('-')).slice(0, MAX_ENVIRONMENTS)
  const found = [named('default'), ...environments.map(inFile), named('local')].filter((meaning) => !isNothing(meaning))
  // A part of the configuration: each of its settings comes from whichever file gives it.
  if (found.length > 0 && found.every((meaning) => meaning.kind !== 'value'))
    return { kind: 'merged', property: (name) => setting([...path, name], at, evaluator) }
  let value = named('default')
  for (const file of environments) {
    const given = inFile(file)
    const is = saysOneOf(environment(at), [file.name], at)
    if (!isNothing(given) && is !== undefined) value = between(is, given, value, at)
  }
  const local = named('local')
  if (!isNothing(local)) value = local
  const variable = named('custom-environment-variables')
  if (variable.kind !== 'value' || variable.value.kind !== 'known') return value
  return eitherMeaning(evaluator.property({ kind: 'environment' }, String(variable.value.value), at), value, '||', at.origin)
}

/** Which file is taken: NODE_ENV, and `development` where nothing sets it. */
const environment = (at: Node) =>
  ({
    kind: 'environment',
    name: 'NODE_ENV',
    fallback: known('development', at.origin),
    emptyIsUnset: true,
    origin: at.origin,
  }) as const
