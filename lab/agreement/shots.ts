import { FAMILIES, type Family } from '@sallyport/core/network'
import type { Random } from './random.ts'
import { EMPTY_PORTS, INNER, PORTS, SENDERS, SERVER, type Shot } from './network.ts'

/** What may be aimed at besides the server and the host behind it. */
export interface Targets {
  readonly ports: readonly number[]
  readonly addresses: Readonly<Record<Family, readonly string[]>>
}

const NONE: Targets = { ports: [], addresses: { 4: [], 6: [] } }

/** Packets from every zone, no two of one connection. */
export function shots(random: Random, count: number, targets: Targets = NONE): readonly Shot[] {
  const taken = new Set<string>()
  const result: Shot[] = []
  const ports = [...PORTS, ...PORTS, ...EMPTY_PORTS, ...targets.ports, ...targets.ports, ...targets.ports]
  while (result.length < count) {
    const zone = random.pick(['internet', 'lan'] as const)
    const family = random.pick(FAMILIES)
    const own = SERVER[zone][family]
    const destinations = [
      own,
      own,
      SERVER[zone === 'lan' ? 'internet' : 'lan'][family],
      INNER[family],
      INNER[family],
      ...targets.addresses[family],
    ]
    const shot: Shot = {
      zone,
      family,
      protocol: random.pick(['tcp', 'udp'] as const),
      source: random.pick(SENDERS[zone][family]),
      sourcePort: random.chance(10) ? random.pick([53, 999, 30000]) : 1024 + random.below(64000),
      destination: random.pick(destinations),
      port: random.pick(ports),
    }
    const connection = `${shot.protocol} ${shot.source} ${shot.sourcePort}`
    if (taken.has(connection)) continue
    taken.add(connection)
    result.push(shot)
  }
  return result
}
