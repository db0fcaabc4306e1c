import type { Chain, Rule, Table, TableFamily } from '../../evidence/index.ts'
import { type Family, overlaps, sameAddress, sourceAddresses } from '../../network/index.ts'
import {
  type Blocked,
  computeReach,
  endpointKey,
  type EndpointReach,
  type HostModel,
  type NamespaceModel,
  type PathStep,
  type Upstream,
} from '../../reach/index.ts'

/** What keeps some packets out: the step that stops them, and each that would if those before it were gone. */
export interface Obstacles {
  /** At least one: the first, which does stop them. */
  readonly stops: readonly Stop[]
  /** What becomes of the packets once none of these stops them. `stopped`: something that no rule decides keeps them out, or too many do. */
  readonly then: 'open' | 'maybe' | 'stopped'
}

export interface Stop {
  /** The whole way to it. */
  readonly path: readonly PathStep[]
  readonly step: PathStep
  /** It surely stops them, rather than may. */
  readonly certain: boolean
}

/** Rules that are taken away one after the other; more are not followed. */
const MOST_STOPS = 12

/** What was found already: the words and the advice ask for the same, and each answer is a computation for every rule that is taken away. */
const known = new WeakMap<Blocked, Obstacles>()

/** Takes away what stops the packets, rule by rule and policy by policy, and computes each time what becomes of them then. `host`: the one that they were computed for. */
export function obstaclesOf(blocked: Blocked, reach: EndpointReach, host: HostModel, upstream: Upstream): Obstacles {
  const found = known.get(blocked) ?? find(blocked, reach, host, upstream)
  known.set(blocked, found)
  return found
}

function find(blocked: Blocked, { endpoint }: EndpointReach, host: HostModel, upstream: Upstream): Obstacles {
  const stops: Stop[] = []
  const ports = new Set([blocked.at.port])
  let model = host
  let item: Blocked | undefined = blocked
  let certain = true
  while (item !== undefined && stops.length < MOST_STOPS) {
    const step = item.path.at(-1)
    if (step === undefined) break
    stops.push({ path: item.path, step, certain })
    const without = withoutStop(model, step, item.family)
    if (without === undefined) return { stops, then: 'stopped' }
    model = without
    const found = computeReach(model, upstream, ports).find((reach) => endpointKey(reach.endpoint) === endpointKey(endpoint))
    const ways = (found?.ways ?? []).filter((way) => isAlike(way, blocked))
    certain = ways.length === 0
    item = found?.blocked.find((other) => isAlike(other, blocked))
    if (item === undefined)
      return { stops, then: ways.some(({ certainty }) => certainty === 'open') ? 'open' : ways.length > 0 ? 'maybe' : 'stopped' }
  }
  return { stops, then: 'stopped' }
}

type Sent = Pick<Blocked, 'sender' | 'family' | 'at' | 'entry' | 'sources'>

function isAlike(one: Sent, other: Sent): boolean {
  return (
    one.sender === other.sender &&
    one.family === other.family &&
    one.at.port === other.at.port &&
    sameAddress(one.at.address, other.at.address) &&
    one.entry.namespace === other.entry.namespace &&
    one.entry.device === other.entry.device &&
    overlaps(sourceAddresses(one.sources), sourceAddresses(other.sources))
  )
}

/** The machine as it would be if the step did not stop anything. `undefined`: no rule and no policy of a chain does. */
function withoutStop(host: HostModel, stop: PathStep, family: Family): HostModel | undefined {
  if (stop.kind !== 'netfilter') return undefined
  const { step } = stop
  const namespace = host.namespaces.get(stop.namespace)
  if (namespace === undefined || (step.kind !== 'rule' && step.kind !== 'policy')) return undefined
  const changed = changedChains(namespace, (chain, table, tool) => {
    if (step.kind === 'rule') return withoutRule(chain, step.origin)
    const isIt = tool === step.tool && table.name === step.table && chain.name === step.chain && FAMILIES_OF[family].includes(table.family)
    return isIt && chain.base?.hook === step.hook ? { ...chain, base: { ...chain.base, policy: 'accept' } } : chain
  })
  return changed === undefined ? undefined : { ...host, namespaces: new Map([...host.namespaces, [namespace.id, changed]]) }
}

const FAMILIES_OF: Readonly<Record<Family, readonly TableFamily[]>> = { 4: ['ip', 'inet'], 6: ['ip6', 'inet'] }

/** The rule stays where it is and does nothing. */
function withoutRule(chain: Chain, origin: Rule['origin']): Chain {
  return chain.rules.some((rule) => rule.origin === origin)
    ? { ...chain, rules: chain.rules.map((rule) => (rule.origin === origin ? { ...rule, expressions: [] } : rule)) }
    : chain
}

function changedChains(namespace: NamespaceModel, change: (chain: Chain, table: Table, tool: string) => Chain): NamespaceModel | undefined {
  let isChanged = false
  const filters = namespace.filters.map((item) => {
    const { ruleset } = item.claim
    const tables = ruleset.tables.map((table) => {
      const chains = new Map([...table.chains].map(([name, chain]) => [name, change(chain, table, ruleset.tool)]))
      if ([...chains].every(([name, chain]) => table.chains.get(name) === chain)) return table
      isChanged = true
      return { ...table, chains }
    })
    return { ...item, claim: { ...item.claim, ruleset: { ...ruleset, tables } } }
  })
  return isChanged ? { ...namespace, filters } : undefined
}
