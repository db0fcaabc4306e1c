import type { Text } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { entriesOf, entry, itemsOf, passageOfScalar, textOf } from '../yaml.ts'
import { filled, type Task, type TaskReading, variablesOf } from './task.ts'

const TASKS = 300
const TEMPLATE = /\{\{([^{}\n]{0,200})\}\}/g

/** mise.toml (mise.jdx.dev/tasks/toml-tasks.html): `[env]` of the file, and over it that of the task. */
export function readMise(text: Text): TaskReading {
  const root = readData(text, 'toml')
  const own = directoryOf(text.path).replace(/(?:^|\/)(?:\.config(?:\/mise)?|mise)$/, '')
  const environment = entry(root, 'env')
  const files = itemsOf(entry(entry(environment, '_'), 'file')).flatMap((file) => joinPath(own, textOf(file) ?? '') ?? [])
  const tasks = [...entriesOf(entry(root, 'tasks'))].slice(0, TASKS).map(([name, { value: task }]): Task => {
    const given = task.kind === 'mapping' ? entry(task, 'run') : task
    const dir = textOf(entry(task, 'dir'))
    return {
      name,
      scripts: itemsOf(given).flatMap((command) =>
        command.kind === 'scalar' ? [filled(passageOfScalar(command), TEMPLATE, meaningOf)] : [],
      ),
      environment: new Map([...variablesOf(environment, TEMPLATE, meaningOf), ...variablesOf(entry(task, 'env'), TEMPLATE, meaningOf)]),
      environmentFiles: files,
      directory: dir === undefined ? own : dir.includes('{{') ? undefined : joinPath(own, dir),
    }
  })
  return { tasks, problems: [] }
}

/** `env.NAME`, `config_root`, `arg(…, default="text")`. */
function meaningOf(inside: string): string | undefined {
  const name = /^env\.(\w+)$/.exec(inside)?.[1]
  if (name !== undefined) return `\${${name}}`
  return inside === 'config_root' || inside === 'cwd' ? '.' : undefined
}
