import type { FileOrigin, PortRange, Protocol } from '../evidence/index.ts'
import type { Address, AddressRange } from '../network/index.ts'
import type { RuleName } from './rule-names.ts'

/** What should be reachable: every default put in, every name resolved. Made by `parsePolicy` only. */
export interface Policy {
  readonly version: 1
  readonly name: string
  /** Which edition of the rules and the score holds. */
  readonly catalogue: number
  /** The overlay that was laid on, or what the caller named although the policy has no overlays; `undefined`: none was named. */
  readonly environment: string | undefined
  /** The entry and every file that it includes, in the order read. */
  readonly files: readonly string[]
  readonly sources: ReadonlyMap<SourceName, Source>
  /** Every host that the policy declares, and `THIS_HOST` wherever a service runs on it. */
  readonly hosts: ReadonlyMap<HostName, Host>
  readonly services: ReadonlyMap<ServiceName, Service>
  readonly tests: readonly PolicyTest[]
  readonly accept: readonly Acceptance[]
  readonly listeners: Listeners
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly alarms: ReadonlyMap<string, Alarm>
}

export type SourceName = string
export type HostName = string
export type ServiceName = string

/** The machine that Sallyport runs on, where the policy gives it no other name. */
export const THIS_HOST: HostName = 'localhost'

/** Each within the next. */
export const BUILT_IN_SOURCES = ['loopback', 'host', 'private', 'internet'] as const
export type BuiltInSource = (typeof BUILT_IN_SOURCES)[number]

/** A value, and where the policy says it; where it says nothing, the origin of the thing whose default it is. */
export interface Located<T> {
  readonly value: T
  readonly origin: FileOrigin
}

export interface Source {
  readonly name: SourceName
  readonly addresses: readonly Located<AddressRange>[]
  readonly origin: FileOrigin
}

export interface Host {
  readonly name: HostName
  readonly addresses: readonly Located<Address>[]
  /** What stands between the host and the internet: nothing, many-to-one or one-to-one translation, or nobody said. */
  readonly upstream: 'none' | 'nat' | 'one-to-one' | 'unknown'
  /** A service of the cloud rather than a machine: nothing on it can be seen or changed but its network rules. */
  readonly managed: 'rds' | 'elasticache' | undefined
  readonly aws: AwsHost
  /** For `THIS_HOST` left undeclared: the first service on it. */
  readonly origin: FileOrigin
}

export interface AwsHost {
  /** Names (`prod-sg-api`) or ids (`sg-…`). */
  readonly securityGroups: readonly Located<string>[]
  readonly instance: string | undefined
  /** The identifier of a managed database or cache. */
  readonly identifier: string | undefined
}

export interface Service {
  readonly name: ServiceName
  /** At least one. */
  readonly hosts: readonly HostName[]
  /** Inclusive at both ends, 1 to 65535, in ascending order, disjoint; at least one. */
  readonly ports: readonly PortRange[]
  /** At least one. */
  readonly protocols: readonly Protocol[]
  /** Who may open a connection directly; at least one. The service's own network namespace always may. */
  readonly from: readonly SourceRef[]
  /**
   * A declared way in: for the internet, and a door to what is behind it or known by its name. It ends TLS, passes on to others (`routes`),
   * answers to a `domain`, or is on the web's own ports 80 and 443 alone.
   */
  readonly edge: boolean
  /** Lower case; `*.` may lead. */
  readonly domains: readonly string[]
  readonly tls: Tls
  /** Which service each path prefix is passed on to. */
  readonly routes: readonly Route[]
  /** Requests of one client. */
  readonly limit: RateLimit | undefined
  /** `undefined`: the policy does not say that it speaks HTTP. */
  readonly http: Http | undefined
  readonly run: Run
  /** The service's name in the policy. */
  readonly origin: FileOrigin
  /** Where each is said; the same object as `origin` where a default holds. */
  readonly origins: Readonly<Record<'host' | 'port' | 'protocol' | 'from' | 'domain' | 'tls' | 'limit' | 'http' | 'run', FileOrigin>>
}

/** Who may connect. `addresses` are exact; empty for a host whose address the policy does not give (`THIS_HOST` among them). */
export type SourceRef =
  | { readonly kind: 'built-in'; readonly name: BuiltInSource; readonly origin: FileOrigin }
  | { readonly kind: 'source'; readonly name: SourceName; readonly addresses: readonly AddressRange[]; readonly origin: FileOrigin }
  | {
      readonly kind: 'host'
      readonly name: HostName
      readonly hosts: readonly HostName[]
      readonly addresses: readonly AddressRange[]
      readonly origin: FileOrigin
    }
  /** Everything that shares an address with the service: its hosts. */
  | {
      readonly kind: 'service'
      readonly name: ServiceName
      readonly hosts: readonly HostName[]
      readonly addresses: readonly AddressRange[]
      readonly origin: FileOrigin
    }
  /** `text` is canonical. */
  | { readonly kind: 'literal'; readonly text: string; readonly addresses: readonly AddressRange[]; readonly origin: FileOrigin }

export type Tls =
  | { readonly kind: 'none' }
  | { readonly kind: 'letsencrypt' }
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string }

export interface Route {
  /** Begins with `/`. */
  readonly path: string
  readonly service: ServiceName
  readonly origin: FileOrigin
}

export interface RateLimit {
  readonly requests: number
  readonly per: 'second' | 'minute'
}

export interface Http {
  /** The path that answers when all is well. */
  readonly health: string | undefined
  /** The web origins whose scripts may call (CORS), in the form browsers send; `undefined`: the policy does not say. */
  readonly origins: readonly Located<string>[] | undefined
  readonly auth: 'user' | 'key' | 'none'
}

/** By what name its manager knows the service. `any`: the service's own name, whatever the manager. */
export interface Run {
  readonly by: 'any' | 'pm2' | 'compose' | 'systemd' | 'command'
  readonly name: string
}

/** A claim that must hold of what is really there. */
export interface PolicyTest {
  readonly from: readonly SourceRef[]
  /** Packets of every `from` arrive. */
  readonly accept: readonly Located<ServiceName>[]
  /** Packets of no `from` arrive. */
  readonly deny: readonly Located<ServiceName>[]
  /** Neither do they, nor requests passed on by any proxy. */
  readonly denyThrough: readonly Located<ServiceName>[]
  readonly origin: FileOrigin
}

/** Findings that are known and accepted for now. What is `undefined` matches everything. */
export interface Acceptance {
  readonly rule: Located<RuleName>
  readonly service: ServiceName | undefined
  readonly host: HostName | undefined
  /** A file of the deployment; `*` stands for any run of characters but `/`, `**` for any run. */
  readonly path: string | undefined
  readonly reason: string
  readonly by: string | undefined
  /** YYYY-MM-DD, the last day (UTC) on which it holds; `undefined`: until it is taken out. */
  readonly until: Located<string> | undefined
  readonly origin: FileOrigin
}

export interface Listeners {
  /** What a listener that no service declares is. */
  readonly undeclared: 'report' | 'ignore'
  readonly ignore: readonly IgnoredListener[]
}

/** A listener is ignored when all that is defined matches; at least one of the three is. */
export interface IgnoredListener {
  /** The process's name as the kernel has it (comm). */
  readonly process: string | undefined
  readonly ports: readonly PortRange[] | undefined
  readonly address: AddressRange | undefined
  readonly reason: string
  readonly origin: FileOrigin
}

/** An S3 bucket. Public access is always to be blocked. */
export interface Bucket {
  readonly name: string
  readonly encryption: 'aes256' | 'kms'
  readonly versioning: boolean
  /** Days after which objects expire; `undefined`: never. */
  readonly expireAfterDays: number | undefined
  readonly origin: FileOrigin
}

export interface Alarm {
  readonly name: string
  readonly metric: 'failed-ssh' | 'api-errors' | 'database-connections'
  /** The name of the host or service that is watched. */
  readonly of: Located<string>
  /** The alarm is raised above this many within `minutes`. */
  readonly threshold: number
  readonly minutes: number
  readonly origin: FileOrigin
}
