import type { Address, AddressRange } from '../network/index.ts'
import type { PortRange } from './scope.ts'
import type { FileOrigin } from './origin.ts'
import type { Shown } from './shown.ts'
import type { Value } from './value.ts'

/**
 * What a proxy does with what arrives, in the words that all proxies share. Readers put every inheritance and default in:
 * past this point nothing has a default. A text that only a start or a request decides stays a `Value` that is not known.
 */

/** One server of a proxy: it takes connections at its listeners and answers for its names. */
export interface ProxyServer {
  /** `http`: requests are looked into. `stream`: bytes are passed on. `other`: mail, RTMP: that it listens is known, what it does is not. */
  readonly layer: 'http' | 'stream' | 'other'
  readonly listeners: readonly ProxyListener[]
  /** As written, in order; a server without a name answers for requests that name none (`''`). */
  readonly names: readonly ServerName[]
  /** In the order of the configuration, nested ones within. */
  readonly routes: readonly ProxyRoute[]
  /** Hold for every request, before anything else is done with it: `client-certificate`. */
  readonly guards: readonly ProxyGuard[]
  /** What is done before a route is looked for, with every request of the server. */
  readonly first: readonly EarlyStep[]
  /** For what no route takes. */
  readonly rest: Handling
  /** Whose address `addresses` guards judge: the connection's, or one that a header or the PROXY protocol brings. */
  readonly clientAddress: ClientAddress
  /** Set where only a part of the server could be seen, with the reason. */
  readonly incomplete?: string
  readonly origin: FileOrigin
}

/** Where a server takes connections. Options that one server sets on an address hold for every server there, and are put in everywhere. */
export interface ProxyListener {
  readonly at: ListenAddress
  readonly protocol: 'tcp' | 'udp' | 'unix'
  readonly tls: boolean
  readonly http2: boolean
  /** The client's address comes in a PROXY protocol header (HAProxy, proxy-protocol.txt). */
  readonly proxyProtocol: boolean
  /** Takes the connections to this address whose name no server has: said so, or the first one there. */
  readonly defaultServer: boolean
  /** IPV6_V6ONLY of an IPv6 socket; true where the address is IPv4. */
  readonly ipv6only: boolean
  readonly reuseport: boolean
  /** No line says so: the proxy's default. `origin` is the server then. */
  readonly implicit: boolean
  readonly origin: FileOrigin
}

export type ListenAddress =
  /** 0.0.0.0 and :: are every address of their family. */
  | { readonly kind: 'inet'; readonly address: Address; readonly ports: PortRange }
  /** A host name: resolved when the proxy starts, one socket for each of its addresses. */
  | { readonly kind: 'name'; readonly name: string; readonly ports: PortRange }
  | { readonly kind: 'unix'; readonly path: string }
  /** Decided outside the file. `address` absent: every IPv4 address. */
  | { readonly kind: 'undecided'; readonly address: Value; readonly port: Value }

/** Listeners with the same key are one socket, as far as the file tells: its servers are told apart by name. */
export function socketKey(listener: ProxyListener): string {
  const { at, protocol } = listener
  switch (at.kind) {
    case 'inet':
      return `${protocol} ${at.address.family} ${at.address.value} ${at.ports.first}-${at.ports.last}`
    case 'name':
      return `${protocol} ${at.name} ${at.ports.first}-${at.ports.last}`
    case 'unix':
      return `unix ${at.path}`
    case 'undecided':
      return `${protocol} ${valueKey(at.address)}:${valueKey(at.port)}`
    default:
      return at satisfies never
  }
}

function valueKey(value: Value): string {
  return value.kind === 'known' ? String(value.value) : value.kind === 'environment' ? `\${${value.name}}` : value.kind
}

/** A name that a server answers for, lower case. */
export type ServerName =
  | { readonly kind: 'exact'; readonly name: string; readonly origin: FileOrigin }
  /** `*.example.com` (suffix `example.com`); with `andItself` (`.example.com`) also the suffix alone. */
  | { readonly kind: 'wildcard-start'; readonly suffix: string; readonly andItself: boolean; readonly origin: FileOrigin }
  /** `www.example.*` (prefix `www.example`). */
  | { readonly kind: 'wildcard-end'; readonly prefix: string; readonly origin: FileOrigin }
  | { readonly kind: 'regex'; readonly pattern: string; readonly caseSensitive: boolean; readonly origin: FileOrigin }
  /** Every name that no other server has more exactly. */
  | { readonly kind: 'catch-all'; readonly origin: FileOrigin }
  | { readonly kind: 'undecided'; readonly value: Value; readonly origin: FileOrigin }

/** Requests are told apart by their path (after decoding and normalising, without the query); `anyCase`: in large and small letters alike. */
export type RouteMatch =
  | { readonly kind: 'exact' | 'prefix'; readonly path: string; readonly anyCase?: true }
  /** As `prefix`; where it is the longest, no regex is asked (nginx `^~`). */
  | { readonly kind: 'prefix-no-regex'; readonly path: string }
  | { readonly kind: 'regex'; readonly pattern: string; readonly caseSensitive: boolean }
  /** Never matched by a request: other routes send requests here. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'undecided'; readonly text: Shown }

export interface ProxyRoute extends Handling {
  readonly match: RouteMatch
  readonly nested: readonly ProxyRoute[]
  readonly origin: FileOrigin
}

/** What is done with a request, in this order: `early`, `guards`, `redirects` of try-files, `action`. */
export interface Handling {
  /** Before any guard: an answer here is given to everyone. */
  readonly early: readonly EarlyStep[]
  readonly guards: readonly ProxyGuard[]
  /** Whether every address and authentication guard must pass, or one is enough. Limits, `internal` and TLS always hold. */
  readonly satisfy: 'all' | 'any'
  readonly action: ProxyAction
  readonly redirects: readonly InternalRedirect[]
  readonly headers: readonly SetHeader[]
}

/** A step that is taken before the guards are asked (nginx: the rewrite phase). */
export interface EarlyStep {
  /** In the words of the configuration, secrets removed. Absent: always. */
  readonly condition?: Shown
  readonly then:
    | ReturnAction
    /** The path changes and a route is looked for again. */
    | { readonly kind: 'reroute'; readonly to: RedirectTarget }
    /** This action in place of the route's own; its guards still hold. */
    | { readonly kind: 'instead'; readonly action: ProxyAction }
    /** The path changes, and no later step is taken. A route that was chosen stays; where none was yet, it is chosen by the new path. */
    | { readonly kind: 'rewrite'; readonly to: RedirectTarget }
    /** No later step is taken. */
    | { readonly kind: 'stop' }
    | { readonly kind: 'unknown'; readonly reason: string }
  readonly origin: FileOrigin
}

export type ProxyAction =
  | PassAction
  | ReturnAction
  | { readonly kind: 'files'; readonly root: Value; readonly listing: boolean; readonly origin: FileOrigin }
  /** A page that the proxy makes itself: `stub_status`, `empty_gif`. */
  | { readonly kind: 'builtin'; readonly name: string; readonly origin: FileOrigin }
  /** A dead end: the connection is taken and nothing is configured for it. */
  | { readonly kind: 'none'; readonly origin: FileOrigin }
  | { readonly kind: 'unknown'; readonly reason: string; readonly origin: FileOrigin }

export interface ReturnAction {
  readonly kind: 'return'
  /** HTTP status; 444 closes the connection without an answer (nginx). */
  readonly status: number
  /** Where a redirect leads, as written. */
  readonly location?: Shown
  readonly origin: FileOrigin
}

export type PassScheme =
  | 'http'
  | 'https'
  | 'grpc'
  | 'grpcs'
  | 'fastcgi'
  | 'uwsgi'
  | 'suwsgi'
  | 'scgi'
  | 'memcached'
  | 'tcp'
  | 'udp'
  | 'tls'
  | 'tunnel'

/** Requests go on to one of the targets. */
export interface PassAction {
  readonly kind: 'pass'
  readonly scheme: PassScheme
  /** The group's name, where the targets are one. */
  readonly upstream?: string
  /** At least one; each possible. */
  readonly targets: readonly ProxyTarget[]
  /** What replaces the matched part of the path. Absent: the path goes on as it came. */
  readonly path?: Shown
  readonly origin: FileOrigin
}

export type ProxyTarget =
  | {
      readonly kind: 'inet'
      /** An address or a host name as text; IPv6 without brackets. What the environment puts in may bring a scheme and a port along. */
      readonly host: Value
      /** Absent: none is given, and the scheme has no default. */
      readonly port: Value
      readonly backup: boolean
      readonly down: boolean
      readonly origin: FileOrigin
    }
  | { readonly kind: 'unix'; readonly path: string; readonly backup: boolean; readonly down: boolean; readonly origin: FileOrigin }
  /** Whoever sends the request may decide: `clientChosen`. */
  | {
      readonly kind: 'unknown'
      readonly reason: string
      readonly clientChosen: boolean
      /** What is certain all the same: `http://127.0.0.1:$1` has its host, `http://$host:8080` its port. */
      readonly host?: string
      readonly port?: number
      /** Whatever it becomes is no name or address of this machine: `http://$1.example.com`, or nothing at all. */
      readonly elsewhere?: true
      readonly origin: FileOrigin
    }

/** What stands between a request and the action. Each is a fact with its place; none is a verdict. */
export type ProxyGuard =
  | { readonly guard: 'tls'; readonly origin: FileOrigin }
  /** `optional`: asked for, and requests without one go on. */
  | { readonly guard: 'client-certificate'; readonly mode: 'required' | 'optional'; readonly origin: FileOrigin }
  | { readonly guard: 'addresses'; readonly rules: readonly AddressRule[]; readonly origin: FileOrigin }
  | { readonly guard: 'basic-auth'; readonly origin: FileOrigin }
  /** Another service is asked for each request (nginx `auth_request`, `forward_auth`). */
  | { readonly guard: 'auth-request'; readonly uri: Shown; readonly origin: FileOrigin }
  | { readonly guard: 'token'; readonly origin: FileOrigin }
  | { readonly guard: 'rate-limit'; readonly zone: string; readonly rate?: string; readonly burst: number; readonly origin: FileOrigin }
  | { readonly guard: 'connection-limit'; readonly zone: string; readonly connections: number; readonly origin: FileOrigin }
  /** Clients get 404: only the proxy's own redirects, subrequests and the upstream's `X-Accel-Redirect` come here. */
  | { readonly guard: 'internal'; readonly origin: FileOrigin }
  /** Requests with any other method meet these guards in place of the route's own. */
  | { readonly guard: 'methods'; readonly except: readonly string[]; readonly guards: readonly ProxyGuard[]; readonly origin: FileOrigin }
  /** Something decides here that is not understood (Lua, a module): never counted as a guard that holds. */
  | { readonly guard: 'unknown'; readonly what: string; readonly origin: FileOrigin }

/** The first rule that covers the client's address decides; where none does, the request goes on. */
export interface AddressRule {
  readonly action: 'allow' | 'deny'
  readonly from: AddressRange | 'all' | 'unix'
  readonly origin: FileOrigin
}

export type ClientAddress =
  | { readonly from: 'connection' }
  /** Taken from `header` (lower case; `proxy_protocol`) where the connection comes from one of `trusted`; `undecided` where a trusted range is not known. */
  | {
      readonly from: 'header'
      readonly header: string
      readonly trusted: readonly (AddressRange | 'unix' | 'undecided')[]
      readonly origin: FileOrigin
    }

/** The proxy itself sends a request to another route, which is reached even when it is named or `internal`. */
export interface InternalRedirect {
  /** `try-files`: after the guards. `error-page`: also when a guard refused. `auth-request` and `mirror`: a copy, asked without the target's guards. */
  readonly cause: 'try-files' | 'error-page' | 'auth-request' | 'mirror'
  readonly to: RedirectTarget
  /** For `error-page`: the statuses that lead there. */
  readonly statuses: readonly number[]
  readonly origin: FileOrigin
}

export type RedirectTarget =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'status'; readonly status: number }
  /** Another site: the client is sent there. */
  | { readonly kind: 'url'; readonly url: Shown }
  | { readonly kind: 'unknown'; readonly reason: string }

/** A header that goes to the target. */
export interface SetHeader {
  readonly name: string
  /** `cleared`: not sent. `fixed`: a text of the file that may be a secret and is not kept. */
  readonly value: { readonly kind: 'text'; readonly text: Shown } | { readonly kind: 'cleared' } | { readonly kind: 'fixed' }
  readonly origin: FileOrigin
}

/** What the configuration of one proxy program says. */
export interface Proxy {
  readonly claim: 'proxy'
  readonly system: string
  /** The file that the program is given, whose includes are all the rest; absent where only parts of a configuration are there. */
  readonly main?: string
  readonly servers: readonly ProxyServer[]
}
