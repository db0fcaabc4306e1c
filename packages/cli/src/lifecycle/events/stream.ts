import { show } from '@sallyport/core/evidence'
import { whyUnread } from '../../system-words.ts'
import { lineShower } from '../lines.ts'
import { managerOf } from '../managers/index.ts'
import type { Deployment, Part } from '../part.ts'
import { type LogEnd, type LogStep, noLogText, showLog } from '../shown-log.ts'
import type { SecurityEvent } from './event.ts'
import { securityLogs } from './files.ts'
import { readSshLine, serviceReader } from './readers.ts'
import { Tail } from './tail.ts'

/** Gets, for people, which logs were not seen. */
export interface Unseen {
  /** It is not there: who writes none, or is not installed, refuses nobody. */
  readonly absent: (text: string) => void
  /** It may be there, and what it has is not known. */
  readonly unread: (text: string) => void
}

/** A source of events: what has been, and what comes. */
interface Source {
  /** The file that is read. */
  readonly file?: string
  /** What is run: for what has been, and for what comes. */
  readonly steps?: readonly [LogStep, LogStep]
  past(): Promise<readonly SecurityEvent[]>
  /** Tells each event as it comes, until the signal. */
  follow(tell: (event: SecurityEvent) => void, signal: AbortSignal): Promise<void>
}

const LOOK_MS = 500
/** Lines of a service's own log in which refusals are looked for. */
const SERVICE_LINES = 2_000

/** Every log of the deployment and its machine that tells of refusals. */
export async function securitySources(deployment: Deployment, parts: readonly Part[], unseen: Unseen): Promise<readonly Source[]> {
  const { files, missing } = securityLogs(deployment)
  for (const name of missing) unseen.absent(`no log of ${name} was found`)
  const tails = files.map(({ path, read }) => tailSource(new Tail(path), (line) => read(line, Date.now()), unseen))
  const services = await Promise.all(parts.map((part) => serviceSource(part, deployment, unseen)))
  const journal = files.some(({ read }) => read === readSshLine) ? [] : [journalSource(deployment.folder, unseen)]
  return [...tails, ...journal, ...services.flatMap((source) => source ?? [])]
}

function tailSource(tail: Tail, read: (line: string) => SecurityEvent | undefined, { unread }: Unseen): Source {
  let isUnreadable = false
  const next = (): readonly SecurityEvent[] => {
    try {
      return tail.lines().flatMap((line) => read(line) ?? [])
    } catch (error) {
      if (!isUnreadable) unread(`${tail.path} could not be read: ${whyUnread(error)}`)
      isUnreadable = true
      return []
    }
  }
  return {
    file: tail.path,
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
function journalSource(folder: string, { absent, unread }: Unseen): Source {
  const step = (more: readonly string[]): LogStep => ({
    // Without --quiet: it says so on stderr where this user is not shown the messages of others.
    words: ['journalctl', '--no-pager', '--output=short-iso', '--identifier=sshd', '--identifier=sshd-session', ...more],
    folder,
    timeoutMs: more.includes('--follow') ? Number.POSITIVE_INFINITY : 15_000,
    ownStderr: true,
  })
  const tell = ({ end, said, why }: Unread): void => {
    const isAbsent = end.kind === 'missing' || (end.kind === 'done' && said.every((line) => /^No journal files were found\.?$/.test(line)))
    if (isAbsent) absent('no journal of sshd’s was found')
    else unread(unreadText('the journal of sshd', why, said))
  }
  return commandSource(step([`--lines=${SERVICE_LINES}`]), step(['--lines=0', '--follow']), (line) => readSshLine(line, Date.now()), tell)
}

async function serviceSource(part: Part, deployment: Deployment, { absent, unread }: Unseen): Promise<Source | undefined> {
  const manager = await managerOf(part)
  try {
    const past = await manager?.log(part, deployment, SERVICE_LINES, false)
    const coming = await manager?.log(part, deployment, 0, true)
    const read = serviceReader(part.name)
    if (past !== undefined && coming !== undefined)
      return commandSource(
        past,
        coming,
        (line) => read(line, Date.now()),
        ({ why, said }) => unread(unreadText(`the log of ${part.name}`, why, said)),
      )
    absent(noLogText(part))
  } catch (error) {
    unread(unreadText(`the log of ${part.name}`, error instanceof Error ? error.message : 'error', []))
  }
  return undefined
}

type Unread = Extract<LogEnd, { readonly kind: 'unread' }>

function commandSource(
  past: LogStep,
  coming: LogStep,
  read: (line: string) => SecurityEvent | undefined,
  unread: (end: Unread) => void,
): Source {
  const told = (end: LogEnd): void => {
    if (end.kind === 'unread') unread(end)
  }
  return {
    steps: [past, coming],
    async past() {
      const events: SecurityEvent[] = []
      told(await showLog(past, { line: (line) => void events.push(...one(read(line))) }))
      return events
    },
    async follow(tell, signal) {
      told(await showLog(coming, { line: (line) => one(read(line)).forEach(tell), signal }))
    },
  }
}

/** With the last line that the command wrote about it. */
function unreadText(log: string, why: string, said: readonly string[]): string {
  const last = said.findLast((line) => line.trim() !== '')
  return `${log} could not be read: ${why}${last === undefined ? '' : ` (${last.trim()})`}`
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
