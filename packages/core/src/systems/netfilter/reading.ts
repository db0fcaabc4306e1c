import type { Family } from '../../network/index.ts'
import type { Gap, Origin, Ruleset } from '../../evidence/index.ts'

/** What a reader made of one tool's output. It never throws: what it could not read is in `gaps`, and widens the verdicts by itself. */
export interface NetfilterReading {
  readonly ruleset: Ruleset
  readonly gaps: readonly NetfilterGap[]
}

export interface NetfilterGap {
  readonly gap: Gap
  readonly origin: Origin
}

/** Whose output the text is. */
export interface IptablesSource {
  readonly family: Family
  readonly backend: 'legacy' | 'nft'
  /** The file that holds the text (`/etc/iptables/rules.v4`); absent: the output of the tool itself. */
  readonly path?: string
  /** What `ipset save` printed, for `-m set`. Absent: nothing is known of any set. */
  readonly ipsets?: string
}

export interface NftSource {
  /** The file that holds the text; absent: the output of the tool itself. */
  readonly path?: string
}
