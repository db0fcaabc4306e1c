import type { Hook, Protocol } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import type { Blocked, HostModel, PathStep } from '../../reach/index.ts'
import type { Obstacles, Stop } from './obstacles.ts'
import { shellWord } from '../../systems/index.ts'

/** A base chain that has something to say against the packets, by the words of its tool. */
interface Place {
  readonly tool: string
  /** As the tool names it: `filter`, `inet filter`. */
  readonly table: string
  readonly chain: string
  readonly hook: Hook
}

/**
 * Shell commands after which the packets come through: an accept at the top of every base chain that would stop them, for everybody. Empty
 * where something else than a rule or a policy keeps them out, or nobody knows what becomes of them then.
 */
export function openingCommands(blocked: Blocked, { stops, then }: Obstacles, protocol: Protocol, host: HostModel): readonly string[] {
  if (then !== 'open') return []
  const commands = stops.map((stop) => commandFor(stop, blocked, protocol, host))
  return commands.includes(undefined) ? [] : [...new Set(commands.flatMap((command) => command ?? []))]
}

function commandFor(stop: Stop, blocked: Blocked, protocol: Protocol, host: HostModel): string | undefined {
  const place = placeOf(stop, blocked.family, host)
  if (place === undefined) return undefined
  const isTranslated = stop.path.some(isTranslation)
  // What is forwarded as it came goes to a container's own address, which is not what anybody publishes.
  if (place.hook === 'forward' && !isTranslated) return undefined
  const port = portAt(stop.path, blocked)
  if (place.tool === 'nft') {
    const match =
      place.hook === 'forward' ? `meta l4proto ${protocol} ct original proto-dst ${blocked.at.port}` : `${protocol} dport ${port}`
    return `nft ${shellWord(`insert rule ${place.table} ${place.chain} ${match} accept`)}`
  }
  // ufw keeps its own rules, and loads them at each start.
  if (isUfws(stop, place, host)) return `ufw prepend allow ${port}/${protocol}`
  const match =
    place.hook === 'forward' ? `-p ${protocol} -m conntrack --ctorigdstport ${blocked.at.port}` : `-p ${protocol} --dport ${port}`
  const table = place.table === 'filter' ? '' : `-t ${place.table} `
  const chain = stop.path.some((step) => chainOf(step) === 'DOCKER-USER') ? 'DOCKER-USER' : place.chain
  return place.tool === 'iptables' || place.tool === 'ip6tables' ? `${place.tool} ${table}-I ${chain} ${match} -j ACCEPT` : undefined
}

function isTranslation(step: PathStep): boolean {
  return step.kind === 'netfilter' && step.step.kind === 'translate'
}

function chainOf(step: PathStep): string | undefined {
  return step.kind === 'netfilter' && step.step.kind === 'rule' ? step.step.origin.chain : undefined
}

/** The port that the packet has when it is stopped. */
function portAt(path: readonly PathStep[], { at }: Blocked): number {
  const last = path.findLast(isTranslation)
  return last?.kind === 'netfilter' && last.step.kind === 'translate' ? last.step.port : at.port
}

/** In a chain of ufw's, or at the end of the built-in one that leads to them. */
function isUfws({ step }: Stop, { tool, table, chain }: Place, host: HostModel): boolean {
  if (step.kind !== 'netfilter' || chain !== 'INPUT') return false
  const own = /^ufw6?-/
  const stopped = chainOf(step)
  if (stopped !== undefined) return own.test(stopped)
  const rulesets = host.namespaces.get(step.namespace)?.filters.map(({ claim }) => claim.ruleset) ?? []
  const rules = rulesets
    .filter((ruleset) => ruleset.tool === tool)
    .flatMap((ruleset) => ruleset.tables.find(({ name }) => name === table)?.chains.get(chain)?.rules ?? [])
  return rules.some(({ expressions }) => expressions.some((each) => each.kind === 'jump' && own.test(each.chain)))
}

/** The base chain that leads to the stop: the first of the same table that the packet met on the hook. */
function placeOf({ path, step }: Stop, family: Family, host: HostModel): Place | undefined {
  if (step.kind !== 'netfilter') return undefined
  const stop = step.step
  if (stop.kind === 'policy') {
    const tables = host.namespaces.get(step.namespace)?.filters.flatMap(({ claim }) => claim.ruleset.tables) ?? []
    const table = tables.find(
      (each) =>
        each.name === stop.table && each.chains.has(stop.chain) && (each.family === 'inet' || each.family === `ip${family === 4 ? '' : 6}`),
    )
    const name = stop.tool === 'nft' ? `${table?.family} ${stop.table}` : stop.table
    return table === undefined ? undefined : { tool: stop.tool, table: name, chain: stop.chain, hook: stop.hook }
  }
  if (stop.kind !== 'rule') return undefined
  const { tool, table } = stop.origin
  const first = path.find(
    (each) =>
      each.kind === 'netfilter' &&
      each.namespace === step.namespace &&
      each.step.kind === 'rule' &&
      each.step.hook === stop.hook &&
      each.step.origin.tool === tool &&
      each.step.origin.table === table,
  )
  const chain = first === undefined ? undefined : chainOf(first)
  return chain === undefined ? undefined : { tool, table, chain, hook: stop.hook }
}
