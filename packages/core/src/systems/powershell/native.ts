import type { Value } from '../../evidence/index.ts'
import { programName } from '../programs/run.ts'
import { valuesOf } from './binding.ts'
import { child } from './children.ts'
import { type Datum, type Item, plain, unknown, variantsOf } from './datum.ts'
import { slashed } from './locations.ts'
import type { Call } from './runner.ts'
import { start } from './start.ts'

/** A program that is started. `environment`: variables for it alone. */
export function native(items: readonly Item[], call: Call, environment: ReadonlyMap<string, Value> = new Map()): Datum {
  const { at, origin, runner } = call
  const output = unknown('the output of a command is not followed', origin)
  const variants = variantsOf(items).flatMap(([first, ...rest]) =>
    first === undefined || isAddress(first) ? [] : programsOf(first).map((program) => [program, ...rest]),
  )
  for (const variant of variants) {
    const run = (): void => {
      const scope = at.scope.copy()
      for (const [name, value] of environment) scope.setEnvironment(name, value, origin)
      if (child(variant, { ...call, at: { ...at, scope } })) return
      start(valuesOf(variant, origin), { ...call, at: { ...at, scope } })
    }
    if (variants.length > 1) runner.maybe(run)
    else run()
  }
  return output
}

/** The programs that a command may start; of several paths to the same one, the first. */
function programsOf(first: Datum): readonly Datum[] {
  if (first.kind !== 'choice') return [first]
  const programs = new Map(first.options.map((option) => [programName(slashed(plain(option) ?? '')), option]))
  return [...programs.values()]
}

/** `Start-Process http://…` opens a browser. */
function isAddress(datum: Datum): boolean {
  const first = datum.kind === 'joined' ? datum.parts[0] : datum
  return /^https?:\/\//i.test(plain(first) ?? '')
}
