import { type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import type { DataFormat, Tree } from '../data/index.ts'
import { directoryOf } from '../paths.ts'
import { type Node, nodeAt } from '../tree.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { dataItem, hasItem } from './data.ts'
import type { Evaluator } from './evaluator.ts'
import { pathOf } from './file-paths.ts'
import type { Module } from './module.ts'
import { bare, literalText } from './syntax.ts'
import { type Located, type Thing, valueOf, valueThing } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

/** Functions that take a file, or its text or path, apart. */
const PARSERS: readonly (readonly [RegExp, DataFormat])[] = [
  [/^(?:yaml|ruamel\.yaml)\.(?:safe_load|load|full_load|unsafe_load|round_trip_load)$/, 'yaml'],
  [/^(?:ruamel\.yaml\.)?YAML\(\)\.load$/, 'yaml'],
  [/^(?:omegaconf\.)?OmegaConf\.load$/, 'yaml'],
  [/^(?:json|simplejson|ujson|orjson|json5)\.loads?$/, 'json'],
  [/^(?:tomllib|tomli|toml|pytoml|rtoml|tomlkit)\.(?:loads?|parse)$/, 'toml'],
]
/** What gives a file or its text: the path is an argument of the first, and the object of the second. */
const OPENS = /^(?:builtins|io|codecs|aiofiles)\.open\(\)$/
const OF_PATH = /\.(?:read_text|read_bytes|open)\(\)$/
const OF_FILE = /\.(?:read|decode|__enter__)\(\)$/

/** What a call of a package's function gives that takes a configuration file of the folder apart. */
export function parsedFile(evaluator: Evaluator, name: string, given: CallArguments): Thing | undefined {
  const format = PARSERS.find(([pattern]) => pattern.test(name))?.[1]
  const [source] = given.positional
  const path = format === undefined || source === undefined ? undefined : pathIn(evaluator, source, 6)
  const tree = path === undefined ? undefined : evaluator.project.data(path, format)
  return tree === undefined ? undefined : { kind: 'data', tree }
}

/** The file of the folder that an expression names, opens or reads. */
function pathIn(evaluator: Evaluator, source: Located, depth: number): string | undefined {
  const written = bare(source.node)
  const method = written.kind === 'call' ? written.field('function') : undefined
  const owner =
    method?.kind === 'attribute' && /^(?:read_text|read_bytes|open)$/.test(method.field('attribute')?.content ?? '')
      ? method.field('object')
      : undefined
  const own = owner === undefined ? undefined : fileNamed(evaluator, { node: owner, frame: source.frame })
  if (own !== undefined) return own
  const thing = evaluator.evaluate(source)
  const call = thing.kind === 'external' ? thing.call : undefined
  if (thing.kind !== 'external' || call === undefined || depth === 0 || /Path\(\)$/.test(thing.name)) return fileNamed(evaluator, source)
  const callee = call.node.field('function')
  const object = callee?.kind === 'attribute' ? callee.field('object') : undefined
  if (OPENS.test(thing.name)) {
    const given = argumentsOf(call.node, call.frame)
    const path = given.positional[0] ?? given.keywords.get('file')
    return path === undefined ? undefined : fileNamed(evaluator, path)
  }
  if (object === undefined) return undefined
  if (OF_PATH.test(thing.name)) return fileNamed(evaluator, { node: object, frame: call.frame })
  return OF_FILE.test(thing.name) ? pathIn(evaluator, { node: object, frame: call.frame }, depth - 1) : undefined
}

/** The file that a path means: beside the source, or in a directory above it, where a program is started. */
export function fileNamed(evaluator: Evaluator, path: Located): string | undefined {
  const { value, inFolder } = pathOf(evaluator, path)
  // Known for certain: another file may say something else.
  const usual = knownText(value)
  if (usual === undefined) return undefined
  const { paths } = evaluator.project.snapshot
  const name = usual.replace(/^(?:\.\/)+/, '')
  if (inFolder) return paths.has(name) ? name : undefined
  for (let directory = directoryOf(path.node.file.path); ; directory = directoryOf(directory)) {
    const candidate = directory === '' ? name : `${directory}/${name}`
    if (paths.has(candidate)) return candidate
    if (directory === '') return undefined
  }
}

const CONFIG_PARSER = /^(?:configparser|ConfigParser)\.(?:Raw|Safe)?ConfigParser\(\)$/

/** The files that `parser.read(…)` in the same source reads, put together (docs.python.org/3/library/configparser: names in lower case, DEFAULT for all). */
export function parserTree(evaluator: Evaluator, thing: External): Tree | undefined {
  if (!CONFIG_PARSER.test(thing.name) || thing.call === undefined) return undefined
  const module = evaluator.moduleOf(thing.call.node)
  const isOwn = (object: Node | undefined): boolean => {
    const parser = object === undefined ? undefined : evaluator.evaluate({ node: object, frame: undefined })
    return parser?.kind === 'external' && parser.call?.node === thing.call?.node
  }
  if (module === undefined || changesParser(module, isOwn)) return undefined
  const trees = ['read', 'read_file']
    .flatMap((method) => module.occurrences(method))
    .flatMap((name): readonly (Tree | undefined)[] => {
      const call = name.parent?.kind === 'attribute' && name.parent.field('attribute') === name ? name.parent.parent : undefined
      const [first] = call?.kind === 'call' ? argumentsOf(call, undefined).positional : []
      if (first === undefined || !isOwn(name.parent?.field('object'))) return []
      const isList = first.node.kind === 'list' || first.node.kind === 'tuple'
      const sources = isList ? first.node.named.map((node) => ({ node, frame: undefined })) : [first]
      return sources.map((source) => {
        const path = pathIn(evaluator, source, 6)
        return path === undefined ? undefined : evaluator.project.data(path, 'ini')
      })
    })
  // A file that is elsewhere may say otherwise.
  if (!trees.every((tree) => tree !== undefined)) return undefined
  const [first] = trees
  return first === undefined ? undefined : sectionsOf(trees, first)
}

/** Whether the program writes to the parser itself: `parser.set(…)`, `parser["server"]["host"] = …`, `parser.read_dict(…)`. */
function changesParser(module: Module, isOwn: (object: Node | undefined) => boolean): boolean {
  const calls = ['set', 'read_dict', 'read_string', 'remove_option', 'remove_section'].some((method) =>
    module.occurrences(method).some((name) => name.parent?.field('attribute') === name && isOwn(name.parent.field('object'))),
  )
  return calls || [...module.file.content.matchAll(WRITTEN)].some((match) => isOwn(nodeAt(module.root, match.index)))
}

/** `parser["server"]["host"] = …`, `parser["server"] = …`. */
const WRITTEN = /\b[A-Za-z_]\w{0,80}(?=\s{0,9}(?:\[[^\]\n]{1,80}\]\s{0,9}){1,2}=[^=])/g

type Mapping = Extract<Tree, { readonly kind: 'mapping' }>

function sectionsOf(trees: readonly Tree[], first: Tree): Mapping {
  const sections = new Map<string, Mapping>()
  for (const tree of trees) {
    if (tree.kind !== 'mapping') continue
    for (const [name, { value }] of tree.entries) {
      if (value.kind !== 'mapping') continue
      const own = [...value.entries].map(([option, entry]) => [option.toLowerCase(), entry] as const)
      sections.set(name, { ...value, entries: new Map([...(sections.get(name)?.entries ?? []), ...own]) })
    }
  }
  const usual = sections.get('DEFAULT')?.entries ?? []
  const entries = [...sections].map(([name, section]) => {
    const whole: Mapping = { ...section, entries: new Map([...usual, ...section.entries]) }
    return [name, { key: section, value: whole }] as const
  })
  return { kind: 'mapping', text: first.text, start: first.start, end: first.end, entries: new Map(entries) }
}

/** `parser["server"]`. */
export function parsedSection(evaluator: Evaluator, thing: External, key: string | number, origin: FileOrigin): Thing | undefined {
  const tree = parserTree(evaluator, thing)
  return tree === undefined ? undefined : dataItem(tree, key, origin)
}

const DYNACONF = /^dynaconf\.(?:Lazy)?(?:Dynaconf|Settings)\(\)$/

/** A setting of dynaconf: its variable, then what the first of its files says (dynaconf.com, Environment variables; Settings files). */
export function dynaconfSetting(evaluator: Evaluator, thing: External, name: string, origin: FileOrigin): Thing | undefined {
  if (!DYNACONF.test(thing.name) || thing.call === undefined || !/^[A-Za-z]\w*$/.test(name) || name === 'get') return undefined
  const given = argumentsOf(thing.call.node, thing.call.frame)
  const prefixed = given.keywords.get('envvar_prefix')?.node
  const prefix = prefixed === undefined ? 'DYNACONF' : prefixed.kind === 'false' ? '' : literalText(prefixed)
  if (prefix === undefined) return undefined
  const files = given.keywords.get('settings_files') ?? given.keywords.get('settings_file')
  const nodes: readonly Node[] = files === undefined ? [] : files.node.kind === 'list' ? files.node.named : [files.node]
  const missing: Value = { kind: 'unknown', reason: `${name} has to be set`, origin }
  const said = (environment: string): Value => {
    const found = nodes.flatMap((node) => settingIn(evaluator, node, name, environment) ?? []).at(-1)
    return found === undefined ? missing : valueOf(found, origin)
  }
  const usual = literalText(given.keywords.get('env')?.node) ?? 'development'
  const switcher = literalText(given.keywords.get('env_switcher')?.node) ?? 'ENV_FOR_DYNACONF'
  const of: Value = {
    kind: 'environment',
    name: switcher,
    fallback: { kind: 'known', value: usual, origin },
    emptyIsUnset: true,
    origin,
  }
  const others = new Set(nodes.flatMap((node) => environmentsIn(evaluator, node, name)))
  const fallback = [...others]
    .filter((environment) => environment !== usual.toLowerCase())
    .slice(0, ENVIRONMENTS)
    .reduce<Value>(
      (otherwise, environment) => ({
        kind: 'choice',
        options: [said(environment), otherwise],
        when: { of, is: [environment, environment.toUpperCase()] },
        origin,
      }),
      said(usual.toLowerCase()),
    )
  const variable = `${prefix === '' ? '' : `${prefix}_`}${name}`.toUpperCase()
  return valueThing({ kind: 'environment', name: variable, fallback, emptyIsUnset: false, origin })
}

/** Environments of one file that are told apart. */
const ENVIRONMENTS = 8

/** The environments that a file of settings has, as far as they say something of their own of the setting. */
function environmentsIn(evaluator: Evaluator, node: Node, name: string): readonly string[] {
  const path = fileNamed(evaluator, { node, frame: undefined })
  const tree = path === undefined ? undefined : evaluator.project.data(path)
  if (tree?.kind !== 'mapping') return []
  return [...tree.entries].flatMap(([key, { value }]) =>
    value.kind === 'mapping' && key !== 'default' && keyOf(value, name) !== undefined ? [key.toLowerCase()] : [],
  )
}

const keyOf = (table: Tree, name: string): string | undefined =>
  [name, name.toLowerCase(), name.toUpperCase()].find((one) => hasItem(table, one))

function settingIn(evaluator: Evaluator, node: Node, name: string, environment: string): Thing | undefined {
  const path = fileNamed(evaluator, { node, frame: undefined })
  const tree = path === undefined ? undefined : evaluator.project.data(path)
  const named = (table: string): Tree | undefined =>
    tree?.kind === 'mapping' ? [table, table.toUpperCase()].flatMap((key) => tree.entries.get(key)?.value ?? [])[0] : undefined
  return [tree, named('default'), named(environment), named('global')]
    .flatMap((table) => {
      const key = table === undefined ? undefined : keyOf(table, name)
      return table === undefined || key === undefined ? [] : [dataItem(table, key, node.origin)]
    })
    .at(-1)
}
