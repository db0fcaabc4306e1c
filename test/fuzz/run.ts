import { setImmediate } from 'node:timers/promises'
import { type Files, tokensOf } from './corpus.ts'
import { mutate, type Random, random } from './mutate.ts'
import { readers, type Tried } from './readers.ts'

/** The longest that a reader may work at one input, in milliseconds of processor time: far above what any needs, far below a hang. */
const SLOW_MS = 2000
/** How often the parent hears that an input has been done with. */
const HEARTBEAT_MS = 200
/** So many files of a case at most are given to the reader, and so mutated. */
const MOST_FILES = 4

/** What the parent asks for, and hears. */
export interface Job {
  readonly reader: string
  readonly from: number
  readonly count: number
}
export type Message =
  | { readonly kind: 'ready'; readonly readers: readonly string[] }
  | { readonly kind: 'at'; readonly input: number }
  | { readonly kind: 'done'; readonly inputs: number; readonly withGaps: number; readonly slowest: number; readonly seconds: number }
  | { readonly kind: 'failed'; readonly input: number; readonly why: string; readonly files: readonly (readonly [string, string])[] }

/** Input number `index` of a reader: the same each time. */
function inputOf(tried: Tried, tokens: readonly string[], index: number): Files {
  const next = random(index)
  const chosen = tried.corpus[next(tried.corpus.length)] ?? new Map<string, string>()
  const mutable = tried.mutable(chosen)
  const kept = new Set(Array.from({ length: MOST_FILES }, () => mutable[next(mutable.length)] ?? ''))
  const sure = [...kept][0]
  const files = new Map<string, string>()
  for (const [path, text] of chosen) {
    // Of large folders a few files of those that are read; what they may ask for stays.
    if (mutable.includes(path) && !kept.has(path)) continue
    const mutated = path === sure || (kept.has(path) ? next(2) === 0 : next(8) === 0)
    files.set(path, mutated ? mutate(text, next, { tokens, other: otherText(tried, next) }) : text)
  }
  return files
}

function otherText({ corpus, mutable }: Tried, next: Random): string {
  const files = corpus[next(corpus.length)] ?? new Map<string, string>()
  const paths = mutable(files)
  return files.get(paths[next(paths.length)] ?? '') ?? ''
}

async function run(tried: Tried, { from, count }: Job, tell: (message: Message) => void): Promise<void> {
  const tokens = tokensOf(tried.corpus.flatMap((files) => tried.mutable(files).map((path) => files.get(path) ?? '')))
  const started = performance.now()
  let told = started
  let withGaps = 0
  let slowest = 0
  for (let input = from; input < from + count; input++) {
    const files = inputOf(tried, tokens, input)
    if (performance.now() - told > HEARTBEAT_MS) {
      tell({ kind: 'at', input })
      told = performance.now()
      // Syntax trees that are no longer used are let go of between two turns only.
      await setImmediate()
    }
    const before = performance.now()
    let why: string | undefined
    try {
      if (tried.read(files) > 0) withGaps++
      const took = performance.now() - before
      slowest = Math.max(slowest, took)
      // On a busy machine the clock says little: what seems slow is read again, and its own time taken.
      if (took > SLOW_MS) why = slowAgain(tried, files)
    } catch (error) {
      why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    }
    if (why !== undefined) {
      tell({ kind: 'failed', input, why, files: [...files] })
      return
    }
  }
  tell({ kind: 'done', inputs: count, withGaps, slowest, seconds: (performance.now() - started) / 1000 })
}

function slowAgain(tried: Tried, files: Files): string | undefined {
  const before = process.cpuUsage()
  tried.read(files)
  const { user, system } = process.cpuUsage(before)
  const took = (user + system) / 1000
  return took > SLOW_MS ? `it took ${Math.round(took)} ms` : undefined
}

const all = await readers()
const tell = (message: Message): void => void process.send?.(message)
process.on('message', (job: Job) => {
  const tried = all.find(({ name }) => name === job.reader)
  if (tried !== undefined) void run(tried, job, tell)
})
tell({ kind: 'ready', readers: all.map(({ name }) => name) })
