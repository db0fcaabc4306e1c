import type { Node } from '../../tree.ts'
import { folderPath } from './file-data.ts'
import { fileMeaning } from '../values/data-values.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { choiceMeaning, eitherMeaning, isNothing, type Meaning, NOTHING, unknownMeaning, valueMeaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import { argumentsOf, literalText } from '../source/syntax.ts'

type Result = Extract<Meaning, { readonly kind: 'result' }>

/**
 * convict: `convict({ server: { port: { default: 3000, env: 'PORT', arg: 'port' } } }).get('server.port')`; arguments win over variables,
 * those over files that are loaded, and those over defaults (mozilla/node-convict, README, Configuration hierarchy).
 */
export function convictMethod({ receiver, name, call }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'result' || receiver.of !== 'convict') return undefined
  if (name === 'getProperties') return settingsBelow(receiver, [], call, evaluator)
  if (name !== 'get') return /^(?:validate|load|loadFile|set)$/.test(name) ? receiver : undefined
  const path = literalText(argumentsOf(call)[0])
  return path === undefined ? settingsBelow(receiver, [], call, evaluator) : setting(receiver, path.split('.'), call, evaluator)
}

const settingsBelow = (of: Result, path: readonly string[], at: Node, evaluator: Evaluator): Meaning => ({
  kind: 'merged',
  property: (name) => setting(of, [...path, name], at, evaluator),
})

function setting(of: Result, path: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  const [shape] = argumentsOf(of.call)
  let leaf = shape === undefined ? NOTHING : evaluator.meaning(shape, of.frame)
  for (const part of path) if (!isNothing(leaf)) leaf = evaluator.property(leaf, part, at)
  if (leaf.kind !== 'object' && leaf.kind !== 'data')
    return unknownMeaning(`\`${path.join('.')}\` is not in the schema of convict`, at.origin)
  const option = (name: string): Meaning => evaluator.property(leaf, name, at)
  const text = (name: string): string | undefined => {
    const meaning = option(name)
    return meaning.kind === 'value' && meaning.value.kind === 'known' ? String(meaning.value.value) : undefined
  }
  if (isNothing(option('default')) && isNothing(option('env'))) return settingsBelow(of, path, at, evaluator)
  let value = loaded(of, path, option('default'), at, evaluator)
  const [variable, argument] = [text('env'), text('arg')]
  if (variable !== undefined)
    value = eitherMeaning(evaluator.property({ kind: 'environment', readAt: of.call }, variable, at), value, '??', at.origin)
  if (argument === undefined) return value
  return eitherMeaning(
    valueMeaning({ kind: 'argument', name: `--${argument}`, fallback: { kind: 'absent' }, origin: at.origin }),
    value,
    '??',
    at.origin,
  )
}

/** What the files say that the same source loads; a file that is chosen at start may say anything. */
function loaded(of: Result, path: readonly string[], usual: Meaning, at: Node, evaluator: Evaluator): Meaning {
  const calls = evaluator.moduleOf(of.call)?.calls('loadFile') ?? []
  return calls.reduce((before, call) => {
    const [file] = argumentsOf(call)
    const name = file === undefined ? undefined : folderPath(file, evaluator)
    if (file === undefined || name === undefined || !evaluator.project.snapshot.paths.has(name))
      return choiceMeaning([before, unknownMeaning('a file that convict loads is decided when it starts', call.origin)], call.origin)
    let found = fileMeaning(name, undefined, file.origin, evaluator)
    for (const part of path) if (!isNothing(found)) found = evaluator.property(found, part, at)
    return isNothing(found) ? before : found
  }, usual)
}
