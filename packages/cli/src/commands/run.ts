import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { show } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText } from '../failure.ts'
import { appendSecurityLine } from '../log/line.ts'
import { allowedBy, type Allowed, describeAllowed, LOOPBACK_ALONE, serviceOf } from '../run/allowed.ts'
import { checkCommand, runsInNode } from '../run/command.ts'
import { incidentEvent, placeText, programOf } from '../run/incident.ts'
import { MARK } from '../run/keeper.ts'
import { findPreload, preloadVariables } from '../run/preload.ts'
import { becomeOrdinary, becomeUrgent } from '../run/priority.ts'
import { passSignals } from '../run/signals.ts'
import { isEphemeral } from '../run/sockets.ts'
import { Stopper } from '../run/stop.ts'
import { Tree } from '../run/tree.ts'
import { environmentFor, type RefusedHost, refusedVariable } from '../run/variables.ts'
import { type Exposed, watchTree } from '../run/watch.ts'
import { whyUnwritten } from '../system-words.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface RunOptions extends PolicyOptions {
  readonly service?: string
  readonly onExposed: 'stop' | 'report'
  /** Seconds. */
  readonly grace: number
  readonly log: string
  readonly preload: boolean
}

/** `sallyport run -- COMMAND [ARGS]`: the command’s own exit code, 128 + n after a signal, 1 where it was refused or stopped. */
export async function run(words: readonly string[], options: RunOptions): Promise<number> {
  const folder = process.cwd()
  const allowed = await allowedFor(words, folder, options)
  const environment = environmentFor(process.env, allowed)
  const refused = refusedVariable(process.env, allowed)
  if (refused !== undefined) return refuse(refused, allowed, options)
  const checked = checkCommand(words, environment, allowed, folder)
  if (checked.refused !== undefined) return refuse(checked.refused, allowed, options)
  const preload = options.preload && options.onExposed === 'stop' ? findPreload(folder) : undefined
  const isHeld = runsInNode(words[0] ?? '', process.env)
  for (const { program, host, words: toldBy } of checked.defaults) {
    const next = toldBy === undefined ? 'give it the host 127.0.0.1 in the way that its help says' : `give it ${toldBy}`
    if (!isHeld) return refuse({ host, where: `what ${program} listens on unless it is told otherwise`, next }, allowed, options)
    if (preload === undefined) say(`${program} listens on ${host} unless it is told otherwise: it will be stopped when it does`)
  }
  const id = randomUUID()
  const guarded = preload === undefined ? {} : preloadVariables(preload, allowed, 'loopback', environment['NODE_OPTIONS'])
  const marks = [process.env[MARK], id].filter((mark) => mark !== undefined).join(',')
  return watched(words, { ...environment, ...guarded, [MARK]: marks }, id, allowed, folder, options)
}

async function allowedFor(words: readonly string[], folder: string, options: RunOptions): Promise<Allowed> {
  const policy = await loadPolicy(folder, options, (mistake) => say(mistakeText(mistake, 'warning: ').join('\n')))
  if (policy === undefined) {
    if (options.service !== undefined)
      throw new Failure('--service names a service of a policy, and there is none here', 'name one with --policy')
    return LOOPBACK_ALONE
  }
  const service = serviceOf(policy, options.service, words)
  if ('unknown' in service) throw new Failure(service.unknown, 'name the one that this command is with --service')
  return allowedBy(service)
}

function refuse({ host, where, next }: RefusedHost, allowed: Allowed, options: RunOptions): number {
  say(`SECURITY ERROR: Invalid host '${show(host, 100)}'`, `  ${show(where)}`, `  ${describeAllowed(allowed)}; ${next}`)
  const event = { time: new Date().toISOString(), code: 'host-refused', value: show(host, 100), where: show(where), action: 'not-started' }
  record(options, { ...event, ...(allowed.service === undefined ? {} : { service: allowed.service }) })
  return EXIT.findings
}

async function watched(
  words: readonly string[],
  environment: Record<string, string | undefined>,
  id: string,
  allowed: Allowed,
  folder: string,
  options: RunOptions,
): Promise<number> {
  const tree = new Tree(id)
  const stopper = new Stopper(tree, options.grace * 1000)
  const told = new Set<string>()
  let stopping: Stopping | undefined
  const exposed = (found: Exposed): void => {
    const isNew = !told.has(`${found.protocol} ${placeText(found)}`)
    told.add(`${found.protocol} ${placeText(found)}`)
    // A socket that only sends has a port that the kernel chose, and answers nobody who did not get something from it.
    const isReported = options.onExposed === 'report' || (found.protocol === 'udp' && isEphemeral(found.port))
    if (isReported && !isNew) return
    const program = programOf(found.pid)
    if (!isReported) stopping = { ...(stopping ?? { found, command: program.command }), done: stopper.stop(found) }
    if (!isNew) return
    const action = isReported ? 'reported' : 'stopped'
    const place = `${placeText(found)} (${found.protocol})`
    say(`${action}: ${program.name} (process ${found.pid}) listened on ${place}; ${describeAllowed(allowed)}`, `  ${program.command}`)
    record(options, incidentEvent(found, program, { service: allowed.service, action }))
  }
  const watch = await watchTree(id, allowed, tree, exposed)
  if (watch.limited !== undefined) say(watch.limited)
  try {
    const code = await started(words, environment, tree)
    if (stopping === undefined) await remaining(tree, () => stopping !== undefined)
    const stopped = stopping as Stopping | undefined
    if (stopped === undefined) return code
    await stopped.done
    await becomeOrdinary()
    await sayCause(folder, environment, allowed, stopped)
    return EXIT.findings
  } finally {
    await watch.close()
  }
}

/** What is being stopped, and by what words it was started. */
interface Stopping {
  readonly found: Exposed
  readonly command: string
  readonly done: Promise<void>
}

const UNSTARTED: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'this user may not execute it, or it is no program: look at its mode (ls -l), or name what runs it (node, python3, sh)',
}

/** Resolves when the command has ended, with its exit code, 128 + n after a signal. */
function started(words: readonly string[], environment: Record<string, string | undefined>, tree: Tree): Promise<number> {
  const [program = '', ...args] = words
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: 'inherit', env: environment })
    void becomeUrgent()
    if (child.pid !== undefined) tree.add(child.pid)
    const release = passSignals((signal) => child.kill(signal))
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return
      release()
      say(`${show(program)}: ${UNSTARTED[error.code ?? ''] ?? `cannot be started (${error.code ?? error.message})`}`)
      // As a shell has it (POSIX.1-2017, 2.8.2).
      done(error.code === 'ENOENT' ? 127 : 126)
    })
    child.once('exit', (code, signal) => {
      release()
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

const REMAINING_MS = 200
const SETTLING_MS = 20
const MOST_LOOKS = 50

/** A server that went into the background is watched as long as it runs. */
async function remaining(tree: Tree, isStopping: () => boolean): Promise<void> {
  let count = tree.members().length
  for (let looks = 0; count === 0 && looks < MOST_LOOKS && tree.isUnsettled(); looks++) {
    await new Promise((next) => setTimeout(next, SETTLING_MS))
    count = tree.members().length
  }
  if (count === 0) return
  say(`the command has ended, ${count === 1 ? 'a process' : `${count} processes`} of it run on: watching until they end`)
  const release = passSignals((signal) => void tree.signal(signal))
  while (!isStopping() && tree.members().length > 0) await new Promise((next) => setTimeout(next, REMAINING_MS))
  release()
}

async function sayCause(
  folder: string,
  environment: Record<string, string | undefined>,
  allowed: Allowed,
  { found, command }: Stopping,
): Promise<void> {
  const { linesThatBind } = await import('../run/cause.ts')
  const lines = await linesThatBind(folder, environment, allowed, found, command).catch(() => [])
  if (lines.length > 0) say('asked for by', ...lines.map((line) => `  ${line}`))
}

function record(options: RunOptions, event: Readonly<Record<string, unknown>>): void {
  const file = resolve(options.log)
  try {
    appendSecurityLine(file, event)
  } catch (error) {
    say(`the incident could not be written to ${show(options.log)}: ${show(whyUnwritten(error, file))}`)
  }
}

/** To stderr, at once: the command writes there too. What is shown is fit to be shown already. */
function say(...lines: readonly string[]): void {
  try {
    writeSync(2, lines.map((line, index) => `${index === 0 && !line.startsWith('SECURITY') ? 'sallyport: ' : ''}${line}\n`).join(''))
  } catch {
    // Nobody reads there.
  }
}
