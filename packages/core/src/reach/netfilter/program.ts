import type { BaseChain, Chain, Hook, Rule, RuleOrigin, Ruleset, Table, TableFamily, Unread } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'

/** The rulesets of one namespace, in the order in which the kernel asks them. */
export interface Program {
  chains(family: Family, hook: Hook): readonly AttachedChain[]
  /** Those that see packets of any family as they come in at a device, before all others, or leave by one, after all others. */
  atDevices(hook: 'ingress' | 'egress'): readonly AttachedChain[]
  readonly unread: readonly Unread[]
}

/** A base chain where it hangs. */
export interface AttachedChain {
  readonly tool: string
  readonly table: Table
  readonly chain: Chain
  readonly base: BaseChain
}

const TABLES: Readonly<Record<Family, readonly TableFamily[]>> = { 4: ['ip', 'inet'], 6: ['ip6', 'inet'] }

const compiled = new WeakMap<readonly Ruleset[], Program>()

/** Sorted once for each list of rulesets. */
export function compile(rulesets: readonly Ruleset[]): Program {
  const known = compiled.get(rulesets)
  if (known !== undefined) return known
  const attached = rulesets.flatMap(attachedChains)
  const sorted = new Map<string, readonly AttachedChain[]>()
  const [ingress, egress] = (['ingress', 'egress'] as const).map((hook) =>
    inOrder(attached.filter(({ base, table }) => base.hook === hook && (table.family === 'netdev' || table.family === 'inet'))),
  ) as [readonly AttachedChain[], readonly AttachedChain[]]
  const program: Program = {
    unread: rulesets.flatMap((ruleset) => ruleset.unread),
    chains(family, hook) {
      const key = `${family} ${hook}`
      let chains = sorted.get(key)
      if (chains === undefined) {
        chains = inOrder(attached.filter(({ base, table }) => base.hook === hook && TABLES[family].includes(table.family)))
        sorted.set(key, chains)
      }
      return chains
    },
    atDevices: (hook) => (hook === 'ingress' ? ingress : egress),
  }
  compiled.set(rulesets, program)
  return program
}

function attachedChains({ tool, tables }: Ruleset): readonly AttachedChain[] {
  return tables
    .filter((table) => !table.dormant)
    .flatMap((table) =>
      [...table.chains.values()].flatMap((chain) => (chain.base === undefined ? [] : [{ tool, table, chain, base: chain.base }])),
    )
}

/** By priority; at the same number the kernel puts what is registered later before what was there (nf_hook_entries_grow in netfilter/core.c). */
function inOrder(chains: readonly AttachedChain[]): readonly AttachedChain[] {
  return chains.toReversed().sort((a, b) => a.base.priority - b.base.priority)
}

/** What is said of a rule when it decides. */
export interface Decider {
  readonly rule: Rule
  /** The jumps by which its chain was reached, outermost first. */
  readonly jumps: readonly RuleOrigin[]
}
