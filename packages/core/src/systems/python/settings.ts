import type { FileOrigin, Value } from '../../evidence/index.ts'
import { argumentsOf, NO_ARGUMENTS } from './call-arguments.ts'
import { family, fieldNode, hasBase, inBody } from './classes.ts'
import { variableAt } from './environment-writes.ts'
import type { Evaluator } from './evaluator.ts'
import { pathOf } from './file-paths.ts'
import { directoryOf } from '../paths.ts'
import type { Node } from '../tree.ts'
import { optionValue } from './option-value.ts'
import { bare, literalText, nameOf, parametersOf } from './syntax.ts'
import { type Below, type Located, several, type Thing, valueOf, valueThing } from './thing.ts'

/**
 * A field of pydantic settings: its environment variable, then its default (docs.pydantic.dev, Settings Management: Environment variable
 * names, which are the same in capitals and small letters; Command Line Support; Secrets).
 */
export function settingsField(evaluator: Evaluator, settings: Node, owner: Node, name: string): Thing {
  const assignment = fieldNode(owner, name)
  const origin = assignment?.origin ?? owner.origin
  const value = assignment?.field('right')
  const field = value === undefined ? undefined : fieldCall(evaluator, value)
  const fallback =
    field === undefined ? (value === undefined ? undefined : evaluator.evaluate({ node: value, frame: undefined })) : field.fallback
  const required: Value = { kind: 'unknown', reason: `${name} has to be set`, origin }
  const option = (key: string): Node | undefined => inheritedOption(evaluator, settings, key)
  const isExact = option('case_sensitive')?.kind === 'true'
  const prefixed = `${literalText(option('env_prefix')) ?? ''}${name}`
  const names = field === undefined || field.variables.length === 0 ? [isExact ? prefixed : prefixed.toUpperCase()] : field.variables
  const emptyIsUnset = option('env_ignore_empty')?.kind === 'true'
  const further = furtherSources(evaluator, settings)
  const perhapsOf = (other: Value, reason: string): Value => ({
    kind: 'choice',
    options: [{ kind: 'unknown', reason, origin }, other],
    origin,
  })
  const variable = (value: Value): Thing => {
    const secret = secretOf(evaluator, option('secrets_dir'), prefixed)
    const given =
      secret === undefined ? value : secret.isSure ? { kind: 'unknown' as const, ...secret, origin } : perhapsOf(value, secret.reason)
    const last = further === 'last' ? perhapsOf(given, FURTHER) : given
    const read = names.reduceRight<Value>((other, one) => {
      const anyCase = isExact ? {} : { anyCase: true as const }
      const own = { kind: 'environment', name: one, fallback: other, emptyIsUnset, ...anyCase, origin } as const
      return valueOf(variableAt(evaluator, own, assignment ?? owner), origin)
    }, last)
    const whole = further === 'first' ? perhapsOf(read, FURTHER) : read
    return options === undefined ? valueThing(whole) : optionValue(options, whole, origin)
  }
  const words = field === undefined || field.variables.length === 0 ? [name] : field.variables
  const options = commandLineNames(option, words, isExact)
  const [whole = name] = names
  const below = {
    variable: whole,
    delimiter: literalText(option('env_nested_delimiter')),
    ...(isExact ? {} : { anyCase: true as const }),
    ...(options === undefined ? {} : { options }),
  }
  if (fallback?.kind === 'instance') return { ...fallback, below }
  if (fallback === undefined) {
    const type = assignment?.field('type')?.named[0]
    const model = type === undefined ? undefined : evaluator.evaluate({ node: type, frame: undefined })
    return model?.kind === 'class' && hasBase(evaluator, model.node, MODEL)
      ? { kind: 'instance', class: model.node, exact: true, below }
      : variable(required)
  }
  // A list is given as JSON by the variable, and stays a list by default.
  return fallback.kind === 'sequence' || fallback.kind === 'mapping'
    ? several([variable({ kind: 'absent' }), fallback], origin)
    : variable(valueOf(fallback, origin))
}

const FURTHER = 'a further source of settings may give it'

/** `settings_customise_sources` and what it returns: the parameters by what they are, in their order (docs.pydantic.dev, Customise settings sources). */
function sourcesOf(evaluator: Evaluator, settings: Node): readonly string[] | undefined {
  const found = family(evaluator, settings)
    .map((one) => inBody(evaluator, one, 'settings_customise_sources'))
    .find((one) => one !== undefined)
  if (found?.kind !== 'function') return found === undefined ? undefined : ['further']
  const parameters = parametersOf(found.node).map((parameter) => parameter.name)
  const statements = found.node.field('body')?.named ?? []
  const last = statements.at(-1)
  const returned = last?.kind === 'return_statement' ? last.named[0] : undefined
  const list = returned === undefined ? undefined : bare(returned)
  // What is put together in another way may hold anything.
  if (
    list === undefined ||
    (list.kind !== 'expression_list' && list.kind !== 'tuple') ||
    statements.some((one) => one.kind === 'if_statement')
  )
    return ['further']
  return list.named.map((one) => (one.kind === 'identifier' ? (ROLES[parameters.indexOf(one.content)] ?? 'further') : 'further'))
}

const ROLES: readonly (string | undefined)[] = [undefined, undefined, 'init', 'environment', 'file', 'secrets']

/** Where sources that are not followed stand: a file of TOML, YAML or JSON, a service of secrets. */
function furtherSources(evaluator: Evaluator, settings: Node): 'first' | 'last' | undefined {
  const sources = sourcesOf(evaluator, settings) ?? []
  const at = sources.indexOf('further')
  if (at < 0) return undefined
  return at < sources.indexOf('environment') || at < sources.indexOf('file') || !sources.includes('environment') ? 'first' : 'last'
}

/** How the variables of a file are taken: not at all, before those that are set, or behind them. */
export function fileOrder(evaluator: Evaluator, settings: Node): 'never' | 'first' | 'behind' {
  const sources = sourcesOf(evaluator, settings)
  if (sources === undefined || sources.includes('further')) return sources?.[0] === 'file' ? 'first' : 'behind'
  const [file, environment] = [sources.indexOf('file'), sources.indexOf('environment')]
  return file < 0 ? 'never' : environment < 0 || file < environment ? 'first' : 'behind'
}

/** The options by which the command line gives a field, where it is read. */
function commandLineNames(
  option: (key: string) => Node | undefined,
  names: readonly string[],
  isExact: boolean,
): readonly string[] | undefined {
  const parsed = option('cli_parse_args')
  if (parsed === undefined || parsed.kind === 'false' || parsed.kind === 'none') return undefined
  const spelt = names.flatMap((name) => (isExact ? [name] : [name.toLowerCase(), name]))
  const kebab = option('cli_kebab_case')
  const all = kebab === undefined || kebab.kind === 'false' ? spelt : spelt.map((name) => name.replaceAll('_', '-'))
  return [...new Set(all)].map((name) => `--${name}`)
}

/** The file of secrets that gives a field, or that may, in a directory that is not in the folder. */
function secretOf(
  evaluator: Evaluator,
  directory: Node | undefined,
  name: string,
): { readonly reason: string; readonly isSure: boolean } | undefined {
  if (directory === undefined || directory.kind === 'none') return undefined
  const nodes = directory.kind === 'list' || directory.kind === 'tuple' ? directory.named : [directory]
  const { paths } = evaluator.project.snapshot
  let reason: string | undefined
  for (const node of nodes) {
    const { value, inFolder } = pathOf(evaluator, { node, frame: undefined })
    if (value.kind !== 'known' || (!inFolder && String(value.value).startsWith('/'))) {
      reason = 'a file of secrets that is not in the folder may give it'
      continue
    }
    const file = `${String(value.value).replace(/^(?:\.\/)+|\/+$/g, '')}/${name}`.toLowerCase()
    const from = `${directoryOf(node.file.path)}/${file}`.toLowerCase()
    for (const path of paths) {
      const lower = path.toLowerCase()
      if (lower === file || lower === from) return { reason: `${path} gives it`, isSure: true }
    }
  }
  return reason === undefined ? undefined : { reason, isSure: false }
}

const MODEL = /(?:^|\.)(?:BaseModel|BaseSettings)$/

/**
 * A field of settings within settings: by a variable of its own where names are put together, or with all others as JSON in one
 * (docs.pydantic.dev, Settings Management: Parsing environment variable values).
 */
export function withinSettings(own: Thing, { variable, delimiter, anyCase, options }: Below, name: string, origin: FileOrigin): Thing {
  const written = delimiter === undefined ? undefined : `${variable}${delimiter}${name}`
  const inner = anyCase === true ? written?.toUpperCase() : written
  const further = options?.map((option) => `${option}.${name}`)
  const spelling = anyCase === undefined ? {} : { anyCase }
  if (own.kind === 'instance') {
    if (inner === undefined && further === undefined) return own
    return {
      ...own,
      below: { variable: inner ?? variable, delimiter, ...spelling, ...(further === undefined ? {} : { options: further }) },
    }
  }
  if (own.kind === 'function') return own
  const json: Value = { kind: 'unknown', reason: `${variable} gives it as JSON`, origin }
  const value = valueOf(own, origin)
  const fallback: Value =
    inner === undefined ? value : { kind: 'environment', name: inner, fallback: value, emptyIsUnset: false, ...spelling, origin }
  const read: Value = { kind: 'environment', name: variable, fallback, emptyIsUnset: false, ...spelling, whenSet: json, origin }
  return further === undefined ? valueThing(read) : optionValue(further, read, origin)
}

/** `Field(default, env="X")`, `Field(validation_alias="X")`. */
function fieldCall(
  evaluator: Evaluator,
  value: Node,
): { readonly fallback: Thing | undefined; readonly variables: readonly string[] } | undefined {
  const call = bare(value)
  if (call.kind !== 'call' || !/(?:^|\.)Field$/.test(call.field('function')?.content ?? '')) return undefined
  const given = argumentsOf(call, undefined)
  const first = given.keywords.get('default') ?? given.positional[0]
  const factory = given.keywords.get('default_factory')
  const missing = first === undefined || first.node.content === '...'
  const made = missing && factory !== undefined ? evaluator.call(evaluator.evaluate(factory), NO_ARGUMENTS, factory) : undefined
  const fallback = first === undefined || missing ? made : evaluator.evaluate(first)
  const named = given.keywords.get('env') ?? given.keywords.get('validation_alias') ?? given.keywords.get('alias')
  return { fallback, variables: named === undefined ? [] : textsIn(named) }
}

/** Each text in an expression: `"X"`, `["X", "Y"]`, `AliasChoices("X", "Y")`. */
function textsIn({ node }: Located): readonly string[] {
  const one = literalText(node)
  if (one !== undefined) return [one]
  const list = node.kind === 'call' ? (node.field('arguments')?.named ?? []) : node.named
  return list.flatMap((item) => literalText(item) ?? [])
}

/** An option of a class of settings, or of one that it is made from. */
function inheritedOption(evaluator: Evaluator, settings: Node, name: string): Node | undefined {
  for (const node of family(evaluator, settings)) {
    const option = settingsOption(node, name)
    if (option !== undefined) return option
  }
  return undefined
}

/** An option of a settings class: an argument of the class, `model_config = SettingsConfigDict(name=…)` (or a dictionary), or `class Config: name = …`. */
export function settingsOption(node: Node, name: string): Node | undefined {
  const argument = node.field('superclasses')?.named.find((one) => one.kind === 'keyword_argument' && one.field('name')?.content === name)
  if (argument !== undefined) return argument.field('value')
  const configuration = fieldNode(node, 'model_config')?.field('right')
  if (configuration?.kind === 'call') return argumentsOf(configuration, undefined).keywords.get(name)?.node
  if (configuration?.kind === 'dictionary')
    return configuration.named.find((pair) => literalText(pair.field('key')) === name)?.field('value')
  const inner = node.field('body')?.named.find((statement) => statement.kind === 'class_definition' && nameOf(statement) === 'Config')
  return inner === undefined ? undefined : fieldNode(inner, name)?.field('right')
}
