import { directoryOf } from '../paths.ts'
import { DENO_FILES, denoTasks } from '../project-files/deno-tasks.ts'
import { passageOfScalar } from '../yaml.ts'
import { lastOf, parseOptions } from './options.ts'
import { wordsOf } from './packages.ts'
import { configurationText, directoryIn, moved } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Readers } from './run.ts'
import { done, type State } from './state.ts'
import { isLiteral, type Template } from './template.ts'

/** `deno task NAME`: of the deno.json here, else a script of the package.json (docs.deno.com/runtime/reference/cli/task). */
export function denoTask(read: Readers, name: string, rest: readonly Template[], before: State): CommandReading | undefined {
  if (name !== 'deno' || rest[0]?.text !== 'task') return undefined
  const options = { '--cwd': 'directory', '-c': 'configuration', '--config': 'configuration', '-f': 'value', '--filter': 'value' } as const
  const parsed = parseOptions(rest.slice(1), { options, unlisted: 'switch', stopsAtPositional: true })
  const [called, ...more] = parsed.rest
  if (called === undefined || !isLiteral(called.text)) return undefined
  const directory = lastOf(parsed.given, 'directory')?.value?.text
  const place = directory === undefined || !isLiteral(directory) ? before.place : moved(before.place, directory)
  const text = configurationText(place, lastOf(parsed.given, 'configuration')?.value?.text, DENO_FILES)
  const task = text === undefined ? undefined : denoTasks(text).find((one) => one.name === called.text)
  if (text === undefined || task === undefined)
    return done({ ...before, place }, name, { script: { name: called.text, directory: directoryIn(place), extra: wordsOf(more) } })
  const passage = passageOfScalar(task.command)
  const command: Template = { text: passage.content, holes: [], origin: passage.origin(0, passage.content.length) }
  return read.text([command], { ...before, place: { ...place, directory: directoryOf(text.path) } }, more)
}
