import { effort } from './effort.ts'

/** What takes four times the input at most: linear is 4, quadratic 16. */
const MOST = 9
/** What is done so soon is not measured: the clock, the compiler and the collector weigh more. */
const SOON_MS = 60
const RUNS = 6

/**
 * Asserts that the work at four times the size takes no more than nine times as long. A busy machine only ever adds, so the least of
 * several runs counts; the first that shows it ends the test. `size` should be such that quadratic work at four times of it takes well over
 * 60 ms.
 */
export function expectProportional(work: (size: number) => unknown, size: number): void {
  const least = (of: number, before: number): number => {
    const started = effort()
    work(of)
    return Math.min(before, effort() - started)
  }
  let small = Number.POSITIVE_INFINITY
  let large = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) {
    large = least(size * 4, large)
    if (large <= SOON_MS) return
    small = least(size, small)
    if (large <= small * MOST) return
  }
  throw new Error(`${size * 4} took ${Math.round(large)} ms, ${size} took ${Math.round(small)} ms`)
}
