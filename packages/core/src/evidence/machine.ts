import type { Address, Family } from '../network/index.ts'
import type { NamespaceId, Protocol } from './scope.ts'
import type { FileOrigin } from './origin.ts'
import type { Ruleset } from './ruleset.ts'
import type { Shown } from './shown.ts'

/** A TCP socket in LISTEN, or a bound UDP socket. */
export interface Socket {
  readonly claim: 'socket'
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
  /** Which packets it takes: an IPv6 socket is `dual` unless IPV6_V6ONLY is set on it (ipv6(7)). `unknown`: a `[::]` socket whose flag could not be read. */
  readonly accepts: 'ipv4' | 'ipv6' | 'dual' | 'unknown'
  /** SO_BINDTODEVICE (socket(7)). */
  readonly device?: string
  /** The control groups, by their paths, whose BPF programs may drop what comes to it (BPF_CGROUP_INET_INGRESS). */
  readonly programs?: readonly string[]
  readonly inode: string
  /** The pids that hold it open; empty when they could not be seen. */
  readonly processes: readonly number[]
}

/** Who starts a process and would start it again. */
export type Manager =
  | { readonly kind: 'systemd'; readonly unit: string }
  | { readonly kind: 'container'; readonly id: string; readonly engine: string }
  | { readonly kind: 'pm2'; readonly app: string; readonly id?: number }

export interface Process {
  readonly claim: 'process'
  readonly pid: number
  readonly parent: number
  /** The kernel's name of it (comm), at most 15 bytes. */
  readonly name: string
  readonly command: readonly Shown[]
  readonly executable?: string
  /** It runs as root, from a file that nobody but root can have put there: its name is not one that anybody has given himself. */
  readonly trusted?: boolean
  readonly workingDirectory?: string
  readonly user?: string
  readonly namespace: NamespaceId
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  /** The allow-listed variables only (HOST, PORT, BIND …). */
  readonly environment: ReadonlyMap<string, string>
  readonly manager?: Manager
}

export interface Namespace {
  readonly claim: 'namespace'
  readonly id: NamespaceId
  /** `host`: the one Sallyport runs in. */
  readonly kind: 'host' | 'container' | 'other'
  /** A container's or process's name, for people. */
  readonly label: string
  /** A pid inside it, by which its files under /proc can be read. */
  readonly pid?: number
}

export interface InterfaceAddress {
  readonly address: Address
  readonly prefixLength: number
  readonly scope: 'global' | 'link' | 'host'
  /** RFC 8981 temporary address. */
  readonly temporary: boolean
}

export interface Interface {
  readonly claim: 'interface'
  readonly index: number
  readonly name: string
  readonly up: boolean
  readonly loopback: boolean
  /** `bridge`, `veth`, `tun`, `wireguard`, `vlan`, `ether`, … as `ip -d link` names it; `user-mode`: a tun that slirp4netns or pasta holds. */
  readonly kind: string
  /** Name of the bridge or bond that it belongs to. */
  readonly master?: string
  /** For a veth: the peer's index; `elsewhere` when it is in another namespace. For macvlan, vlan and their like: the interface below. `namespace`: the number by which this namespace knows the other (ip-netns(8), nsid). */
  readonly peer?: { readonly index: number; readonly elsewhere: boolean; readonly namespace?: number }
  readonly addresses: readonly InterfaceAddress[]
  /** Multicast groups that it takes (ip-maddress(8)). Absent: not read. */
  readonly groups?: readonly Address[]
  /** Programs that can decide before netfilter does: `xdp`, `tc`. */
  readonly programs: readonly string[]
}

/** A route to one next hop. Those of one multipath route are alike in everything but `gateway` and `device`. */
export interface Route {
  readonly claim: 'route'
  readonly family: Family
  readonly type: 'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw' | 'other'
  readonly destination: Prefix
  readonly gateway?: Address
  readonly device?: string
  /** What the machine's own packets get as source by it, unless their sender chose another (`src` of ip-route(8)). */
  readonly source?: Address
  readonly table: string
  readonly metric: number
}

/** A rule of the routing policy (ip-rule(8)). They are asked in the order of `priority` until a table answers. */
export interface RoutingRule {
  readonly claim: 'routing-rule'
  readonly family: Family
  readonly priority: number
  /** It holds for the packets that it does not describe. */
  readonly not: boolean
  readonly from?: Prefix
  readonly to?: Prefix
  readonly inbound?: string
  readonly mark?: { readonly value: number; readonly mask: number }
  /** It asks where a packet of this machine's own leaves. */
  readonly ownOnly: boolean
  /** What else it asks, which is not followed, by the words of `ip -j rule`. */
  readonly asks: readonly string[]
  readonly action: RoutingAction
}

export type RoutingAction =
  /** `suppress`: a route of at most this prefix length does not count (-1: every route counts). */
  | { readonly kind: 'lookup'; readonly table: string; readonly suppress: number }
  /** The table of the VRF that the packet came in by. */
  | { readonly kind: 'lookup-vrf' }
  | { readonly kind: 'blackhole' | 'unreachable' | 'prohibit' | 'nop' | 'other' }

export interface Prefix {
  readonly address: Address
  readonly prefixLength: number
}

/** A kernel setting that decides reach: `net.ipv4.ip_forward`, `net.ipv4.conf.eth0.route_localnet`, `net.ipv4.conf.all.rp_filter` … */
export interface Sysctl {
  readonly claim: 'sysctl'
  readonly name: string
  readonly value: string
}

/** Packet filter rules of one namespace, as one author's tool gave them. Several per namespace add up: every base chain on a hook is asked. */
export interface Netfilter {
  readonly claim: 'netfilter'
  readonly ruleset: Ruleset
}

/** A packet filter that something outside the machine sets between one of its interfaces and everybody else: the security groups of a network card. */
export interface UpstreamFilter {
  readonly claim: 'upstream-filter'
  /** For people: `security group prod-sg-api`. */
  readonly label: string
  /** The interface that it stands before, in the namespace of the evidence. */
  readonly device: string
  /** The network that the interface is in: its members are neighbours. */
  readonly network: readonly Prefix[]
  /** Public addresses that are translated to one of the interface's own, one to one. */
  readonly translated: readonly { readonly from: Address; readonly to: Address }[]
  /** Base chains on `forward` decide about what comes in. */
  readonly rulesets: readonly Ruleset[]
}

/** In whose words rules of the kernel are read, as `Ruleset.tool` has it. */
export type FilterTool = 'nft' | 'iptables' | 'ip6tables'

/** What loads packet filter rules when the machine starts. Those that programs load as they run (Docker, fail2ban) are not among them. */
export interface FilterStart {
  readonly claim: 'filter-start'
  readonly loaders: readonly FilterLoader[]
  /** Everything that could be looked at was: what is not among the loaders, is loaded by nothing that is known. */
  readonly complete: boolean
}

export interface FilterLoader {
  /** A program, or the path of a script. */
  readonly program: string
  /** Rules that it loads, or may load. */
  readonly loads: readonly FilterTool[]
  readonly origin?: FileOrigin
}

/** What stands between this machine and the world, as far as the machine shows it. */
export interface Boundary {
  readonly claim: 'boundary'
  readonly kind: 'cloud' | 'wsl' | 'container' | 'docker-desktop' | 'rootless' | 'home-router' | 'none' | 'unknown'
  readonly label: string
  /** Who is in front of the machine, in words for a report: `security groups of the cloud account`. */
  readonly filter?: string
}
