import { show } from '@sallyport/core/evidence'
import { lineShower } from '../lines.ts'
import { managerOf } from '../managers/index.ts'
import type { Deployment, Part } from '../part.ts'
import { perform, type Step } from '../step.ts'
import type { SecurityEvent } from './event.ts'
import { securityLogs } from './files.ts'
import { readSshLine, serviceReader } from './readers.ts'
import { Tail } from './tail.ts'

/** A source of events: what has been, and what comes. */
interface Source {
  past(): Promise<readonly SecurityEvent[]>
  /** Tells each event as it comes, until the signal. */
  follow(tell: (event: SecurityEvent) => void, signal: AbortSignal): Promise<void>
}

const LOOK_MS = 500
/** Lines of a service's own log in which refusals are looked for. */
const SERVICE_LINES = 2_000

/** Every log of the deployment and its machine that tells of refusals; `note` gets what could not be read. */
export async function securitySources(
  deployment: Deployment,
  parts: readonly Part[],
  note: (text: string) => void,
): Promise<readonly Source[]> {
  const { files, missing } = securityLogs(deployment)
  for (const name of missing) note(`no log of ${name} was found`)
  const tails = files.map(({ path, read }) => tailSource(new Tail(path), (line) => read(line, Date.now()), note))
  const services = await Promise.all(parts.map((part) => serviceSource(part, deployment, note)))
  const journal = files.some(({ read }) => read === readSshLine) ? [] : [journalSource(deployment.folder)]
  return [...tails, ...journal, ...services.flatMap((source) => source ?? [])]
}

function tailSource(tail: Tail, read: (line: string) => SecurityEvent | undefined, note: (text: string) => void): Source {
  let isUnreadable = false
  const next = (): readonly SecurityEvent[] => {
    try {
      return tail.lines().flatMap((line) => read(line) ?? [])
    } catch (error) {
      if (!isUnreadable) note(`${tail.path} could not be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`)
      isUnreadable = true
      return []
    }
  }
  return {
    past: async () => next(),
    follow: (tell, signal) =>
      new Promise((done) => {
        const timer = setInterval(() => next().forEach(tell), LOOK_MS)
        const end = (): void => {
          clearInterval(timer)
          done()
        }
        signal.addEventListener('abort', end)
        if (signal.aborted) end()
      }),
  }
}

/** What sshd says where it keeps no file. */
function journalSource(folder: string): Source {
  const step = (more: readonly string[]): Step => ({
    words: ['journalctl', '--no-pager', '--quiet', '--output=short-iso', '--identifier=sshd', '--identifier=sshd-session', ...more],
    folder,
    timeoutMs: more.includes('--follow') ? Number.POSITIVE_INFINITY : 15_000,
  })
  return commandSource(step([`--lines=${SERVICE_LINES}`]), step(['--lines=0', '--follow']), (line) => readSshLine(line, Date.now()))
}

async function serviceSource(part: Part, deployment: Deployment, note: (text: string) => void): Promise<Source | undefined> {
  const manager = await managerOf(part)
  try {
    const past = await manager?.log(part, deployment, SERVICE_LINES, false)
    const coming = await manager?.log(part, deployment, 0, true)
    const read = serviceReader(part.name)
    return past === undefined || coming === undefined ? undefined : commandSource(past, coming, (line) => read(line, Date.now()))
  } catch (error) {
    note(`the log of ${part.name} is not read: ${error instanceof Error ? error.message : ''}`)
    return undefined
  }
}

function commandSource(past: Step, coming: Step, read: (line: string) => SecurityEvent | undefined): Source {
  return {
    async past() {
      const events: SecurityEvent[] = []
      await perform(past, { raw: (line) => void events.push(...one(read(line))) })
      return events
    },
    async follow(tell, signal) {
      await perform(coming, { raw: (line) => one(read(line)).forEach(tell), signal })
    },
  }
}

function one(event: SecurityEvent | undefined): readonly SecurityEvent[] {
  return event === undefined ? [] : [event]
}

/** By their time; what has none stays behind what its own log has before it. */
export function merged(past: readonly (readonly SecurityEvent[])[]): readonly SecurityEvent[] {
  const timed = past.flatMap((events) => {
    let last = 0
    return events.map((event) => {
      last = event.time ?? last
      return { event, at: last }
    })
  })
  return timed.toSorted((a, b) => a.at - b.at).map(({ event }) => event)
}

/** A line for people. */
export function eventText({ time, from, address, what }: SecurityEvent, shower: ReturnType<typeof lineShower>): string {
  const when = time === undefined ? '-'.padEnd(20) : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
  return `${when}  ${show(from).padEnd(10)}  ${show(address ?? '-').padEnd(15)}  ${shower(what)}`
}

/** For programs: an object a line. */
export function eventData({ time, from, address, what }: SecurityEvent, shower: ReturnType<typeof lineShower>): object {
  return {
    time: time === undefined ? null : new Date(time).toISOString(),
    from: show(from),
    address: address === undefined ? null : show(address),
    what: shower(what),
  }
}
