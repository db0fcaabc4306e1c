import { describe, expect, it } from 'vitest'
import { COMMON_PORTS, PORT_LEVELS, PORT_USES, PORTS_TO_AVOID, portLevel, portUse } from './ports.ts'

describe('port levels', () => {
  it.each([
    [80, 1],
    [443, 1],
    [3000, 1],
    [5000, 1],
    [8000, 1],
    [8080, 1],
    [8001, 2],
    [8999, 2],
    [9000, 2],
    [9099, 2],
    [9100, 3],
    [9847, 3],
    [9999, 3],
    [10000, 3],
    [19999, 3],
    [20000, 4],
    [65535, 4],
  ])('V1 · port %i is of level %i', (port, level) => {
    expect(portLevel(port).level).toBe(level)
  })

  it('V1 · every port has a level, those that the table leaves out too', () => {
    for (let port = 0; port <= 65535; port++) expect(portLevel(port).level).toBeGreaterThan(0)
    expect(() => portLevel(65536)).toThrow(RangeError)
  })

  it('V1 · the ranges left to reasoning overlap no named one', () => {
    const named = PORT_LEVELS.flatMap((level) => level.ports)
    for (const added of PORT_LEVELS.flatMap((level) => level.added))
      for (const range of named) expect(range.last < added.first || added.last < range.first).toBe(true)
  })

  it('V1 · uses and ports to avoid are as their owners wrote them', () => {
    expect(PORT_USES.map(({ use, ports }) => [use, ports.first, ports.last])).toEqual([
      ['development', 9000, 9999],
      ['internal', 10000, 19999],
      ['production', 20000, 65535],
    ])
    expect(PORTS_TO_AVOID.map(({ port }) => port)).toEqual([21, 22, 23, 25, 53, 110])
    expect([portUse(9847), portUse(10000), portUse(20000), portUse(8000)]).toEqual(['development', 'internal', 'production', undefined])
    expect(PORT_LEVELS.map((level) => level.risk)).toEqual(['high', 'medium', 'low', 'minimal'])
  })

  it('V2 · the ports that cost are the predictable ones', () => {
    expect(COMMON_PORTS).toEqual([80, 443, 8000, 8080, 3000, 5000])
    for (const port of COMMON_PORTS) expect(portLevel(port).level).toBe(1)
  })
})
