import { type Evidence, knownText, type Setting, type Text } from '../../evidence/index.ts'
import { launchesOf, mainStarts } from '../launches.ts'
import { passageAt } from '../passage.ts'
import { joinPath } from '../paths.ts'
import { type Start, Starts } from '../starts/index.ts'
import { evidenceIn, type Tools } from '../system.ts'
import type { App } from './apps.ts'
import { commands } from './commands.ts'
import { pm2 } from './index.ts'
import { ecosystem } from './read.ts'

/** What PM2 is told of apps that it has, or that a file describes. */
interface Call {
  /** The apps that are meant; empty: all of them. */
  readonly names: readonly string[]
  /** The files that describe them; empty: PM2 has them already. */
  readonly files: readonly string[]
  readonly environmentName: string | undefined
}

const VERBS: ReadonlySet<string> = new Set(['start', 'restart', 'reload', 'startOrRestart', 'startOrReload', 'startOrGracefulReload'])
/** Wrappers in front of it, with what they take. */
const WRAPPED = /^(?:sudo|npx|exec|command|yarn|pnpm|-[A-Za-z-]+)$/
/** Ecosystem files that are looked at for an app of some name. */
const FILES = 20

function callOf({ words, reading }: Start): Call | undefined {
  const texts = words.map(({ text }) => knownText(text))
  const at = texts.findIndex((text) => text === undefined || !WRAPPED.test(text))
  const program = texts[at]?.split('/').at(-1)
  const [verb, ...rest] =
    program === 'pm2' ? texts.slice(at + 1).filter((text) => text !== '-s' && text !== '--silent') : ['start', ...texts.slice(at + 1)]
  if ((program !== 'pm2' && program !== 'pm2-runtime' && program !== 'pm2-docker') || verb === undefined || !VERBS.has(verb))
    return undefined
  const { configurationFiles: files, environmentName } = reading
  if (files.length > 0) {
    const only = rest.find((text, index) => rest[index - 1] === '--only' || text?.startsWith('--only=') === true)
    return { names: only === undefined ? [] : only.replace(/^--only=/, '').split(/\s*,\s*/), files, environmentName }
  }
  // Without the option a restart keeps the variables that the app was started with (pm2.keymetrics.io/docs/usage/environment).
  const name = rest.find((text) => text !== undefined && !text.startsWith('-'))
  if (name === undefined || !rest.includes('--update-env') || /[./]/.test(name)) return undefined
  return { names: name === 'all' || /^\d+$/.test(name) ? [] : [name], files, environmentName }
}

/**
 * The apps that a command starts by PM2 with the variables of its own shell: those of an ecosystem file go before them, and where an
 * app that PM2 has is started again with `--update-env`, they go before all others.
 */
export function startedByPm2(start: Start, starts: Starts, environment: string | undefined): readonly Evidence[] {
  const { tools } = starts
  const call =
    start.environment.size === 0 && start.environmentFiles.length === 0 && start.unseenEnvironment === undefined ? undefined : callOf(start)
  if (call === undefined || tools === undefined) return []
  const again = call.files.length === 0
  const files = again
    ? [...starts.snapshot.paths].filter((path) => pm2.reads.some((row) => row.path.test(path))).slice(0, FILES)
    : call.files
  const found = files
    .flatMap((path) => described(starts.text(path), starts, tools))
    .filter(({ app }) => call.names.length === 0 || call.names.includes(app.name))
  const ways = found.map(({ app, environmentFiles }): readonly [App, readonly Start[]] => {
    const own = new Map([...app.environment, ...(app.environments.get(call.environmentName ?? '') ?? [])])
    const all = again ? new Map([...own, ...start.environment]) : new Map([...start.environment, ...own])
    return [app, commands(app, all, [...start.environmentFiles, ...environmentFiles], starts)]
  })
  const named = ways.flatMap(([app, runs]) => runs.flatMap((run) => asLaunches(run, app.name, app.instances, start)))
  const [name] = call.names
  const launches =
    named.length > 0 || !again || name === undefined ? named : guessed(start, starts).flatMap((run) => asLaunches(run, name, 1, start))
  return launches.map((launch) => evidenceIn(starts.snapshot.context, launch, start.origin, call.environmentName ?? environment))
}

const asLaunches = (run: Start, name: string, instances: number, { unseenEnvironment }: Start): ReturnType<typeof launchesOf> =>
  launchesOf(run, 'pm2', name, { instances, ...(unseenEnvironment === undefined ? {} : { unseenEnvironment }) })

/** The apps of a file, which has a reader of its own: what is not understood of it is said there. */
function described(
  text: Text | undefined,
  starts: Starts,
  tools: Tools,
): readonly { readonly app: App; readonly environmentFiles: readonly string[] }[] {
  if (text === undefined) return []
  const own = new Starts(starts.snapshot, tools)
  const found = ecosystem(text, own, tools)
  for (const path of own.needs) starts.needs.add(path)
  return (found?.apps ?? []).map((app) => ({ app, environmentFiles: found?.environmentFiles ?? [] }))
}

/** Files that are run as a rule. */
const MAIN = ['', 'src/', 'dist/'].flatMap((directory) =>
  ['server', 'index', 'app', 'main'].flatMap((name) => ['js', 'mjs', 'cjs', 'ts'].map((ending) => `${directory}${name}.${ending}`)),
)

/** What an app most likely runs that nothing in the folder describes: what `npm start` does, or the file with such a name. */
function guessed(
  { environment, environmentFiles, unseenEnvironment, workingDirectory = '', origin }: Start,
  starts: Starts,
): readonly Start[] {
  const directory = workingDirectory.startsWith('/') ? '' : workingDirectory
  const has = (name: string): boolean => starts.snapshot.paths.has(joinPath(directory, name) ?? name)
  const file = MAIN.find(has)
  const command = has('package.json') ? 'npm start' : file === undefined ? undefined : `node ${file}`
  if (command === undefined) return []
  const around: { readonly environment: ReadonlyMap<string, Setting> } = { environment }
  return mainStarts(
    starts.ofShell(passageAt(command, origin), {
      ...around,
      environmentFiles,
      unseenEnvironment,
      workingDirectory: directory,
      incidental: true,
    }),
  )
}
