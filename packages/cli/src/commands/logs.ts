import { show } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { chosen, type DeploymentOptions, readDeployment, refuseNothing } from '../lifecycle/deployment.ts'
import { eventData, eventText, merged, securitySources } from '../lifecycle/events/stream.ts'
import { lineShower } from '../lifecycle/lines.ts'
import { managerOf } from '../lifecycle/managers/index.ts'
import type { Deployment, Part } from '../lifecycle/part.ts'
import { type LogStep, noLogText, showLog } from '../lifecycle/shown-log.ts'
import { stepText } from '../lifecycle/step.ts'
import { counted } from '../report/words.ts'

export interface LogsOptions extends DeploymentOptions {
  readonly format: 'text' | 'json'
  readonly security: boolean
  readonly follow: boolean
  readonly lines: number
  readonly dryRun: boolean
}

const note = (text: string): void => void process.stderr.write(`${show(text, 400)}\n`)

/** `sallyport logs [SERVICE…]` (M11): the services' logs without their secrets; with `--security` who was refused, from all logs in one stream. */
export async function logs(names: readonly string[], options: LogsOptions): Promise<number> {
  const deployment = await readDeployment(options)
  // What sshd, nginx and fail2ban refused is in logs of the machine, whatever is deployed here.
  if (!options.security) refuseNothing(deployment)
  const parts = chosen(deployment.parts, names).filter(({ elsewhere }) => !elsewhere)
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await (options.security ? security : plain)(parts, deployment, options, stopping.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

async function security(
  parts: readonly Part[],
  deployment: Deployment,
  { follow, lines, format, dryRun }: LogsOptions,
  signal: AbortSignal,
): Promise<number> {
  let unread = 0
  const sources = await securitySources(deployment, parts, {
    absent: (text) => note(`note: ${text}`),
    unread: (text) => {
      unread += 1
      note(`note: ${text}`)
    },
  })
  if (dryRun) {
    for (const { file, steps } of sources) {
      if (file !== undefined) process.stdout.write(`read ${show(file)}\n`)
      for (const step of (steps ?? []).slice(0, follow ? 2 : 1)) process.stdout.write(`${stepText(step, deployment.folder)}\n`)
    }
    return unread === 0 ? EXIT.clean : EXIT.undecided
  }
  const shower = lineShower()
  const print = (event: Parameters<typeof eventText>[0]): void =>
    void process.stdout.write(`${format === 'json' ? JSON.stringify(eventData(event, shower)) : eventText(event, shower)}\n`)
  const past = merged(await Promise.all(sources.map((source) => source.past())))
  for (const event of past.slice(Math.max(0, past.length - lines))) print(event)
  if (past.length === 0)
    note(
      unread === 0
        ? 'nobody was refused, as far as these logs tell'
        : `no refusal is in the logs that could be read; whether anybody was refused is not known: ${counted(unread, 'log')} could not be read`,
    )
  if (follow) await Promise.all(sources.map((source) => source.follow(print, signal)))
  return unread === 0 ? EXIT.clean : EXIT.undecided
}

/** Each line with the name of its service before it. What is said of a log is none of its lines: it goes to stderr. */
async function plain(parts: readonly Part[], deployment: Deployment, options: LogsOptions, signal: AbortSignal): Promise<number> {
  const { follow, lines, format, dryRun } = options
  let read = 0
  let unread = 0
  const width = Math.max(...parts.map(({ name }) => name.length), 0)
  const one = async (part: Part): Promise<void> => {
    const step = await logStep(part)
    if (step instanceof Failure) {
      unread += 1
      return note(`note: the log of ${part.name} could not be read: ${step.message}`)
    }
    if (step === undefined) return note(`note: ${noLogText(part)}`)
    if (dryRun) return void process.stdout.write(`${stepText(step, deployment.folder)}\n`)
    const shower = lineShower()
    const line = (raw: string): void => {
      const text = shower(raw)
      process.stdout.write(
        format === 'json'
          ? `${JSON.stringify({ service: show(part.name), line: text })}\n`
          : `${show(part.name).padEnd(width)} | ${text}\n`,
      )
    }
    const end = await showLog(step, { line, signal })
    if (end.kind === 'read' || end.lines > 0) read += 1
    if (end.kind === 'read') return
    unread += 1
    for (const said of end.said) process.stderr.write(`${show(part.name).padEnd(width)} | ${shower(said)}\n`)
    note(`note: the log of ${part.name} could not be read: ${end.why}`)
  }
  const logStep = async (part: Part): Promise<LogStep | Failure | undefined> => {
    try {
      return await (await managerOf(part))?.log(part, deployment, lines, follow)
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }
  if (follow) await Promise.all(parts.map(one))
  else for (const part of parts) await one(part)
  if (unread === 0) return EXIT.clean
  return read === 0 ? EXIT.failed : EXIT.undecided
}
