import type { Gap, Origin, Ruleset } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'

/** What a reader made of one tool's output. It never throws: what it could not read is in `gaps`, and widens the verdicts by itself. */
export interface NetfilterReading {
  readonly ruleset: Ruleset
  readonly gaps: readonly NetfilterGap[]
  /** Tables of which the tool says that it cannot print all; nft can. */
  readonly incomplete: readonly string[]
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

/** The longest text that is read, in UTF-16 code units: 100,000 rules are about a fifth of it. */
const LONGEST = 64 << 20

export function tooLong(text: string): string | undefined {
  return text.length <= LONGEST ? undefined : `longer than ${LONGEST >> 20} MiB`
}
