import type { Node } from '../../tree.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { eitherMeaning, isNothing, type Meaning, NOTHING, unknownMeaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import { schemaDefault } from './schemas.ts'
import { argumentsOf, literalText } from '../source/syntax.ts'

const SERVICE = '@nestjs/config#ConfigService'
const REGISTER = '@nestjs/config#registerAs'

/** `app.get(ConfigService)`. */
export function nestService({ call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  const [asked] = argumentsOf(call)
  const service = asked === undefined ? undefined : evaluator.meaning(asked, frame)
  return service?.kind === 'library' && service.name === SERVICE ? { kind: 'result', of: SERVICE, call, frame } : undefined
}

/**
 * Nest's `configService.get('PORT', 3000)`: the environment, with what `.env` files and the schema add, and `get('app.port')`: what the
 * factories give that `ConfigModule.forRoot({ load: […] })` names (docs.nestjs.com/techniques/configuration).
 */
export function nestSetting({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'result' || receiver.of !== SERVICE || (name !== 'get' && name !== 'getOrThrow')) return undefined
  const [key, second] = argumentsOf(call)
  const asked = literalText(key)
  if (asked === undefined) return undefined
  const value = /^[A-Z][A-Z0-9_]*$/.test(asked) ? variable(asked, call, evaluator) : fromFactories(asked.split('.'), call, evaluator)
  const fallback = second === undefined || second.kind === 'object' ? undefined : evaluator.meaning(second, frame)
  return fallback === undefined ? value : eitherMeaning(value, fallback, '??', call.origin)
}

function variable(name: string, at: Node, evaluator: Evaluator): Meaning {
  const given = evaluator.property({ kind: 'environment' }, name, at)
  for (const options of moduleOptions(evaluator)) {
    const usual = schemaDefault(evaluator.property(options, 'validationSchema', at), name, evaluator)
    if (!isNothing(usual)) return eitherMeaning(given, usual, '??', at.origin)
  }
  return given
}

function fromFactories(path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const [first = '', ...rest] = path
  const within = (whole: Meaning, parts: readonly string[]): Meaning =>
    parts.reduce((found, part) => (isNothing(found) ? NOTHING : evaluator.property(found, part, at)), whole)
  for (const options of moduleOptions(evaluator)) {
    for (const factory of evaluator.elements(evaluator.property(options, 'load', at)) ?? []) {
      const whole = factory.kind === 'module' ? evaluator.property(factory, 'default', at) : factory
      const made = whole.kind === 'result' && whole.of === REGISTER ? registered(whole.call, first, evaluator) : undefined
      const found =
        made !== undefined ? within(made, rest) : whole.kind === 'function' ? within(evaluator.apply(whole, [], undefined), path) : NOTHING
      if (!isNothing(found)) return found
    }
  }
  return unknownMeaning(`the setting ${path.join('.')} was not found in the folder`, at.origin)
}

/** `registerAs('app', () => ({ port: 3000 }))`. */
function registered(call: Node, name: string, evaluator: Evaluator): Meaning | undefined {
  const [key, factory] = argumentsOf(call)
  const made = literalText(key) === name && factory !== undefined ? evaluator.meaning(factory, undefined) : undefined
  return made?.kind === 'function' ? evaluator.apply(made, [], undefined) : undefined
}

const kept = new WeakMap<Evaluator, readonly Node[]>()

/** What each `ConfigModule.forRoot(…)` of the folder is given. */
function moduleOptions(evaluator: Evaluator): readonly Meaning[] {
  let nodes = kept.get(evaluator)
  if (nodes === undefined) {
    const { project } = evaluator
    nodes = project.sources
      .filter((path) => /\bConfigModule\s*\.\s*forRoot(?:Async)?\s*\(/.test(project.text(path)?.content ?? ''))
      .flatMap((path) => project.module(path)?.calls('forRoot') ?? [])
      .flatMap((call) => argumentsOf(call)[0] ?? [])
      .slice(0, 20)
    kept.set(evaluator, nodes)
  }
  return nodes.map((node) => evaluator.meaning(node, undefined))
}
