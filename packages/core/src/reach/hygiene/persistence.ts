import type { Chain, FilterStart, FilterTool, Rule, RuleOrigin, Ruleset, Table } from '../../evidence/index.ts'
import type { HostModel, NamespaceModel } from '../host.ts'
import { isUsers, ownerOf } from './owners.ts'

/** A machine as a reboot leaves its packet filter, and what is then gone. */
export interface Rebooted {
  readonly host: HostModel
  /** Running rules that nothing loads at boot. */
  readonly lost: readonly RuleOrigin[]
  /** Base chains whose policy, which drops, nothing sets at boot. */
  readonly policies: readonly { readonly tool: string; readonly table: string; readonly chain: string }[]
}

/**
 * What is left of the packet filter of the machine's own namespace when it has started again. Programs write their rules anew; what ufw loads is in
 * `ufw`, its rules as its files say; the rest comes back only if something loads rules of its kind. `undefined`: nothing is lost, or it
 * cannot be told.
 */
export function rebooted(host: HostModel, start: FilterStart, ufw: Ruleset | undefined): Rebooted | undefined {
  const own = host.namespaces.get(host.own)
  if (own === undefined || !start.complete) return undefined
  const loaded = new Set<string>(start.loaders.flatMap(({ loads }) => loads))
  const starting = start.loaders.some(({ program }) => program === 'ufw') ? ufw : undefined
  // Rules that cannot all be read may be any.
  if (starting !== undefined && starting.unread.length > 0) return undefined
  const left = own.filters
    .map(({ claim }) => claim.ruleset)
    .map((ruleset) => (loaded.has(ruleset.tool) || !isFilterTool(ruleset.tool) ? whole(ruleset) : without(ruleset, starting)))
  const lost = left.flatMap((item) => item.lost)
  const policies = left.flatMap((item) => item.policies)
  if (lost.length + policies.length === 0) return undefined
  const filters = own.filters.map((item, index) => ({ ...item, claim: { ...item.claim, ruleset: (left[index] as Left).ruleset } }))
  const namespace: NamespaceModel = { ...own, filters }
  return { host: { ...host, namespaces: new Map([...host.namespaces, [own.id, namespace]]) }, lost, policies }
}

const TOOLS: ReadonlySet<string> = new Set<FilterTool>(['nft', 'iptables', 'ip6tables'])

function isFilterTool(tool: string): boolean {
  return TOOLS.has(tool)
}

interface Left {
  readonly ruleset: Ruleset
  readonly lost: readonly RuleOrigin[]
  readonly policies: Rebooted['policies']
}

function whole(ruleset: Ruleset): Left {
  return { ruleset, lost: [], policies: [] }
}

function without(ruleset: Ruleset, ufw: Ruleset | undefined): Left {
  const lost: RuleOrigin[] = []
  const policies: { tool: string; table: string; chain: string }[] = []
  const tables = ruleset.tables.map((table): Table => {
    const written = ufw?.tables.find(({ family, name }) => family === table.family && name === table.name)
    const chains = [...table.chains].map(([name, chain]): readonly [string, Chain] => {
      if (isRewritten(table, name, ufw !== undefined)) return [name, chain]
      const known = new Set((written?.chains.get(name)?.rules ?? []).map(wordsOf))
      const kept: Rule[] = []
      for (const rule of chain.rules) {
        const comesBack = !isUfws(name) && (!isUsers(rule, table, name) || (known.size > 0 && known.has(wordsOf(rule))))
        if (comesBack) kept.push(rule)
        else lost.push(rule.origin)
      }
      const base = chain.base
      const policy = base?.policy === 'drop' && written?.chains.get(name)?.base?.policy !== 'drop' && !isEngines(table, name)
      if (policy) policies.push({ tool: ruleset.tool, table: table.name, chain: name })
      return [name, { ...chain, rules: kept, ...(base === undefined || !policy ? {} : { base: { ...base, policy: 'accept' } }) }]
    })
    return { ...table, chains: new Map(chains) }
  })
  return { ruleset: { ...ruleset, tables }, lost, policies }
}

/** Whether a program writes the whole chain again by itself. ufw does only where it is started. */
function isRewritten(table: Table, chain: string, ufwStarts: boolean): boolean {
  if (isUfws(chain)) return ufwStarts
  return ownerOf(table, chain) !== undefined
}

function isUfws(chain: string): boolean {
  return /^ufw6?-/.test(chain)
}

/** Docker drops what is forwarded and nobody has asked for. */
function isEngines(table: Table, chain: string): boolean {
  return table.chains.get(chain)?.base?.hook === 'forward' && [...table.chains.keys()].some((name) => ownerOf(table, name) === 'Docker')
}

/** What a rule asks and does, as a text that is the same for the same. */
function wordsOf({ expressions }: Rule): string {
  return JSON.stringify(expressions, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
}
