import { afterEach, beforeEach, expect } from 'vitest'

/** Milliseconds of processor time that this process has used: unlike the clock's, another program's load adds nothing to a difference of two. */
export function effort(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Every test of the group takes less than so many milliseconds of processor time. */
export function eachTakesLessThan(milliseconds: number): void {
  let before = 0
  beforeEach(() => {
    before = effort()
  })
  afterEach(() => expect(effort() - before).toBeLessThan(milliseconds))
}
