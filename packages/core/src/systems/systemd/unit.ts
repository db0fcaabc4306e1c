import { type Passage, PassageBuilder } from '../passage.ts'

/** Settings of one unit; the rest of a longer one is reported and left out. */
const SETTINGS = 2_000

/** One `Key=value` of a unit file, its lines put together. */
export interface UnitSetting {
  readonly section: string
  readonly key: string
  readonly value: Passage
  /** Offsets into the file; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

export interface UnitReading {
  readonly settings: readonly UnitSetting[]
  readonly problems: readonly { readonly reason: string; readonly start: number; readonly end: number }[]
}

/** Reads a unit file (systemd.syntax(7)). Never throws; takes time linear in the text. */
export function parseUnit(source: Passage): UnitReading {
  const { content } = source
  const settings: UnitSetting[] = []
  const problems: { reason: string; start: number; end: number }[] = []
  let section = ''
  let at = 0
  const lineEnd = (from: number): number => {
    const newline = content.indexOf('\n', from)
    return newline < 0 ? content.length : newline
  }
  const textEnd = (from: number, to: number): number => {
    let end = to
    while (end > from && /\s/.test(content[end - 1] ?? '')) end--
    return end
  }
  while (at < content.length) {
    const start = at
    let end = lineEnd(at)
    at = end + 1
    const head = content.slice(start, Math.min(end, start + 300)).trim()
    if (head === '' || /^[#;]/.test(head)) continue
    const named = /^\[([^\]]{1,100})\]$/.exec(head)?.[1]
    if (named !== undefined) {
      section = named
      continue
    }
    const equals = content.indexOf('=', start)
    const key = equals < 0 || equals > end ? '' : content.slice(start, Math.min(equals, start + 100)).trim()
    if (!/^[A-Za-z][\w-]*$/.test(key)) {
      if (problems.length < 100) problems.push({ reason: 'this line sets nothing', start, end: textEnd(start, end) })
      continue
    }
    if (settings.length >= SETTINGS) {
      problems.push({ reason: `more than ${SETTINGS} settings`, start, end: start })
      break
    }
    const builder = new PassageBuilder(source)
    let from = equals + 1
    while (from < end && /[ \t]/.test(content[from] ?? '')) from++
    // A backslash at its end makes a line go on; comments between are left out (systemd.syntax(7)).
    for (let mark = goesOn(content, from, end); mark !== undefined && at < content.length; mark = goesOn(content, from, end)) {
      builder.copy(from, mark)
      builder.replace(' ', mark, mark + 1)
      let isComment = true
      while (isComment && at < content.length) {
        from = at
        end = lineEnd(at)
        at = end + 1
        isComment = /^\s*[#;]/.test(content.slice(from, Math.min(end, from + 300)))
      }
      if (isComment) from = end
    }
    const to = textEnd(from, end)
    builder.copy(from, to)
    settings.push({ section, key, value: builder.build(), start, end: Math.max(to, start) })
  }
  return { settings, problems }
}

/** Where the backslash stands that makes a line go on: the last of an odd number of them, with nothing behind it (src/shared/conf-parser.c: config_parse). */
function goesOn(content: string, from: number, lineEnd: number): number | undefined {
  const end = content[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd
  let first = end
  while (first > from && content[first - 1] === '\\') first--
  return (end - first) % 2 === 1 ? end - 1 : undefined
}
