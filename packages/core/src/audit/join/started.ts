import type { Bind, Evidence, Launch } from '../../evidence/index.ts'
import { isDebugger } from './debugger.ts'
import { bindsOf, type StartFacts } from './facts.ts'

/** The lines that bind which a launch comes to run: a server that imports a file (`uvicorn main:app`) runs nothing that only the program itself does. */
export function bindsStarted(facts: StartFacts, launch: Evidence<Launch>): readonly Evidence<Bind>[] {
  const { entry, serves, configurationFiles = [] } = launch.claim
  if (serves === undefined) return bindsOf(facts, launch)
  if (entry === undefined || isDebugger(launch)) return []
  return bindsOf(facts, launch).filter(
    ({ claim, origin }) =>
      claim.asProgram?.includes(entry) !== true &&
      !(origin.kind === 'file' && configurationFiles.includes(origin.path)) &&
      claim.framework !== LEFT_OUT[serves.program],
  )
}

/** Calls that do nothing where the framework's own command starts the file, by that command. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  // Flask 2.2.2, flask/app.py: run, with FLASK_RUN_FROM_CLI.
  'flask-run': 'flask',
}
