import type { Address, Family } from '../network/index.ts'
import type { FileOrigin } from './origin.ts'
import type { Shown } from './shown.ts'
import type { Setting, Value } from './value.ts'
import type { Ruleset } from './ruleset.ts'
import type { ProxyServer } from './proxy.ts'

export type Protocol = 'tcp' | 'udp'

/** Inclusive at both ends, 0 to 65535. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Identifies one network namespace of a host: the inode of /proc/PID/ns/net as text; `HOST_NAMESPACE` where it does not matter. */
export type NamespaceId = string

/** What can be seen. One closed vocabulary: a new kind of thing to see is a new member here. */
export type Claim =
  | Socket
  | Process
  | Namespace
  | Interface
  | Route
  | RoutingRule
  | Sysctl
  | Netfilter
  | Container
  | ContainerNetwork
  | Boundary
  | Bind
  | Launch
  | ComposeService
  | Proxy
  | Variable
  | FirewallCommand
  | ScriptProblem
  | AllowedOrigins
  | GuardUse
  | EnvironmentLoad
  | EnvironmentChoice
  | Secret
  | Gap

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
  /** `bridge`, `veth`, `tun`, `wireguard`, `vlan`, `ether`, … as `ip -d link` names it. */
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

export interface PublishedPort {
  readonly protocol: Protocol
  readonly hostAddress: Address
  readonly hostPorts: PortRange
  readonly containerPorts: PortRange
}

export interface Container {
  readonly claim: 'container'
  readonly engine: string
  readonly id: string
  readonly name: string
  readonly image: string
  readonly running: boolean
  readonly pid?: number
  readonly namespace?: NamespaceId
  /** `bridge`, `host`, `none`, `container:ID`, or a network's name. */
  readonly networkMode: string
  readonly networks: readonly { readonly name: string; readonly addresses: readonly Address[] }[]
  readonly published: readonly PublishedPort[]
  readonly restart: string
  /** `com.docker.compose.*` labels, by their last word: project, service, config_files, working_dir. */
  readonly compose?: {
    readonly project: string
    readonly service: string
    readonly workingDirectory?: string
    readonly files: readonly string[]
  }
}

export interface ContainerNetwork {
  readonly claim: 'container-network'
  readonly engine: string
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly internal: boolean
  readonly bridge?: string
  readonly subnets: readonly { readonly address: Address; readonly prefixLength: number }[]
}

/** What stands between this machine and the world, as far as the machine shows it. */
export interface Boundary {
  readonly claim: 'boundary'
  readonly kind: 'cloud' | 'wsl' | 'container' | 'docker-desktop' | 'rootless' | 'home-router' | 'none' | 'unknown'
  readonly label: string
  /** Who is in front of the machine, in words for a report: `security groups of the cloud account`. */
  readonly filter?: string
}

/** A line of source code that binds a server. */
export interface Bind {
  readonly claim: 'bind'
  /** The row of the framework table: `express`, `node:http`, `uvicorn` … */
  readonly framework: string
  readonly language: 'javascript' | 'typescript' | 'python'
  readonly protocol: Protocol
  readonly host: Value
  readonly port: Value
  /** What the framework binds when no host is given: an address, `localhost`, or `*` for every interface. */
  readonly defaultHost: string
  readonly defaultPort?: number
  /** Code that only tests run. */
  readonly test: boolean
  /** Built output: the source that it was made from, when that is there too. */
  readonly builtFrom?: string
  /** Files that (transitively) import the one that binds, itself included: any of them may be what a start command names. */
  readonly entries: readonly string[]
}

export type LaunchKind =
  | 'pm2'
  | 'compose'
  | 'systemd'
  | 'npm-script'
  | 'shell'
  | 'powershell'
  | 'procfile'
  | 'dockerfile'
  | 'docker-run'
  | 'makefile'
  | 'supervisor'

/** A program that a file says is started. */
export interface Launch {
  readonly claim: 'launch'
  readonly by: LaunchKind
  /** The name that its manager gives it: PM2 app, compose service, container, unit, script. */
  readonly name: string
  /** The words of the command, after the shell's quoting; empty where only an image's own command runs. */
  readonly command: readonly Word[]
  /** The file of the folder that runs (`dist/index.js`, `main.py`), relative to the folder, when it can be told. */
  readonly entry?: string
  /** Relative to the folder. */
  readonly workingDirectory?: string
  readonly environment: ReadonlyMap<string, Setting>
  /** `.env` files that are loaded, relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** Where a file of variables is named that is not in the folder: it may set any that is not in `environment`. */
  readonly unseenEnvironment?: FileOrigin
  /** PM2's `env_production`, compose profiles …: under which name this launch holds. Absent: always. */
  readonly environmentName?: string
  /** What the command line itself says of the socket, when its program is a known server. */
  readonly serves?: CommandBind
  /**
   * Configuration files of `serves.program` that decide where it listens when the command line does not, relative to the folder: a `Bind`
   * that was read in one of them (gunicorn.conf.py, vite.config.ts) takes the place of `serves`' defaults.
   */
  readonly configurationFiles?: readonly string[]
  /** What `entry` is given, by the names that values of kind `argument` use. Absent: nothing, or not known. */
  readonly arguments?: ReadonlyMap<string, Setting>
  readonly instances: number
}

export interface Word {
  readonly text: Value
  readonly shown: Shown
}

/** A server program whose own arguments decide where it listens: `uvicorn main:app --host 0.0.0.0`. */
export interface CommandBind {
  /** The row of the program table. */
  readonly program: string
  readonly protocol: Protocol
  /** `absent` where the argument is not given. */
  readonly host: Value
  readonly port: Value
  readonly defaultHost: string
  readonly defaultPort?: number
}

/** A container that a compose file describes, or that a script starts. */
export interface ComposeService {
  readonly claim: 'compose-service'
  /** `.` where it is the folder's own name, which its files do not say; `''` for `docker run` in a script: no project, and no compose labels on the container. */
  readonly project: string
  /** The service's name; of `docker run` the container's (`--name`), or the image where it has none. */
  readonly name: string
  readonly image?: string
  readonly build?: string
  readonly profiles: readonly string[]
  /** `host`, `none`, `service:NAME`, `bridge`, or absent for networks. */
  readonly networkMode?: string
  readonly networks: readonly { readonly name: string; readonly internal: boolean }[]
  readonly published: readonly ConfiguredPort[]
  /** Container ports that are said to be listened on, without being published. */
  readonly exposed: readonly { readonly ports: PortRange; readonly protocol: Protocol; readonly origin?: FileOrigin }[]
  readonly restart: string
}

export interface ConfiguredPort {
  readonly protocol: Protocol
  /** Absent: every address of the host, both families. */
  readonly hostAddress: Value
  /** Absent: a port that the engine chooses. */
  readonly hostPorts: PortRange | undefined
  readonly containerPorts: PortRange
  readonly origin: FileOrigin
}

export interface Proxy {
  readonly claim: 'proxy'
  readonly system: string
  readonly servers: readonly ProxyServer[]
}

/** A line of a `.env` file. The value of a secret is not kept. */
export interface Variable {
  readonly claim: 'variable'
  readonly file: string
  readonly name: string
  readonly value: Value
}

/** A script that calls a firewall tool. */
export interface FirewallCommand {
  readonly claim: 'firewall-command'
  readonly tool: string
  readonly command: readonly Word[]
  readonly problem?: { readonly code: 'host-name' | 'syntax'; readonly word: string; readonly explanation: string }
  /** What it would let in or keep out, when that is understood. */
  readonly rule?: {
    readonly action: 'allow' | 'deny' | 'reject' | 'limit'
    readonly ports?: PortRange
    readonly protocol?: Protocol
    readonly from?: string
  }
}

/** A script that says something which its language does not take as it is meant. */
export interface ScriptProblem {
  readonly claim: 'script-problem'
  /** `powershell-host-parameter`: a parameter is named `$Host`, a variable that PowerShell itself has and lets nobody set. */
  readonly code: 'powershell-host-parameter'
  /** The word at fault, as it is written. */
  readonly word: string
  readonly explanation: string
}

/** A list of origins that a server lets scripts come from (CORS). */
export interface AllowedOrigins {
  readonly claim: 'allowed-origins'
  /** Where it is set: a variable's or an option's name. */
  readonly name: string
  readonly origins: readonly { readonly text: Value; readonly origin: FileOrigin }[]
  readonly wildcard: boolean
  readonly credentials: boolean
}

/** Code that puts a local-only guard before its handlers (`LocalhostOnlyMiddleware`, `@sallyport/guard`). */
export interface GuardUse {
  readonly claim: 'guard-use'
  readonly name: string
  /** As in `Bind`. */
  readonly entries: readonly string[]
}

/** Code or a command that loads variables from a file at start (`dotenv`, `--env-file`, `load_dotenv`). */
export interface EnvironmentLoad {
  readonly claim: 'environment-load'
  /** Relative to the working directory unless absolute; `.env` where the library's default holds. */
  readonly files: readonly Value[]
  /** The file wins over variables that are already set. dotenv's and python-dotenv's default is false. */
  readonly overrides: boolean
  /** Set where the code names the files from its own directory: `files` are then relative to the folder under inspection. */
  readonly relativeTo?: 'folder'
  /** As in `Bind`. */
  readonly entries: readonly string[]
}

/** A command that starts what a file describes, by one of the file's environments: `pm2 start ecosystem.config.js --env production`. */
export interface EnvironmentChoice {
  readonly claim: 'environment-choice'
  /** The file that describes the launches, relative to the folder. */
  readonly file: string
  /** As in `Launch.environmentName`. */
  readonly environmentName: string
}

/** A secret that is where it should not be. What it is stays unsaid. */
export interface Secret {
  readonly claim: 'secret'
  readonly name: string
  readonly problem: 'committed' | 'not-ignored' | 'placeholder'
}

/** Something that could not be seen or understood, and what that leaves undecided. */
export interface Gap {
  readonly claim: 'gap'
  readonly code: GapCode
  readonly what: string
  /** What to do to see it. */
  readonly remedy?: string
  /** The verdicts that it leaves open. `nothing`: worth saying, changes no verdict. */
  readonly affects: GapEffect
}

export type GapCode = 'absent' | 'denied' | 'too-large' | 'not-text' | 'not-a-file' | 'tool-missing' | 'not-understood' | 'limit'

export type GapEffect =
  | { readonly kind: 'nothing' }
  /** Sockets of other users' processes, or of namespaces that cannot be entered. */
  | { readonly kind: 'sockets'; readonly namespace?: NamespaceId }
  /** Interfaces, addresses or routes of a namespace: who can come in, and where. */
  | { readonly kind: 'network'; readonly namespace: NamespaceId }
  | { readonly kind: 'processes' }
  | { readonly kind: 'netfilter'; readonly namespace?: NamespaceId; readonly family?: Family }
  | { readonly kind: 'containers' }
  | { readonly kind: 'proxy' }
  /** The part of the folder at the origin: what it starts or binds. */
  | { readonly kind: 'folder' }
