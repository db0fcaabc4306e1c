import type { Text } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { pythonTasks } from '../project-files/python-tasks.ts'
import { passageOfScalar } from '../yaml.ts'
import type { Task, TaskReading } from './task.ts'

/** pyproject.toml, Pipfile and pixi.toml: the commands that PDM, Poe, Pipenv and their like run by name. */
export function readPythonTasks(text: Text): TaskReading {
  const own = directoryOf(text.path)
  const tasks = pythonTasks(text).map(
    ({ name, commands, environment, environmentFiles, directory }): Task => ({
      name,
      scripts: commands.map(passageOfScalar),
      environment,
      environmentFiles: environmentFiles.flatMap((file) => joinPath(own, file) ?? []),
      directory: directory === undefined ? own : joinPath(own, directory),
    }),
  )
  return { tasks, problems: [] }
}
