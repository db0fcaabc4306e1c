import type { LibraryCall } from './builtins.ts'
import type { Evaluator } from './evaluator.ts'
import { type Meaning, NOTHING } from './meaning.ts'
import type { MethodCall } from './methods.ts'
import type { Node } from '../tree.ts'
import { argumentsOf, bare, calleeOf, propertyName } from './syntax.ts'

/**
 * Validated environments: what comes out is the environment, with the defaults that the schema gives. Whether a value is
 * refused does not matter to where a server listens: it then does not start.
 */

const PARSERS: ReadonlySet<string> = new Set(['parse', 'safeParse', 'parseAsync', 'validateSync'])

/** zod and its like: `z.object({ PORT: z.coerce.number().default(3000) }).parse(process.env)`. */
export function schemaCall({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  const [given] = argumentsOf(call)
  if (!PARSERS.has(name) || given === undefined || receiver.kind !== 'result' || evaluator.meaning(given, frame).kind !== 'environment')
    return undefined
  const shape = shapeOf(receiver.call)
  const environment: Meaning = { kind: 'environment', defaults: (variable) => defaultIn(shape, variable, evaluator) }
  return name === 'safeParse' ? { kind: 'wrapped', property: 'data', meaning: environment } : environment
}

/**
 * envalid: `cleanEnv(process.env, { PORT: port({ default: 3000 }) })`; t3-env: `createEnv({ server: { PORT: … }, runtimeEnv: process.env })`;
 * dotenv: `config().parsed`, which holds what the file says and is what the process then has.
 */
export function validatedEnvironment({ name, call, frame }: LibraryCall, evaluator: Evaluator): Meaning | undefined {
  const [first, second] = argumentsOf(call)
  if (name === 'dotenv#config') return { kind: 'wrapped', property: 'parsed', meaning: { kind: 'environment' } }
  if (name === 'envalid#cleanEnv') {
    const isEnvironment = first !== undefined && evaluator.meaning(first, frame).kind === 'environment'
    return isEnvironment && second !== undefined ? environmentOf(evaluator.meaning(second, frame), evaluator) : undefined
  }
  if (!T3.has(name) || first === undefined) return undefined
  return environmentOf(evaluator.property(evaluator.meaning(first, frame), 'server', call), evaluator)
}

const T3: ReadonlySet<string> = new Set(['@t3-oss/env-core#createEnv', '@t3-oss/env-nextjs#createEnv'])

function environmentOf(schema: Meaning, evaluator: Evaluator): Meaning {
  const shape = schema.kind === 'object' ? schema.node : undefined
  return { kind: 'environment', defaults: (variable) => defaultIn(shape, variable, evaluator) }
}

/** The object literal that a schema is made of: the first argument of the innermost call of the chain. */
function shapeOf(call: Node): Node | undefined {
  let current: Node | undefined = call
  for (let depth = 0; current !== undefined && depth < 20; depth++) {
    const [first] = argumentsOf(current)
    if (first !== undefined && bare(first).kind === 'object') return bare(first)
    const callee: Node | undefined = calleeOf(current)
    const inner: Node | undefined = callee?.kind === 'member_expression' ? callee.field('object') : undefined
    current = inner === undefined ? undefined : bare(inner)
    if (current?.kind !== 'call_expression') return undefined
  }
  return undefined
}

/** `.default(3000)` in the chain, or `{ default: 3000 }` among the arguments. */
function defaultIn(shape: Node | undefined, variable: string, evaluator: Evaluator): Meaning {
  const member = shape?.named.find((candidate) => candidate.kind === 'pair' && propertyName(candidate.field('key')) === variable)
  let current: Node | undefined = member?.field('value')
  for (let depth = 0; current?.kind === 'call_expression' && depth < 30; depth++) {
    const callee: Node | undefined = calleeOf(current)
    const [first] = argumentsOf(current)
    if (callee?.kind === 'member_expression' && callee.field('property')?.content === 'default' && first !== undefined)
      return evaluator.meaning(first, undefined)
    const options = first === undefined ? undefined : bare(first)
    const given =
      options?.kind === 'object' ? options.named.find((pair) => propertyName(pair.field('key')) === 'default')?.field('value') : undefined
    if (given !== undefined) return evaluator.meaning(given, undefined)
    current = callee?.kind === 'member_expression' ? callee.field('object') : undefined
  }
  return NOTHING
}
