import type { Part } from './part.ts'

/**
 * The parts in waves: all that a part needs is in an earlier wave. Of parts that need each other in a circle none can be first: they are
 * one wave together.
 */
export function inOrder(parts: readonly Part[]): readonly (readonly Part[])[] {
  const waves: Part[][] = []
  const done = new Set<string>()
  let left = [...parts]
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name))
    const ready = left.filter(({ name, needs }) => needs.every((need) => need === name || done.has(need) || !waiting.has(need)))
    const wave = ready.length > 0 ? ready : left
    waves.push(wave)
    for (const { name } of wave) done.add(name)
    left = left.filter(({ name }) => !done.has(name))
  }
  return waves
}
