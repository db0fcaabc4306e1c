import { openSync, closeSync, fstatSync, readSync, statSync } from 'node:fs'

/** One line of the guard's log, as far as it is what the guard writes. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly code: string
  /** Of the peer; what listened, for incidents of `sallyport run`. */
  readonly address: string
  /** What was asked for: method and path, or the program that listened. */
  readonly what: string
  readonly value: string
  /** Lines that the guard left out; 0 for every other. */
  readonly leftOut: number
}

export interface LogText {
  readonly files: readonly string[]
  readonly entries: readonly Entry[]
  /** Lines that are none of the guard's: no JSON, or without what each line has. */
  readonly unread: number
  /** Files that were read from a later place on, being too long. */
  readonly cut: readonly string[]
}

/** Put aside by the guard, or by logrotate(8): FILE.1, FILE.2 … */
const MOST_FILES = 100
/** The end of each file is what is read. */
const MOST_BYTES = 64 * 1024 * 1024

/** Whether something is there that has lines; a folder of that name has none. */
function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === false
}

/** The log and what was put aside of it, oldest first. */
export function logFiles(file: string): readonly string[] {
  const aside: string[] = []
  for (let number = 1; number <= MOST_FILES && isThere(`${file}.${number}`); number++) aside.push(`${file}.${number}`)
  return [...aside.toReversed(), ...(isThere(file) ? [file] : [])]
}

/** @throws what the file system says of a file that cannot be read. */
export function readLog(files: readonly string[]): LogText {
  const entries: Entry[] = []
  const cut: string[] = []
  let unread = 0
  for (const file of files) {
    const { text, isCut } = tail(file)
    if (isCut) cut.push(file)
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue
      const entry = readEntry(line)
      if (entry === undefined) unread++
      else entries.push(entry)
    }
  }
  return { files, entries, unread, cut }
}

function tail(file: string): { readonly text: string; readonly isCut: boolean } {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const start = Math.max(0, size - MOST_BYTES)
    const buffer = Buffer.alloc(size - start)
    const text = buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, start))
    // The first of them is a part of a line.
    return { text: start === 0 ? text : text.slice(text.indexOf('\n') + 1), isCut: start > 0 }
  } finally {
    closeSync(descriptor)
  }
}

/** `undefined`: not a line of the guard's. */
export function readEntry(line: string): Entry | undefined {
  const parsed = parse(line)
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const fields = parsed as Record<string, unknown>
  const text = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' ? value : ''
  }
  const time = Date.parse(text('time'))
  const code = text('code')
  if (Number.isNaN(time) || !/^[a-z][a-z0-9-]{0,63}$/.test(code)) return undefined
  const { count } = fields
  const leftOut = code === 'left-out' && typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0
  const what = text('method') !== '' ? `${text('method')} ${text('path')}` : text('command') || text('where')
  return { time, code, address: text('address'), what, value: text('value'), leftOut }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
