import type { Chain, FilterStart, FilterTool, Rule, RuleOrigin, Ruleset, Table } from '../../evidence/index.ts'
import { isUsers, ownerOf } from './owners.ts'

/** A table as it is after a boot, and what of it is not as it runs now. */
export interface Restored {
  readonly table: Table
  readonly lost: readonly RuleOrigin[]
  /** Base chains, by name, that drop now and then accept. */
  readonly policies: readonly string[]
  /** Rules that the file loads and that do not run. */
  readonly gained: readonly RuleOrigin[]
}

/** Tables that iptables-nft has in nft too: whose they are after a boot cannot be told where nft loads them (nft(8), `list ruleset`). */
const SHARED: ReadonlySet<string> = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

/**
 * What the files load that hold rules of this tool. `undefined`: something else may load rules of it, two files load the same table, or one of
 * them was not understood.
 */
export function savedTables(tool: string, { loaders }: FilterStart, saved: ReadonlyMap<string, Ruleset>): readonly Table[] | undefined {
  const loading = loaders.filter(({ loads }) => loads.some((one: FilterTool) => one === tool))
  const files = loading.map(({ origin }) => (origin === undefined ? undefined : saved.get(origin.path)))
  const tables: Table[] = []
  for (const file of files) {
    if (file === undefined || file.unread.length > 0) return undefined
    if (file.tool === tool) tables.push(...file.tables)
    if (file.tool === 'nft' && file.tables.some(({ family, name }) => family.startsWith('ip') && SHARED.has(name))) return undefined
  }
  return files.length === 0 || new Set(tables.map(keyOf)).size < tables.length ? undefined : tables
}

/** One name within one family. */
export function keyOf({ family, name }: Table): string {
  return `${family} ${name}`
}

/** The table that a file loads, with what programs write into it again when they start. */
export function restored(running: Table, file: Table): Restored {
  const lost: RuleOrigin[] = []
  const gained: RuleOrigin[] = []
  const policies: string[] = []
  const chains = new Map<string, Chain>()
  for (const [name, then] of file.chains) {
    const now = running.chains.get(name)
    // What a program makes of its chains when it starts is what it has made of them now, whatever was saved.
    if (now !== undefined && ownerOf(running, name) !== undefined) {
      chains.set(name, now)
      continue
    }
    const programs = (now?.rules ?? []).filter((rule) => !isUsers(rule, running, name))
    const before = (now?.rules ?? []).filter((rule) => isUsers(rule, running, name))
    const after = programs.length === 0 ? then.rules : then.rules.filter((rule) => isUsers(rule, file, name))
    const [ran, loads] = [before, after].map((rules) => new Set(rules.map(wordsOf))) as [Set<string>, Set<string>]
    lost.push(...before.filter((rule) => !loads.has(wordsOf(rule))).map(({ origin }) => origin))
    gained.push(...after.filter((rule) => !ran.has(wordsOf(rule)) && isUsers(rule, file, name)).map(({ origin }) => origin))
    if (now?.base?.policy === 'drop' && then.base?.policy === 'accept') policies.push(name)
    const isSame = before.length === after.length && before.every((rule, index) => wordsOf(rule) === wordsOf(after[index] as Rule))
    // Docker puts its rules before what is there, and those of nat behind it (moby, libnetwork/iptables: Insert, Append).
    const rules = isSame && now !== undefined ? now.rules : then.base?.type === 'nat' ? [...after, ...programs] : [...programs, ...after]
    chains.set(name, { ...then, rules })
  }
  for (const [name, now] of running.chains) {
    if (chains.has(name)) continue
    if (ownerOf(running, name) !== undefined) chains.set(name, now)
    else {
      const programs = now.rules.filter((rule) => !isUsers(rule, running, name))
      lost.push(...now.rules.filter((rule) => isUsers(rule, running, name)).map(({ origin }) => origin))
      if (programs.length > 0) chains.set(name, { ...now, rules: programs })
      if (now.base?.policy === 'drop' && programs.length === 0) policies.push(name)
    }
  }
  return { table: { ...file, chains }, lost, policies, gained }
}

/** What a rule asks and does, as a text that is the same for the same. */
export function wordsOf({ expressions }: Rule): string {
  return JSON.stringify(expressions, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
}
