import { directoryOf } from '../paths.ts'
import { denoTasks } from '../project-files/deno-tasks.ts'
import { passageOfScalar } from '../yaml.ts'
import type { TaskFormat } from './task.ts'

/** `tasks` of a deno.json: Deno runs them by a shell of its own, in the directory of the file. */
export const readDeno: TaskFormat = (text) => ({
  tasks: denoTasks(text).map(({ name, command }) => ({
    name,
    scripts: [passageOfScalar(command)],
    environment: new Map(),
    environmentFiles: [],
    directory: directoryOf(text.path),
  })),
  problems: [],
})
