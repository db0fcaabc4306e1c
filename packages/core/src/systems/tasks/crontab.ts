import type { Setting, Text } from '../../evidence/index.ts'
import { PassageBuilder } from '../passage.ts'
import { setting } from '../secret.ts'
import type { Task, TaskReading } from './task.ts'

const LINES = 2_000
const VARIABLE = /^[ \t]*([A-Za-z_]\w{0,100})[ \t]*=[ \t]*(.*?)[ \t]*$/
const WHEN =
  /^[ \t]*(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|(?:[\d*,/A-Za-z~-]{1,60}[ \t]+){4}[\d*,/A-Za-z~-]{1,60})[ \t]+/
/** In a system's crontab a user stands before the command; in one's own it does not. */
const USER = /^(?:root|www-data|nobody|deploy|ubuntu|debian|admin|ec2-user)[ \t]+(?=\S)/

/** crontab(5): variables, and commands that start in the user's home directory. */
export function readCrontab(text: Text): TaskReading {
  const environment = new Map<string, Setting>()
  const tasks: Task[] = []
  const isSystem = /(?:^|\/)cron\.d\//.test(text.path)
  for (const [index, start] of text.lineStarts.entries()) {
    if (index >= LINES) break
    const line = text.line(index + 1)
    if (/^\s*(?:#|$)/.test(line)) continue
    const end = start + line.trimEnd().length
    const [, name, given = ''] = VARIABLE.exec(line.slice(0, 2_000)) ?? []
    if (name !== undefined) {
      const origin = text.origin(start, end)
      environment.set(name, setting(name, { kind: 'known', value: given.replace(/^(["'])(.*)\1$/, '$2'), origin }, origin))
      continue
    }
    const when = WHEN.exec(line.slice(0, 500))?.[0]
    if (when === undefined) continue
    const user = (isSystem ? /^\S{1,60}[ \t]+/ : USER).exec(line.slice(when.length, when.length + 500))?.[0] ?? ''
    const builder = new PassageBuilder(text)
    builder.copy(start + when.length + user.length, end)
    tasks.push({
      name: text.path,
      scripts: [builder.build()],
      environment: new Map(environment),
      environmentFiles: [],
      directory: undefined,
    })
  }
  return { tasks, problems: [] }
}
