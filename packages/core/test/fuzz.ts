import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Evidence, FileOrigin } from '../src/evidence/index.ts'
import type { System, Tools } from '../src/systems/system.ts'
import { goldenCases, NO_TOOLS, readFolder } from './reader.ts'

/** Inputs tried by each fuzz test; SALLYPORT_FUZZ sets another number. */
export const FUZZ = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)
/** The longest that one small input may take, in milliseconds: far above what any needs, far below a hang. */
const SLOW = 3000

/** A generator of its own, so that a seed gives the same inputs everywhere (xorshift32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % Math.max(below, 1)
  }
}

const COMMON = [
  '"',
  "'",
  '`',
  '\\',
  '$',
  '${',
  '}',
  '(',
  ')',
  '{',
  '[',
  ']',
  '<',
  '>',
  ';',
  ':',
  '=',
  '#',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\u0000',
  '\ufeff',
  '\u202e',
  '💥',
  '\ud800',
  '-',
  '&',
  '*',
  '!',
  '|',
  '%',
  '@',
  ',',
  '0',
  '65536',
  '99999999999',
]

/** The text with one to four parts cut, doubled, moved, or overwritten. */
export function mutate(text: string, next: (below: number) => number, tokens: readonly string[] = []): string {
  const all = [...COMMON, ...tokens]
  let result = text
  for (let count = next(4); count >= 0; count--) {
    const at = next(result.length + 1)
    const length = next(next(4) === 0 ? 200 : 12)
    const part = result.slice(at, at + length)
    const token = all[next(all.length)] ?? ''
    switch (next(6)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length)
        break
      case 1:
        result = result.slice(0, at) + part.repeat(1 + next(20)) + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + token + result.slice(at)
        break
      case 3:
        result = result.slice(0, at) + token + result.slice(at + length)
        break
      case 4: {
        const to = next(result.length + 1)
        result = result.slice(0, to) + part + result.slice(to)
        break
      }
      default:
        result = result.slice(0, at)
    }
  }
  return result
}

/** Reads mutated golden inputs: nothing throws, nothing hangs, and every place that is given is in a file that was read. */
export async function fuzzSystem(
  system: System,
  golden: readonly string[],
  options: { readonly tools?: Tools; readonly tokens?: readonly string[]; readonly runs?: number } = {},
): Promise<number> {
  const cases = golden.flatMap((path) => goldenCases(readFileSync(path, 'utf8')))
  let gaps = 0
  for (let run = 0; run < (options.runs ?? FUZZ); run++) {
    const next = random(run * 2_654_435_761 + 1)
    const { files, title } = cases[next(cases.length)] ?? { files: new Map<string, string>(), title: '' }
    const mutated = new Map([...files].map(([path, text]) => [path, next(3) === 0 ? text : mutate(text, next, options.tokens)]))
    const before = performance.now()
    let evidence: readonly Evidence[]
    try {
      evidence = (await readFolder(system, mutated, options.tools ?? NO_TOOLS)).evidence
    } catch (error) {
      throw new Error(`run ${run}, from «${title}»: ${JSON.stringify([...mutated])}`, { cause: error })
    }
    const took = performance.now() - before
    if (took > SLOW) throw new Error(`run ${run}, from «${title}», took ${took | 0} ms: ${JSON.stringify([...mutated]).slice(0, 2000)}`)
    for (const { claim, origin } of evidence) {
      if (claim.claim === 'gap') gaps++
      if (origin.kind === 'file') expectPlace(origin, mutated, run)
    }
  }
  return gaps
}

function expectPlace({ path, span }: FileOrigin, files: ReadonlyMap<string, string>, run: number): void {
  const text = files.get(path)
  expect(text, `run ${run}: ${path} was read`).toBeDefined()
  const inside =
    span.start.offset >= 0 &&
    span.start.offset <= span.end.offset &&
    span.end.offset <= (text ?? '').length &&
    span.start.line >= 1 &&
    span.start.column >= 1
  expect(inside, `run ${run}: a place in ${path}: ${JSON.stringify(span)}`).toBe(true)
}
