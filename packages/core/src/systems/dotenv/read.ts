import { type Evidence, isSecretName, type Text, type Value } from '../../evidence/index.ts'
import { nameOf } from '../paths.ts'
import { kept } from '../secret.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { allowedOrigins } from './origins.ts'
import { isPlaceholder } from './placeholder.ts'
import { type FileVariable, type FileVariables, readEnvironmentFile } from './values.ts'
import { environmentOfFile } from './written.ts'

/** Files that show which variables there are; nothing loads them. */
const EXAMPLE = /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|schema)(?:[._-]|$)/i

export const dotenvReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = EXAMPLE.test(nameOf(path)) ? undefined : starts.text(path)
      return text === undefined ? [] : variablesOf(text, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function variablesOf(text: Text, starts: Starts): readonly Evidence[] {
  const { context } = starts.snapshot
  const node = readEnvironmentFile(text, 'node')
  const compose = readEnvironmentFile(text, 'compose')
  // A line that only one of them refuses is not lost, and is worth saying.
  for (const { reason, origin } of compose.problems) starts.problem(reason, origin, { kind: 'nothing' })
  const environment = environmentOfFile(text.path)
  const names = new Set([...node.variables.keys(), ...compose.variables.keys()])
  return [...names].flatMap((name): readonly Evidence[] => {
    const variable = compose.variables.get(name) ?? node.variables.get(name)
    if (variable === undefined) return []
    const value = either(name, node, compose)
    const claims: Evidence[] = [
      evidenceIn(
        context,
        { claim: 'variable', file: text.path, name, value: kept(name, value, variable.origin) },
        variable.origin,
        environment,
      ),
    ]
    const origins = allowedOrigins(variable, compose.variables)
    if (origins !== undefined) claims.push(evidenceIn(context, origins, variable.origin, environment))
    if (isSecretName(name) && value.kind === 'known' && isPlaceholder(String(value.value))) {
      claims.push(evidenceIn(context, { claim: 'secret', name, problem: 'placeholder' }, variable.origin, environment))
    }
    return claims
  })
}

/** What the two kinds of readers make of a variable: one value where they agree. */
function either(name: string, node: FileVariables, compose: FileVariables): Value {
  const [a, b]: readonly (FileVariable | undefined)[] = [node.variables.get(name), compose.variables.get(name)]
  const [one, two] = [a?.value ?? b?.value, b?.value ?? a?.value]
  if (one === undefined || two === undefined) return { kind: 'absent' }
  const same = one.kind !== 'known' || two.kind !== 'known' || one.value === two.value
  return same ? two : { kind: 'choice', options: [one, two], origin: two.origin }
}
