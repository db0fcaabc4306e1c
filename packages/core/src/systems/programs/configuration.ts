import { ABSENT, type FileOrigin, type Text, type Value } from '../../evidence/index.ts'
import { type DataFormat, dataFormat, readData, scalarValue, type Tree } from '../data/index.ts'
import { entriesOf, entry, originOf, textOf } from '../yaml.ts'
import type { Given, Role } from './options.ts'
import { fileNamed, type Place, present } from './place.ts'
import { isLiteral, type Template, templateOf } from './template.ts'

/** A file that tells a program what its options tell it as well. Part of a row of the table of programs. */
export interface ConfigurationForm {
  /** Files of the working directory that are read unasked: the first that is there. */
  readonly names?: readonly string[]
  /** Where this variable is set, the files may be in the directory that it names as well. */
  readonly directoryVariable?: string
  /** The file that runs says it too, and files of the folder that match this. */
  readonly code?: RegExp
  /**
   * `directives`: lines of a name and its value (redis.conf). `assignments`: what Python code assigns to attributes, by their own names or with
   * that of their object (`ServerApp.ip`); of files of data what they say. `properties`: those of an object in JavaScript. Left out: as the
   * file's name tells, JSON, YAML, TOML or INI.
   */
  readonly format?: 'directives' | 'assignments' | 'properties' | DataFormat
  /** Files that go over it in some of its environments: where one is there, nothing is known. */
  readonly overlays?: RegExp
  /** The names from the top down, with points between, and the option that each stands for. */
  readonly settings: Readonly<Record<string, Role>>
  /** Where in the file the settings stand, where that is not always the same; `undefined`: cannot be told. */
  readonly select?: (root: Tree, words: readonly string[], given: readonly Given[]) => readonly Tree[] | undefined
  /** Texts with these in them are put together when the program starts. */
  readonly placeholders?: RegExp
  /** A setting of this name brings another file in. */
  readonly includes?: string
  /** The variables that go before the file; those of the row come after it. */
  readonly hostVariables?: readonly string[]
  readonly portVariables?: readonly string[]
}

export interface Configured {
  readonly given: readonly Given[]
  /** The file that was named or is there, and cannot be read. */
  readonly unread: string | undefined
}

type Setting = readonly [name: string, value: Value]

/** Settings of one file that are looked at. */
const SETTINGS = 2_000
const DEPTH = 8

/** What configuration files give, as options. `entry`: the file that runs; `words`: what stands on the command line beside options. */
export function configuredBy(
  form: ConfigurationForm,
  given: readonly Given[],
  words: readonly Template[],
  files: readonly Template[],
  entry: string | undefined,
  place: Place,
): Configured {
  const found: Given[] = []
  for (const path of filesOf(form, files, entry, place)) {
    const isCode = form.code !== undefined
    const text = path === undefined ? undefined : place.text?.(path)
    const plain = words.filter((word) => isLiteral(word.text)).map((word) => word.text)
    const settings = text === undefined ? undefined : settingsOf(form, text, plain, given)
    if (settings === undefined) {
      if (isCode) continue
      return { given: [], unread: path ?? 'its configuration' }
    }
    found.push(...settings.flatMap(([name, value]) => optionOf(form, name, value)))
  }
  return { given: found, unread: undefined }
}

/** `undefined`: one that is named and not of the folder. */
function filesOf(
  form: ConfigurationForm,
  named: readonly Template[],
  entry: string | undefined,
  place: Place,
): readonly (string | undefined)[] {
  if (named.length > 0) {
    return named.map((file) => {
      const path = fileNamed(place, file.text)
      return path !== undefined && place.paths?.has(path) !== false ? path : undefined
    })
  }
  const { code } = form
  if (code !== undefined)
    return [...(entry === undefined ? [] : [entry]), ...[...(place.paths ?? [])].filter((path) => code.test(path)).slice(0, 4)]
  const files = present(place, form.names ?? []).slice(0, 1)
  const { overlays } = form
  const isOverlaid = overlays !== undefined && files.length > 0 && [...(place.paths ?? [])].some((path) => overlays.test(path))
  return isOverlaid ? [...files, undefined] : files
}

function settingsOf(
  form: ConfigurationForm,
  text: Text,
  words: readonly string[],
  given: readonly Given[],
): readonly Setting[] | undefined {
  const named = dataFormat(text.path)
  const format = form.format === 'assignments' ? (named ?? form.format) : (form.format ?? named)
  switch (format) {
    case undefined:
      return undefined
    case 'directives':
      return directives(text, form)
    case 'assignments':
      return assignments(text, form)
    case 'properties':
      return properties(text, form)
    default:
      return dataSettings(form, readData(text, format), words, given)
  }
}

function dataSettings(
  form: ConfigurationForm,
  root: Tree | undefined,
  words: readonly string[],
  given: readonly Given[],
): readonly Setting[] | undefined {
  if (root?.kind !== 'mapping') return undefined
  const trees = form.select === undefined ? [root] : form.select(root, words, given)
  return trees?.flatMap((tree) => flattened(tree, '', form, DEPTH)).slice(0, SETTINGS)
}

function flattened(tree: Tree, prefix: string, form: ConfigurationForm, depth: number): readonly Setting[] {
  if (depth === 0) return []
  return [...entriesOf(tree)].flatMap(([key, { value }]): readonly Setting[] => {
    const name = `${prefix}${key}`
    if (value.kind === 'mapping') return flattened(value, `${name}.`, form, depth - 1)
    if (!Object.hasOwn(form.settings, name)) return []
    const items = value.kind === 'list' ? value.items : [value]
    return items.map((item): Setting => [name, put(form, scalarValue(item) ?? unknown(name, originOf(item)))])
  })
}

function put(form: ConfigurationForm, value: Value): Value {
  if (value.kind !== 'known' || form.placeholders?.test(String(value.value)) !== true) return value
  return unknown('this value', value.origin)
}

function unknown(what: string, origin: FileOrigin): Value {
  return { kind: 'unknown', reason: `${what} is put together when the program starts`, origin }
}

/** `name value …`, a line each; comments stand on lines of their own. */
function directives(text: Text, form: ConfigurationForm): readonly Setting[] | undefined {
  const found: Setting[] = []
  for (const match of text.content.matchAll(/^[ \t]*([A-Za-z][\w-]*)[ \t]+(\S[^\n]*)$/gm)) {
    const [whole, name = '', rest = ''] = match
    const key = name.toLowerCase()
    if (key === form.includes) return undefined
    if (!Object.hasOwn(form.settings, key)) continue
    const end = match.index + whole.length
    const value = rest.trim().replaceAll(/["']/g, '')
    found.push([key, { kind: 'known', value, origin: text.origin(end - rest.length, end) }])
  }
  return last(found)
}

/** `Command.default_addr = '0.0.0.0'`, and in the body of a class. */
function assignments(text: Text, form: ConfigurationForm): readonly Setting[] {
  const found: Setting[] = []
  for (const match of text.content.matchAll(/^[ \t]*((?:[A-Za-z_][\w.]*\.)?[a-z_]+)[ \t]*=(?!=)[ \t]*([^\n]*)$/gm)) {
    const [whole, path = '', rest = ''] = match
    const parts = path.split('.')
    const name = [parts.slice(-2).join('.'), parts.at(-1) ?? ''].find((one) => Object.hasOwn(form.settings, one))
    if (name === undefined) continue
    const end = match.index + whole.length
    const origin = text.origin(end - rest.length, end)
    const literal = /^(?:(["'])([^"'\\]*)\1|(\d+))\s*(?:#.*)?$/.exec(rest)
    found.push([name, literal === null ? unknown(name, origin) : { kind: 'known', value: literal[2] ?? literal[3] ?? '', origin }])
  }
  return last(found)
}

const CALL = /^(?:env(?:\.\w+)?\(\s*(["'])(\w+)\1\s*(?:,\s*|(?=\)))|process\.env\.(\w+)\s*(?:\|\||\?\?)?\s*)/
const LITERAL = /^(?:(["'])([^"'\\]*)\1|(\d+))?\s*\)?\s*(?=[,}\s]|$)/

/** `host: env('HOST', '0.0.0.0')`, `port: process.env.PORT || 3000`, `port: 3000`. */
function properties(text: Text, form: ConfigurationForm): readonly Setting[] {
  const found: Setting[] = []
  for (const match of text.content.matchAll(/(?:^|[{,\s])([a-z]{1,40}):[ \t]*/g)) {
    const [whole, name = ''] = match
    if (!Object.hasOwn(form.settings, name)) continue
    const start = match.index + whole.length
    const rest = text.content.slice(start, start + 200).split('\n', 1)[0] ?? ''
    const call = CALL.exec(rest)
    const literal = LITERAL.exec(rest.slice(call?.[0].length ?? 0))
    const variable = call?.[2] ?? call?.[3]
    const origin = text.origin(start, start + Math.max((call?.[0].length ?? 0) + (literal?.[0].length ?? 0), 1))
    const said = literal?.[2] ?? literal?.[3]
    const fallback: Value = said === undefined ? ABSENT : { kind: 'known', value: said, origin }
    if (literal === null || (variable === undefined && said === undefined)) found.push([name, unknown(name, origin)])
    else
      found.push([name, variable === undefined ? fallback : { kind: 'environment', name: variable, fallback, emptyIsUnset: false, origin }])
  }
  return last(found)
}

/** Of several lines of one name the last counts. */
function last(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings)]
}

function optionOf(form: ConfigurationForm, name: string, said: Value): readonly Given[] {
  const role = form.settings[name]
  if (role === undefined || said.kind === 'absent' || (said.kind === 'known' && said.value === false)) return []
  const { origin } = said
  const before = (role === 'host' ? form.hostVariables : role === 'port' ? form.portVariables : undefined) ?? []
  const value = before.reduceRight<Value>(
    (fallback, variable) => ({ kind: 'environment', name: variable, fallback, emptyIsUnset: true, optional: true, origin }),
    said,
  )
  const template = templateOf(value)
  return template === undefined ? [] : [{ name, role, value: template, template }]
}

const HOSTS: ReadonlySet<Role> = new Set<Role>(['host', 'hosts', 'host-words', 'host-or-everywhere', 'everywhere', 'endpoint', 'endpoints'])

/** What is left of a file's options beside those of the command line, which go before them. */
export function besides(file: readonly Given[], given: readonly Given[]): readonly Given[] {
  const group = (role: Role): Role => (HOSTS.has(role) ? 'host' : role)
  const taken = new Set(given.map(({ role }) => group(role)))
  return file.filter(({ role }) => !taken.has(group(role)))
}

/** The options of `ng serve` in an angular.json: of the project that is named, or the only one (angular.dev/reference/configs/workspace-config). */
export function angularOptions(root: Tree, words: readonly string[], given: readonly Given[]): readonly Tree[] | undefined {
  const projects = [...entriesOf(entry(root, 'projects'))].flatMap(([name, { value }]) => {
    const serve = entry(entry(value, 'architect') ?? entry(value, 'targets'), 'serve')
    return serve === undefined ? [] : [{ name, serve }]
  })
  const [called, configuration] = (words[0] ?? '').split(':').filter((part) => part !== 'serve')
  const named = called === undefined || called === '' ? textOf(entry(root, 'defaultProject')) : called
  const meant = projects.length === 1 ? projects[0] : projects.find(({ name }) => name === named)
  if (meant === undefined) return projects.length === 0 ? [] : undefined
  const option = given.findLast(({ name }) => name === '-c' || name === '--configuration')?.value?.text
  const chosen = option ?? configuration ?? textOf(entry(meant.serve, 'defaultConfiguration')) ?? ''
  const trees = chosen.split(',').map((name) => entry(entry(meant.serve, 'configurations'), name))
  return [entry(meant.serve, 'options'), ...trees].flatMap((tree) => tree ?? [])
}
