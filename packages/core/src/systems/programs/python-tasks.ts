import type { Text } from '../../evidence/index.ts'
import { consoleScripts, pythonTasks } from '../project-files/python-tasks.ts'
import { passageOfScalar } from '../yaml.ts'
import { directoryIn, inFolder, moduleFile } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Readers } from './run.ts'
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
  return read.text(
    more.length === 0 ? texts : texts.map((text) => ({ ...text, text: `${text.text} ${more.map((word) => word.text).join(' ')}` })),
    inside,
  )
}

/** A command that the pyproject.toml here makes of a function of a module. */
export function consoleScript(first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  if (!isLiteral(first.text) || first.text.includes('/')) return undefined
  const target = textsOf(state)
    .filter(({ path }) => path.endsWith('pyproject.toml'))
    .flatMap((text) => consoleScripts(text).get(first.text) ?? [])[0]
  const entry = target === undefined ? undefined : moduleFile(state.place, target, ['', 'src'], false)
  return entry === undefined ? undefined : done(state, first.text, { entry, arguments: argumentsOf(rest, 1) })
}

function textsOf({ place }: State): readonly Text[] {
  if (directoryIn(place) === undefined) return []
  return FILES.flatMap((name) => {
    const path = inFolder(place, name)
    return path === undefined || place.paths?.has(path) !== true ? [] : (place.text?.(path) ?? [])
  })
}
