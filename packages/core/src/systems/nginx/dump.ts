import type { Context, FileState, Reading, Snapshot } from '../system.ts'
import { matchesGlob } from './glob.ts'
import { readNginx } from './read.ts'

/** What `nginx -T` prints before each file. */
const HEADER = /^# configuration file (\/.*):$/gm

/** The output of `nginx -T`: every file once, the main one first. `undefined` where there is none in the text. */
export function readDump(text: string, context: Context): Reading | undefined {
  const files = splitDump(text)
  const [main] = files.keys()
  return main === undefined ? undefined : readNginx(snapshotOf([main], files, context))
}

/** The files of a dump by their absolute path. */
export function splitDump(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const headers = [...text.matchAll(HEADER)]
  for (const [index, header] of headers.entries()) {
    const start = header.index + header[0].length + 1
    const end = headers[index + 1]?.index ?? text.length
    const path = header[1] ?? ''
    // nginx puts a line end of its own behind each file. The first of a name is the file: it prints none twice.
    if (!files.has(path)) files.set(path, text.slice(start, end).replace(/\n$/, ''))
  }
  return files
}

/** Files that are all at hand, by their path; there are no others. */
export function snapshotOf(matched: readonly string[], files: ReadonlyMap<string, string>, context: Context): Snapshot {
  const paths = [...files.keys()].toSorted(byBytes)
  const states = new Map([...files].map(([path, text]): [string, FileState] => [path, { kind: 'text', text }]))
  return {
    matched,
    paths: new Set(paths),
    file: (path) => states.get(path) ?? { kind: 'absent' },
    glob: (pattern) => paths.filter((path) => matchesGlob(pattern, path)),
    context,
  }
}

/** As glob(3) sorts in the C locale, which nginx runs in. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
