import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Text } from '../evidence/index.ts'
import { parsePolicy } from './parse.ts'
import { effort } from '../../test/effort.ts'

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url))
const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 5000)
/** Milliseconds for one input of at most a few kilobytes, on a busy machine. */
const PATIENCE = 2000

const policies = readdirSync(GOLDEN).map((name) => readFileSync(`${GOLDEN}${name}`, 'utf8').split('\n----\n')[0] ?? '')

const CHARACTERS = [
  '\t',
  '\n',
  '\r\n',
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud800',
  '|\n',
  '>\n',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '  ',
  ': ',
  ', ',
  '- ',
  '? ',
]
const WORDS =
  `: [ ] { } " ' # &a *a !!str !x ~ null true 0 -1 1e9 0x50 .nan 65536 80-90 0.0.0.0/0 :: * version: services: __proto__: constructor localhost internet`.split(
    ' ',
  )
const TOKENS = CHARACTERS.concat(WORDS, [
  '<<: *a',
  'version: 1',
  'include: x',
  'environments: { a: {} }',
  'from: internet',
  '__proto__: 1',
  '&a ',
  '!x ',
])

const edit = fc.record({
  how: fc.constantFrom('insert', 'remove', 'repeat', 'swap', 'truncate', 'replace'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  token: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...TOKENS) },
    { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) },
  ),
})
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never

function mutate(text: string, { how, at, length, token }: Edit): string {
  const start = Math.floor(at * text.length)
  const [before, piece, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)]
  switch (how) {
    case 'insert':
      return before + token + piece + after
    case 'remove':
      return before + after
    case 'repeat':
      return before + piece + piece + after
    case 'swap':
      return after + piece + before
    case 'truncate':
      return before
    default:
      return before + token + after
  }
}

test(`${RUNS} mutated policies: never an exception, never a hang, every diagnostic at a place of its file`, {
  timeout: 60_000 + RUNS * 40,
}, () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.constantFrom(...policies), fc.array(edit, { minLength: 1, maxLength: 6 }), fc.boolean(), (policy, edits, chosen) => {
      const content = edits.reduce(mutate, policy).slice(0, 20_000)
      const files = new Map([
        ['sallyport.yaml', content],
        ['x', content],
      ])
      const start = effort()
      const parsed = parsePolicy({ files, entry: 'sallyport.yaml', environment: chosen ? 'development' : undefined })
      expect(effort() - start).toBeLessThan(PATIENCE)
      const failed = parsed.diagnostics.some((diagnostic) => diagnostic.severity === 'error')
      expect(parsed.policy === undefined).toBe(failed)
      const text = new Text('', content)
      for (const { span, message, hint, code } of parsed.diagnostics) {
        seen.add(code)
        expect(span.start.offset).toBeGreaterThanOrEqual(0)
        expect(span.end.offset).toBeGreaterThanOrEqual(span.start.offset)
        expect(span.end.offset).toBeLessThanOrEqual(content.length)
        expect(text.span(span.start.offset, span.end.offset)).toEqual(span)
        expect(message).toMatch(/^[^\u0000-\u001f\u202e]+$/)
        expect(hint).toMatch(/^[^\u0000-\u001f\u202e]+$/)
      }
    }),
    { numRuns: RUNS },
  )
  // The mutations reach more than the first line of the parser.
  if (RUNS >= 1000) expect(seen.size).toBeGreaterThan(25)
})
