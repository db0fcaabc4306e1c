import type { FileOrigin, Setting } from '../../evidence/index.ts'
import { mainStarts } from '../launches.ts'
import type { Start, Starts } from '../starts/index.ts'
import type { App } from './apps.ts'

/** What an app comes to start, with these variables. */
export function commands(
  app: App,
  environment: ReadonlyMap<string, Setting>,
  environmentFiles: readonly string[],
  starts: Starts,
): readonly Start[] {
  if (app.words.length === 0) return [unknownStart(app, environment, environmentFiles, app.origin)]
  const [only, second] = app.directories
  return mainStarts(
    starts.ofCommand(
      app.words,
      { ...(second === undefined ? { workingDirectory: only } : {}), directories: app.directories, environment, environmentFiles },
      app.origin,
      app.script,
    ),
  )
}

/** An app whose script is not known is started all the same. */
function unknownStart(app: App, environment: ReadonlyMap<string, Setting>, environmentFiles: readonly string[], origin: FileOrigin): Start {
  const reading = {
    program: undefined,
    alsoServes: [],
    debuggers: [],
    workingDirectory: undefined,
    environment: new Map(),
    environmentFiles: [],
    configurationFiles: [],
    arguments: new Map(),
    unknown: [],
    also: [],
  }
  return { words: app.words, reading, scripts: [], environment, environmentFiles, workingDirectory: undefined, origin, certain: true }
}
