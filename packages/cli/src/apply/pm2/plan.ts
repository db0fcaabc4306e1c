import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { entries, field, items, type Json, type ManagedApp, textField } from '@sallyport/core/systems'
import { isProgram } from '../../collect/run.ts'
import { Failure } from '../../failure.ts'
import type { Daemon } from './daemon.ts'
import { type Listed, variableOf } from './listed.ts'

/** How an app is started, as PM2 has it once it has resolved it (Common.prepareAppConf). */
export interface Start {
  readonly script: string
  readonly cwd: string
  readonly args: readonly string[]
  /** Absent: whatever PM2 makes of the script’s ending. */
  readonly interpreter?: string
}

/** Of an app what the policy says, as PM2 had it before: by it a change that was confirmed can be taken back, without anything that may be secret. */
export interface Former {
  readonly name: string
  /** Absent: the app was not there. */
  readonly fields?: {
    /** null: it was not set. */
    readonly environment: Readonly<Record<string, string | null>>
    readonly start?: Start
  }
}

/** What becomes of an app of the policy. */
export interface Part {
  readonly app: ManagedApp
  /** As PM2 has it; empty: it comes. */
  readonly processes: readonly Listed[]
  /** Absent: the policy does not say, and what PM2 has stays. */
  readonly start?: Start
}

/** PM2 knows apps, namespaces, numbers and `all` by the same word; this is none of its options, and none of the shell's signs. */
const NAME = /^[A-Za-z0-9_@][\w@.:+/ -]{0,200}$/

/** Throws `Failure` where it is not clear what would be changed. Apps of which the policy does not say that PM2 runs them, and which it has not, are left. */
export function partsOf(apps: readonly ManagedApp[], all: readonly Listed[], folder: string, daemon: Daemon): readonly Part[] {
  return apps.flatMap((app): readonly Part[] => {
    const { name, isNamed, isGuessed, start } = app
    const processes = all.filter((process) => process.name === name)
    if (apps.some((other) => other !== app && other.name === name))
      throw new Failure(
        `several services of the policy are the app ${name}, which can be told one PORT`,
        'let one of them say run: { pm2: … }, and the others who else runs them',
      )
    if (!NAME.test(name))
      throw new Failure(`${name} is no name that can be told PM2 safely`, 'name the app otherwise, in the policy and in PM2')
    refuseUnclear(name, processes)
    if (!isGuessed) return [{ app, processes, start: resolved(app, folder, daemon) }]
    if (processes.length > 0) return [{ app, processes }]
    if (!isNamed) return []
    if (!existsSync(join(folder, start.cwd ?? '.', 'package.json')))
      throw new Failure(
        `PM2 has no app ${name}, and the policy does not say how it is started`,
        'start it once by pm2 start; or say it in the policy: run: { command: node dist/index.js }',
      )
    return [{ app, processes, start: resolved(app, folder, daemon) }]
  })
}

function refuseUnclear(name: string, processes: readonly Listed[]): void {
  const [first, ...more] = processes
  if (first === undefined) return
  const said = (process: Listed): string =>
    JSON.stringify(['namespace', 'pm_exec_path', 'pm_cwd', 'args'].map((key) => field(process.definition, key)))
  if (processes.some(({ isModule }) => isModule)) throw new Failure(`${name} is a module of PM2 itself`, 'name the app otherwise')
  if (more.some((process) => said(process) !== said(first)))
    throw new Failure(`PM2 has different apps called ${name}, as in two namespaces`, 'rename all but one of them: nothing was changed')
  if (more.length > 0 && !processes.every(({ isCluster }) => isCluster))
    throw new Failure(
      `PM2 runs ${name} ${processes.length} times in fork mode, where each needs a port of its own`,
      'run it once, or in cluster mode, where they share one',
    )
  if (textField(first.definition, 'increment_var') !== undefined)
    throw new Failure(`${name} counts up a variable (increment_var), so that one port does not hold for all of it`, 'leave that out')
}

const ENDING_OF_NODE = /\.[cm]?js$/

function resolved({ name, start }: ManagedApp, folder: string, { environment }: Daemon): Start {
  const cwd = resolve(folder, start.cwd ?? '.')
  const inside = resolve(cwd, start.script)
  const found = existsSync(inside)
    ? inside
    : (environment['PATH'] ?? '')
        .split(delimiter)
        .map((path) => join(path, start.script))
        .find(isProgram)
  if (found === undefined) throw new Failure(`the script of ${name} is not there: ${inside}`, 'build it, or correct the policy')
  const interpreter = start.interpreter ?? (ENDING_OF_NODE.test(found) ? 'node' : undefined)
  return { script: found, cwd, args: start.args, ...(interpreter === undefined ? {} : { interpreter }) }
}

/** What of an app is the policy's to say, as PM2 has it: one text where it has none or all its processes are alike. */
export function textThere({ app, start }: Part, processes: readonly Listed[]): string {
  const texts = processes.map((process) => {
    const lines = startLines(start, startThere(process))
    const variables = [...app.environment.keys()].map((name) => [name, variableOf(process, name)] as const)
    return [...lines, ...variables.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))].join('\n')
  })
  return [...new Set(texts)].join('\n')
}

function startThere({ definition }: Listed): Start {
  const there = (key: string): string => textField(definition, key) ?? ''
  const args = items(field(definition, 'args')).map(String)
  return { script: there('pm_exec_path'), cwd: there('pm_cwd'), args, interpreter: there('exec_interpreter') }
}

/** The same, as the policy has it. */
export function textWanted({ app, start }: Part): string {
  return [...(start === undefined ? [] : startLines(start, start)), ...[...app.environment].map((pair) => pair.join(' '))].join('\n')
}

function startLines(said: Start | undefined, { script, cwd, args, interpreter }: Start): readonly string[] {
  if (said === undefined) return []
  return [
    `script ${script}`,
    `cwd ${cwd}`,
    ...(args.length === 0 ? [] : [`args ${args.join(' ')}`]),
    ...(said.interpreter === undefined ? [] : [`interpreter ${interpreter}`]),
  ]
}

export function isChanged(part: Part): boolean {
  return textThere(part, part.processes) !== textWanted(part)
}

/** What PM2 has of it. */
export function formerOf({ app, processes: [process], start }: Part): Former {
  if (process === undefined) return { name: app.name }
  const environment = Object.fromEntries([...app.environment.keys()].map((name) => [name, variableOf(process, name) ?? null]))
  return { name: app.name, fields: { environment, ...(start === undefined ? {} : { start: startThere(process) }) } }
}

/** The fields of a process's definition that become others; its other variables stay, secrets among them. */
export function changedFields({ app, start }: Part, process: Listed): Readonly<Record<string, Json | undefined>> {
  return fieldsWith({ environment: Object.fromEntries(app.environment), ...(start === undefined ? {} : { start }) }, process)
}

export function fieldsWith(
  { environment, start }: NonNullable<Former['fields']>,
  { definition, isCluster }: Listed,
): Readonly<Record<string, Json | undefined>> {
  const env = Object.fromEntries(
    [...entries(field(definition, 'env')).filter(([name]) => !Object.hasOwn(environment, name)), ...Object.entries(environment)].flatMap(
      ([name, value]) => (value === null ? [] : [[name, value] as const]),
    ),
  )
  // What the app gets is these fields themselves, with `env` written over them (God.executeApp).
  const unset = Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === null ? [[name, undefined]] : [])))
  // Counted from when it is defined anew, or an app that ends at once would be started again for ever (God.handleExit).
  const fields = { ...unset, env, created_at: null }
  if (start === undefined) return fields
  const { script, cwd, args, interpreter } = start
  return {
    ...fields,
    pm_exec_path: script,
    pm_cwd: cwd,
    args,
    ...(interpreter === undefined ? {} : { exec_interpreter: interpreter }),
    ...(isCluster && interpreter !== 'node' ? { exec_mode: 'fork_mode' } : {}),
  }
}

/** As an ecosystem file has an app that comes. */
export function newApp({ app, start }: Part): Json {
  return {
    name: app.name,
    ...(start === undefined ? {} : { script: start.script, cwd: start.cwd, args: start.args }),
    ...(start?.interpreter === undefined ? {} : { interpreter: start.interpreter }),
    env: Object.fromEntries(app.environment),
  }
}
