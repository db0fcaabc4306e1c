import type { Address, Family, SourceSet } from '../network/index.ts'
import type { Evidence, NamespaceId, Protocol, Shown, Socket } from '../evidence/index.ts'
import type { Reason, Step } from './netfilter/index.ts'

/** Who sends: the built-in sources beyond the service's own namespace. */
export type Sender = 'host' | 'private' | 'internet'

/** One socket, or several that share address and port (SO_REUSEPORT), in one namespace. */
export interface Endpoint {
  readonly namespace: NamespaceId
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
  /** At least one. */
  readonly sockets: readonly Evidence<Socket>[]
}

/** Reach of one endpoint. What is in no way is closed. */
export interface EndpointReach {
  readonly endpoint: Endpoint
  readonly ways: readonly Way[]
  /** What would have arrived here, and what stopped it. */
  readonly blocked: readonly Blocked[]
  /** What the machine's own processes send here, computed when it is asked for. Absent: the endpoint is in the machine's own namespace. */
  readonly fromMachine?: () => FromMachine
}

/** Packets of the machine's own: by `sender` and `entry` as if they were a container's, and their paths begin with `send`. */
export interface FromMachine {
  readonly ways: readonly Way[]
  readonly blocked: readonly Blocked[]
}

/** Packets of one sender and family that come in at one interface and arrive, and the path that they take. */
export interface Way {
  readonly sender: Sender
  readonly family: Family
  /** `open`: they surely arrive. `maybe`: they may, for `reasons`. */
  readonly certainty: 'open' | 'maybe'
  readonly sources: SourceSet
  /** Whether these are all that the sender could send through this interface. */
  readonly entire: boolean
  /** What the sender addresses, before any translation. */
  readonly at: { readonly address: Address; readonly port: number }
  /** `at` is a broadcast address or a multicast group. */
  readonly forGroup?: true
  readonly entry: Entry
  /** Set when something that was not seen stands before the machine and could keep these packets out. */
  readonly upstream?: Shown
  /** That of most of the sources. */
  readonly path: readonly PathStep[]
  /** Never empty for `maybe`. */
  readonly reasons: readonly Reason[]
  /** Where not all take one path: the first so many paths, each with its sources. */
  readonly parts?: readonly Part[]
}

/** Some of the sources of a way, and the path that these take. */
export interface Part {
  readonly sources: SourceSet
  readonly path: readonly PathStep[]
  readonly reasons: readonly Reason[]
}

export interface Blocked {
  readonly sender: Sender
  readonly family: Family
  readonly sources: SourceSet
  readonly at: { readonly address: Address; readonly port: number }
  readonly entry: Entry
  readonly rejected: boolean
  /** Of the machine's own packets: whether these are all that it could send. */
  readonly entire?: boolean
  readonly path: readonly PathStep[]
  readonly parts?: readonly Part[]
}

/** Where packets come into the machine. */
export interface Entry {
  readonly namespace: NamespaceId
  readonly device: string
}

export type PathStep =
  /** By the machine itself. `source`: what routing chooses where the sender names none; absent: not told. */
  | { readonly kind: 'send'; readonly address: Address; readonly port: number; readonly source?: Address }
  | { readonly kind: 'enter'; readonly device: string; readonly address: Address; readonly port: number }
  | { readonly kind: 'netfilter'; readonly namespace: NamespaceId; readonly step: Step }
  /** Into another namespace of the machine: `label` is a container's name. */
  | { readonly kind: 'cross'; readonly namespace: NamespaceId; readonly label: string; readonly device: string }
  /** docker-proxy, which takes the connection and opens another to the container. */
  | { readonly kind: 'userland-proxy'; readonly socket: Evidence<Socket>; readonly address: Address; readonly port: number }
  | { readonly kind: 'socket'; readonly socket: Evidence<Socket> }
