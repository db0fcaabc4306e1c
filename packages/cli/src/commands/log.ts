import { join } from 'node:path'
import { show } from '@sallyport/core/evidence'
import { shellWord } from '@sallyport/core/systems'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { isFolder } from '../is-folder.ts'
import { type Group, groupsOf } from '../log/groups.ts'
import { SECURITY_LOG } from '../log/line.ts'
import { logFiles, type LogText, readLog } from '../log/read.ts'
import { whyUnread } from '../system-words.ts'

export interface LogOptions {
  readonly format: 'text' | 'json'
  /** `2h`, `7d`, or a time that RFC 3339 has. */
  readonly since?: string
}

/** `sallyport log [FILE]` (P13): who was refused, when, what, how often; also what `sallyport run` stopped. */
export function log(file: string | undefined, options: LogOptions): number {
  const name = file ?? SECURITY_LOG
  const since = options.since === undefined ? undefined : sinceOf(options.since, Date.now())
  const files = logFiles(name)
  if (isFolder(name))
    throw new Failure(
      `${name} is a folder, and no log`,
      `name the file that the guard writes: sallyport log ${shellWord(join(name, SECURITY_LOG))}`,
    )
  if (files.length === 0)
    throw new Failure(`there is no log ${name}`, 'name the file that the guard writes, or start where the server runs')
  const text = readable(files)
  const entries = since === undefined ? text.entries : text.entries.filter(({ time }) => time >= since)
  const leftOut = entries.reduce((sum, entry) => sum + entry.leftOut, 0)
  const groups = groupsOf(entries)
  const total = groups.reduce((sum, { count }) => sum + count, 0)
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify(logData(text, groups, total, leftOut, since), null, 2)}\n`
      : logText(text, groups, total, leftOut, since),
  )
  return EXIT.clean
}

function readable(files: readonly string[]): LogText {
  try {
    return readLog(files)
  } catch (error) {
    const { path = files.join(', ') } = error as NodeJS.ErrnoException
    throw new Failure(`${path} could not be read: ${whyUnread(error)}`, 'run it as a user who may read it')
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds since 1970. */
function sinceOf(text: string, now: number): number {
  const [, count, unit = ''] = /^([0-9]{1,6})([smhdw])$/.exec(text) ?? []
  const time =
    count === undefined ? (/^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN) : now - Number(count) * (UNITS[unit] ?? 0)
  if (!Number.isNaN(time)) return time
  throw new Failure(`${text} is no time`, 'write 30m, 12h, 7d, or a day and time: 2026-01-31, 2026-01-31T08:00:00Z')
}

const timeText = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

function logText(text: LogText, groups: readonly Group[], total: number, leftOut: number, since: number | undefined): string {
  const lines = groups.map(({ address, code, count, first, last, most, value }) => {
    const when = first === last ? timeText(last) : `${timeText(first)} to ${timeText(last)}`
    const what = most
      .filter(({ what: one }) => one !== '')
      .map(({ what: one, count: times }) => `    ${String(times).padStart(6)} × ${show(one)}`)
    return [
      `${String(count).padStart(6)}  ${show(address) || '(this machine)'}  ${show(code)}  ${when}`,
      ...what,
      ...(value === '' ? [] : [`             last: ${show(value)}`]),
    ].join('\n')
  })
  const range = since === undefined ? '' : ` since ${timeText(since)}`
  const notes = [
    ...(leftOut > 0 ? [`${leftOut} more were left out by the guard, being more in a second than it writes`] : []),
    ...(text.unread > 0
      ? [
          `${text.unread} ${text.unread === 1 ? 'line is none' : 'lines are none'} of the guard’s, and not counted: look at ${show(text.files.join(', '))}`,
        ]
      : []),
    ...text.cut.map((file) => `only the end of ${show(file)} was read: it is very long`),
  ]
  const summary = `${total} ${total === 1 ? 'entry' : 'entries'}${range} in ${text.files.length} ${text.files.length === 1 ? 'file' : 'files'}`
  return `${[...lines, ...(lines.length > 0 ? [''] : []), summary, ...notes].join('\n')}\n`
}

/** For programs. `version` changes when something in it does. */
function logData(text: LogText, groups: readonly Group[], total: number, leftOut: number, since: number | undefined): object {
  return {
    version: 1,
    files: text.files.map((file) => show(file)),
    ...(since === undefined ? {} : { since: timeText(since) }),
    total,
    leftOut,
    unread: text.unread,
    cut: text.cut.map((file) => show(file)),
    groups: groups.map(({ first, last, most, ...group }) => ({
      address: show(group.address),
      code: group.code,
      count: group.count,
      first: timeText(first),
      last: timeText(last),
      most: most.map(({ what, count }) => ({ what: show(what), count })),
      value: show(group.value),
    })),
  }
}
