import type { EnvironmentLoad, FileOrigin, Value } from '../../evidence/index.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import type { GoFile } from './file.ts'
import { isTestFile } from './project.ts'
import { argumentsOf } from './syntax.ts'
import { valueOf } from './thing.ts'

/** Functions of godotenv that load variables; without names of files `.env` is meant (github.com/joho/godotenv, README). */
const CALLS: ReadonlyMap<string, { readonly overrides: boolean }> = new Map([
  ['github.com/joho/godotenv.Load', { overrides: false }],
  ['github.com/joho/godotenv.Overload', { overrides: true }],
  ['github.com/subosito/gotenv.Load', { overrides: false }],
  ['github.com/subosito/gotenv.OverLoad', { overrides: true }],
])
const AUTOLOAD = 'github.com/joho/godotenv/autoload'

export const mayLoad = (content: string): boolean => content.includes('otenv')

/** Where a file loads variables from `.env` files when it starts. */
export function loadsOf(evaluator: Evaluator, file: GoFile): readonly { readonly claim: EnvironmentLoad; readonly origin: FileOrigin }[] {
  if (isTestFile(file.path)) return []
  const calls = ['Load', 'Overload', 'OverLoad'].flatMap((name) =>
    file.occurrences(name).flatMap((place) => {
      const callee = place.parent
      const call = callee?.parent
      const row = CALLS.get(evaluator.types.externalName(callee) ?? '')
      if (row === undefined || call?.kind !== 'call_expression' || call.field('function') !== callee) return []
      evaluator.begin()
      const given = argumentsOf(call).map((node) => valueOf(evaluator.evaluate({ node, frame: undefined }), node.origin))
      const files: readonly Value[] = given.length > 0 ? given : [{ kind: 'known', value: '.env', origin: call.origin }]
      return [{ claim: { claim: 'environment-load' as const, files, ...row, entries: entriesOf(evaluator, call) }, origin: call.origin }]
    }),
  )
  const declaration = file.root.named.find((node) => node.kind === 'import_declaration' && node.content.includes(AUTOLOAD))
  if (declaration === undefined) return calls
  const { origin } = declaration
  const files: readonly Value[] = [{ kind: 'known', value: '.env', origin }]
  return [...calls, { claim: { claim: 'environment-load', files, overrides: false, entries: entriesOf(evaluator, declaration) }, origin }]
}
