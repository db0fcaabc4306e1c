import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { requirements } from '../requirements.ts'
import { RECORDING, tryFaults } from './faulty.ts'
import { KINDS, schedule } from './kinds.ts'
import { Recorder } from './recording.ts'
import { regressions } from './regressions.ts'
import { type Disagreement, Scenes, tryRegression, tryRuleset } from './run.ts'
import { Tally } from './tally.ts'

const USAGE = `npm run lab:agree -- [OPTION]...
  --seed N          of the first ruleset (1)
  --rulesets N      how many are tried (60)
  --packets N       sent through each (500)
  --only KIND[:N]   one kind of ruleset, or the one of that seed
  --jobs N          labs side by side (as many as processors)
  --walks N         of each ruleset, to see which rules decided, for the table of features (5000)
  --minutes N       ends earlier, with what it has (no limit)
  --record FILE     keeps what the tools printed and what packets did, for --faults
  --record-bytes N  before compression (40000000)
  --faults          computes what was recorded again with faults built in, each of which has to be noticed
  --recording FILE  with --faults: what was recorded (that of the tests); may be there several times
  --keep FILE       with --faults: a small recording by which they all are
kinds: ${Object.keys(KINDS).join(', ')}
`

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  rulesets: { type: 'string', default: '60' },
  packets: { type: 'string', default: '500' },
  only: { type: 'string' },
  minutes: { type: 'string', default: 'Infinity' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  walks: { type: 'string', default: '5000' },
  record: { type: 'string' },
  'record-bytes': { type: 'string', default: '40000000' },
  faults: { type: 'boolean', default: false },
  recording: { type: 'string', multiple: true },
  keep: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const MOST_FAILURES = 20

const NUMBERS = ['seed', 'rulesets', 'packets', 'walks', 'minutes', 'jobs', 'record-bytes'] as const

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** The seeds of one kind each, without end; `only` with a seed: that one alone. */
function* ids(seed: number, only: string | undefined): Generator<string> {
  if (only?.includes(':') === true) {
    yield only
    return
  }
  const kinds = only === undefined ? schedule() : [only]
  for (let at = 0; ; at++) yield `${kinds[at % kinds.length]}:${seed + at}`
}

async function agree(options: Options): Promise<number> {
  const state = await requirements()
  if (!state.ok) {
    console.error(`no lab can be built here; missing: ${state.missing.join(', ')}`)
    return 2
  }
  const [seed, rulesets, packets, walks] = [options.seed, options.rulesets, options.packets, options.walks].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const tally = new Tally()
  const recorder = options.record === undefined ? undefined : new Recorder(Number(options['record-bytes']))
  const settings = { packets, walks, tally, ...(recorder === undefined ? {} : { recorder }) }
  const source = ids(seed, options.only)
  const found: Disagreement[] = []
  const begun = performance.now()
  const end = begun + 60_000 * Number(options.minutes)
  let left = rulesets
  let failed = 0
  const job = async (): Promise<void> => {
    let scenes = new Scenes()
    try {
      while (left > 0 && performance.now() < end) {
        left--
        const { value: id } = source.next()
        if (id === undefined) return
        try {
          const disagreements = await tryRuleset(scenes, id, settings)
          if (disagreements === undefined) {
            tally.refused++
            left++
            continue
          }
          found.push(...disagreements)
          for (const one of disagreements.slice(0, 3)) tell(one, packets)
        } catch (error) {
          // A daemon that did not start, a tool that took too long: in a new lab the next one may do better.
          console.error(`${id} was not tried to its end: ${String(error)}`)
          if (++failed > MOST_FAILURES) throw error
          await scenes.close()
          scenes = new Scenes()
        }
        progress(tally, begun)
      }
    } finally {
      await scenes.close()
    }
  }
  if (options.only === undefined) {
    const scenes = new Scenes()
    for (const [name, text] of regressions()) found.push(...(await tryRegression(scenes, name, text, settings)))
    await scenes.close()
    for (const one of found) tell(one, packets)
  }
  console.error(`seed ${seed}, ${rulesets} rulesets, ${packets} packets each, ${options.jobs} at once`)
  await Promise.all(Array.from({ length: Number(options.jobs) }, job))
  if (recorder !== undefined && options.record !== undefined) writeFileSync(options.record, recorder.bytes())
  const seconds = (performance.now() - begun) / 1000
  console.log(tally.features.toString())
  console.log(tally.toString())
  console.log(
    `${seconds.toFixed(0)} s, ${(tally.packets / seconds).toFixed(0)} packets a second; ${found.length} disagreements, ${failed} rulesets not tried to their end`,
  )
  return found.length === 0 ? 0 : 1
}

function tell({ id, shot, said, seen, way }: Disagreement, packets: number): void {
  const { zone, protocol, source, sourcePort, destination, port } = shot
  console.log(`\n${protocol} from ${source} port ${sourcePort} (${zone}) to ${destination} port ${port}: computed ${said}, was ${seen}`)
  for (const step of way) console.log(`  ${step}`)
  console.log(`  again: npm run lab:agree -- --only ${id} --packets ${packets}`)
}

function progress(tally: Tally, begun: number): void {
  const rulesets = [...tally.rulesets.values()].reduce((sum, count) => sum + count, 0)
  if (rulesets % 50 !== 0) return
  const seconds = (performance.now() - begun) / 1000
  console.error(`${rulesets} rulesets, ${tally.packets} packets, ${seconds.toFixed(0)} s`)
}

/** `undefined`: help is wanted, or needed. */
function read(): Options | undefined {
  try {
    const { values } = parseArgs({ options: OPTIONS })
    return values.help || NUMBERS.some((name) => !(Number(values[name]) >= 0)) ? undefined : values
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

const options = read()
if (options === undefined) {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else process.exitCode = options.faults ? await tryFaults(options.recording ?? [RECORDING], options.keep) : await agree(options)
