import { npmSettings } from '../package-json/npm-settings.ts'
import { packageScripts, scriptsNamed } from '../package-json/scripts.ts'
import { joinPath } from '../paths.ts'
import type { ScriptCall } from '../programs/index.ts'
import type { CalledScript } from './called.ts'
import type { Package, StartFiles } from './files.ts'
import { readerOfText } from './readers.ts'
import type { Start, StartContext } from './start.ts'

/** The scripts of a package that a command calls; empty: it has none of that name. */
export function scriptsCalled(
  call: ScriptCall,
  { text, directory }: Package,
  context: StartContext,
  files: StartFiles,
): readonly CalledScript[] {
  const manifest = packageScripts(text)
  const npm = npmSettings(manifest, files.text(joinPath(directory, '.npmrc') ?? ''))
  const inside: StartContext = {
    ...context,
    ...(npm.size === 0 ? {} : { environment: new Map([...npm, ...(context.environment ?? [])]) }),
    workingDirectory: directory,
  }
  return scriptsNamed(call.name, manifest.scripts).map(({ name, passage }) => ({
    name: `${text.path}#${name}`,
    texts: () => [{ read: readerOfText(passage), passage, context: inside, extra: call.extra }],
  }))
}

/** What runs where the package has no script of that name; `undefined`: nothing. */
export function withoutScript(
  { name, orProgram }: ScriptCall,
  directory: string,
  start: Start,
  paths: ReadonlySet<string>,
): Start | undefined {
  if (orProgram !== undefined) return { ...start, reading: orProgram }
  // npm's own default (npm-start(1)).
  const server = name === 'start' ? joinPath(directory, 'server.js') : undefined
  return server !== undefined && paths.has(server) ? { ...start, reading: { ...start.reading, entry: server } } : undefined
}
