import type { Family } from '../network/index.ts'

/** Filled by the packet filter readers, evaluated by `reach/`. One representation for nftables, iptables (both back ends), ufw's files and cloud rules. */
export interface Ruleset {
  readonly families: readonly Family[]
}
