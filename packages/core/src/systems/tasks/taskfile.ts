import type { Text } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { entriesOf, entry, itemsOf, passageOfScalar, readYaml, textOf, type Tree } from '../yaml.ts'
import { filled, type Task, type TaskReading, variablesOf } from './task.ts'

/** Tasks of one file. */
const TASKS = 300
const TEMPLATE = /\{\{-?([^{}\n]{0,200}?)-?\}\}/g

/** Taskfile.yml (taskfile.dev/reference/schema): `env` of the file, and over it that of the task. */
export function readTaskfile(text: Text): TaskReading {
  const { documents, problems } = readYaml(text)
  const [root] = documents
  const own = directoryOf(text.path)
  const global = entry(root, 'vars')
  const tasks = [...entriesOf(entry(root, 'tasks'))].slice(0, TASKS).map(([name, { value: task }]): Task => {
    const meaning = (inside: string): string | undefined => meaningOf(inside, [entry(task, 'vars'), global], name)
    const written = textOf(entry(task, 'dir'))
    const directory =
      written === undefined
        ? own
        : joinPath(
            own,
            written.replaceAll(TEMPLATE, (_, inside: string) => meaning(inside.trim()) ?? '…'),
          )
    const files = [root, task].flatMap((one) => itemsOf(entry(one, 'dotenv'))).flatMap((file) => joinPath(own, textOf(file) ?? '') ?? [])
    return {
      name,
      scripts: commandsOf(task).map((command) => filled(command, TEMPLATE, meaning)),
      environment: new Map([...variablesOf(entry(root, 'env'), TEMPLATE, meaning), ...variablesOf(entry(task, 'env'), TEMPLATE, meaning)]),
      environmentFiles: files,
      directory: directory?.includes('…') === true ? undefined : directory,
    }
  })
  return { tasks, problems }
}

/** A task is a command, a list of commands, or says them under `cmds` or `cmd`. */
function commandsOf(task: Tree): readonly ReturnType<typeof passageOfScalar>[] {
  const given = task.kind === 'mapping' ? (entry(task, 'cmds') ?? entry(task, 'cmd')) : task
  return itemsOf(given).flatMap((item) => {
    const command = item.kind === 'mapping' ? entry(item, 'cmd') : item
    return command?.kind === 'scalar' ? [passageOfScalar(command)] : []
  })
}

/** `.NAME`, `.NAME | default "text"`, `default "text" .NAME`; `undefined`: not known. */
function meaningOf(inside: string, variables: readonly (Tree | undefined)[], task: string): string | undefined {
  const name = /^\.(\w+)(?:\s*\|.*)?$/.exec(inside)?.[1] ?? /^default\s+.*\s\.(\w+)$/.exec(inside)?.[1]
  if (name === undefined) return undefined
  if (name === 'CLI_ARGS') return ''
  if (name === 'TASK') return /^[\w.-]+$/.test(task) ? task : undefined
  if (name === 'ROOT_DIR' || name === 'TASKFILE_DIR' || name === 'USER_WORKING_DIR') return '.'
  const given = variables.map((one) => entry(one, name)).find((one) => one !== undefined)
  const fallback = /\bdefault\s+(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(inside)
  if (given !== undefined) {
    const text = textOf(given)
    return text === undefined || text.includes('{{') ? undefined : text
  }
  // What the file does not set may come from the environment.
  const otherwise = fallback?.[1] ?? fallback?.[2] ?? fallback?.[3]
  return otherwise === undefined ? `\${${name}}` : /^[\w./:@%+,-]*$/.test(otherwise) ? `\${${name}:-${otherwise}}` : undefined
}
