import type { Ruleset } from '../../evidence/index.ts'
import type { Address, Family, SourceSet } from '../../network/index.ts'
import { atAddress, type DestinationClasses, destinationClasses } from './destinations.ts'
import { atPort, type PortClasses, portClasses } from './ports.ts'
import type { NetfilterHost, Outcome, PacketClass } from './types.ts'
import { walkInbound } from './walk.ts'

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
  /** By the very set that is asked for: destinations are asked about for the same senders. */
  readonly #known = new WeakMap<SourceSet, Map<string, Walked>>()

  constructor(rulesets: readonly Ruleset[], host: NetfilterHost) {
    this.#rulesets = rulesets
    this.#host = host
    this.#ports = { 4: portClasses(rulesets, 4), 6: portClasses(rulesets, 6) }
    this.#destinations = destinationClasses(rulesets, host)
  }

  /** `walkInbound` of the same packets. */
  inbound(packet: PacketClass): readonly Outcome[] {
    const { inbound, family, protocol, destination, port, sources } = packet
    const known = this.#known.get(sources) ?? new Map<string, Walked>()
    this.#known.set(sources, known)
    const key = `${inbound} ${family} ${protocol} ${this.#ports[family].of(port)} ${this.#destinations.of(destination, inbound, protocol)}`
    const walked = known.get(key) ?? { destination, port, outcomes: walkInbound(this.#rulesets, packet, this.#host) }
    known.set(key, walked)
    return walked.outcomes.map((outcome) => atAddress(atPort(outcome, walked.port, port), walked.destination, destination))
  }
}
