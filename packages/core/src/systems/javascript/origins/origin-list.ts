import type { Value } from '../../../evidence/index.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing, type Meaning, optionsOf, valueMeaning, valueOf } from '../values/meaning.ts'
import { around, type Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, FUNCTIONS } from '../source/syntax.ts'
import { known, unknown } from '../values/values.ts'

export interface Origins {
  readonly name: string
  readonly list: readonly Value[]
  readonly wildcard: boolean
  readonly credentials: boolean
}

/** What an `origin` option allows. Left out: everyone, in every package read (cors 2.8.6, @fastify/cors, @koa/cors, hono/cors). `undefined`: no header is sent. */
export function originList(origin: Meaning, at: Node, evaluator: Evaluator): Origins | undefined {
  if (isNothing(origin)) return { name: 'origin', list: [known('*', at.origin)], wildcard: true, credentials: false }
  if (origin.kind === 'value' && origin.value.kind === 'known' && origin.value.value === false) return undefined
  const parts = optionsOf(origin).map((option) => partOf(option, at, evaluator))
  const list = parts.flatMap((part) => part.list)
  return { name: variableIn(list) ?? 'origin', list, wildcard: parts.some((part) => part.wildcard), credentials: false }
}

interface Part {
  readonly list: readonly Value[]
  readonly wildcard: boolean
}

function partOf(origin: Meaning, at: Node, evaluator: Evaluator): Part {
  if (origin.kind === 'function') return decided(origin.node, evaluator)
  const elements = evaluator.elements(origin)
  if (elements !== undefined) {
    const parts = elements.map((element) =>
      element.kind === 'list' || element.kind === 'array' ? UNTOLD(at) : partOf(element, at, evaluator),
    )
    return { list: parts.flatMap((part) => part.list), wildcard: parts.some((part) => part.wildcard) }
  }
  if (origin.kind === 'array') return spreadList(origin.node, origin.frame, at, evaluator)
  return ofValue(valueOf(origin, at.origin))
}

const UNTOLD = (at: Node): Part => ({ list: [unknown('the list of origins is not followed', at.origin)], wildcard: false })

/** `[...defaults, 'https://example.com']`. */
function spreadList(array: Node, frame: Parameters<Evaluator['meaning']>[1], at: Node, evaluator: Evaluator): Part {
  const parts = array.named.map((item) => {
    const inner = item.kind === 'spread_element' ? item.named[0] : item
    return inner === undefined ? UNTOLD(at) : partOf(evaluator.meaning(inner, frame), inner, evaluator)
  })
  return { list: parts.flatMap((part) => part.list), wildcard: parts.some((part) => part.wildcard) }
}

/** An origin holds no comma: a text with one is a list, such as a variable holds. */
function ofValue(value: Value): Part {
  switch (value.kind) {
    case 'known': {
      if (value.value === true) return { list: [known('*', value.origin)], wildcard: true }
      const texts = String(value.value)
        .split(',')
        .map((text) => text.trim())
        .filter((text) => text !== '')
      return { list: texts.map((text) => known(text, value.origin)), wildcard: texts.some(isWildcard) }
    }
    case 'absent':
      return { list: [], wildcard: false }
    case 'choice': {
      const parts = value.options.map((option) => ofValue(option))
      return { list: parts.flatMap((part) => part.list), wildcard: parts.some((part) => part.wildcard) }
    }
    case 'environment':
    case 'argument':
      return { list: [value], wildcard: ofValue(value.fallback).wildcard }
    default:
      return { list: [value], wildcard: false }
  }
}

const isWildcard = (text: string): boolean => text === '*' || /^\/\^?\.[*+]\$?\/[a-z]*$/.test(text) || /^https?:\/\/\*$/.test(text)

/** Whether it is never the request's own origin: a bare `*` no browser takes for a request with credentials (Fetch, CORS check). */
export function isFixed(origin: Meaning): boolean {
  return isNothing(origin) || (origin.kind === 'value' && isFixedValue(origin.value))
}

function isFixedValue(value: Value): boolean {
  switch (value.kind) {
    case 'absent':
      return true
    case 'known':
      return value.value === '*' || !ofValue(value).wildcard
    case 'choice':
      return value.options.every(isFixedValue)
    case 'environment':
    case 'argument':
      return isFixedValue(value.fallback)
    default:
      return false
  }
}

function variableIn(list: readonly Value[]): string | undefined {
  for (const value of list) if (value.kind === 'environment') return value.name
  return undefined
}

/** A function that decides: allows everyone where nothing stands before `callback(null, true)`, else those of the lists that it asks. */
function decided(callback: Node, evaluator: Evaluator): Part {
  const body = callback.field('body')
  const at = body ?? callback
  const parameter = callback.field('parameters')?.named[0] ?? callback.field('parameter')
  const name = (parameter?.field('pattern') ?? parameter)?.content ?? ''
  if (body !== undefined && bare(body).content === name) return { list: [known('*', at.origin)], wildcard: true }
  const lists = askedLists(at, name, evaluator)
  if (lists.length > 0) return { list: lists.flatMap((part) => part.list), wildcard: lists.some((part) => part.wildcard) }
  return allowsAll(body, callback)
    ? { list: [known('*', at.origin)], wildcard: true }
    : { list: [unknown('a function decides which origins may', at.origin)], wildcard: false }
}

const CONDITIONS: ReadonlySet<string> = new Set([
  'if_statement',
  'ternary_expression',
  'binary_expression',
  'switch_statement',
  'catch_clause',
  ...FUNCTIONS,
])

/** `callback(null, true)` or `return origin` without a condition around it. */
function allowsAll(body: Node | undefined, callback: Node): boolean {
  const module = body?.file.content.slice(body.start, body.end) ?? ''
  if (!/\(\s*null\s*,\s*(?:true|\w+)\s*\)/.test(module) || body === undefined) return false
  const stack = [body]
  for (let node = stack.pop(), seen = 0; node !== undefined && seen < 2_000; node = stack.pop(), seen++) {
    if (
      node.kind === 'call_expression' &&
      argumentsOf(node)[0]?.kind === 'null' &&
      argumentsOf(node)[1]?.kind === 'true' &&
      around(node, CONDITIONS) === callback
    )
      return true
    stack.push(...node.named)
  }
  return false
}

const ASKS: ReadonlySet<string> = new Set(['includes', 'indexOf', 'has', 'some', 'find', 'test'])

/** The lists that are asked for `name` within a piece of code: `allowed.includes(origin)`. */
function askedLists(within: Node, name: string, evaluator: Evaluator): readonly Part[] {
  const module = evaluator.moduleOf(within)
  if (module === undefined) return []
  return [...ASKS].flatMap((method) =>
    module.calls(method).flatMap((call) => {
      const object = calleeOf(call)?.field('object')
      const [asked] = argumentsOf(call)
      if (object === undefined || !call.within(within) || (asked?.content !== name && method !== 'some' && method !== 'find')) return []
      const meaning = evaluator.meaning(object, undefined)
      return meaning.kind === 'result'
        ? [partOf(valueMeaning(valueOf(meaning, object.origin)), object, evaluator)]
        : [partOf(meaning, object, evaluator)]
    }),
  )
}

/** The request's own origin, however it is asked for. */
const REFLECTED = /headers\??\.origin|headers\??\.?\[\s*['"`]origin['"`]\s*\]|\.(?:get|header)\(\s*['"`]origin['"`]\s*\)/i

/** What the header says when it is set by hand. */
export function headerOrigins(value: Node, evaluator: Evaluator): Origins | undefined {
  const at = bare(value)
  const source = sourceOf(at, evaluator)
  if (REFLECTED.test(source.content)) {
    // Only those of a list, where the list is asked before: `if (allowed.includes(origin)) …`.
    const guards = guardsOf(at)
    const lists = guards.flatMap((guard) => askedLists(guard, at.content, evaluator))
    const names = new Set([at.content, source.content])
    const parts = lists.length > 0 ? lists : [guards.some((guard) => isChecked(guard, names, evaluator)) ? CHECKED(at) : ANYONE(at)]
    return {
      name: 'Access-Control-Allow-Origin',
      list: parts.flatMap((part) => part.list),
      wildcard: parts.some((part) => part.wildcard),
      credentials: false,
    }
  }
  const found = originList(evaluator.meaning(value, undefined), at, evaluator)
  return found === undefined ? undefined : { ...found, name: found.name === 'origin' ? 'Access-Control-Allow-Origin' : found.name }
}

const ANYONE = (at: Node): Part => ({ list: [known('*', at.origin)], wildcard: true })
const CHECKED = (at: Node): Part => ({ list: [unknown('a condition decides which origins may', at.origin)], wildcard: false })

/** Whether a condition depends on which origin it is, not only on whether there is one: `if (isAllowed(origin))`, `origin === SITE`. */
function isChecked(guard: Node, names: ReadonlySet<string>, evaluator: Evaluator): boolean {
  const open = [guard.kind === 'if_statement' ? (guard.field('condition') ?? guard) : guard]
  const seen = new Set<Node>()
  for (let node = open.pop(); node !== undefined && seen.size < 500; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    const isOrigin = (other: Node | undefined): boolean => other !== undefined && names.has(other.content)
    if (node.kind === 'call_expression' && calleeOf(node)?.content !== 'Boolean' && argumentsOf(node).some(isOrigin)) return true
    const other = isOrigin(node.field('left')) ? node.field('right') : isOrigin(node.field('right')) ? node.field('left') : undefined
    if (node.kind === 'binary_expression' && other !== undefined && EQUALITY.test(node.field('operator')?.content ?? ''))
      if (!NOTHING_AT_ALL.test(other.content)) return true
    const value = sourceOf(node, evaluator)
    open.push(...(value === node ? node.named : [value]))
  }
  return false
}

const EQUALITY = /^[!=]==?$/
const NOTHING_AT_ALL = /^(?:undefined|null|false|''|""|``)$/

/** The expression, or what a variable was set to. */
function sourceOf(node: Node, evaluator: Evaluator): Node {
  const declaration = node.kind === 'identifier' ? evaluator.moduleOf(node)?.lookup(node.content, node) : undefined
  return (declaration?.kind === 'variable' ? declaration.value : undefined) ?? node
}

const LEAVES = /\b(?:return|throw)\b/

/** Conditions around a place, or before it in a function that leaves early. */
function guardsOf(at: Node): readonly Node[] {
  const found: Node[] = []
  for (let outer = at.parent; outer !== undefined; outer = outer.parent) {
    const condition = outer.kind === 'if_statement' || outer.kind === 'ternary_expression' ? outer.field('condition') : undefined
    if (condition !== undefined) found.push(condition)
    if (outer.kind === 'binary_expression') found.push(outer)
    if (FUNCTIONS.has(outer.kind)) {
      for (const statement of outer.field('body')?.named ?? [])
        if (statement.kind === 'if_statement' && statement.end <= at.start && LEAVES.test(statement.content)) found.push(statement)
      break
    }
  }
  return found
}
