import type { Claim } from './claims.ts'
import type { NamespaceId } from './scope.ts'
import type { Origin } from './origin.ts'

/** `running`: the kernel, an engine or a process says so. `configured`: a file says what the next start or reload will do. */
export type Standing = 'running' | 'configured'

/** One thing that was seen. */
export interface Evidence<C extends Claim = Claim> {
  readonly claim: C
  readonly origin: Origin
  readonly standing: Standing
  readonly host: string
  readonly namespace?: NamespaceId
  /** The environment (development, production …) that it holds in; absent: every one. */
  readonly environment?: string
  /** Milliseconds since the epoch. */
  readonly capturedAt: number
}

export type ClaimKind = Claim['claim']
export type ClaimOf<K extends ClaimKind> = Extract<Claim, { readonly claim: K }>

/** The evidence of one kind, narrowed. */
export function evidenceOf<K extends ClaimKind>(evidence: readonly Evidence[], kind: K): readonly Evidence<ClaimOf<K>>[] {
  return evidence.filter((item): item is Evidence<ClaimOf<K>> => item.claim.claim === kind)
}
