import type { Evidence, Launch } from '../../evidence/index.ts'
import type { PlannedBind } from './planned.ts'

/** Rows of the tables of programs and frameworks that are debuggers, by id: whoever reaches one runs code. */
const DEBUGGERS: ReadonlyMap<string, string> = new Map([
  ['node-inspector', 'the Node inspector'],
  ['debugpy', 'debugpy'],
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
