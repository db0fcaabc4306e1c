import type { Evidence, FileOrigin } from '@sallyport/core/evidence'
import type { Files } from './corpus.ts'

/** So many places of one reading are looked at: a repeated line has thousands, all made alike. */
const MOST = 400

/** What could forge a line, move a terminal's cursor, or hide and reorder text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
/** Fields of claims that reports print as they are. */
const WORDS: readonly string[] = ['name', 'what', 'remedy', 'reason', 'image', 'project', 'environmentName']

/**
 * What is wrong with the places of a reading, or `undefined`. A gap stands in a file that was given; every place anywhere in the
 * evidence is inside its file, its line and column are those of its offset, and its line may be shown.
 */
export function wrongPlace(evidence: readonly Evidence[], files: Files): string | undefined {
  const lines = new Map<string, readonly number[]>()
  const seen = new Set<object>()
  let looked = 0

  const wrong = (origin: FileOrigin): string | undefined => {
    const text = files.get(origin.path)
    if (text === undefined) return `${JSON.stringify(origin.path)} is none of the files`
    let starts = lines.get(origin.path)
    if (starts === undefined) lines.set(origin.path, (starts = lineStarts(text)))
    const { start, end } = origin.span
    if (!(0 <= start.offset && start.offset <= end.offset && end.offset <= text.length))
      return `${start.offset} to ${end.offset} is not within the ${text.length} characters of ${origin.path}`
    for (const { line, column, offset } of [start, end])
      if ((starts[line - 1] ?? Number.NaN) + column - 1 !== offset || (starts[line] ?? Number.POSITIVE_INFINITY) <= offset)
        return `offset ${offset} of ${origin.path} is not line ${line}, column ${column}`
    if (UNPRINTABLE.test(origin.line) || origin.line.length > 200) return `not fit to be shown: ${JSON.stringify(origin.line)}`
    return undefined
  }

  const walk = (value: unknown): string | undefined => {
    if (typeof value !== 'object' || value === null || seen.has(value) || looked > MOST) return undefined
    seen.add(value)
    if (isFileOrigin(value)) {
      looked++
      return wrong(value)
    }
    for (const item of value instanceof Map
      ? value.values()
      : Array.isArray(value) || value instanceof Set
        ? value
        : Object.values(value)) {
      const found = walk(item)
      if (found !== undefined) return found
    }
    return undefined
  }

  for (const item of evidence) {
    if (item.claim.claim === 'gap' && (item.origin.kind !== 'file' || item.claim.what === ''))
      return `a gap without a place or without words: ${JSON.stringify(item)}`
    for (const [key, word] of Object.entries(item.claim))
      if (WORDS.includes(key) && typeof word === 'string' && UNPRINTABLE.test(word))
        return `${item.claim.claim}: ${key} is not fit to be shown: ${JSON.stringify(word.slice(0, 200))}`
    const found = walk(item)
    if (found !== undefined) return `${item.claim.claim}: ${found}`
  }
  return undefined
}

function isFileOrigin(value: object): value is FileOrigin {
  return 'kind' in value && value.kind === 'file' && 'span' in value && 'line' in value
}

/** Lines end at LF, CRLF or CR. */
function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)]
}
