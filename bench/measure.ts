/** One measurement in a process of its own, so that its memory is its own: `SHAPE RULES ENDPOINTS` → a line of JSON. */
import { readFileSync } from 'node:fs'
import { buildHost, computeReach } from '@sallyport/core/reach'
import { cluster } from './cluster.ts'
import { readShape, SHAPES } from './shapes.ts'

export interface Measured {
  /** Milliseconds of its thread to read the text of the rules. */
  readonly read: number
  /** The same to compute the reach, with nothing known of the rules before. */
  readonly compute: number
  /** Peak of the process, in MiB. */
  readonly memory: number
  readonly open: number
  readonly maybe: number
}

const [name = '', rules, endpoints] = process.argv.slice(2)
const shape = SHAPES[name]
if (shape === undefined) throw new RangeError(`no shape ${name}`)

// Once before with a few rules, so that what is timed has been compiled.
for (let round = 0; round < 5; round++) run(200, 100)
const rounds = Number(rules) > 10_000 ? 1 : 3
const all = Array.from({ length: rounds }, () => run(Number(rules), Number(endpoints)))
const best = all.reduce((one, other) => (other.read + other.compute < one.read + one.compute ? other : one))
process.stdout.write(JSON.stringify({ ...best, memory: Math.round(process.resourceUsage().maxRSS / 1024) } satisfies Measured))

function run(count: number, listeners: number): Omit<Measured, 'memory'> {
  const text = shape as NonNullable<typeof shape>
  const read = spent(() => readShape(text, count))
  const model = buildHost(cluster(read.result, listeners))
  if (model === undefined) throw new Error('no host')
  const computed = spent(() => computeReach(model, 'unknown'))
  const ways = computed.result.flatMap((item) => item.ways)
  const open = ways.filter(({ certainty }) => certainty === 'open').length
  return { read: read.ms, compute: computed.ms, open, maybe: ways.length - open }
}

function spent<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const start = threadTime()
  const result = work()
  return { ms: threadTime() - start, result }
}

/** Milliseconds that this thread has had of a processor: what else the machine does is not in it (proc_pid_schedstat of proc.rst). */
function threadTime(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
}
