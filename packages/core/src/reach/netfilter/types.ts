import type { Hook, PortRange, Protocol, RuleOrigin, Shown } from '../../evidence/index.ts'
import type { Address, AddressRange, AddressSet, Family, PortSet, SourceSet } from '../../network/index.ts'

/**
 * First packets of connections that nobody has seen before, alike in all but their source. They are plain: no fragments, IP options or
 * extension headers; a TCP packet is a SYN. What a sender reaches by other packets only, is `maybe`.
 */
export interface PacketClass extends OwnPackets {
  /** Name of the device that they come in on. */
  readonly inbound: string
}

/** The same of packets that the namespace sends itself; `sources` are addresses of its own. */
export interface OwnPackets {
  readonly family: Family
  readonly protocol: Protocol
  readonly destination: Address
  readonly port: number
  readonly sources: SourceSet
}

/** What the namespace's own addresses and routes say. Given by the caller, who has read them. */
export interface NetfilterHost {
  /** Every address that the local routing table delivers here, 127.0.0.0/8 and ::1 among them. */
  readonly localAddresses: AddressSet
  /** Broadcast addresses of its networks; 255.255.255.255 need not be named. */
  readonly broadcastAddresses?: AddressSet
  /** Asked after PREROUTING, with the destination as translated by then. */
  route(packet: RoutedPacket): RouteDecision
  /** Where a packet of the namespace's own goes: asked first, and again when its destination or mark has been changed. `local`: by lo. Absent: not known. */
  routeOwn?(packet: Omit<RoutedPacket, 'inbound'>): RouteDecision
  /** Whether every packet for the address is delivered here, whoever sent it and whatever its mark. Absent: not known. */
  takes?(packet: { readonly inbound: string; readonly protocol: Protocol; readonly destination: Address }): boolean
  /** What REDIRECT translates to: the device's first address of the family. `undefined`: not known. */
  deviceAddress?(device: string, family: Family): Address | undefined
  /** The device's own addresses, for matches that ask of one device. `undefined`: not known. */
  deviceAddresses?(device: string): AddressSet | undefined
  /** Devices that a packet may have come in by before this one: the members of a bridge or bond, what a VLAN lies on. Absent: none. */
  lowerDevices?(device: string): readonly string[]
  /** Sources with a route back; with `device`, one that leaves by it. `undefined`: not known. */
  reversePath?(device: string | undefined, family: Family): AddressSet | undefined
}

export interface RoutedPacket {
  readonly inbound: string
  readonly family: Family
  /** Number of the IANA registry. */
  readonly protocol: number
  readonly destination: Address
  /** Who may have sent it. */
  readonly sources: SourceSet
  /** `undefined`: not known, because a rule that was not understood may have set it. Policy routing may ask for it. */
  readonly mark: number | undefined
}

export type RouteDecision = (
  | { readonly kind: 'local' }
  /** `gateway`: the next hop; absent where the destination is on the link. */
  | { readonly kind: 'forward'; readonly device: string; readonly gateway?: Address }
  /** One of these, nobody knows which: several next hops, or a rule of routing that cannot be decided. */
  | { readonly kind: 'one-of'; readonly of: readonly RouteDecision[]; readonly reason: Shown }
  /** Not routed at all: forwarding is off, no route, a blackhole, a martian destination. */
  | { readonly kind: 'discard'; readonly reason: Shown }
  | { readonly kind: 'unknown'; readonly reason: Shown }
) & {
  /** Sources that the kernel refuses while routing (`martianSources`, reverse path filter). Absent: none. */
  readonly martians?: AddressSet
}

/**
 * `delivered`: handed to this namespace's sockets. `forwarded`: sent out of `device`, be it the namespace's own packet. `undecided`: any of the others, to `destination` or
 * `elsewhere`.
 */
export type Verdict = 'delivered' | 'forwarded' | 'dropped' | 'rejected' | 'undecided'

/** What becomes of some of the packets. */
export interface Outcome {
  readonly verdict: Verdict
  /**
   * `sure`: all of `sources` certainly end like this, as plain packets do. `maybe`: they may; other outcomes share them, or the verdict is
   * `undecided`. The outcomes cover every source that was asked for. Those that are `sure` are disjoint from each other, and from all others
   * but those that let packets through in special circumstances.
   */
  readonly certainty: 'sure' | 'maybe'
  readonly sources: SourceSet
  /** As the packet carries it in the end: after DNAT and REDIRECT. */
  readonly destination: { readonly address: Address; readonly port: number }
  /** Of what is `forwarded`: the device that it leaves by. */
  readonly device?: string
  /** Of what is `forwarded`: the next hop, where it is not the destination itself. */
  readonly gateway?: Address
  /** Of what is `undecided`: where else it may have been sent. */
  readonly elsewhere?: Elsewhere
  /** What the receiver sees as source, where that is not the sender. */
  readonly sourceTranslation?: SourceTranslation
  /** The steps that decided, in order; those of the first packets of the set where a set took several ways. */
  readonly trail: readonly Step[]
  /** Of `maybe`: why. Never empty then. */
  readonly reasons: readonly Reason[]
  /** Of `sure`: circumstances that have to be as they are for a plain packet on an idle host (a rate limit not used up); otherwise the packets may end differently. */
  readonly assumes: readonly Reason[]
}

/** Destinations of which a packet may have got any. */
export interface Elsewhere {
  readonly addresses: AddressSet
  readonly ports: PortSet
}

export type SourceTranslation = (
  | { readonly kind: 'snat'; readonly addresses: AddressRange | undefined }
  /** To the address of the device that the packet leaves by. */
  | { readonly kind: 'masquerade'; readonly device: string }
) & {
  /** One of these; absent: the port stays. */
  readonly ports?: PortRange
}

export type Step =
  | { readonly kind: 'rule'; readonly effect: RuleEffect; readonly hook: Hook; readonly origin: RuleOrigin }
  /** `stateless`: written over without the connection tracker, which lets further rules translate. */
  | {
      readonly kind: 'translate'
      readonly hook: Hook
      readonly origin: RuleOrigin
      readonly address: Address
      readonly port: number
      readonly stateless?: true
    }
  /** No rule of the base chain decided. `rules`: how many it has. */
  | {
      readonly kind: 'policy'
      readonly hook: Hook
      readonly tool: string
      readonly table: string
      readonly chain: string
      readonly policy: 'accept' | 'drop'
      readonly rules: number
    }
  /** `out`: of the namespace's own packets, by lo where they are for itself. */
  | {
      readonly kind: 'route'
      readonly to: 'local' | 'forward' | 'out' | 'discard' | 'unknown'
      readonly device?: string
      readonly reason?: Shown
    }
  /** The kernel refuses such a source on this device, whatever the rules say. `own`: on its way out. */
  | { readonly kind: 'martian'; readonly own?: true }

export type RuleEffect = 'jump' | 'goto' | 'accept' | 'drop' | 'reject' | 'mark' | 'notrack' | 'translate-source' | 'queue' | 'unknown'

export interface Reason {
  readonly text: Shown
  /** The rule that could not be decided; absent where it is not a rule. */
  readonly origin?: RuleOrigin
}
