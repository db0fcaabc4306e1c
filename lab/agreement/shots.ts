import { FAMILIES } from '@sallyport/core/network'
import type { Random } from './random.ts'
import { EMPTY_PORTS, INNER, PORTS, SENDERS, SERVER, type Shot } from './scene.ts'

/** Packets from every zone, no two of one connection. */
export function shots(random: Random, count: number): readonly Shot[] {
  const taken = new Set<string>()
  const result: Shot[] = []
  while (result.length < count) {
    const zone = random.pick(['internet', 'lan'] as const)
    const family = random.pick(FAMILIES)
    const shot: Shot = {
      zone,
      family,
      protocol: random.pick(['tcp', 'udp'] as const),
      source: random.pick(SENDERS[zone][family]),
      sourcePort: random.chance(10) ? random.pick([53, 999, 30000]) : 1024 + random.below(64000),
      destination: random.pick([
        SERVER[zone][family],
        SERVER[zone][family],
        SERVER[zone === 'lan' ? 'internet' : 'lan'][family],
        INNER[family],
      ]),
      port: random.pick([...PORTS, ...PORTS, ...EMPTY_PORTS]),
    }
    const connection = `${shot.protocol} ${shot.source} ${shot.sourcePort}`
    if (taken.has(connection)) continue
    taken.add(connection)
    result.push(shot)
  }
  return result
}
