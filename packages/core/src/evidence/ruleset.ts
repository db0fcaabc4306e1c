import type { Address, AddressRange, AddressSet, Family, NumberSet, PortSet } from '../network/index.ts'
import type { PortRange } from './scope.ts'
import type { RuleOrigin } from './origin.ts'
import type { Shown } from './shown.ts'

/**
 * Packet filter rules as the kernel runs them: filled by the packet filter readers, evaluated by `reach/netfilter`. One
 * representation for nftables, iptables (both back ends), ufw's files and cloud rules. Names are nftables' where it has one.
 */
export interface Ruleset {
  /** The program whose words the rules are in: `nft`, `iptables`, `ip6tables`, `ufw`, … */
  readonly tool: string
  readonly tables: readonly Table[]
  /** What could not be read, so that chains may exist that are not here. Empty: everything was read. */
  readonly unread: readonly Unread[]
}

/** Base chains that may exist unseen. Any of them could translate, drop or mark. */
export interface Unread {
  readonly families: readonly Family[]
  readonly reason: Shown
}

/** As nft(8) ADDRESS FAMILIES; the tables of iptables are `ip`, those of ip6tables `ip6`. */
export type TableFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

export interface Table {
  readonly family: TableFamily
  readonly name: string
  readonly chains: ReadonlyMap<string, Chain>
  /** The `dormant` flag of nft(8): its base chains are not attached. */
  readonly dormant: boolean
}

export interface Chain {
  readonly name: string
  /** Absent: a user chain, reached by jumps only. */
  readonly base?: BaseChain
  readonly rules: readonly Rule[]
}

export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

export interface BaseChain {
  readonly hook: Hook
  /** `nat`: asked only for the first packet of a connection, and only until one of them translates. */
  readonly type: 'filter' | 'nat' | 'route'
  /** Lower runs first. What runs at the same number runs in the order of the rulesets. */
  readonly priority: number
  readonly policy: 'accept' | 'drop'
  /** `ingress` and `egress` only. */
  readonly devices?: readonly string[]
}

/** Expressions run from left to right; the first condition that does not hold ends the rule, what ran before it stays done. */
export interface Rule {
  readonly expressions: readonly Expression[]
  readonly origin: RuleOrigin
}

export type Expression = Match | Branch | Action

export interface Match {
  readonly kind: 'match'
  readonly when: Condition
}

/**
 * A verdict map or data map: the actions of the branch that holds, then the rest of the rule, unless they end it; none holds: the rule ends.
 * At most one holds for any packet.
 */
export interface Branch {
  readonly kind: 'branch'
  readonly branches: readonly { readonly when: Condition; readonly then: readonly Action[] }[]
}

/** A closed vocabulary of what can be asked of a packet. What is not in it is `unknown`, which may hold or not. */
export type Condition =
  /** Holds when it has no members. */
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  /** Never holds when it has no members. */
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'family'; readonly families: readonly Family[] }
  | { readonly kind: 'source' | 'destination'; readonly addresses: AddressSet }
  /** What the connection's first packet had when it arrived, before any translation. Holds of tracked packets only. */
  | { readonly kind: 'original-source' | 'original-destination'; readonly addresses: AddressSet }
  | { readonly kind: 'original-source-port' | 'original-destination-port'; readonly ports: PortSet }
  /** Numbers of the IANA registry: 6 is TCP, 17 UDP. */
  | { readonly kind: 'protocol'; readonly protocols: NumberSet }
  | { readonly kind: 'source-port' | 'destination-port'; readonly ports: PortSet }
  | { readonly kind: 'device'; readonly of: Direction; readonly names: readonly DeviceName[] }
  /** `mark & mask` is one of `values`. */
  | { readonly kind: 'mark'; readonly of: MarkOwner; readonly mask: number; readonly values: NumberSet }
  | { readonly kind: 'ct-state'; readonly states: readonly CtState[] }
  | { readonly kind: 'ct-status'; readonly statuses: readonly CtStatus[] }
  /** The packet belongs to an entry of the connection table: past the tracker, and not exempt from it. */
  | { readonly kind: 'tracked' }
  /** xt_addrtype, `fib daddr type`: what the local routing table says of the address; with `device`, of that device's own addresses only. */
  | {
      readonly kind: 'address-type'
      readonly of: 'source' | 'destination'
      readonly types: readonly AddressType[]
      readonly device?: Direction
    }
  /** The way back to the source exists (xt_rpfilter, `fib saddr … oif exists`); with `device`, by the device that the packet came in on. */
  | { readonly kind: 'reverse-path'; readonly device: boolean }
  /** `flags & mask` is one of `values`; the bits of RFC 9293 §3.1, FIN is 1, CWR 128. */
  | { readonly kind: 'tcp-flags'; readonly mask: number; readonly values: NumberSet }
  | { readonly kind: 'icmp'; readonly types: NumberSet; readonly codes: NumberSet }
  | { readonly kind: 'packet-type'; readonly types: readonly PacketType[] }
  /**
   * Of things that are so for a plain packet on an idle host, and that a sender may bring about otherwise: rates and counters, fragments, IP
   * options, extension headers. `plain`: whether it holds for a plain packet.
   */
  | { readonly kind: 'circumstance'; readonly plain: boolean; readonly text: Shown }
  /** The packet was sent by a process of this host: only then matches like `owner` have somebody to ask about. */
  | { readonly kind: 'own-process' }
  | { readonly kind: 'unknown'; readonly text: Shown }

export type Direction = 'inbound' | 'outbound'
export type MarkOwner = 'packet' | 'connection'
export type CtState = 'new' | 'established' | 'related' | 'invalid' | 'untracked'
export type CtStatus = 'expected' | 'seen-reply' | 'assured' | 'confirmed' | 'snat' | 'dnat' | 'dying'
export type AddressType = 'unspec' | 'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit'
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost'

/** With `prefix`, every device whose name starts with it (`eth+` of iptables, `eth*` of nft). */
export interface DeviceName {
  readonly name: string
  readonly prefix: boolean
}

export type Action =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'notrack' }
  | { readonly kind: 'reject'; readonly with: Shown }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** A program outside the kernel decides: accept, drop, or come back changed. */
  | { readonly kind: 'queue'; readonly text: Shown }
  | { readonly kind: 'dnat'; readonly to: Translation }
  | { readonly kind: 'snat'; readonly to: Translation }
  | { readonly kind: 'masquerade'; readonly ports?: PortRange }
  /** To the inbound device's own address (to loopback where the packet is this host's own). */
  | { readonly kind: 'redirect'; readonly ports?: PortRange }
  /** To a socket of this host without changing the packet; dropped where there is none. */
  | { readonly kind: 'tproxy'; readonly address?: AddressRange; readonly port?: number }
  /** The mark becomes `(mark & ~clear) ^ toggle`, where a `toggle` of the other mark is `its value & mask`. */
  | {
      readonly kind: 'set-mark'
      readonly of: MarkOwner
      readonly clear: number
      readonly toggle: number | { readonly of: MarkOwner; readonly mask: number }
    }
  /** The addresses or ports of the packet are written over without its connection knowing. */
  | { readonly kind: 'rewrite'; readonly text: Shown; readonly to: Rewritten }
  /** Counts, logs, shapes …: the packet goes on unchanged in everything that conditions ask of it. */
  | { readonly kind: 'no-effect'; readonly text: Shown }
  /** May accept, drop, translate or go on. */
  | { readonly kind: 'unknown'; readonly text: Shown }

/** What a `rewrite` writes. `unknown`: any part of the packet may be another afterwards. */
export type Rewritten =
  | { readonly part: 'destination'; readonly address?: Address; readonly port?: number }
  | { readonly part: 'source' | 'unknown' }

export interface Translation {
  /** Absent: unchanged. More than one: the kernel chooses. */
  readonly addresses?: AddressRange
  /** Absent: unchanged. More than one: the kernel keeps the port if it is one of them, else chooses. */
  readonly ports?: PortRange
  /** Port ranges mapped one to one: port `base + n` becomes `ports.first + n`. */
  readonly base?: number
  /** `addresses` is a prefix of this many bits that replaces the packet's own, whose other bits stay (NETMAP). */
  readonly prefixLength?: number
}
