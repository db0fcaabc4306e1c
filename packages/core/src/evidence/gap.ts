import type { Family } from '../network/index.ts'
import type { NamespaceId } from './scope.ts'

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

export type GapCode =
  | 'absent'
  | 'denied'
  | 'too-large'
  | 'not-text'
  | 'not-a-file'
  | 'tool-missing'
  | 'not-understood'
  | 'limit'
  /** A folder without any file that is read. */
  | 'empty'

/** What may hide that something listens: sockets, and the network namespaces of containers. */
export const HIDES_LISTENERS: readonly GapEffect['kind'][] = ['sockets', 'containers']

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
