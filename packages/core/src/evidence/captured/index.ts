import * as z from 'zod/mini'
import type { Claim, ClaimKind } from '../index.ts'
import type { Evidence } from '../evidence.ts'
import { show } from '../shown.ts'
import { FILES } from './files.ts'
import { gap } from './gaps.ts'
import { MACHINE } from './machine.ts'
import { origin } from './origins.ts'
import { proxy } from './proxies.ts'
import { STARTS } from './starts.ts'
import { type Codec, maybe, name, unsigned, words } from './words.ts'

const CLAIMS: { readonly [K in ClaimKind]: Codec<Extract<Claim, { readonly claim: K }>> } = { ...MACHINE, ...STARTS, ...FILES, proxy, gap }

const FORMAT = 'sallyport capture'
/** Goes up when a file of before cannot be read any more. */
const VERSION = 1

/** The evidence of one host, as one file holds it. */
export interface Capture {
  readonly host: string
  /** Milliseconds since the epoch. */
  readonly capturedAt: number
  /** Absolute path of the folder that was looked at with the host; absent: the host alone. */
  readonly folder?: string
  readonly evidence: readonly Evidence[]
}

const header = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  host: name,
  capturedAt: z.number(),
  folder: maybe(name),
  lines: unsigned,
})

const COMMON = {
  origin,
  standing: words('running', 'configured'),
  host: name,
  namespace: maybe(name),
  environment: maybe(name),
  capturedAt: z.number(),
}

const items = new Map(Object.entries(CLAIMS).map(([kind, claim]) => [kind, z.strictObject({ claim: claim as Codec<Claim>, ...COMMON })]))

/**
 * A capture as text: JSON Lines, one piece of evidence a line after a first one that says what it is and how many follow. Text that may
 * hold a secret is written without it.
 */
export function writeCapture({ host, capturedAt, folder, evidence }: Capture): string {
  const lines = evidence.map((item) => {
    const schema = items.get(item.claim.claim)
    if (schema === undefined) throw new TypeError(`no way to write a claim of kind ${item.claim.claim}`)
    return z.encode(schema, item as never)
  })
  const first = { format: FORMAT, version: VERSION, host, capturedAt, ...(folder === undefined ? {} : { folder }), lines: lines.length }
  return [first, ...lines, ''].map((line) => (line === '' ? '' : JSON.stringify(line))).join('\n')
}

/** Where a file is no capture: 1-based line and column (in UTF-16 code units). */
export interface CaptureMistake {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint: string
}

export type CaptureReading =
  | { readonly kind: 'capture'; readonly capture: Capture }
  | { readonly kind: 'mistake'; readonly mistake: CaptureMistake }

/** Reads what `writeCapture` wrote. A file that is not whole, or holds what is not known, is refused at the first such place. */
export function readCapture(text: string): CaptureReading {
  const lines = text.split('\n')
  const end = lines.pop()
  const first = readLine(lines[0] ?? '', 1, header)
  if (first.kind === 'mistake') return first
  const { host, capturedAt, folder, lines: promised } = first.value
  if (end !== '' || lines.length - 1 !== promised)
    return mistake(
      lines.length + (end === '' ? 0 : 1),
      1,
      `the file is not whole: its first line promises ${promised} more, and ${lines.length - 1} are here`,
      'capture it again, or copy it again',
    )
  const evidence: Evidence[] = []
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue
    const kind = readLine(line, index + 1, z.object({ claim: z.object({ claim: name }) }))
    if (kind.kind === 'mistake') return kind
    const schema = items.get(kind.value.claim.claim)
    if (schema === undefined) return mistake(index + 1, 1, `a claim of kind ${show(kind.value.claim.claim)} is not known here`, NEWER)
    const read = readLine(line, index + 1, schema)
    if (read.kind === 'mistake') return read
    if (read.value.host !== host) return mistake(index + 1, 1, `it is of ${show(read.value.host)}, and the file of ${show(host)}`, NEWER)
    evidence.push(read.value as Evidence)
  }
  return { kind: 'capture', capture: { host, capturedAt, ...(folder === undefined ? {} : { folder }), evidence } }
}

const NEWER = 'a capture is read by the version of Sallyport that wrote it, or a later one'

type LineReading<T> = { readonly kind: 'read'; readonly value: T } | { readonly kind: 'mistake'; readonly mistake: CaptureMistake }

function readLine<T>(text: string, line: number, schema: z.ZodMiniType<T>): LineReading<T> {
  let json: unknown
  if (isNestedTooDeeply(text)) return mistake(line, 1, `it is nested more than ${MOST_NESTED} deep`, HOW)
  try {
    json = JSON.parse(text)
  } catch (error) {
    const [, at] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
    return mistake(line, at === undefined ? text.length + 1 : Number(at) + 1, 'this is not JSON', HOW)
  }
  const read = schema.safeParse(json)
  if (read.success) return { kind: 'read', value: read.data }
  const [issue] = read.error.issues
  if (line === 1 && issue?.path[0] === 'format') return mistake(line, 1, 'the first line is not that of a capture', HOW)
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  return mistake(line, 1, `${show(where)}${issue?.message ?? 'not what was expected'}`, line === 1 ? HOW : NEWER)
}

/** Much more than the deepest condition of a rule that a person wrote: those who follow one call themselves once a level. */
const MOST_NESTED = 200

function isNestedTooDeeply(text: string): boolean {
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > MOST_NESTED) return true
  }
  return false
}

const HOW = 'sallyport capture --output FILE writes one'

function mistake(line: number, column: number, message: string, hint: string): { kind: 'mistake'; mistake: CaptureMistake } {
  return { kind: 'mistake', mistake: { line, column, message: show(message, 1000), hint } }
}
