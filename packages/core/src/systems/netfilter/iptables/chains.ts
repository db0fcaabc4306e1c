import type { BaseChain, Hook } from '../../../evidence/index.ts'

const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
}

/** Where the tables of iptables hang (netfilter_ipv4.h, NF_IP_PRI_…; the same numbers for IPv6 and for both back ends). */
const TABLES: Readonly<Record<string, { readonly chains: readonly string[]; readonly priority: number }>> = {
  raw: { chains: ['PREROUTING', 'OUTPUT'], priority: -300 },
  mangle: { chains: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], priority: -150 },
  nat: { chains: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], priority: -100 },
  filter: { chains: ['INPUT', 'FORWARD', 'OUTPUT'], priority: 0 },
  security: { chains: ['INPUT', 'FORWARD', 'OUTPUT'], priority: 50 },
}

/** Translation of sources comes last: NF_IP_PRI_NAT_SRC. */
const SOURCE_NAT = 100

/** `undefined`: a chain of the user's own. */
export function builtInChain(table: string, chain: string, policy: 'accept' | 'drop'): BaseChain | undefined {
  const facts = Object.hasOwn(TABLES, table) ? TABLES[table] : undefined
  const hook = HOOKS[chain]
  if (facts === undefined || hook === undefined || !facts.chains.includes(chain)) return undefined
  const nat = table === 'nat'
  return {
    hook,
    type: nat ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter',
    priority: nat && (hook === 'input' || hook === 'postrouting') ? SOURCE_NAT : facts.priority,
    policy,
  }
}
