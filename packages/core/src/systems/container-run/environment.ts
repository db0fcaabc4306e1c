import { type FileOrigin, knownText, maybeSetAgain, type Setting, type Text, type Unseen, unseenFile } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { setting } from '../secret.ts'
import type { Start, Starts } from '../starts/index.ts'
import { leading, without } from './command.ts'
import type { ContainerRun } from './run.ts'

export interface ContainerEnvironment {
  readonly settings: ReadonlyMap<string, Setting>
  /** Files of variables, relative to the folder. */
  readonly files: readonly string[]
  /** A file of them that the folder does not have. */
  readonly unseen?: Unseen
}

/** What `--env-file` and, over it, `--env` set, over what the image has (docs.docker.com/reference/cli/docker/container/run). */
export function environmentOf(run: ContainerRun, outer: Start, starts: Starts): ContainerEnvironment {
  const settings = new Map<string, Setting>()
  const files: string[] = []
  let unseen: Unseen | undefined
  for (const { value, origin } of run.options.get('--env-file') ?? []) {
    const path = fileNamed(knownText(value), outer, starts)
    const text = path === undefined ? undefined : starts.text(path)
    if (path !== undefined) files.push(path)
    if (text !== undefined) for (const [name, given] of variablesOf(text, outer)) settings.set(name, given)
    // Without it the engine starts nothing: it is made where the container is started.
    else unseen = unseenFile(origin)
  }
  for (const { value, origin } of run.options.get('--env') ?? []) {
    const text = leading(value)
    const equals = text.indexOf('=')
    // A name alone takes the value that the shell has exported.
    const given = equals < 0 ? outer.environment.get(text) : setting(text.slice(0, equals), without(value, equals + 1), origin)
    if (given !== undefined) settings.set(equals < 0 ? text : text.slice(0, equals), given)
  }
  return { settings, files, ...(unseen === undefined ? {} : { unseen }) }
}

/** What an image has, which `settings` go over, and what is not seen may. */
export function withImage(image: ReadonlyMap<string, Setting>, { settings, unseen }: ContainerEnvironment): ReadonlyMap<string, Setting> {
  return new Map([...(unseen === undefined ? image : maybeSetAgain(image)), ...settings])
}

/** A script is started from its own directory or from the folder's. */
function fileNamed(written: string | undefined, { workingDirectory, origin }: Start, starts: Starts): string | undefined {
  if (written === undefined) return undefined
  const directories = workingDirectory === undefined ? [directoryOf(origin.path), ''] : [workingDirectory]
  const paths = directories.flatMap((directory) => joinPath(directory, written) ?? [])
  return paths.find((path) => starts.snapshot.paths.has(path)) ?? paths[0]
}

/** `NAME=value`, all of it as it stands, quotes as well; a name alone is taken from the shell (docker/cli 28, pkg/kvfile). */
const LINE = /^[ \t]*([^#=\s][^=\s]*)(?:(=)([^\r\n]*))?\r?$/gm

function* variablesOf(file: Text, outer: Start): Generator<readonly [string, Setting]> {
  for (const match of file.content.matchAll(LINE)) {
    const [all, name = '', equals, text = ''] = match
    const end = match.index + all.trimEnd().length
    const origin: FileOrigin = file.origin(equals === undefined ? match.index : Math.min(end, match.index + all.indexOf('=') + 1), end)
    const given = equals === undefined ? outer.environment.get(name) : setting(name, { kind: 'known', value: text, origin }, origin)
    if (given !== undefined) yield [name, given]
  }
}
