import type { Evaluator } from '../values/evaluator.ts'
import { choiceMeaning, type Meaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, calleeOf, literalText } from '../source/syntax.ts'

/** Express keeps settings by name: `app.set('port', 3000)` is what `app.get('port')` gives. */
export function serverSetting(
  { name, call }: MethodCall,
  server: Extract<Meaning, { readonly kind: 'server' }>,
  evaluator: Evaluator,
): Meaning | undefined {
  const [key, second] = argumentsOf(call)
  const setting = literalText(key)
  if (server.type !== 'express' || name !== 'get' || setting === undefined || second !== undefined) return undefined
  // Where it was made and where it is asked: a setting is seldom put in anywhere else.
  const modules = new Set([evaluator.moduleOf(server.made), evaluator.moduleOf(call)])
  const values = [...modules].flatMap((module) => module?.calls('set') ?? []).flatMap((set) => settingOf(set, setting) ?? [])
  if (values.length === 0) return undefined
  return choiceMeaning(
    values.map((value) => evaluator.meaning(value, undefined)),
    call.origin,
  )
}

function settingOf(call: Node, name: string): Node | undefined {
  const [key, value] = argumentsOf(call)
  return calleeOf(call)?.kind === 'member_expression' && literalText(key) === name ? value : undefined
}
