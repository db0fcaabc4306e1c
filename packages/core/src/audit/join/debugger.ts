import type { Evidence, Launch } from '../../evidence/index.ts'
import { debuggersOfNodeOptions } from '../../systems/index.ts'
import type { StartFacts } from './facts.ts'
import type { PlannedBind } from './planned.ts'
import { surroundingsOf } from './surroundings.ts'

/** Rows of the tables of programs and frameworks that are debuggers, by id: whoever reaches one runs code. */
const DEBUGGERS: ReadonlyMap<string, string> = new Map([
  ['node-inspector', 'the Node inspector'],
  ['debugpy', 'debugpy'],
  ['delve', 'Delve'],
])

/** Whether a launch stands for the debugger beside a program, and not for the program. */
export function isDebugger({ claim }: Evidence<Launch>): boolean {
  return claim.serves !== undefined && DEBUGGERS.has(claim.serves.program)
}

/** The title of the debugger that a plan is of; `undefined`: it is of none. */
export function debuggerOf({ bind, launch }: PlannedBind): string | undefined {
  const program = bind?.claim.framework ?? launch?.claim.serves?.program
  return program === undefined ? undefined : DEBUGGERS.get(program)
}

/** `NODE_OPTIONS` opens the inspector of whatever runs Node, wherever it is set: in a script, by a manager, in a file of variables. */
export function withNodeOptions(facts: StartFacts): StartFacts {
  const isAnywhere =
    facts.launches.some(({ claim }) => claim.environment.has('NODE_OPTIONS')) ||
    facts.variables.some(({ claim }) => claim.name === 'NODE_OPTIONS')
  if (!isAnywhere) return facts
  const seen = new Set<string>()
  const more = facts.launches.flatMap((launch): readonly Evidence<Launch>[] => {
    const { by, name, entry, environmentName } = launch.claim
    const place = launch.origin.kind === 'file' ? `${launch.origin.path}:${launch.origin.span.start.offset}` : ''
    const key = JSON.stringify([by, name, entry, environmentName, place])
    if (entry?.endsWith('.py') === true || seen.has(key)) return []
    seen.add(key)
    const { environment } = surroundingsOf(facts, launch)
    const options = environment.get('NODE_OPTIONS')?.value
    if (options === undefined) return []
    return debuggersOfNodeOptions(options, environment).map((serves) => ({ ...launch, claim: { ...launch.claim, serves } }))
  })
  return more.length === 0 ? facts : { ...facts, launches: [...facts.launches, ...more] }
}
