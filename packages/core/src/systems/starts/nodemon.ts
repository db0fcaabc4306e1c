import { knownText, type Text } from '../../evidence/index.ts'
import { nodemonSettings } from '../package-json/nodemon.ts'
import { joinPath } from '../paths.ts'
import type { ShellText } from './called.ts'
import type { StartFiles } from './files.ts'
import { readerOfText } from './readers.ts'
import type { Start, StartContext } from './start.ts'

/** What `nodemon [FILE]` runs: its configuration says with which variables, and perhaps which command. */
export function restarted(
  start: Start,
  context: StartContext,
  files: StartFiles,
): { readonly start: Start } | { readonly command: ShellText } {
  const directory = start.workingDirectory ?? ''
  const { entry } = start.reading
  const text = (name: string): Text | undefined => files.text(joinPath(directory, name) ?? name)
  const { environment: given, exec, script } = nodemonSettings(text('nodemon.json'), text('package.json'))
  const environment = new Map([...given, ...start.environment])
  if (exec !== undefined) {
    const extra = start.words.slice(
      entry === undefined ? start.words.length : start.words.findIndex((word) => joinPath(directory, knownText(word.text) ?? '') === entry),
    )
    const inside = { ...context, environment, workingDirectory: directory }
    return { command: { read: readerOfText(exec), passage: exec, context: inside, extra } }
  }
  const main = [script ?? 'index.js', `${script}.js`]
    .map((name) => joinPath(directory, name) ?? name)
    .find((path) => files.snapshot.paths.has(path))
  const file = entry ?? main
  return { start: { ...start, environment, reading: file === undefined ? start.reading : { ...start.reading, entry: file } } }
}
