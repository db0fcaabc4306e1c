import { argumentsOf } from '../source/syntax.ts'
import type { Node } from '../../tree.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { isNothing } from '../values/meaning.ts'

/** Whether `config({ processEnv: object })` of dotenv fills an object in place of the environment (dotenv 16, lib/main.js: configDotenv). */
export function fillsAnother(call: Node, evaluator: Evaluator): boolean {
  const [first] = argumentsOf(call)
  if (first === undefined) return false
  const options = evaluator.ask(new Map(), () => evaluator.meaning(first, undefined)).answer
  const target = isNothing(options) ? options : evaluator.property(options, 'processEnv', call)
  return !isNothing(target) && target.kind !== 'environment' && options.kind !== 'value'
}
