import type { Address, Family } from '../../network/index.ts'
import type { Elsewhere, SourceTranslation } from './types.ts'

/** `before`: the connection tracker has not seen the packet yet. `unclear`: the chain stands where the tracker stands, and either may be first. */
export type Tracking = 'before' | 'unclear' | 'tracked' | 'untracked'

/** The device by which packets come back that are for the namespace that sent them. */
export const LOOP = 'lo'

/** Everything of a packet that is one value, where its source is a set. Immutable: compared by identity first. */
export interface State {
  readonly family: Family
  readonly protocol: number
  /** Empty for what the namespace sends itself, until it comes back by lo. */
  readonly inbound: string
  /** Empty until the packet is routed outwards. */
  readonly outbound: string
  /** The next hop, where it is not the destination. */
  readonly gateway?: Address
  /** Where it goes once OUTPUT is left: the chains there go on seeing the device of its first route (`out` of struct nf_hook_state). */
  readonly rerouted?: { readonly outbound: string; readonly gateway?: Address }
  readonly destination: Address
  readonly port: number
  readonly originalDestination: Address
  readonly originalPort: number
  /** Unsigned 32 bits; `undefined`: any, because a rule that was not understood may have set it. */
  readonly packetMark: number | undefined
  readonly connectionMark: number | undefined
  readonly tracking: Tracking
  readonly destinationTranslated: boolean
  /** Set where a flow ends undecided. */
  readonly elsewhere?: Elsewhere
  readonly sourceTranslation: SourceTranslation | undefined
  /** Every `circumstance` so far was as for a plain packet on an idle host. */
  readonly plain: boolean
}

/** Equal exactly for equal states of one packet class. */
export function stateKey(state: State): string {
  const translation = state.sourceTranslation
  const source =
    translation === undefined
      ? ''
      : translation.kind === 'masquerade'
        ? translation.device
        : `${translation.addresses?.first.value ?? ''}-${translation.addresses?.last.value ?? ''}`
  return [
    state.destination.value,
    state.port,
    state.packetMark,
    state.connectionMark,
    state.tracking,
    state.destinationTranslated,
    state.plain,
    state.outbound,
    state.gateway?.value,
    state.rerouted?.outbound,
    state.rerouted?.gateway?.value,
    source,
  ].join(' ')
}
