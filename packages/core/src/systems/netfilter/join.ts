import { type Chain, type Ruleset, show, type Table } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import type { NetfilterGap, NetfilterReading } from './reading.ts'

/** What the tools of one network namespace printed, as far as they are there. */
export interface NetfilterReadings {
  readonly nft?: NetfilterReading
  /** Of each family, by back end. */
  readonly iptables: readonly { readonly family: Family; readonly backend: 'legacy' | 'nft'; readonly reading: NetfilterReading }[]
}

export interface JoinedRulesets {
  readonly rulesets: readonly Ruleset[]
  readonly gaps: readonly NetfilterGap[]
}

/**
 * Every rule of a namespace once. The tables of iptables-nft are seen by nft too, which prints their extensions by name only: for those the
 * reading of iptables-save stands, and nft's for whatever iptables-save does not print.
 */
export function joinRulesets({ nft, iptables }: NetfilterReadings): JoinedRulesets {
  const gaps = [...(nft?.gaps ?? []), ...iptables.flatMap(({ reading }) => reading.gaps)]
  const rulesets: Ruleset[] = []
  let rest = nft?.ruleset.tables ?? []
  for (const { family, backend, reading } of iptables) {
    if (backend === 'legacy') rulesets.push(reading.ruleset)
    else {
      const own = reading.ruleset.tables.map((table) =>
        joinTable(
          table,
          rest.find((other) => other.family === table.family && other.name === table.name),
        ),
      )
      rest = rest.filter((table) => !own.some(({ covered }) => covered === table))
      // Without nft nobody has seen what iptables-save says that it cannot print.
      const unseen = nft === undefined ? reading.incomplete : []
      const unread = unseen.map((name) => ({ families: [family], reason: show(`table ${name} holds rules that only nft can print`) }))
      rulesets.push({ ...reading.ruleset, tables: own.map(({ table }) => table), unread: [...reading.ruleset.unread, ...unread] })
    }
  }
  if (nft !== undefined) rulesets.push({ ...nft.ruleset, tables: rest })
  return { rulesets: rulesets.filter(({ tables, unread }) => tables.length > 0 || unread.length > 0), gaps }
}

/** The chains as iptables prints them, and those that only nft has: others of the same table, or of the same name elsewhere. */
function joinTable(table: Table, seen: Table | undefined): { readonly table: Table; readonly covered: Table | undefined } {
  if (seen === undefined) return { table, covered: undefined }
  const chains = new Map<string, Chain>()
  for (const [name, chain] of table.chains) {
    const other = seen.chains.get(name)
    // iptables prints a built-in chain also where the kernel has none, and where what has its name hangs at another place.
    if (other !== undefined && sameHook(chain, other)) chains.set(name, chain)
    else if (other === undefined && (chain.base === undefined || chain.rules.length > 0)) chains.set(name, chain)
  }
  for (const [name, chain] of seen.chains) if (!chains.has(name)) chains.set(name, chain)
  return { table: { ...table, dormant: seen.dormant, chains }, covered: seen }
}

function sameHook(a: Chain, b: Chain): boolean {
  return a.base?.hook === b.base?.hook && a.base?.priority === b.base?.priority
}
