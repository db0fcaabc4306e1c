import type { Chain, FilterStart, FilterTool, Rule, RuleOrigin, Ruleset, Table } from '../../evidence/index.ts'
import type { HostModel, NamespaceModel } from '../host.ts'
import { isUsers, ownerOf } from './owners.ts'
import { keyOf, restored, savedTables, wordsOf } from './restored.ts'

/** A machine as a reboot leaves its packet filter, and what is then gone. */
export interface Rebooted {
  readonly host: HostModel
  /** Running rules that nothing loads at boot. */
  readonly lost: readonly RuleOrigin[]
  /** Rules that a file loads at boot, and that do not run. */
  readonly gained: readonly RuleOrigin[]
  /** Base chains whose policy, which drops, nothing sets at boot. */
  readonly policies: readonly { readonly tool: string; readonly table: string; readonly chain: string }[]
}

/**
 * The packet filter of the machine's own namespace when it has started again. Programs write their rules anew; what ufw loads is in `ufw`, its
 * rules as its files say; files of rules that are loaded are in `saved`, by their paths, and are what there is then of their tables; where
 * something else may load rules of a kind, all of that kind come back. `undefined`: nothing is changed, or it cannot be told.
 */
export function rebooted(
  host: HostModel,
  start: FilterStart,
  ufw: Ruleset | undefined,
  saved: ReadonlyMap<string, Ruleset>,
): Rebooted | undefined {
  const own = host.namespaces.get(host.own)
  if (own === undefined || !start.complete) return undefined
  const loaded = new Set<string>(start.loaders.flatMap(({ loads }) => loads))
  const starting = start.loaders.some(({ program }) => program === 'ufw') ? ufw : undefined
  // Rules that cannot all be read may be any.
  if (starting !== undefined && starting.unread.length > 0) return undefined
  const left = own.filters
    .map(({ claim }) => claim.ruleset)
    .map((ruleset): Left => {
      if (!isFilterTool(ruleset.tool)) return whole(ruleset)
      if (!loaded.has(ruleset.tool)) return without(ruleset, starting)
      const tables = savedTables(ruleset.tool, start, saved)
      // Rules of ufw beside those of a file: whose chains are loaded last cannot be told.
      return tables === undefined || starting !== undefined ? whole(ruleset) : asSaved(ruleset, tables)
    })
  const gained = left.flatMap((item) => item.gained)
  const lost = left.flatMap((item) => item.lost)
  const policies = left.flatMap((item) => item.policies)
  if (lost.length + gained.length + policies.length === 0) return undefined
  const filters = own.filters.map((item, index) => ({ ...item, claim: { ...item.claim, ruleset: (left[index] as Left).ruleset } }))
  const namespace: NamespaceModel = { ...own, filters }
  return { host: { ...host, namespaces: new Map([...host.namespaces, [own.id, namespace]]) }, lost, gained, policies }
}

const TOOLS: ReadonlySet<string> = new Set<FilterTool>(['nft', 'iptables', 'ip6tables'])

function isFilterTool(tool: string): boolean {
  return TOOLS.has(tool)
}

interface Left {
  readonly ruleset: Ruleset
  readonly lost: readonly RuleOrigin[]
  readonly gained: readonly RuleOrigin[]
  readonly policies: Rebooted['policies']
}

function whole(ruleset: Ruleset): Left {
  return { ruleset, lost: [], gained: [], policies: [] }
}

/** Tables that no file has are those of a machine that has just started, with what programs write. */
function asSaved(ruleset: Ruleset, saved: readonly Table[]): Left {
  const running = new Map(ruleset.tables.map((table) => [keyOf(table), table]))
  const rest = without(
    { ...ruleset, tables: ruleset.tables.filter((table) => !saved.some((file) => keyOf(file) === keyOf(table))) },
    undefined,
  )
  const again = saved.map((file) => restored(running.get(keyOf(file)) ?? { ...file, chains: new Map() }, file))
  return {
    ruleset: { ...ruleset, tables: [...rest.ruleset.tables, ...again.map(({ table }) => table)] },
    lost: [...rest.lost, ...again.flatMap(({ lost }) => lost)],
    gained: again.flatMap(({ gained }) => gained),
    policies: [
      ...rest.policies,
      ...again.flatMap(({ table, policies }) => policies.map((chain) => ({ tool: ruleset.tool, table: table.name, chain }))),
    ],
  }
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
  return { ruleset: { ...ruleset, tables }, lost, gained: [], policies }
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
