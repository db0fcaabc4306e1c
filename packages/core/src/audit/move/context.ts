import type { InnerPort, Surrounding } from './container.ts'
import type { KnownPlace, PlaceRole } from './exact.ts'
import type { Manifest } from './manifest.ts'
import type { OwnNames } from './own.ts'

/** What a number at a place means. */
export type Meaning =
  | { readonly kind: 'port'; readonly role: PlaceRole }
  /** It is not the service's port, or nothing says so; `why` ends the sentence `left: …`. */
  | { readonly kind: 'other'; readonly why: string }

export interface MeaningContext {
  readonly names: OwnNames
  /** What the readers know of this file: the service's own places. */
  readonly own: readonly KnownPlace[]
  /** And those of others, with whose they are. */
  readonly others: readonly (KnownPlace & { readonly service: string })[]
  /** Whose `localhost` a place speaks of. */
  readonly surroundings: (offset: number) => Surrounding
  readonly inner: InnerPort
  readonly manifest: Manifest | undefined
  /** Variables of the same name are of several starts here: only what the readers know counts. */
  readonly structured: boolean
  /** It is a file of the policy. */
  readonly isPolicy: boolean
  /** The environment that the file is for is not the one that is asked about. */
  readonly otherEnvironment: string | undefined
  /** Comments and documentation too. */
  readonly docs: boolean
}

export const PORT = (role: PlaceRole): Meaning => ({ kind: 'port', role })
export const OTHER = (why: string): Meaning => ({ kind: 'other', why })
export const INNER_STAYS = OTHER('the container’s own port, which stays: nothing here gives it')
