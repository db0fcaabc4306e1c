import { ABSENT, type AllowedOrigins, type FileOrigin } from '../../../evidence/index.ts'
import { inContexts } from '../callers/contexts.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, type Meaning, NOTHING } from '../values/meaning.ts'
import { callOfExpression, type Module } from '../source/module.ts'
import { headerOrigins, isFixed, originList, type Origins } from './origin-list.ts'
import { sameValue, settled } from '../values/values.ts'
import { type Node, nodeAt, settledOrigin } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText, propertyName } from '../source/syntax.ts'

/** Packages whose function takes `{ origin, credentials }` as its first argument; without it every origin may. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'cors',
  '@koa/cors',
  'kcors',
  'koa2-cors',
  'hono/cors#cors',
  'hono/middleware#cors',
  '@elysiajs/cors#cors',
])
/** Packages that are handed to `register(plugin, { origin, credentials })`. */
const PLUGINS: ReadonlySet<string> = new Set(['@fastify/cors', 'fastify-cors'])
/** Servers whose options have a `cors` of the same form, as the argument of that index. */
const OPTIONS: ReadonlyMap<string, number> = new Map([
  ['socket.io#Server', 1],
  ['socket.io', 1],
  ['@nestjs/core#NestFactory.create', 1],
])

/** What a file takes from a package that says who may: `cors`, `{ Server as Sockets }`, `{ Server: Sockets }`. */
const TAKEN =
  /(?<![\w$])((?:[\w$]+\s{0,20},\s{0,20})?\{[^{}]{1,500}\}|[\w$]+)(?:\s{0,20}=\s{0,20}(?:await\s{1,20})?(?:require|import)\s{0,20}\(\s{0,20}|\s{0,20}from\s{0,20})['"](?:[^'"]{0,100}cors[^'"]{0,100}|socket\.io|@nestjs\/core)['"]/g

const HEADER = /access-control-allow-origin/gi

export const mayAllowOrigins = (content: string): boolean =>
  content.includes('cors') || content.includes('Cors') || /access-control-allow-origin/i.test(content)

export interface FoundOrigins {
  readonly claim: AllowedOrigins
  readonly origin: FileOrigin
}

export function allowedOriginsOf(module: Module, evaluator: Evaluator): readonly FoundOrigins[] {
  const found: Placed[] = []
  const add = (at: Node, origins: Origins | undefined): void => {
    if (origins === undefined) return
    const same = (other: Origins): boolean =>
      other.list.length === origins.list.length && other.list.every((text, index) => sameValue(text, origins.list[index] ?? ABSENT))
    if (!found.some((other) => other.at === at && same(other.origins))) found.push({ at, origins })
  }
  for (const call of callsIn(module)) {
    for (const { answer } of inContexts(call, () => ofCall(call, evaluator), evaluator)) add(answer.at, answer.origins)
  }
  for (const { at, value } of headers(module)) {
    for (const { answer } of inContexts(at, () => headerOrigins(value, evaluator), evaluator))
      add(at, { ...answer, credentials: sendsCredentials(module) && !isFixed(evaluator.meaning(value, undefined)) })
  }
  return found
    .toSorted((a, b) => a.at.start - b.at.start)
    .map(({ at, origins }) => ({ claim: claimOf(origins), origin: settledOrigin(at.origin) }))
}

function claimOf({ name, list, wildcard, credentials }: Origins): AllowedOrigins {
  const origins = list.map(settled).flatMap((text) => (text.kind === 'absent' ? [] : [{ text, origin: text.origin }]))
  return { claim: 'allowed-origins', name, origins, wildcard, credentials }
}

/** Every call that could be one that says who may: by its name, or as the register of a plugin. */
function callsIn(module: Module): readonly Node[] {
  const { content } = module.file
  const words = new Set<string>(['cors', 'register', 'enableCors'])
  if (content.includes('socket.io') || content.includes('NestFactory')) for (const word of ['Server', 'create', 'require']) words.add(word)
  // Whatever the file calls the package, or what it takes from it.
  for (const [, names = ''] of content.matchAll(TAKEN)) for (const [name] of names.matchAll(/[\w$]+/g)) words.add(name)
  const direct = module.calls('require').flatMap(callOfExpression)
  return [...new Set([...[...words].flatMap((word) => module.calls(word)), ...direct])]
}

interface Placed {
  readonly at: Node
  readonly origins: Origins
}

function ofCall(call: Node, evaluator: Evaluator): Placed | undefined {
  const callee = calleeOf(call)
  if (callee === undefined) return undefined
  const given = argumentsOf(call)
  if (callee.kind === 'member_expression') {
    const method = callee.field('property')?.content
    if (method === 'enableCors') return fromOptions(given[0], call, evaluator)
    if (method === 'register' && given[0] !== undefined) {
      const plugin = evaluator.meaning(given[0], undefined)
      return plugin.kind === 'library' && PLUGINS.has(plugin.name) ? fromOptions(given[1], call, evaluator) : undefined
    }
  }
  const meaning = evaluator.meaning(callee, undefined)
  if (meaning.kind !== 'library') return undefined
  if (FUNCTIONS.has(meaning.name)) return fromOptions(given[0], call, evaluator)
  const index = OPTIONS.get(meaning.name)
  if (index === undefined) return undefined
  // `new Server({ cors })` as well as `new Server(server, { cors })`.
  const options = given.slice(0, index + 1).map((node) => ({ node, cors: optionOf(node, evaluator) }))
  const found = options.find(({ cors }) => cors !== undefined && !isNothing(cors))
  return found?.cors === undefined ? undefined : fromMeaning(found.cors, memberOf(found.node, 'cors') ?? call, evaluator)
}

function optionOf(node: Node, evaluator: Evaluator): Meaning | undefined {
  const meaning = evaluator.meaning(node, undefined)
  return meaning.kind === 'object' || meaning.kind === 'merged' ? evaluator.property(meaning, 'cors', node) : undefined
}

function fromOptions(options: Node | undefined, call: Node, evaluator: Evaluator): Placed | undefined {
  return fromMeaning(options === undefined ? NOTHING : evaluator.meaning(options, undefined), call, evaluator)
}

function fromMeaning(options: Meaning, call: Node, evaluator: Evaluator): Placed | undefined {
  const at = options.kind === 'object' && options.node.file === call.file ? (memberOf(options.node, 'origin') ?? call) : call
  if (options.kind === 'value' && options.value.kind === 'known') {
    // `cors: true` takes the defaults, `cors: false` sends nothing.
    return options.value.value === true ? { at, origins: originList(NOTHING, at, evaluator) ?? ANY } : undefined
  }
  const isFunction = options.kind === 'function'
  const origin = isFunction ? delegated(options, call, evaluator) : isNothing(options) ? NOTHING : evaluator.property(options, 'origin', at)
  const origins = originList(origin, at, evaluator)
  if (origins === undefined) return undefined
  const credentials = isNothing(options) || isFunction ? NOTHING : evaluator.property(options, 'credentials', at)
  return {
    at,
    origins: {
      ...origins,
      credentials:
        credentials.kind === 'value' && credentials.value.kind === 'known' && credentials.value.value === true && !isFixed(origin),
    },
  }
}

const ANY: Origins = { name: 'origin', list: [], wildcard: true, credentials: false }

/** A function that makes the options for each request: what it gives is asked for its `origin`. */
function delegated(options: Extract<Meaning, { readonly kind: 'function' }>, call: Node, evaluator: Evaluator): Meaning {
  return evaluator.property(evaluator.called(options, call, undefined), 'origin', call)
}

function memberOf(object: Node, name: string): Node | undefined {
  const literal = bare(object)
  if (literal.kind !== 'object') return undefined
  return literal.named.find(
    (member) =>
      (member.kind === 'shorthand_property_identifier' ? member.content : propertyName(member.field('key') ?? member.field('name'))) ===
      name,
  )
}

/** `setHeader('Access-Control-Allow-Origin', value)`, `{ 'Access-Control-Allow-Origin': value }`, `['Access-Control-Allow-Origin', value]`. */
function headers(module: Module): readonly { readonly at: Node; readonly value: Node }[] {
  return [...module.file.content.matchAll(HEADER)].flatMap(({ index }) => {
    const text = nodeAt(module.root, index)
    const literal = text?.kind === 'string_fragment' ? text.parent : undefined
    const holder = literal?.parent
    if (literal === undefined || holder === undefined || literalText(literal)?.length !== 'access-control-allow-origin'.length) return []
    const pair = holder.kind === 'computed_property_name' ? holder.parent : holder
    if (pair?.kind === 'pair') {
      const value = pair.field('value')
      return value === undefined || value === literal ? [] : [{ at: pair, value }]
    }
    const value = holder.kind === 'arguments' || holder.kind === 'array' ? holder.named[holder.named.indexOf(literal) + 1] : undefined
    const at = holder.kind === 'arguments' ? holder.parent : holder
    return value === undefined || at === undefined ? [] : [{ at, value }]
  })
}

function sendsCredentials(module: Module): boolean {
  return /access-control-allow-credentials['"`]\s*[,:]\s*['"`]?true/i.test(module.file.content)
}
