import type { Ruleset } from '../../evidence/index.ts'
import { type Address, type Family, positionOf, type SourceSet } from '../../network/index.ts'
import { atAddress, type DestinationClasses, destinationClasses } from './destinations.ts'
import { atPort, type PortClasses, portClasses } from './ports.ts'
import type { NetfilterHost, Outcome, OwnPackets, PacketClass } from './types.ts'
import { walkInbound, walkOutbound } from './walk.ts'

interface Walked {
  readonly destination: Address
  readonly port: number
  readonly outcomes: readonly Outcome[]
}

/** The packet filter of one namespace, walked once for all destinations, addresses and ports, that it cannot tell apart. */
export class Walks {
  readonly #rulesets: readonly Ruleset[]
  readonly #host: NetfilterHost
  readonly #ports: Readonly<Record<Family, PortClasses>>
  readonly #destinations: DestinationClasses
  /** By the very set that is asked for: destinations are asked about for the same senders. Then by all but the port, then by its class. */
  readonly #known = new WeakMap<SourceSet, Map<string, Map<number, Walked>>>()
  /** The ports of one destination are asked about one after the other. */
  #last: { readonly packet: PacketClass; readonly walks: Map<number, Walked> } | undefined

  constructor(rulesets: readonly Ruleset[], host: NetfilterHost) {
    this.#rulesets = rulesets
    this.#host = host
    this.#ports = { 4: portClasses(rulesets, 4), 6: portClasses(rulesets, 6) }
    this.#destinations = destinationClasses(rulesets, host)
  }

  /** `walkInbound` of the same packets. */
  inbound(packet: PacketClass): readonly Outcome[] {
    if (this.#last === undefined || !alikeButForPort(this.#last.packet, packet)) {
      const { inbound, family, protocol, destination, sources } = packet
      const key = `${inbound} ${family} ${protocol} ${this.#destinations.of(destination, inbound, protocol)}`
      this.#last = { packet, walks: this.#walksFor(sources, key) }
    }
    return this.#walked(this.#last.walks, packet, () => walkInbound(this.#rulesets, packet, this.#host))
  }

  /** `walkOutbound` of the same packets. */
  outbound(packet: OwnPackets): readonly Outcome[] {
    const { protocol, destination, sources } = packet
    const walks = this.#walksFor(sources, `own ${protocol} ${positionOf(destination)}`)
    return this.#walked(walks, packet, () => walkOutbound(this.#rulesets, packet, this.#host))
  }

  #walked(walks: Map<number, Walked>, { family, destination, port }: OwnPackets, walk: () => readonly Outcome[]): readonly Outcome[] {
    const portClass = this.#ports[family].of(port)
    const walked = walks.get(portClass) ?? { destination, port, outcomes: walk() }
    walks.set(portClass, walked)
    if (walked.port === port && walked.destination === destination) return walked.outcomes
    return walked.outcomes.map((outcome) => atAddress(atPort(outcome, walked.port, port), walked.destination, destination))
  }

  #walksFor(sources: SourceSet, key: string): Map<number, Walked> {
    const known = this.#known.get(sources) ?? new Map<string, Map<number, Walked>>()
    this.#known.set(sources, known)
    const walks = known.get(key) ?? new Map<number, Walked>()
    known.set(key, walks)
    return walks
  }
}

/** As far as can be seen at once. */
function alikeButForPort(a: PacketClass, b: PacketClass): boolean {
  return (
    a.sources === b.sources &&
    a.destination === b.destination &&
    a.inbound === b.inbound &&
    a.family === b.family &&
    a.protocol === b.protocol
  )
}
