import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { show } from '@sallyport/core/evidence'
import { field, items, type Json, numberField, parseJson, textField } from '@sallyport/core/systems'
import { Failure } from '../../failure.ts'
import type { Part, Runner } from '../part.ts'
import type { Step } from '../step.ts'
import type { Manager, State } from './manager.ts'
import { ask, findProgram } from './programs.ts'

const BUILD_MS = 1_800_000
const START_MS = 300_000

type App = Extract<Runner, { readonly kind: 'pm2' }>

/** PM2, as 7.0.4 has it: `start FILE --only NAMES`, `stop`, `jlist`. */
export const pm2: Manager = {
  name: 'pm2',
  title: 'PM2',
  async build(_, { folder }) {
    return packageBuild(folder)
  },
  async start(parts, { folder }) {
    const program = programIn(folder)
    const starts = new Map<string, { readonly words: readonly string[]; readonly apps: string[] }>()
    for (const { app, file, environment } of appsOf(parts)) {
      const words = file === undefined ? [] : [file, ...(environment === undefined ? [] : ['--env', environment])]
      const start = starts.get(words.join('\n')) ?? { words, apps: [] }
      start.apps.push(app)
      starts.set(words.join('\n'), start)
    }
    // What no file has, PM2 knows by its name where it was started before.
    return [...starts.values()].map(({ words, apps }) =>
      step([program, 'start', ...(words.length === 0 ? apps : [...words, '--only', apps.join(',')])], folder),
    )
  },
  async stop(parts, { folder }) {
    return [step([programIn(folder), 'stop', ...appsOf(parts).map(({ app }) => app)], folder)]
  },
  async states(parts, { folder }) {
    const apps = appsOf(parts)
    const all = (state: State) => new Map(parts.map(({ name }) => [name, state]))
    if (!isDaemonUp()) return all({ kind: 'never' })
    const program = findProgram('pm2', folder)
    if (program === undefined) return all({ kind: 'unknown', why: show('pm2 is not installed') })
    const ran = await ask([program, 'jlist'])
    const list = ran.kind === 'ok' ? readList(ran.stdout) : undefined
    if (list === undefined) return all({ kind: 'unknown', why: show('pm2 jlist gives no list') })
    return new Map(parts.map(({ name }, index) => [name, stateOf(list.filter((app) => app.name === apps[index]?.app))]))
  },
  async log({ runner }, { folder }, lines, follow) {
    if (runner.kind !== 'pm2' || !isDaemonUp()) return undefined
    const words = [programIn(folder), 'logs', runner.app, '--raw', '--lines', String(lines), ...(follow ? [] : ['--nostream'])]
    return { words, folder, timeoutMs: follow ? Number.POSITIVE_INFINITY : START_MS }
  },
}

function appsOf(parts: readonly Part[]): readonly App[] {
  return parts.flatMap(({ runner }) => (runner.kind === 'pm2' ? [runner] : []))
}

function step(words: readonly string[], folder: string): Step {
  return { words, folder, timeoutMs: START_MS }
}

function programIn(folder: string): string {
  const program = findProgram('pm2', folder)
  if (program === undefined) throw new Failure('pm2 is not installed', 'install it: npm install -g pm2, or in the deployment')
  return program
}

/** `npm run build`, where the deployment's package.json has one. */
export function packageBuild(folder: string): readonly Step[] {
  try {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly scripts?: Readonly<Record<string, unknown>>
    }
    return typeof scripts?.['build'] === 'string' ? [{ words: ['npm', 'run', 'build'], folder, timeoutMs: BUILD_MS }] : []
  } catch {
    return []
  }
}

/** Every other command of PM2's starts the daemon where it does not run: looking must not. */
function isDaemonUp(): boolean {
  const home = process.env['PM2_HOME'] ?? join(process.env['HOME'] ?? homedir(), '.pm2')
  try {
    process.kill(Number(readFileSync(join(home, 'pm2.pid'), 'utf8')), 0)
    return existsSync(join(home, 'rpc.sock'))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What is used of `pm2 jlist`; the environments in it, secrets among them, are left. */
export interface ListedApp {
  readonly name: string
  readonly pid: number
  readonly status: string
  readonly exitCode: number | undefined
  readonly restarts: number
}

/** PM2 may say something else before the list. `undefined`: there is none. */
export function readList(text: string): readonly ListedApp[] | undefined {
  const line = text.split('\n').findLast((each) => each.startsWith('['))
  const list: Json | undefined = line === undefined ? undefined : parseJson(line)
  if (!Array.isArray(list)) return undefined
  return items(list).flatMap((item) => {
    const state = field(item, 'pm2_env')
    const name = textField(item, 'name')
    if (name === undefined) return []
    return [
      {
        name,
        pid: numberField(item, 'pid') ?? 0,
        status: textField(state, 'status') ?? 'unknown',
        exitCode: numberField(state, 'exit_code'),
        restarts: numberField(state, 'restart_time') ?? 0,
      },
    ]
  })
}

/** Of several instances the worst. */
export function stateOf(apps: readonly ListedApp[]): State {
  const bad = apps.find(({ status }) => status !== 'online')
  const [first] = apps
  if (first === undefined) return { kind: 'never' }
  const restarts = apps.reduce((sum, app) => sum + app.restarts, 0)
  if (bad === undefined)
    return { kind: 'running', who: `${apps.length === 1 ? 'pid' : 'pids'} ${apps.map(({ pid }) => pid).join(', ')}`, restarts }
  const code = bad.exitCode === undefined ? '' : `, exit code ${bad.exitCode}`
  return { kind: 'ended', how: show(`PM2 has it as ${bad.status}${code}`), restarts }
}
