import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type AddressRange,
  type AddressSet,
  BITS,
  difference,
  FAMILIES,
  formatAddressSet,
  intersection,
  parseRange,
  prefixesOf,
  prefixRange,
  rangeSet,
  union,
} from './index.ts'

const CASES = 200

const { status, error } = spawnSync('python3', ['-c', 'import ipaddress'])
const reason =
  status === 0 ? undefined : `python3 with its ipaddress module does not run here${error === undefined ? '' : `: ${error.message}`}`
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1')
  throw new Error(`sets of addresses have to be compared, and cannot: ${reason}`)
if (reason !== undefined) process.stderr.write(`skipped: sets of addresses beside Python's: ${reason}\n`)

/** Close to each other, so that they meet: from a few first bits that are alike, at the ends of what there is too. */
const range: fc.Arbitrary<AddressRange> = fc.constantFrom(...FAMILIES).chain((family) => {
  const bits = BigInt(BITS[family])
  const top = (1n << bits) - 1n
  const base = fc.constantFrom(0n, 0xc000_0200n, top - 0x1ffn, (top >> 1n) - 0xffn).map((value) => value & top)
  const near = fc.tuple(base, fc.bigInt({ min: 0n, max: 0x1ffn })).map(([from, more]) => (from + more > top ? top : from + more))
  const ends = fc.tuple(near, near).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)))
  const stretch = ends.map(([first, last]) => ({ first: { family, value: first }, last: { family, value: last } }))
  const prefix = fc.tuple(near, fc.nat(BITS[family])).map(([value, length]) => prefixRange({ family, value }, length))
  return fc.oneof(stretch, prefix)
})

interface Answer {
  readonly a: readonly string[]
  readonly union: readonly string[]
  readonly intersection: readonly string[]
  readonly difference: readonly string[]
  readonly written: readonly string[]
}

function askPython(cases: readonly { readonly a: readonly AddressRange[]; readonly b: readonly AddressRange[] }[]): readonly Answer[] {
  const numbers = (ranges: readonly AddressRange[]) => ranges.map(({ first, last }) => [first.family, `${first.value}`, `${last.value}`])
  const run = spawnSync('python3', [fileURLToPath(new URL('../../test/ipaddress.py', import.meta.url))], {
    input: JSON.stringify(cases.map(({ a, b }) => ({ a: numbers(a), b: numbers(b) }))),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 60_000,
  })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stdout) as readonly Answer[]
}

/** The fewest prefixes. */
function told(set: AddressSet): readonly string[] {
  return prefixesOf(set).map(({ address, length }) => `${address.family} ${address.value}/${length}`)
}

function written(set: AddressSet): readonly string[] {
  return formatAddressSet(set).map((text) => {
    const found = parseRange(text)
    return `${text.includes('-') ? 'ends' : 'network'} ${found?.first.family} ${found?.first.value} ${found?.last.value}`
  })
}

it.skipIf(reason !== undefined)(
  `agree with Python's ipaddress on ${CASES} pairs of sets, to the fewest prefixes and the shortest words`,
  () => {
    const ranges = fc.array(range, { maxLength: 4 })
    const cases = fc.sample(fc.record({ a: ranges, b: ranges }), { numRuns: CASES, seed: 20 })
    const answers = askPython(cases)
    expect(answers).toHaveLength(CASES)
    for (const [index, { a, b }] of cases.entries()) {
      const [x, y] = [rangeSet(a), rangeSet(b)]
      expect({
        a: told(x),
        union: told(union(x, y)),
        intersection: told(intersection(x, y)),
        difference: told(difference(x, y)),
        written: written(x),
      }).toEqual(answers[index])
    }
    // Not everything is nothing.
    for (const kind of ['union', 'intersection', 'difference'] as const)
      expect(answers.filter((answer) => answer[kind].length > 3).length).toBeGreaterThan(CASES / 10)
  },
)
