import { ABSENT, type Value } from '../../../evidence/index.ts'
import { directoryOf, nameOf } from '../../paths.ts'
import type { Node } from '../../tree.ts'
import { between, saysOneOf } from '../values/conditions.ts'
import { fileMeaning } from '../values/data-values.ts'
import { dataFormat } from '../../data/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { packageDirectory } from './file-data.ts'
import { eitherMeaning, isNothing, type Meaning, NOTHING, unknownMeaning, valueMeaning } from '../values/meaning.ts'
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
  const { configuration } = evaluator.project
  for (const base of new Set([packageDirectory(at.file.path, configuration.manifests), ''])) {
    const files = filesIn(base === '' ? 'config' : `${base}/config`, evaluator)
    if (files.some(({ name }) => name === 'default')) return files
  }
  return []
}

function filesIn(directory: string, evaluator: Evaluator): readonly File[] {
  const files: File[] = []
  for (const path of evaluator.project.snapshot.paths) {
    if (directoryOf(path) !== directory || !(dataFormat(path) !== undefined || /\.[cm]?[jt]s$/.test(path))) continue
    files.push({ path, name: nameOf(path).replace(/\.\w+$/, '') })
  }
  return files.toSorted((a, b) => a.path.localeCompare(b.path))
}

/** Files of one environment that are told apart. */
const MAX_ENVIRONMENTS = 6

/** Other directories of the package that NODE_CONFIG_DIR may name, from where the package is. */
const MAX_DIRECTORIES = 2

function setting(path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const files = configurationFiles(at, evaluator)
  if (files.length === 0) return unknownMeaning('the configuration files are not in the folder', at.origin)
  const own = settingIn(files, path, at, evaluator)
  // A part of the configuration: each of its settings comes from whichever file gives it.
  if (own === 'part') return { kind: 'merged', property: (name) => setting([...path, name], at, evaluator) }
  return overridden(inNamedDirectory(own, files, path, at, evaluator), files, path, at, evaluator)
}

/** Where NODE_CONFIG_DIR is set it takes the place of the directory. */
function inNamedDirectory(own: Meaning, files: readonly File[], path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const usual = directoryOf(files[0]?.path ?? '')
  const { snapshot, configuration } = evaluator.project
  const base = packageDirectory(at.file.path, configuration.manifests)
  const others = new Set<string>()
  for (const file of snapshot.paths) {
    if (!/(?:^|\/)default\.\w+$/.test(file) || dataFormat(file) === undefined || directoryOf(file) === usual) continue
    if (packageDirectory(file, configuration.manifests) === base) others.add(directoryOf(file))
  }
  let elsewhere = unknownMeaning('NODE_CONFIG_DIR names another directory', at.origin)
  for (const directory of [...others].slice(0, MAX_DIRECTORIES)) {
    const found = settingIn(filesIn(directory, evaluator), path, at, evaluator)
    const name = base === '' ? directory : directory.slice(base.length + 1)
    const is = saysOneOf(variable('NODE_CONFIG_DIR', at), [name, `./${name}`, `${name}/`, `./${name}/`], at)
    if (found !== 'part' && is !== undefined) elsewhere = between(is, found, elsewhere, at)
  }
  return unless('NODE_CONFIG_DIR', elsewhere, own, at)
}

/** What goes over every file: settings in one variable or argument, as JSON, and variables that stand for one each. */
function overridden(value: Meaning, files: readonly File[], path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const told = (how: string): Meaning => unknownMeaning(`${how} may give it`, at.origin)
  const argument: Value = { kind: 'argument', name: '--NODE_CONFIG', fallback: ABSENT, origin: at.origin }
  const given = between(argument, told('--NODE_CONFIG'), unless('NODE_CONFIG', told('NODE_CONFIG'), value, at), at)
  const mapped = files.find(({ name }) => name === 'custom-environment-variables')
  const named = mapped === undefined ? NOTHING : inFile(mapped, path, at, evaluator)
  if (named.kind !== 'value' || named.value.kind !== 'known') return given
  return eitherMeaning(evaluator.property({ kind: 'environment' }, String(named.value.value), at), given, '||', at.origin)
}

/** What holds where a variable is set, and where it is not. */
function unless(name: string, set: Meaning, value: Meaning, at: Node): Meaning {
  if (set.kind !== 'value' || value.kind !== 'value') return between(variable(name, at), set, value, at)
  return valueMeaning({ ...variable(name, at), fallback: value.value, whenSet: set.value })
}

function inFile(file: File, path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const whole =
    dataFormat(file.path) === undefined
      ? evaluator.property({ kind: 'module', path: file.path }, 'default', at)
      : fileMeaning(file.path, undefined, at.origin, evaluator)
  return path.reduce((found, part) => (isNothing(found) ? NOTHING : evaluator.property(found, part, at)), whole)
}

const SPECIAL: ReadonlySet<string> = new Set(['default', 'local', 'custom-environment-variables'])

/**
 * What the files of one directory give, each over those before it: default, those of the deployment, local; each followed by those of an
 * instance (`default-NAME`, `production-NAME`). `part`: objects, and no value.
 */
function settingIn(files: readonly File[], path: readonly string[], at: Node, evaluator: Evaluator): Meaning | 'part' {
  const given = (file: File): Meaning => inFile(file, path, at, evaluator)
  const group = (test: (name: string) => boolean): readonly File[] => files.filter(({ name }) => test(name)).slice(0, MAX_ENVIRONMENTS)
  const special = (name: string): boolean => SPECIAL.has(name) || /^(?:default|local)-/.test(name)
  const ordered = [
    ...group((name) => name === 'default'),
    ...group((name) => name.startsWith('default-')),
    ...group((name) => !special(name) && !name.includes('-')),
    ...group((name) => !special(name) && name.includes('-')),
    ...group((name) => name === 'local'),
    ...group((name) => name.startsWith('local-')),
  ]
  const found = ordered.filter(({ name }) => !name.includes('-')).map(given)
  if (found.some((meaning) => !isNothing(meaning)) && found.every((meaning) => isNothing(meaning) || meaning.kind !== 'value'))
    return 'part'
  return ordered.reduce((value, file) => {
    const own = given(file)
    return isNothing(own) ? value : over(file.name, own, value, at)
  }, NOTHING)
}

/** A file's value where the deployment, or the instance, is the one that its name says. */
function over(name: string, own: Meaning, value: Meaning, at: Node): Meaning {
  if (name === 'default' || name === 'local') return own
  const where = (of: Value, text: string, yes: Meaning, no: Meaning): Meaning => {
    const is = saysOneOf(of, [text], at)
    return is === undefined ? no : between(is, yes, no, at)
  }
  const instance = variable('NODE_APP_INSTANCE', at)
  const dash = name.lastIndexOf('-')
  const [first, second] = [name.slice(0, Math.max(dash, 0)), name.slice(dash + 1)]
  if (dash < 0) return where(environment(at), name, own, value)
  if (first === 'default') return where(instance, second, own, value)
  const both = where(environment(at), first.replace(/^local-/, ''), where(instance, second, own, value), value)
  if (first === 'local') return where(environment(at), second, own, where(instance, second, own, value))
  return where(environment(at), name, own, both)
}

const variable = (name: string, at: Node): Extract<Value, { readonly kind: 'environment' }> => ({
  kind: 'environment',
  name,
  fallback: ABSENT,
  emptyIsUnset: true,
  optional: true,
  origin: at.origin,
})

/** Which file is taken: NODE_CONFIG_ENV, else NODE_ENV, and `development` where nothing sets it (config 5.0.1, lib/util.js: loadFileConfigs). */
const environment = (at: Node): Value => ({
  kind: 'environment',
  name: 'NODE_CONFIG_ENV',
  fallback: {
    kind: 'environment',
    name: 'NODE_ENV',
    fallback: known('development', at.origin),
    emptyIsUnset: true,
    origin: at.origin,
  },
  emptyIsUnset: true,
  optional: true,
  origin: at.origin,
})
