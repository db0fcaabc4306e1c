import type { ReasonCode } from './reasons.ts'

/** One refusal, as it is logged and told: fit to be shown, shortened, without secrets. */
export interface Refused {
  /** RFC 3339, UTC. */
  readonly time: string
  readonly code: ReasonCode
  readonly status: number
  /** The words of the answer. */
  readonly message: string
  /** Of the peer, or of the client that a proxy with its proof has told (`behind.client`); `unix` for a socket of the file system. */
  readonly address: string
  readonly method: string
  /** Without its query, which may hold secrets. */
  readonly path: string
  readonly host: string
  readonly origin: string
  /** What was wrong, as it was sent. */
  readonly value: string
  /** The option that decides it. */
  readonly option?: string
}
