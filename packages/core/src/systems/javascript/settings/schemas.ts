import type { Node } from '../../tree.ts'
import type { LibraryCall } from '../values/builtins.ts'
import { between, saysOneOf } from '../values/conditions.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { eitherMeaning, isNothing, type Meaning, NOTHING, unknownMeaning } from '../values/meaning.ts'
import { fillsAnother } from './dotenv-target.ts'
import type { MethodCall } from '../values/methods.ts'
import { argumentsOf, bare, calleeOf, propertyName } from '../source/syntax.ts'

/**
 * Validated environments: what comes out is the environment, with the defaults that the schema gives. Whether a value is
 * refused does not matter to where a server listens: it then does not start.
 */

const PARSERS: ReadonlySet<string> = new Set(['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'validate', 'validateSync', 'cast'])
/** The property at which a parser hands out what it read, where that is not what it gives back. */
const INSIDE: ReadonlyMap<string, string> = new Map([
  ['safeParse', 'data'],
  ['safeParseAsync', 'data'],
  ['validate', 'value'],
])
/** Packages that build schemas by chains of calls. */
const BUILDERS = /^(?:zod(?:\/v4|\/v3|\/mini)?|joi|@hapi\/joi|yup)(?:#|$)/

/** zod, joi and their like: `z.object({ PORT: z.coerce.number().default(3000) }).parse(process.env)`. */
export function schemaCall({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'result') return undefined
  const [given] = argumentsOf(call)
  const input = PARSERS.has(name) && given !== undefined ? evaluator.meaning(given, frame) : undefined
  if (input === undefined || (input.kind !== 'environment' && input.kind !== 'object' && input.kind !== 'merged'))
    return BUILDERS.test(receiver.of) && !PARSERS.has(name) ? { kind: 'result', of: receiver.of, call, frame } : undefined
  return handedOut(name, /^(?:joi|@hapi\/joi)/.test(receiver.of), validated(input, receiver.call, call, evaluator))
}

function handedOut(name: string, isJoi: boolean, meaning: Meaning): Meaning {
  const inside = name === 'validate' && !isJoi ? undefined : INSIDE.get(name)
  return inside === undefined ? meaning : { kind: 'wrapped', property: inside, meaning }
}

/** What is put in, with the schema's default where it has nothing. */
function validated(input: Meaning, schema: Node, at: Node, evaluator: Evaluator): Meaning {
  const shapes = shapesOf(schema, evaluator)
  if (input.kind === 'environment') return { ...input, defaults: (variable) => defaultIn(shapes, variable, evaluator), readAt: at }
  return {
    kind: 'merged',
    property: (name) => {
      const fallback = defaultIn(shapes, name, evaluator)
      const given = evaluator.property(input, name, at)
      return isNothing(fallback) ? given : eitherMeaning(given, fallback, '??', at.origin)
    },
  }
}

/** Calls that take an environment apart: which argument is the shape, and where in it the variables stand. */
const READERS: ReadonlyMap<string, { readonly shape: number; readonly inside?: readonly string[] }> = new Map([
  ['envalid#cleanEnv', { shape: 1 }],
  ['znv#parseEnv', { shape: 1 }],
  ['envsafe#envsafe', { shape: 0 }],
  ['@t3-oss/env-core#createEnv', { shape: 0, inside: ['server'] }],
  ['@t3-oss/env-nextjs#createEnv', { shape: 0, inside: ['server'] }],
  ['env-schema', { shape: 0, inside: ['schema', 'properties'] }],
  ['env-schema#envSchema', { shape: 0, inside: ['schema', 'properties'] }],
])

/**
 * envalid: `cleanEnv(process.env, { PORT: port({ default: 3000 }) })`; t3-env: `createEnv({ server: { PORT: … }, runtimeEnv: process.env })`;
 * valibot: `parse(schema, process.env)`; dotenv: `config().parsed`, which holds what the file says and is what the process then has.
 */
export function validatedEnvironment({ name, call, frame }: LibraryCall, evaluator: Evaluator): Meaning | undefined {
  const [first, second] = argumentsOf(call)
  if (name === 'dotenv#config') {
    const parsed: Meaning = fillsAnother(call, evaluator)
      ? unknownMeaning('what the file says is read apart from the environment', call.origin)
      : { kind: 'environment' }
    return { kind: 'wrapped', property: 'parsed', meaning: parsed }
  }
  if (name === 'valibot#parse' || name === 'joi#validate' || name === '@hapi/joi#validate') {
    const [schema, input] = name === 'valibot#parse' ? [first, second] : [second, first]
    const built = schema === undefined ? undefined : evaluator.meaning(schema, frame)
    const of = input === undefined ? undefined : evaluator.meaning(input, frame)
    if (built?.kind !== 'result' || of?.kind !== 'environment') return undefined
    return handedOut(name === 'valibot#parse' ? 'parse' : 'validate', true, validated(of, built.call, call, evaluator))
  }
  const reader = READERS.get(name)
  const given = reader === undefined ? undefined : argumentsOf(call)[reader.shape]
  if (reader === undefined || given === undefined) return undefined
  if (reader.shape === 1 && first !== undefined && evaluator.meaning(first, frame).kind !== 'environment') return undefined
  let shape = evaluator.meaning(given, frame)
  for (const part of reader.inside ?? []) shape = evaluator.property(shape, part, call)
  const shapes = shape.kind === 'object' ? [shape.node] : []
  return { kind: 'environment', defaults: (variable) => defaultIn(shapes, variable, evaluator), readAt: call }
}

/** The default that a schema which is held in `meaning` gives a variable. */
export function schemaDefault(meaning: Meaning, variable: string, evaluator: Evaluator): Meaning {
  return meaning.kind === 'result' ? defaultIn(shapesOf(meaning.call, evaluator), variable, evaluator) : NOTHING
}

const SHAPES: ReadonlySet<string> = new Set(['object', 'keys', 'strictObject', 'looseObject', 'shape', 'extend', 'safeExtend', 'append'])
/** Calls of one chain that are looked at. */
const CHAIN = 30

/** The object literals that a schema is made of, those that come later in the chain first. */
function shapesOf(call: Node, evaluator: Evaluator): readonly Node[] {
  const found: Node[] = []
  let current: Node | undefined = call
  for (let depth = 0; current !== undefined && depth < CHAIN; depth++) {
    const callee: Node | undefined = calleeOf(current)
    const name = callee?.kind === 'member_expression' ? callee.field('property')?.content : callee?.content
    const [first] = argumentsOf(current)
    const shape = first !== undefined && SHAPES.has(name ?? '') ? evaluator.meaning(first, undefined) : undefined
    if (shape?.kind === 'object') found.push(shape.node)
    const inner: Node | undefined = callee?.kind === 'member_expression' ? callee.field('object') : undefined
    current = inner === undefined ? undefined : chained(bare(inner), evaluator)
  }
  return found
}

/** The call before in a chain, also where a name stands for it. */
function chained(inner: Node, evaluator: Evaluator): Node | undefined {
  if (inner.kind === 'call_expression') return inner
  const meaning = inner.kind === 'identifier' ? evaluator.meaning(inner, undefined) : undefined
  return meaning?.kind === 'result' ? meaning.call : undefined
}

function defaultIn(shapes: readonly Node[], variable: string, evaluator: Evaluator): Meaning {
  for (const shape of shapes) {
    const member = shape.named.find((candidate) => candidate.kind === 'pair' && propertyName(candidate.field('key')) === variable)
    const value = member?.field('value')
    if (value !== undefined) return memberDefault(bare(value), evaluator)
  }
  return NOTHING
}

/** `.default(3000)` in the chain, `{ default: 3000 }` among the arguments or alone, `optional(schema, 3000)`. */
function memberDefault(value: Node, evaluator: Evaluator): Meaning {
  let current: Node | undefined = value
  if (value.kind === 'object') return ofOptions(value, evaluator) ?? NOTHING
  for (let depth = 0; current?.kind === 'call_expression' && depth < CHAIN; depth++) {
    const callee: Node | undefined = calleeOf(current)
    const name = callee?.kind === 'member_expression' ? callee.field('property')?.content : callee?.content
    const [first, second] = argumentsOf(current)
    if (first !== undefined && (name === 'default' || name === 'prefault' || name === 'catch') && callee?.kind === 'member_expression')
      return evaluator.meaning(first, undefined)
    if (second !== undefined && (name === 'optional' || name === 'nullish')) return evaluator.meaning(second, undefined)
    const options = first === undefined ? undefined : bare(first)
    const given = options?.kind === 'object' ? ofOptions(options, evaluator) : undefined
    if (given !== undefined) return given
    // `pipe(optional(string(), '3000'), transform(Number))`
    const inner: Node | undefined =
      callee?.kind === 'member_expression' && callee.field('object')?.kind === 'call_expression' ? callee.field('object') : undefined
    current =
      inner ??
      (name === 'pipe' || name === 'preprocess'
        ? argumentsOf(current)
            .map(bare)
            .find((one) => one.kind === 'call_expression')
        : undefined)
  }
  return NOTHING
}

/** `{ default: 3000, devDefault: 3001 }`: the second while NODE_ENV is not production (envalid, envsafe). */
function ofOptions(options: Node, evaluator: Evaluator): Meaning | undefined {
  const named = (name: string): Node | undefined => options.named.find((pair) => propertyName(pair.field('key')) === name)?.field('value')
  const [usual, development] = [named('default'), named('devDefault')]
  const always = usual === undefined ? undefined : evaluator.meaning(usual, undefined)
  if (development === undefined) return always
  const environment = evaluator.property({ kind: 'environment' }, 'NODE_ENV', development)
  const isProduction = environment.kind === 'value' ? saysOneOf(environment.value, ['production'], development) : undefined
  const other = evaluator.meaning(development, undefined)
  return isProduction === undefined ? other : between(isProduction, always ?? NOTHING, other, development)
}

/** What the schema of `@fastify/env` gives `fastify.config`. */
export function registeredEnvironment(name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  for (const call of evaluator.moduleOf(at)?.calls('register') ?? []) {
    const [plugin, options] = argumentsOf(call)
    const library = plugin === undefined || options === undefined ? undefined : evaluator.meaning(plugin, undefined)
    if (options === undefined || library?.kind !== 'library' || !/^(?:@fastify\/env|fastify-env)$/.test(library.name)) continue
    const given = evaluator.meaning(options, undefined)
    const key = evaluator.property(given, 'confKey', call)
    const confKey = key.kind === 'value' && key.value.kind === 'known' ? String(key.value.value) : 'config'
    const shape = evaluator.property(evaluator.property(given, 'schema', call), 'properties', call)
    if (confKey !== name) continue
    return { kind: 'environment', defaults: (variable) => defaultIn(shape.kind === 'object' ? [shape.node] : [], variable, evaluator) }
  }
  return undefined
}
