import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOrder } from './order.ts'
import type { Part } from './part.ts'

/** Of a part its name and its needs alone decide. */
const part = (name: string, ...needs: readonly string[]) => ({ name, needs }) as unknown as Part

const names = (waves: readonly (readonly Part[])[]) => waves.map((wave) => wave.map(({ name }) => name))

describe('the order of a start', () => {
  it('M11 · databases first, doors last; what does not take part is waited for by nobody', () => {
    expect(names(inOrder([part('https', 'app', 'api'), part('app', 'db'), part('api', 'db', 'elsewhere'), part('db')]))).toEqual([
      ['db'],
      ['app', 'api'],
      ['https'],
    ])
  })

  it('M11 · parts that need each other are started together', () => {
    expect(names(inOrder([part('a', 'b'), part('b', 'a')]))).toEqual([['a', 'b']])
  })

  it('M11 · every part is started once, and without circles after all that it needs', () => {
    const graphs = fc
      .integer({ min: 1, max: 12 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, index) => fc.uniqueArray(fc.nat({ max: Math.max(index - 1, 0) }), { maxLength: index })),
        ),
      )
    fc.assert(
      fc.property(graphs, (graph) => {
        const parts = graph.map((needs, index) => part(String(index), ...needs.filter((need) => need !== index).map(String)))
        const waves = names(inOrder(parts))
        expect(waves.flat().toSorted()).toEqual(parts.map(({ name }) => name).toSorted())
        const at = new Map(waves.flatMap((wave, index) => wave.map((name) => [name, index] as const)))
        for (const { name, needs } of parts) for (const need of needs) expect(at.get(need)).toBeLessThan(at.get(name) ?? -1)
      }),
    )
  })
})
