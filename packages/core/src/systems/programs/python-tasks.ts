import type { Text } from '../../evidence/index.ts'
import { filesNamed } from '../deployed.ts'
import { directoryOf } from '../paths.ts'
import { consoleScripts } from '../project-files/console-scripts.ts'
import { pythonTasks } from '../project-files/python-tasks.ts'
import { passageOfScalar } from '../yaml.ts'
import { directoryIn, inFolder, moduleFile, moved, type Place, present } from './place.ts'
import type { CommandReading } from './reading.ts'
import { programName, type Readers } from './run.ts'
import { argumentsOf, done, type State, withDirectory, withFile } from './state.ts'
import { isLiteral, type Template } from './template.ts'

/** What calls a task by its name, with the word before it. */
const RUNNERS: Readonly<Record<string, string | undefined>> = {
  pdm: 'run',
  pipenv: 'run',
  rye: 'run',
  hatch: 'run',
  pixi: 'run',
  poe: undefined,
  task: undefined,
}

const FILES = ['pyproject.toml', 'Pipfile', 'pixi.toml'] as const

/** `pdm run start`, `poe start`: a task of the pyproject.toml here. `undefined`: none of that name. */
export function pythonTask(read: Readers, runner: string, rest: readonly Template[], state: State): CommandReading | undefined {
  if (!Object.hasOwn(RUNNERS, runner)) return undefined
  const before = RUNNERS[runner]
  const [called, ...more] = before === undefined ? rest : rest[0]?.text === before ? rest.slice(1) : []
  if (called === undefined || !isLiteral(called.text)) return undefined
  // `hatch run ENVIRONMENT:NAME`
  const name = called.text.split(':').at(-1)
  const task = textsOf(state)
    .flatMap(pythonTasks)
    .find((one) => one.runner === runner && one.name === name)
  if (task === undefined) return undefined
  const environment = new Map([...state.environment, ...task.environment])
  const placed = task.directory === undefined ? state : withDirectory(state, task.directory)
  const inside = task.environmentFiles.reduce(withFile, { ...placed, environment })
  const texts = task.commands.map((command): Template => {
    const passage = passageOfScalar(command)
    return { text: passage.content, holes: [], origin: passage.origin(0, passage.content.length) }
  })
  return read.text(texts, inside, more)
}

/** `serve`, `/opt/app/.venv/bin/serve`, `.venv\\Scripts\\serve.exe`: where pip puts the commands of a package. */
const INSTALLED = /^(?:(.{0,400}?)(?:[/\\]\.?\w{1,40})?[/\\](?:bin|Scripts)[/\\])?[\w.-]{1,100}$/

/** Files that say which commands a package has, and at most so many of one folder. */
const MANIFESTS = ['pyproject.toml', 'setup.cfg', 'setup.py'] as const
const MOST_PACKAGES = 12

/**
 * A command that a package of the folder makes of a function of a module: the package here, that beside the virtual environment which the
 * command is in, or the only one of the folder that has a command of this name.
 */
export function consoleScript(first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  const installed = isLiteral(first.text) ? INSTALLED.exec(first.text) : null
  if (installed === null || (installed[1] === undefined && /[/\\]/.test(first.text))) return undefined
  const { place } = state
  const name = programName(first.text)
  const near = ['.', ...(installed[1] === undefined ? [] : [installed[1]])].map((directory) => present(moved(place, directory), MANIFESTS))
  const all = MANIFESTS.flatMap((file) => filesNamed(file, place.paths ?? new Set()))
  const found = [...near, all.length > MOST_PACKAGES ? [] : all]
    .map((paths) => new Set(paths.flatMap((path) => commandFile(name, path, place) ?? [])))
    .find((entries) => entries.size > 0)
  const [entry] = found ?? []
  return found?.size === 1 && entry !== undefined ? done(state, name, { entry, arguments: argumentsOf(rest, 1) }) : undefined
}

/** As `consoleScript`, of a path into a virtual environment: that is no program which other packages give the same name. */
export function environmentScript(first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  return /(?:^|[/\\])\.?(?:v|virtual)?env[/\\](?:bin|Scripts)[/\\]/.test(first.text) ? consoleScript(first, rest, state) : undefined
}

/** The file of the module that a package's manifest makes a command of this name of. */
function commandFile(name: string, manifest: string, place: Place): string | undefined {
  const text = place.text?.(manifest)
  const target = text === undefined ? undefined : consoleScripts(text).get(name)
  const beside: Place = { ...place, directory: directoryOf(manifest), mounts: new Map() }
  return target === undefined ? undefined : moduleFile(beside, target, ['', 'src'], false)
}

function textsOf({ place }: State): readonly Text[] {
  if (directoryIn(place) === undefined) return []
  return FILES.flatMap((name) => {
    const path = inFolder(place, name)
    return path === undefined || place.paths?.has(path) !== true ? [] : (place.text?.(path) ?? [])
  })
}
