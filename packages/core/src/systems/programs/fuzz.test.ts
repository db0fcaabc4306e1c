import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinValues, show, Text, type Value, type Word } from '../../evidence/index.ts'
import { PROGRAMS, readCommand } from './index.ts'
import { INTERPRETERS } from './interpreters.ts'
import { WRAPPERS } from './wrappers.ts'
import { effort } from '../../../test/effort.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)
const origin = new Text('start.sh', 'anything').origin(0, 8)

const known = (text: string): Value => ({ kind: 'known', value: text, origin })
const environment = (fallback: Value): Value => ({ kind: 'environment', name: 'HOST', fallback, emptyIsUnset: true, origin })

const vocabulary = [
  ...PROGRAMS.flatMap((row) => [...row.names, ...(row.modules ?? []), ...(row.subcommands ?? []), ...Object.keys(row.options)]),
  ...WRAPPERS.flatMap((row) => [...row.names, ...(row.subcommands ?? []), ...Object.keys(row.options ?? {})]),
  ...INTERPRETERS.flatMap((row) => [...Object.keys(row.options), ...(row.words ?? [])]),
  'python',
  'node',
  'npm',
  'run',
  'sh',
  '-c',
  'pm2',
  'start',
  '--',
  '-',
  '',
  '-m',
  '=',
  '--=',
  'A=b',
  '0.0.0.0',
  ':',
  ':::',
  '[',
  '[::]:1',
  'unix:/x',
  '${X}',
  '"',
  "'",
  '&&',
  '\ue000',
  '__proto__',
  '--constructor',
  'toString',
]

const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...vocabulary) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.tuple(fc.constantFrom(...vocabulary), fc.string({ maxLength: 8 })).map((pair) => pair.join('=')),
)
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: text.map(known) },
  text.map((fallback) => environment(known(fallback))),
  fc.array(text, { maxLength: 5 }).map((parts) =>
    joinValues(
      parts.map((part, index) => (index % 2 === 0 ? known(part) : environment(known(part)))),
      origin,
    ),
  ),
  fc.constant<Value>({ kind: 'unknown', reason: 'computed', origin }),
  fc.constant<Value>({ kind: 'absent' }),
  text.map((option): Value => ({ kind: 'choice', options: [known(option), environment({ kind: 'absent' })], origin })),
)
const words = fc.array(value, { maxLength: 14 }).map((values) => values.map((one): Word => ({ text: one, shown: show('word') })))

describe('any words', () => {
  it('are read without throwing, alike each time, and quickly', () => {
    const started = effort()
    fc.assert(
      fc.property(words, fc.boolean(), (line, inContainer) => {
        const paths = new Set(['main.py', 'server/index.ts', 'package.json', 'gunicorn.conf.py'])
        const reading = readCommand(line, { paths, inContainer })
        expect(readCommand(line, { paths, inContainer })).toEqual(reading)
        for (const bind of reading.alsoServes) expect(bind.program).not.toBe('')
        if (reading.serves === undefined) expect(reading.alsoServes).toEqual([])
      }),
      { numRuns: RUNS },
    )
    expect((effort() - started) / RUNS).toBeLessThan(20)
  })

  it('take time in proportion to their length', () => {
    const long = (count: number): Word[] =>
      [known('uvicorn'), ...Array.from({ length: count }, (_, index) => known(`--host=${'a:'.repeat(index % 50)}`))].map((one) => ({
        text: one,
        shown: show('word'),
      }))
    const texts = [
      long(4000),
      [known('sh'), known('-c'), known('sh -c '.repeat(20_000))].map((one): Word => ({ text: one, shown: show('word') })),
    ]
    for (const line of texts) {
      const started = effort()
      readCommand(line)
      expect(effort() - started).toBeLessThan(2000)
    }
  })
})

describe('the table of programs', () => {
  it('has one row for each id, and a source for every row', () => {
    expect(new Set(PROGRAMS.map((row) => row.id)).size).toBe(PROGRAMS.length)
    for (const row of PROGRAMS) {
      expect(row.source, row.id).toMatch(/[\w.]{4,}/)
      expect(row.names.length + (row.modules?.length ?? 0), row.id).toBeGreaterThan(0)
    }
  })

  it('reads the example of every row as that row', () => {
    // What a framework builds is told by the manifest, or by its own configuration.
    const texts = new Map([
      ['package.json', '{"devDependencies":{"@sveltejs/adapter-node":"5"}}'],
      ['astro.config.mjs', "export default { adapter: node({ mode: 'standalone' }) }"],
    ])
    const text = (path: string): Text | undefined => {
      const content = texts.get(path)
      return content === undefined ? undefined : new Text(path, content)
    }
    const context = { paths: new Set(texts.keys()), text }
    for (const row of PROGRAMS) {
      const line = row.example.split(' ').map((word): Word => ({ text: known(word), shown: show(word) }))
      expect(readCommand(line, context).serves?.program, row.example).toBe(row.id)
    }
  })
})
