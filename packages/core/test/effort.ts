import { afterEach, beforeEach, expect } from 'vitest'

/** Milliseconds of processor time that this process has used: unlike the clock's, another program's load adds nothing to a difference of two. */
export function effort(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The processor time, in milliseconds, that some work takes. */
export async function effortOf(work: () => Promise<unknown>): Promise<number> {
  const before = effort()
  await work()
  return effort() - before
}

/** Texts of a size in characters, made of one that is repeated: the last time it may be cut. */
export function filler(size: number): (text: string) => string {
  return (text) => text.repeat(Math.ceil(size / text.length)).slice(0, size)
}

/** So many lines, each ended, that differ in their number: from 0 on. */
export function numbered(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('')
}

/** Every test of the group takes less than so many milliseconds of processor time. */
export function eachTakesLessThan(milliseconds: number): void {
  let before = 0
  beforeEach(() => {
    before = effort()
  })
  afterEach(() => expect(effort() - before).toBeLessThan(milliseconds))
}
