import type { Setting, Text } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { setting } from '../secret.ts'
import { entriesOf, entry, itemsOf, originOf, type ScalarNode, textOf, type Tree } from '../yaml.ts'

/** A command that a pyproject.toml, Pipfile or pixi.toml gives a name. */
export interface PythonTask {
  /** What runs it by its name: `pdm`, `poe`, `pipenv`. */
  readonly runner: string
  readonly name: string
  /** Each is read by a shell, one after the other. */
  readonly commands: readonly ScalarNode[]
  readonly environment: ReadonlyMap<string, Setting>
  /** Relative to the file. */
  readonly environmentFiles: readonly string[]
  /** Relative to the file. */
  readonly directory: string | undefined
}

interface Section {
  readonly runner: string
  /** From the top of the file to the mapping of names and tasks; `*` for every name. */
  readonly at: readonly string[]
  /** Files of variables that the runner loads unasked. */
  readonly files?: readonly string[]
}

/**
 * Where each runner has its tasks: pdm-project.org/latest/usage/scripts, poethepoet.natn.io/tasks, github.com/taskipy/taskipy,
 * hatch.pypa.io/latest/config/environment/overview, rye.astral.sh/guide/pyproject, pixi.sh/latest/workspace/advanced_tasks,
 * pipenv.pypa.io/en/latest/scripts.html (and shell.html: `.env` is loaded).
 */
const SECTIONS: readonly Section[] = [
  { runner: 'pdm', at: ['tool', 'pdm', 'scripts'] },
  { runner: 'poe', at: ['tool', 'poe', 'tasks'] },
  { runner: 'task', at: ['tool', 'taskipy', 'tasks'] },
  { runner: 'rye', at: ['tool', 'rye', 'scripts'] },
  { runner: 'hatch', at: ['tool', 'hatch', 'envs', '*', 'scripts'] },
  { runner: 'pixi', at: ['tool', 'pixi', 'tasks'] },
  { runner: 'pixi', at: ['tasks'] },
  { runner: 'pipenv', at: ['scripts'], files: ['.env'] },
]

/** Tasks of one file. */
const TASKS = 300
const NAMES: Readonly<Record<string, RegExp>> = { tasks: /(?:^|\/)pixi\.toml$/, scripts: /(?:^|\/)Pipfile$/ }
const read = new WeakMap<Text, readonly PythonTask[]>()

export function pythonTasks(text: Text): readonly PythonTask[] {
  const before = read.get(text)
  if (before !== undefined) return before
  const root = readData(text, 'toml')
  const found = SECTIONS.filter(({ at: [first = ''] }) => NAMES[first]?.test(text.path) ?? true).flatMap((section) =>
    sectionsAt(root, section.at, undefined).flatMap(({ tree, above }) => tasksOf(section, tree, above)),
  )
  read.set(text, found.slice(0, TASKS))
  return found.slice(0, TASKS)
}

function sectionsAt(
  tree: Tree | undefined,
  names: readonly string[],
  above: Tree | undefined,
): readonly { readonly tree: Tree; readonly above: Tree | undefined }[] {
  const [name, ...rest] = names
  if (tree === undefined) return []
  if (name === undefined) return [{ tree, above }]
  if (name === '*') return [...entriesOf(tree)].flatMap(([, { value }]) => sectionsAt(value, rest, tree))
  return sectionsAt(entry(tree, name), rest, tree)
}

function tasksOf({ runner, files = [] }: Section, tree: Tree, above: Tree | undefined): readonly PythonTask[] {
  // `_` of PDM holds for all; Poe and Hatch say it beside their tasks.
  const common = [above, entry(tree, '_')]
  return [...entriesOf(tree)].flatMap(([name, { value: task }]): readonly PythonTask[] => {
    const commands = commandsOf(task, tree, 4)
    if (name === '_' || commands.length === 0) return []
    const all = [...common, task]
    return [
      {
        runner,
        name,
        commands,
        environment: new Map(all.flatMap((one) => [...variables(entry(one, 'env') ?? entry(one, 'env-vars'))])),
        environmentFiles: [
          ...all.toReversed().flatMap((one) => ['env_file', 'envfile', 'env-file'].flatMap((key) => texts(entry(one, key)))),
          ...files,
        ],
        directory: textOf(entry(task, 'cwd')) ?? textOf(entry(task, 'working_dir')),
      },
    ]
  })
}

/** A text; one under `cmd` or `shell`, a list of words among them; a list of commands. Tasks that a list names are there themselves. */
function commandsOf(task: Tree | undefined, tasks: Tree, depth: number): readonly ScalarNode[] {
  if (task === undefined || depth === 0) return []
  if (task.kind === 'scalar') return [task]
  if (task.kind === 'list') return several(task.items, tasks, depth)
  const given = entry(task, 'cmd') ?? entry(task, 'shell')
  if (given?.kind === 'scalar') return [given]
  if (given !== undefined) return words(given)
  return ['sequence', 'composite', 'chain', 'parallel'].flatMap((key) => several(itemsOf(entry(task, key)), tasks, depth))
}

function several(items: readonly Tree[], tasks: Tree, depth: number): readonly ScalarNode[] {
  return items.flatMap((item) => (entry(tasks, textOf(item) ?? '') === undefined ? commandsOf(item, tasks, depth - 1) : []))
}

/** A list of words is one command. */
function words(list: Tree): readonly ScalarNode[] {
  const items = itemsOf(list).flatMap((item) => (item.kind === 'scalar' ? [item] : []))
  const [first] = items
  return first === undefined
    ? []
    : [{ ...first, end: items.at(-1)?.end ?? first.end, value: items.map(({ value }) => value).join(' '), type: 'string' }]
}

function texts(tree: Tree | undefined): readonly string[] {
  return itemsOf(tree).flatMap((item) => textOf(item) ?? [])
}

function variables(tree: Tree | undefined): readonly (readonly [string, Setting])[] {
  return [...entriesOf(tree)].flatMap(([name, { value }]) => {
    if (value.kind !== 'scalar') return []
    const origin = originOf(value)
    const isPlain = !/[$%{]/.test(value.value)
    const reason = `${name} is put together when the task is run`
    return [
      [name, setting(name, isPlain ? { kind: 'known', value: value.value, origin } : { kind: 'unknown', reason, origin }, origin)] as const,
    ]
  })
}
