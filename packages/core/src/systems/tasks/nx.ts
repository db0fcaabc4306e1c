import type { Text } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { passageAt } from '../passage.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { entriesOf, entry, originOf, textOf } from '../yaml.ts'
import type { Task, TaskReading } from './task.ts'

/** Targets that start something which stays. */
const STARTS = /^(?:serve|start|dev|preview)\b/
const TARGETS = 100

/** project.json of Nx: its targets are run as `nx run PROJECT:TARGET` would (nx.dev/reference/project-configuration). */
export function readNxProject(text: Text): TaskReading {
  const root = readData(text, 'json')
  const name = textOf(entry(root, 'name')) ?? nameOf(directoryOf(text.path))
  const tasks = [...entriesOf(entry(root, 'targets'))].slice(0, TARGETS).flatMap(([target, { value }]): readonly Task[] => {
    if (!STARTS.test(target) || !/^[\w@./-]+$/.test(name)) return []
    const scripts = [passageAt(`nx run ${name}:${target}`, originOf(value))]
    return [{ name: `${name}:${target}`, scripts, environment: new Map(), environmentFiles: [], directory: '' }]
  })
  return { tasks, problems: [] }
}
