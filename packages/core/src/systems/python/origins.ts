import { type AllowedOrigins, type FileOrigin, show, type Value } from '../../evidence/index.ts'
import { spread } from './calls.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { decide } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import type { Definition } from './definitions.ts'
import { type Candidate, conditionAround, reaching } from './flow.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import { bare, escaped, functionAround, literalText } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, type Thing, valueOf } from './thing.ts'

type Origins = AllowedOrigins['origins']

/** A function or class that takes the origins, and what its options are called. */
interface CorsCall {
  readonly origins: readonly string[]
  readonly pattern?: string
  readonly credentials: string
  /** What is allowed when no origins are given: everyone, or nobody. */
  readonly otherwise: 'everyone' | 'nobody'
}

const STARLETTE: CorsCall = {
  origins: ['allow_origins'],
  pattern: 'allow_origin_regex',
  credentials: 'allow_credentials',
  otherwise: 'nobody',
}

/** By the last part of the name that is called, or handed to `add_middleware`. */
const CALLS: ReadonlyMap<string, CorsCall> = new Map([
  ['CORSMiddleware', STARLETTE],
  ['CORS', { origins: ['origins'], credentials: 'supports_credentials', otherwise: 'everyone' }],
  ['cross_origin', { origins: ['origins', 'origin'], credentials: 'supports_credentials', otherwise: 'everyone' }],
  ['cors', { origins: ['allow_origin'], credentials: 'allow_credentials', otherwise: 'everyone' }],
  ['SocketIO', { origins: ['cors_allowed_origins'], credentials: 'cors_credentials', otherwise: 'nobody' }],
  ['AsyncServer', { origins: ['cors_allowed_origins'], credentials: 'cors_credentials', otherwise: 'nobody' }],
  ['Server', { origins: ['cors_allowed_origins'], credentials: 'cors_credentials', otherwise: 'nobody' }],
])

/** Packages that a name has to come from, where the name alone says too little. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  cors: /^quart_cors\b/,
  SocketIO: /^flask_socketio\b/,
  AsyncServer: /^socketio\b/,
  Server: /^socketio\b/,
  CORS: /^(?:flask_cors|sanic_cors|sanic_ext|flask\.ext\.cors)\b/,
}

/** Settings of django-cors-headers, old and new names (its README: Configuration). */
const SETTINGS: Readonly<Record<string, 'list' | 'all' | 'patterns'>> = {
  CORS_ALLOWED_ORIGINS: 'list',
  CORS_ORIGIN_WHITELIST: 'list',
  CORS_ALLOW_ALL_ORIGINS: 'all',
  CORS_ORIGIN_ALLOW_ALL: 'all',
  CORS_ALLOWED_ORIGIN_REGEXES: 'patterns',
  CORS_ORIGIN_REGEX_WHITELIST: 'patterns',
}

const HEADER = /access-control-allow-origin/gi

export function mayAllowOrigins(content: string): boolean {
  return /cors|access-control-allow-origin/i.test(content)
}

export function originsOf(
  evaluator: Evaluator,
  module: Module,
): readonly { readonly claim: AllowedOrigins; readonly origin: FileOrigin }[] {
  if (isTestCode(module.file)) return []
  const calls = [...CALLS.keys()]
    .filter((name) => module.file.content.includes(name))
    .flatMap((name) => module.occurrences(name).flatMap((node) => fromCall(evaluator, node, name) ?? []))
  const settings = Object.keys(SETTINGS).flatMap((name) => fromSetting(evaluator, module, name))
  return [...calls, ...settings, ...fromHeaders(evaluator, module)]
}

interface Found {
  readonly claim: AllowedOrigins
  readonly origin: FileOrigin
}

/** What is set under a condition, with it where that is only decided at start. */
function conditional(evaluator: Evaluator, under: Candidate<Definition>['under'], { claim, origin }: Found): readonly Found[] {
  if (under === undefined || under === 'undetermined') return [{ claim, origin }]
  const { test, holds } = under
  const verdict = decide(evaluator, test, undefined)
  if (verdict?.kind === 'certain') return verdict.holds === holds ? [{ claim, origin }] : []
  return [{ claim: { ...claim, under: { test: show(test.content.replace(/\s+/g, ' ')), holds } }, origin }]
}

function fromCall(evaluator: Evaluator, name: Node, key: string): readonly Found[] | undefined {
  const row = CALLS.get(key)
  const given = row === undefined ? undefined : givenTo(name)
  if (row === undefined || given === undefined) return undefined
  const thing = evaluator.ask({ node: name.parent?.kind === 'attribute' ? name.parent : name, frame: undefined })
  const required = PACKAGES[key]
  if (required !== undefined && (thing.kind !== 'external' || !required.test(thing.name))) return undefined
  const listed = row.origins.flatMap((keyword) => optionOf(evaluator, given.arguments, keyword) ?? [])
  const nested = key === 'CORS' && listed.length === 0 ? resourceOrigins(evaluator, given.arguments) : []
  const pattern = row.pattern === undefined ? undefined : optionOf(evaluator, given.arguments, row.pattern)
  const sources = [...listed, ...nested]
  const origins = sources.flatMap((one) => originsIn(evaluator, one.thing, one.at))
  const patterns = pattern === undefined ? [] : originsIn(evaluator, pattern.thing, pattern.at)
  const credentials = optionOf(evaluator, given.arguments, row.credentials)?.thing
  const wildcard =
    origins.some(isWildcard) || patterns.some(matchesAll) || (sources.length === 0 && pattern === undefined && row.otherwise === 'everyone')
  if (sources.length === 0 && pattern === undefined && row.otherwise === 'nobody') return undefined
  const claim: AllowedOrigins = {
    claim: 'allowed-origins',
    name: row.origins[0] ?? key,
    origins: [...origins, ...patterns],
    wildcard,
    credentials: isTrue(credentials),
  }
  return conditional(evaluator, conditionAround(given.at), { claim, origin: given.at.origin })
}

/** The arguments for the class: its own call's, or those behind it in `add_middleware(Class, …)`, `Middleware(Class, …)`. */
function givenTo(name: Node): { readonly arguments: CallArguments; readonly at: Node } | undefined {
  const shape = callShape(name)
  if (shape !== undefined) return { arguments: shape.given, at: name }
  const outer = name.parent?.kind === 'attribute' ? name.parent : name
  const call = outer.parent?.kind === 'argument_list' ? outer.parent.parent : undefined
  return call?.kind === 'call' && /(?:^|\.)(?:add_middleware|Middleware)$/.test(call.field('function')?.content ?? '')
    ? { arguments: argumentsOf(call, undefined), at: name }
    : undefined
}

interface Placed {
  readonly thing: Thing
  readonly at: Node
}

function optionOf(evaluator: Evaluator, given: CallArguments, name: string): Placed | undefined {
  const keyword = given.keywords.get(name)
  if (keyword !== undefined) return { thing: evaluator.ask(keyword), at: keyword.node }
  const extra = spread(evaluator, given, name)
  return extra === undefined || given.mappings[0] === undefined ? undefined : { thing: extra, at: given.mappings[0].node }
}

/** flask-cors: `resources={r"/api/*": {"origins": …}}`. */
function resourceOrigins(evaluator: Evaluator, given: CallArguments): readonly Placed[] {
  const resources = given.keywords.get('resources')
  const thing = resources === undefined ? undefined : evaluator.ask(resources)
  if (thing?.kind !== 'mapping') return []
  return [...thing.entries.values()].flatMap((located): readonly Placed[] => {
    const options = evaluator.ask(located)
    const origins: Located | undefined = options.kind === 'mapping' ? options.entries.get('origins') : undefined
    return origins === undefined ? [] : [{ thing: evaluator.ask(origins), at: origins.node }]
  })
}

/** The origins of a list; a text with commas in it is a list as well. */
function originsIn(evaluator: Evaluator, thing: Thing, at: Node): Origins {
  if (thing.kind === 'sequence') return thing.items.flatMap((item) => originsIn(evaluator, evaluator.ask(item), item.node))
  if (thing.kind === 'several') return thing.options.flatMap((option) => originsIn(evaluator, option, at))
  const value = thing.kind === 'pieces' ? thing.text : valueOf(thing, at.origin)
  return split(value).map((text) => ({ text, origin: text.kind === 'absent' ? at.origin : text.origin }))
}

function split(value: Value): readonly Value[] {
  if (value.kind === 'absent') return []
  if (value.kind === 'choice') return value.options.flatMap(split)
  if (value.kind !== 'known') return [value]
  const { origin } = value
  return String(value.value)
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => ({ kind: 'known', value: text, origin }))
}

function isWildcard({ text }: Origins[number]): boolean {
  return everyText(text).some((one) => one === '*')
}

/** A pattern that takes every host: `.*`, `https?://.*`. */
function matchesAll({ text }: Origins[number]): boolean {
  return everyText(text).some((one) => /^\^?(?:https\??:\/\/|\(https\?\|http\):\/\/)?\(?\.[*+]\)?\$?$/.test(one))
}

function everyText(value: Value): readonly string[] {
  if (value.kind === 'known')
    return String(value.value)
      .split(',')
      .map((one) => one.trim())
  if (value.kind === 'environment' || value.kind === 'argument') return everyText(value.fallback)
  return value.kind === 'choice' ? value.options.flatMap(everyText) : []
}

function isTrue(thing: Thing | undefined): boolean {
  return thing?.kind === 'value' && thing.value.kind === 'known' && thing.value.value === true
}

/** A setting of Django at the top of a file. */
function fromSetting(evaluator: Evaluator, module: Module, name: string): readonly Found[] {
  const definitions = module.exported(name)
  const last = definitions.at(-1)
  const meaning = SETTINGS[name]
  if (last?.kind !== 'assignment' || meaning === undefined) return []
  const credentials = module.exported('CORS_ALLOW_CREDENTIALS')
  const withCredentials = credentials.length > 0 && isTrue(evaluator.defined(credentials, module.root, undefined))
  const set = ({ place: { node }, under }: Candidate<Definition>, origins: Origins, wildcard: boolean): readonly Found[] => {
    const claim: AllowedOrigins = { claim: 'allowed-origins', name, origins, wildcard, credentials: withCredentials }
    return conditional(evaluator, under, { claim, origin: (node.field('left') ?? node).origin })
  }
  const candidates = reaching(definitions, module.root, module.root)
  if (meaning === 'all') {
    const isAll = ({ place }: Candidate<Definition>): boolean => isTrue(evaluator.defined([place], module.root, undefined))
    const all = candidates.findLast(isAll)
    const other = candidates.findLast((candidate) => !isAll(candidate))?.under
    if (all === undefined) return []
    // What is set first may be taken back: it stands where the other does not.
    const instead =
      all.under === undefined && other !== undefined && other !== 'undetermined' ? { ...other, holds: !other.holds } : all.under
    return set(instead === undefined ? all : { ...all, under: instead }, [], true)
  }
  const origins = originsIn(evaluator, evaluator.defined(definitions, module.root, undefined), last.value)
  const [only, other] = candidates
  return set(
    only === undefined || other !== undefined ? { place: last } : only,
    origins,
    origins.some(meaning === 'list' ? isWildcard : matchesAll),
  )
}

/** `headers["Access-Control-Allow-Origin"] = "*"`, `set_header("Access-Control-Allow-Origin", "*")`, a pair of a dictionary. */
function fromHeaders(evaluator: Evaluator, module: Module): readonly Found[] {
  return [...module.file.content.matchAll(HEADER)].flatMap((match) => {
    const string = module.stringAt(match.index)
    const value = string === undefined || literalText(string)?.length !== match[0].length ? undefined : headerValue(string)
    if (string === undefined || value === undefined) return []
    const thing = evaluator.ask({ node: value, frame: undefined })
    const origins = originsIn(evaluator, thing, value)
    const wildcard = origins.some(isWildcard) || reflects(evaluator, value)
    const credentials = /access-control-allow-credentials['"]\s*[\],:]\s*=?\s*['"]?true/i.test(module.file.content)
    return [
      {
        claim: { claim: 'allowed-origins' as const, name: 'Access-Control-Allow-Origin', origins, wildcard, credentials },
        origin: string.origin,
      },
    ]
  })
}

/** The request's own origin, however it is asked for. */
const REFLECTED = /headers\s*(?:\.\s*get\s*\(|\[)\s*['"]origin['"]|\.headers\.origin\b|HTTP_ORIGIN/i

/** Characters of a function in which a condition on the origin is looked for. */
const FUNCTION = 5_000

/** Whether everyone's origin is sent back to them: the request's own, with no condition on it. */
function reflects(evaluator: Evaluator, value: Node): boolean {
  const definitions = value.kind === 'identifier' ? (evaluator.moduleOf(value)?.lookup(value.content, value) ?? []) : []
  const sources = [value, ...definitions.flatMap((definition) => (definition.kind === 'assignment' ? [definition.value] : []))]
  if (!sources.some((source) => REFLECTED.test(source.content))) return false
  const around = functionAround(value)
  const asked = value.kind === 'identifier' ? new RegExp(`\\bif\\b[^\\n]*\\b${escaped(value.content)}\\b`) : /\bif\b[^\n]*origin/i
  return !asked.test((around ?? value).content.slice(0, FUNCTION))
}

function headerValue(string: Node): Node | undefined {
  const { parent } = string
  if (parent?.kind === 'pair') return parent.field('key') === string ? parent.field('value') : undefined
  if (parent?.kind === 'subscript') {
    const statement = parent.parent
    return statement?.kind === 'assignment' && statement.field('left') === parent ? statement.field('right') : undefined
  }
  if (parent?.kind !== 'argument_list' && parent?.kind !== 'tuple') return undefined
  const next = parent.named[parent.named.indexOf(string) + 1]
  return next === undefined ? undefined : bare(next)
}
