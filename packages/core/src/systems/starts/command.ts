import type { FileOrigin, Setting, Word } from '../../evidence/index.ts'
import { type CommandReading, readCommand } from '../programs/index.ts'
import type { StartFiles } from './files.ts'
import type { Start, StartContext } from './start.ts'
import { putIn } from './words.ts'

/** What the programs of a command are and are told, where they start: the first is the command's own. */
export function startsOf(
  words: readonly Word[],
  context: StartContext,
  origin: FileOrigin,
  scripts: readonly string[],
  files: StartFiles,
): readonly Start[] {
  const { inContainer, environment, environmentFiles = [] } = context
  const { paths } = files.snapshot
  const readIn = (given: readonly Word[]): readonly CommandReading[] =>
    files.places(context).map((place) =>
      readCommand(given, {
        ...place,
        paths,
        ...(inContainer === undefined ? {} : { inContainer }),
        ...(environment === undefined ? {} : { environment }),
        built: (name) => files.built(name, origin.path),
        text: (path) => files.text(path),
      }),
    )
  const around = readIn(words)
  const mayBeSet = environmentFiles.length > 0 || context.unseenEnvironment !== undefined
  // What a shell put into the words is there, whatever comes to the program of the variables.
  const readings = mayBeSet && around.some((reading) => reading.clearsEnvironment === true) ? readIn(words.map(putIn)) : around
  // Of several directories that a command may start in, the one is meant where its file is.
  const found = readings.findIndex(
    ({ entry, script }) => (entry !== undefined && paths.has(entry)) || files.packageOf(script) !== undefined,
  )
  const reading = readings[Math.max(found, 0)] ?? readCommand(words)
  const isPlaced = context.workingDirectory !== undefined || found >= 0
  return [reading, ...reading.also].map((one) => {
    const cleared = one.clearsEnvironment === true
    return {
      words,
      reading: one,
      scripts,
      environment: cleared || environment === undefined ? one.environment : withSettings(environment, one.environment),
      environmentFiles: [...(cleared ? [] : environmentFiles), ...one.environmentFiles],
      unseenEnvironment: one.unseenEnvironment ?? (cleared ? undefined : context.unseenEnvironment),
      workingDirectory: isPlaced ? one.workingDirectory : undefined,
      origin,
      certain: context.certain !== false,
    }
  })
}

/** What the scripts that a start calls start in. */
export function contextWithin(
  { reading, environment, environmentFiles, unseenEnvironment, certain }: Start,
  context: StartContext,
): StartContext {
  return { ...context, environment: withSettings(environment, reading.environment), environmentFiles, unseenEnvironment, certain }
}

/** The same variables where nothing is set beyond them: most commands set none. */
function withSettings(environment: ReadonlyMap<string, Setting>, more: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  return more.size === 0 ? environment : new Map([...environment, ...more])
}
