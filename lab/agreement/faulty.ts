import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { type Fault, FAULTS } from './faults.ts'
import { type Recorded, Recorder, readRecording } from './recording.ts'
import type { Difference } from './replay.ts'

/** A small one that is kept with the tests. */
export const RECORDING = fileURLToPath(new URL('recording.jsonl.gz', import.meta.url))

const SOURCE = fileURLToPath(new URL('../../packages/core/src/', import.meta.url))
const ENTRY = fileURLToPath(new URL('replay-worker.ts', import.meta.url))

/** Whatever takes this many times longer with a fault, and longer than this, does not come to an end. */
const MOST_TIMES = 20
const LEAST_MS = 60_000
/** All of a recording as it is, however large. */
const WHOLE_MS = 1_800_000

/** How a fault showed. `undefined`: not at all. */
export type Noticed = Difference | { readonly error: string } | undefined

export interface Trial {
  /** Rulesets to begin with. */
  readonly first?: readonly string[]
  readonly mostMs?: number
}

/**
 * Computes recordings again with the fault in the code, as long as nothing is noticed. The code is bundled into a folder of its own and
 * runs apart; the checkout stays as it is. Without a fault: with the code as it is.
 */
export async function replayWith(
  fault: Fault | undefined,
  recordings: readonly string[],
  { first = [], mostMs = LEAST_MS }: Trial = {},
): Promise<Noticed> {
  const folder = mkdtempSync(join(tmpdir(), 'sp-fault-'))
  try {
    const outfile = join(folder, 'replay.mjs')
    await bundle(fault, outfile)
    return await run(outfile, { recordings, first }, mostMs)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function bundle(fault: Fault | undefined, outfile: string): Promise<void> {
  await build({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    logLevel: 'error',
    banner: { js: `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)` },
    plugins:
      fault === undefined
        ? []
        : [
            {
              name: 'fault',
              setup({ onLoad }) {
                onLoad({ filter: /\.ts$/ }, ({ path }) =>
                  path === join(SOURCE, fault.file) ? { contents: withFault(fault, readFileSync(path, 'utf8')), loader: 'ts' } : undefined,
                )
              },
            },
          ],
  })
}

/** Throws where the text is not there exactly once: the code has moved on, and so has the fault to. */
export function withFault({ file, what, text, replacement }: Fault, source: string): string {
  const parts = source.split(text)
  if (parts.length !== 2) throw new Error(`${what}: in ${file} its text stands ${parts.length - 1} times`)
  return parts.join(replacement)
}

function run(
  program: string,
  workerData: { readonly recordings: readonly string[]; readonly first: readonly string[] },
  mostMs: number,
): Promise<Noticed> {
  const worker = new Worker(program, { workerData })
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ error: 'does not come to an end' }), mostMs)
    worker.once('message', (noticed: Difference | undefined) => resolve(noticed))
    worker.once('error', (error) => resolve({ error: String(error) }))
    worker.once('exit', () => clearTimeout(timer))
  }).finally(() => worker.terminate()) as Promise<Noticed>
}

/**
 * Every fault in turn; prints how it showed. Into `kept` goes a small recording by which all of them show. Returns the exit code: 1 where
 * one did not.
 */
export async function tryFaults(recordings: readonly string[], kept: string | undefined): Promise<number> {
  const begun = performance.now()
  const before = await replayWith(undefined, recordings, { mostMs: WHOLE_MS })
  const mostMs = LEAST_MS + MOST_TIMES * (performance.now() - begun)
  if (before !== undefined) {
    console.log(`without any fault: ${told(before)}`)
    return 1
  }
  const telling = new Map<string, Set<string>>()
  let hidden = 0
  const left = FAULTS.values()
  const lane = async (): Promise<void> => {
    for (const fault of left) {
      const noticed = await replayWith(fault, recordings, { first: [...telling.keys()], mostMs })
      const isTold = noticed !== undefined && 'id' in noticed
      if (isTold) telling.set(noticed.id, (telling.get(noticed.id) ?? new Set()).add(JSON.stringify(noticed.shot)))
      else hidden++
      console.log(
        `${isTold ? 'noticed' : 'NOT NOTICED'}: ${fault.file}: ${fault.what}${noticed === undefined ? '' : `\n  ${told(noticed)}`}`,
      )
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  console.log(`${FAULTS.length - hidden} of ${FAULTS.length} faults noticed`)
  if (kept !== undefined) writeFileSync(kept, partOf(recordings.flatMap(readRecording), telling))
  return hidden === 0 ? 0 : 1
}

/** Of each ruleset that told of faults: the packets by which it did, and some more. */
const ALSO = 60

function partOf(recordings: readonly Recorded[], telling: ReadonlyMap<string, ReadonlySet<string>>): Buffer {
  const recorder = new Recorder(Number.POSITIVE_INFINITY)
  for (const one of recordings) {
    const told = telling.get(one.id)
    const packets = one.packets.filter(({ shot }, index) => index < ALSO || told?.has(JSON.stringify(shot)) === true)
    if (told !== undefined) recorder.add({ ...one, packets })
  }
  return recorder.bytes()
}

function told(noticed: Exclude<Noticed, undefined>): string {
  if ('error' in noticed) return noticed.error
  const { id, shot, said, seen } = noticed
  return `${id}: ${shot.protocol} from ${shot.source} (${shot.zone}) to ${shot.destination} port ${shot.port}: computed ${said}, was ${seen}`
}
