import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BindChange, Edit, Value } from '@sallyport/core/evidence'
import { sourceTools } from '../packages/cli/src/collect/source.ts'
import { applied, bindsIn, casesOf, changeOf, fixed, type FoundBind, isExposed, isWhole, LANGUAGES } from './fix-source/corpus.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 1000)
const CASES = casesOf()
const texts = CASES.flatMap(({ before }) => [...before.values()])
const pieces = [...new Set(texts.flatMap((text) => text.split(/(\W)/)))].filter((piece) => piece !== '')
const noise = [
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '`',
  '${',
  '\\',
  '\n',
  '\r\n',
  '\t',
  ';',
  ',',
  ':',
  '...',
  '**',
  '//',
  '/*',
  '#',
  '\u0000',
  '\u2028',
  '𝒳',
  '\uFEFF',
  '||',
  '??',
  '? 1 :',
  'HOST',
  'host',
  'os',
  'net',
  'undefined',
  'None',
]

interface Mutation {
  readonly at: number
  readonly cut: number
  readonly put: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(3000),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(30)),
  put: fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...noise), fc.string({ unit: 'binary', maxLength: 6 })),
})

const mutated = (text: string, mutations: readonly Mutation[]): string =>
  mutations.reduce((before, { at, cut, put }) => {
    const start = at % (before.length + 1)
    return before.slice(0, start) + put + before.slice(start + cut)
  }, text)

const program = fc
  .tuple(fc.constantFrom(...CASES), fc.array(mutation, { maxLength: 6 }))
  .map(
    ([{ before }, mutations]) => new Map([...before].map(([path, text], index) => [path, index === 0 ? mutated(text, mutations) : text])),
  )

async function editsFor({ system }: FoundBind, change: BindChange, files: ReadonlyMap<string, string>): Promise<readonly Edit[] | string> {
  const editor = await system.edits?.load()
  const edited = editor?.edit(
    change,
    { file: (path) => (files.has(path) ? { kind: 'text', text: files.get(path) ?? '' } : { kind: 'absent' }) },
    sourceTools,
  )
  return edited?.kind === 'edits' ? edited.edits : (edited?.why ?? '')
}

/** Inside the text, in its order, none over another. */
function expectApart(edits: readonly Edit[], files: ReadonlyMap<string, string>): void {
  for (const [index, edit] of edits.entries()) {
    expect(edit.start).toBeGreaterThanOrEqual(0)
    expect(edit.end).toBeGreaterThanOrEqual(edit.start)
    expect(edit.end).toBeLessThanOrEqual((files.get(edit.path) ?? '').length)
    const next = edits[index + 1]
    if (next?.path === edit.path) expect(next.start).toBeGreaterThanOrEqual(edit.end)
  }
}

describe('any program', () => {
  test('is edited within its bounds, or not at all; what was understood still is', async () => {
    let count = 0
    let whole = 0
    await fc.assert(
      fc.asyncProperty(program, async (files) => {
        for (const bind of (await bindsIn(files)).filter(({ claim }) => isExposed(claim))) {
          const edits = await editsFor(bind, changeOf(bind), files)
          if (typeof edits === 'string') continue
          count++
          expectApart(edits, files)
          const after = applied(files, edits)
          for (const [path, text] of after) {
            if (!isWhole(path, files.get(path) ?? '')) continue
            whole++
            expect(`${isWhole(path, text)} ${text}`).toBe(`true ${text}`)
          }
        }
      }),
      { numRuns: RUNS },
    )
    expect(count).toBeGreaterThan(RUNS / 4)
    expect(whole).toBeGreaterThan(RUNS / 4)
  }, 600_000)

  test('is cured of every bind that no reason was given for', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (files) => {
        if ([...files].some(([path, text]) => !isWhole(path, text))) return
        const result = await fixed(files)
        const left = (await bindsIn(result.files)).filter(({ claim }) => isExposed(claim))
        if (left.length > result.refused.length) expect([...result.files.values()].join('\n')).toBe('cured')
      }),
      // What is not cured after all is found by the look at the result, and not offered: the same programs each time, and others where more are asked for.
      { numRuns: Math.ceil(RUNS / 2), ...(process.env['SALLYPORT_FUZZ'] === undefined ? { seed: 1 } : {}) },
    )
  }, 600_000)

  test('is edited for no evidence that is of another text', async () => {
    const value: fc.Arbitrary<Value> = fc.constantFrom('0.0.0.0', '::', '*', '', '\n', '0').chain((text) =>
      fc.record({ start: fc.nat(400), length: fc.nat(40) }).map(({ start, length }): Value => {
        const position = (offset: number) => ({ line: 1, column: offset + 1, offset })
        const origin = {
          kind: 'file',
          path: 'x',
          span: { start: position(start), end: position(start + length) },
          line: '' as never,
        } as const
        return text === ''
          ? { kind: 'absent' }
          : text === '0'
            ? { kind: 'environment', name: 'HOST', fallback: { kind: 'absent' }, emptyIsUnset: true, origin }
            : { kind: 'known', value: text, origin }
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), value, fc.nat(3000), fc.nat(60), async (text, given, start, length) => {
        const position = (offset: number) => ({ line: 1, column: offset + 1, offset })
        for (const system of LANGUAGES) {
          const editor = await system.edits?.load()
          const path = system.name === 'python' ? 'x.py' : system.name === 'go' ? 'x.go' : 'x.ts'
          const placed = 'origin' in given ? { ...given, origin: { ...given.origin, path } } : given
          const at = { kind: 'file', path, span: { start: position(start), end: position(start + length) }, line: '' as never } as const
          const change: BindChange = {
            change: 'bind',
            at,
            framework: 'express',
            language: 'javascript',
            protocol: 'tcp',
            host: '127.0.0.1',
            variable: 'HOST',
            given: placed,
          }
          const edited = editor?.edit(change, { file: () => ({ kind: 'text', text }) }, sourceTools)
          if (edited?.kind === 'edits') expectApart(edited.edits, new Map([[path, text]]))
        }
      }),
      { numRuns: RUNS },
    )
  }, 600_000)
})
