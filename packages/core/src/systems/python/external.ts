import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { isSettings } from './classes.ts'
import type { Evaluator } from './evaluator.ts'
import { dataMethod } from './data.ts'
import { decoupleSetting } from './decouple.ts'
import { dynaconfSetting, parsedFile, parserTree } from './data-files.ts'
import { variableAt } from './environment-writes.ts'
import { fillIn } from './expressions.ts'
import { flaskSetting } from './flask-config.ts'
import { afterDataWrites, mappingEntry } from './mappings.ts'
import { bare, FUNCTIONS } from './syntax.ts'
import { type Located, mapKnown, NONE, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

/** A function of a package whose result is known from its arguments. */
type Meaning = (evaluator: Evaluator, given: CallArguments, at: Located, callee: External) => Thing

/** What a function gives that reads an environment variable, named by its first argument. */
function variable(
  defaults: readonly string[],
  options: { readonly required?: boolean; readonly file?: typeof decoupleSetting } = {},
): Meaning {
  return (evaluator, given, at, callee) => {
    const { origin } = at.node
    const first = given.positional[0] ?? given.keywords.get('key') ?? given.keywords.get('name') ?? given.keywords.get('var')
    const own = first === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
    const prefix = prefixAround(evaluator, at.node, callee)
    if (own === undefined || prefix === undefined) return unknown('which variable is read is not known', origin)
    const name = `${prefix}${own}`
    const other = given.positional[1] ?? defaults.flatMap((keyword) => given.keywords.get(keyword) ?? [])[0]
    const missing: Value = options.required === true ? { kind: 'unknown', reason: `${name} has to be set`, origin } : ABSENT
    const fallback = options.file?.(evaluator, callee, name) ?? (other === undefined ? missing : evaluator.value(other))
    return variableAt(evaluator, { kind: 'environment', name, fallback, emptyIsUnset: false, origin }, at.node)
  }
}

/** `with env.prefixed("APP_"):` around what is read (environs, Env.prefixed); one within another adds to it. */
function prefixAround(evaluator: Evaluator, node: Node, callee: External): string | undefined {
  let prefix: string | undefined = ''
  if (!callee.name.startsWith('environs.')) return prefix
  for (let outer = node.parent; outer !== undefined && !FUNCTIONS.has(outer.kind); outer = outer.parent) {
    if (outer.kind !== 'with_statement' || !node.within(outer.field('body') ?? outer)) continue
    for (const call of prefixesOf(outer)) {
      const [given] = argumentsOf(call, undefined).positional
      const text = given === undefined ? undefined : evaluator.text(evaluator.evaluate(given))
      prefix = text === undefined || prefix === undefined ? undefined : `${text}${prefix}`
    }
  }
  return prefix
}

/** The calls of `prefixed` by which a `with` begins, the inner one first. */
function prefixesOf(statement: Node): readonly Node[] {
  const items = statement.named.find((child) => child.kind === 'with_clause')?.named ?? []
  return items.toReversed().flatMap((item) => {
    const value = bare(item.field('value') ?? item)
    const call = value.kind === 'as_pattern' ? value.named[0] : value
    return call?.kind === 'call' && /\.\s*prefixed$/.test(call.field('function')?.content ?? '') ? [call] : []
  })
}

/** The first argument, when only its type changes. */
const same: Meaning = (evaluator, given, at) => {
  const [first] = given.positional
  return first === undefined ? unknown('not understood', at.node.origin) : evaluator.evaluate(first)
}

const integer: Meaning = (evaluator, given, at, callee) => {
  const value = valueOf(same(evaluator, given, at, callee), at.node.origin)
  return valueThing(
    mapKnown(value, (one, origin) => {
      const number = typeof one === 'string' && /^\s*[+-]?\d[\d_]*\s*$/.test(one) ? Number(one.replaceAll('_', '')) : one
      return typeof number === 'string'
        ? { kind: 'unknown', reason: 'not a number', origin }
        : { kind: 'known', value: Number(number), origin }
    }),
  )
}

const string: Meaning = (evaluator, given, at, callee) =>
  valueThing(
    mapKnown(valueOf(same(evaluator, given, at, callee), at.node.origin), (one, origin) => ({ kind: 'known', value: String(one), origin })),
  )

const dictionary: Meaning = (evaluator, given, at) => {
  const [first] = given.positional
  const base = first === undefined ? undefined : evaluator.evaluate(first)
  if (base?.kind === 'data' && given.keywords.size === 0) return base
  const entries = new Map([...(base?.kind === 'mapping' ? base.entries : []), ...given.keywords])
  const copied = base?.kind === 'mapping' ? [...(base.ways ?? []), ...(base.copied ?? [])] : []
  const doubted = given.mappings.length > 0 ? [...entries.keys()] : base?.kind === 'mapping' ? [...(base.doubtful ?? [])] : []
  const doubtful = doubted.filter((name) => given.mappings.length > 0 || !given.keywords.has(name))
  return {
    kind: 'mapping',
    entries,
    complete: given.mappings.length === 0 && (first === undefined || (base?.kind === 'mapping' && base.complete)),
    ...(doubtful.length === 0 ? {} : { doubtful: new Set(doubtful) }),
    ...(copied.length === 0 ? {} : { copied }),
    origin: at.node.origin,
  }
}

/** `getattr(object, "name", default)`. */
const attribute: Meaning = (evaluator, given, at) => {
  const [object, name, other] = given.positional
  const text = name === undefined ? undefined : evaluator.text(evaluator.evaluate(name))
  if (object === undefined || text === undefined) return unknown('computed when the program runs', at.node.origin)
  const found = evaluator.member(evaluator.evaluate(object), text, at.node.origin)
  const lost = found.kind === 'value' && found.value.kind === 'unknown'
  return lost && other !== undefined ? several([found, evaluator.evaluate(other)], at.node.origin) : found
}

/** `importlib.import_module("conf")`: the module of the folder, where there is one. */
const importModule: Meaning = (evaluator, given, at) => {
  const [first] = given.positional
  const name = first === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
  if (name === undefined) return unknown('which module is meant is decided when the program runs', at.node.origin)
  const level = /^\.*/.exec(name)?.[0].length ?? 0
  const target = evaluator.project.resolve(at.node.file.path, name.slice(level), level)
  if (target === undefined) return { kind: 'external', name, origin: at.node.origin }
  return target.kind === 'file' ? { kind: 'module', path: target.path } : { kind: 'package', directory: target.path }
}

const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['os.getenv', variable(['default'])],
  ['os.environ.get', variable(['default'])],
  ['os.environ.setdefault', variable(['value'])],
  ['os.environ.pop', variable(['default'])],
  ['os.environb.get', variable(['default'])],
  ['decouple.AutoConfig()', variable(['default'], { required: true, file: decoupleSetting })],
  ['decouple.Config()', variable(['default'], { required: true, file: decoupleSetting })],
  ['decouple.config', variable(['default'], { required: true, file: decoupleSetting })],
  ['prettyconf.config', variable(['default'], { required: true })],
  ['starlette.config.Config()', variable(['default'], { required: true })],
  ['builtins.int', integer],
  ['builtins.float', integer],
  ['builtins.str', string],
  ['builtins.dict', dictionary],
  ['builtins.vars', same],
  ['builtins.getattr', attribute],
  ['builtins.list', same],
  ['builtins.tuple', same],
  ['types.SimpleNamespace', dictionary],
  ['importlib.import_module', importModule],
  ['builtins.__import__', importModule],
  [
    'typing.cast',
    (evaluator, given, at) =>
      given.positional[1] === undefined ? unknown('not understood', at.node.origin) : evaluator.evaluate(given.positional[1]),
  ],
  ['ipaddress.ip_address', same],
  ['ipaddress.IPv4Address', same],
  ['ipaddress.IPv6Address', same],
  ['dataclasses.field', (evaluator, given, at) => fieldDefault(evaluator, given, at)],
  ['functools.lru_cache', same],
  ['functools.cache', same],
])

/** Callables that read variables by any of these names: `env.str("HOST", default=…)` of django-environ and environs. */
const ENVIRONMENT_READER =
  /^(?:environ\.(?:Env|FileAwareEnv)|environs\.(?:Env|EnvFileReader)|environs\.env)\(\)(?:\.(?:str|int|url|__call__))?$|^environs\.env(?:\.(?:str|int))?$/

function fieldDefault(evaluator: Evaluator, given: CallArguments, at: Located): Thing {
  const value = given.keywords.get('default') ?? given.positional[0]
  if (value !== undefined) return evaluator.evaluate(value)
  const factory = given.keywords.get('default_factory')
  return factory === undefined
    ? unknown('has to be given', at.node.origin)
    : evaluator.call(evaluator.evaluate(factory), { positional: [], keywords: new Map(), lists: [], mappings: [] }, at)
}

/** Calls of functions outside the folder, and of methods of texts, lists and dictionaries. */
export function callExternal(evaluator: Evaluator, callee: External | undefined, given: CallArguments, at: Located): Thing {
  const { origin } = at.node
  if (callee !== undefined) {
    const meaning =
      MEANINGS.get(callee.name) ?? (ENVIRONMENT_READER.test(callee.name) ? variable(['default'], { required: true }) : undefined)
    if (meaning !== undefined) return meaning(evaluator, given, at, callee)
    const data = parsedFile(evaluator, callee.name, given) ?? parserMethod(evaluator, callee, given, at)
    if (data !== undefined) return data
    if (!callee.name.startsWith('builtins.')) return { kind: 'external', name: `${callee.name}()`, origin, call: at }
  }
  return (
    method(evaluator, given, at) ??
    (callee === undefined
      ? unknown('computed when the program runs', origin)
      : { kind: 'external', name: `${callee.name}()`, origin, call: at })
  )
}

/** `parser.get("server", "host")` of configparser, `settings.get("HOST")` of dynaconf. */
function parserMethod(evaluator: Evaluator, callee: External, given: CallArguments, at: Located): Thing | undefined {
  const [, owner, name] = /^(.*\(\)(?:\.config)?)\.(\w+)$/.exec(callee.name) ?? []
  const [first, second] = given.positional
  if (owner === undefined || name === undefined || first === undefined) return undefined
  const parser: External = { ...callee, name: owner }
  const tree = parserTree(evaluator, parser)
  if (tree !== undefined) return dataMethod(evaluator, tree, name, given, at.node.origin)
  const key = name === 'get' ? evaluator.text(evaluator.evaluate(first)) : undefined
  const { origin } = at.node
  const setting =
    key === undefined ? undefined : (dynaconfSetting(evaluator, parser, key, origin) ?? flaskSetting(evaluator, parser, key, origin))
  const fallback = second ?? given.keywords.get('default')
  return setting?.kind === 'value' &&
    fallback !== undefined &&
    setting.value.kind === 'environment' &&
    setting.value.fallback.kind === 'unknown'
    ? valueThing({ ...setting.value, fallback: evaluator.value(fallback) })
    : setting
}

const KEEPS_TEXT: Readonly<Record<string, (text: string) => string>> = {
  strip: (text) => text.trim(),
  rstrip: (text) => text.trimEnd(),
  lstrip: (text) => text.trimStart(),
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  decode: (text) => text,
  encode: (text) => text,
}

/** `thing.method(…)` for the things that Python itself brings. */
function method(evaluator: Evaluator, given: CallArguments, { node, frame }: Located): Thing | undefined {
  const callee = node.field('function')
  const object = callee?.kind === 'attribute' ? callee.field('object') : undefined
  const name = callee?.field('attribute')?.content
  if (object === undefined || name === undefined) return undefined
  const thing = evaluator.evaluate({ node: object, frame })
  const [first, second] = given.positional
  if (thing.kind === 'mapping' && (name === 'get' || name === 'pop' || name === 'setdefault')) {
    const key = first === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
    const entry = key === undefined ? undefined : mappingEntry(evaluator, { ...thing, complete: true }, object, key, node, frame)
    const other = second ?? given.keywords.get('default')
    const fallback = other === undefined ? NONE : evaluator.evaluate(other)
    if (key === undefined) return unknown('computed when the program runs', node.origin)
    if (entry !== undefined) return entry
    return thing.complete ? fallback : several([fallback, unknown('part of it is not known', node.origin)], node.origin)
  }
  if (thing.kind === 'mapping' && name === 'copy') return thing
  if (thing.kind === 'data') {
    const found = dataMethod(evaluator, thing.tree, name, given, node.origin)
    const key = first === undefined || found === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
    return key === undefined || found === undefined ? found : afterDataWrites(evaluator, thing, found, object, key, node, frame)
  }
  if (thing.kind === 'class' && isSettings(evaluator, thing.node) && (name === 'parse_obj' || name === 'model_validate'))
    return { kind: 'instance', class: thing.node }
  if (thing.kind !== 'value') return undefined
  const { value } = thing
  if (name === 'split' || name === 'rsplit') {
    const separator = first === undefined ? ' ' : evaluator.text(evaluator.evaluate(first))
    return separator === undefined || value.kind === 'unknown' ? undefined : { kind: 'pieces', text: value, separator, origin: node.origin }
  }
  const keep = Object.hasOwn(KEEPS_TEXT, name) ? KEEPS_TEXT[name] : undefined
  if (keep !== undefined && given.positional.length === 0)
    return valueThing(mapKnown(value, (one, origin) => ({ kind: 'known', value: keep(String(one)), origin })))
  if (name === 'format' && value.kind === 'known' && given.keywords.size === 0) {
    return fillIn(
      String(value.value).split(/\{\d*\}/),
      given.positional.map((one) => evaluator.value(one)),
      node.origin,
    )
  }
  return value.kind === 'unknown' ? thing : undefined
}

/** `package.name`, and what stands in `os.environ` and `sys.argv`. */
export function externalMember(thing: External, name: string, origin: FileOrigin): Thing {
  const index = /^\[(-?\w+)\]$/.exec(name)?.[1]
  if (index !== undefined && (thing.name === 'os.environ' || thing.name === 'os.environb')) {
    return valueThing({
      kind: 'environment',
      name: index,
      fallback: { kind: 'unknown', reason: `${index} has to be set`, origin },
      emptyIsUnset: false,
      origin,
    })
  }
  if (index !== undefined && thing.name === 'sys.argv') {
    return valueThing({
      kind: 'argument',
      name: `argv[${index}]`,
      fallback: { kind: 'unknown', reason: 'an argument that has to be given', origin },
      origin,
    })
  }
  return { ...thing, name: index === undefined ? `${thing.name}.${name}` : `${thing.name}${name}`, origin }
}
