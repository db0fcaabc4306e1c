import {
  type Chain,
  type Evidence,
  type Protocol,
  type Rule,
  type RuleOrigin,
  type Ruleset,
  type Socket,
  type Table,
} from '../../evidence/index.ts'
import {
  type Address,
  type Family,
  FAMILIES,
  FAMILY_ADDRESSES,
  INTERNET,
  intersection,
  includes,
  isLoopback,
  portSet,
  PRIVATE,
  type PortSet,
  sourceSet,
  union,
  unionOf,
} from '../../network/index.ts'
import { addressesOf, type HostModel, type NamespaceModel } from '../host.ts'
import { Walks } from '../netfilter/index.ts'
import { compile } from '../netfilter/program.ts'
import { describeNamespace } from '../netfilter-host.ts'
import { effectOfRule } from './effects.ts'
import { isUsers } from './owners.ts'
import { actionsOf, askedOf, reachableRules } from './reachable.ts'

/** A port that rules of a person's own let others come to, though nothing there takes their packets. */
export interface Opening {
  readonly port: number
  readonly protocols: readonly Protocol[]
  readonly families: readonly Family[]
  /** Those that let them in; each once. */
  readonly rules: readonly RuleOrigin[]
  /** Sockets of this machine's own use on the port, bound to loopback. */
  readonly local: readonly Evidence<Socket>[]
}

/** Longer ranges are opened for what comes and goes: calls, transfers. */
const LONGEST_RANGE = 8
/** More ports than this are not asked about. */
const MOST_PORTS = 256

/** Where answers and announcements come in to programs that need not listen all the time: DHCP, NetBIOS, IKE, SSDP, mDNS, LLMNR. */
const BRIEF: Readonly<Record<Protocol, ReadonlySet<number>>> = {
  tcp: new Set([113]),
  udp: new Set([68, 137, 138, 500, 546, 1900, 4500, 5353, 5355]),
}

const PROTOCOLS: readonly (readonly [Protocol, number])[] = [
  ['tcp', 6],
  ['udp', 17],
]

/** Ports that hardly any rule names: whether an unnamed one is let in shows whether there is a filter at all. */
const UNNAMED: readonly number[] = [9, 47, 1023, 33_999, 61_111]

/**
 * Ports of the machine's own that are open from beyond it by a rule of a person's own, with no socket behind them, or one on loopback alone, and that
 * no container publishes and no rule translates. Whether the rule lets anybody in is asked of the packet filter as a whole. `isMeant`:
 * what is to be there although nothing listens now.
 */
export function unusedOpenings(host: HostModel, isMeant: (protocol: Protocol, port: number) => boolean): readonly Opening[] {
  const namespace = host.namespaces.get(host.own)
  if (namespace === undefined) return []
  const rulesets = namespace.filters.map(({ claim }) => claim.ruleset)
  const named = openedPorts(rulesets)
  if (named.size === 0) return []
  const translated = translatedPorts(rulesets)
  const taken = new Set(namespace.sockets.flatMap(({ claim }) => (isLoopback(claim.address) ? [] : [`${claim.protocol} ${claim.port}`])))
  const isUsed = (protocol: Protocol, port: number): boolean =>
    isMeant(protocol, port) || includes(translated, port) || isPublished(host, protocol, port) || taken.has(`${protocol} ${port}`)
  const isSuspect = (protocol: Protocol, port: number): boolean =>
    named.get(`${protocol} ${port}`) !== undefined && !BRIEF[protocol].has(port) && !isUsed(protocol, port)
  // Who asks for a port without a protocol gets both, and means the one that is used.
  const suspects = [...named.values()].filter(
    ({ protocol, port }) => isSuspect(protocol, port) && !isPairUsed(protocol, port, named, isUsed),
  )
  const door = new Door(namespace, rulesets)
  const found = new Map<number, { protocols: Set<Protocol>; families: Set<Family>; rules: Set<RuleOrigin> }>()
  for (const { protocol, port, rules } of suspects.slice(0, MOST_PORTS)) {
    for (const { family, rule } of door.openedBy(protocol, port, rules)) {
      const known = found.get(port) ?? { protocols: new Set(), families: new Set(), rules: new Set() }
      found.set(port, known)
      known.protocols.add(protocol)
      known.families.add(family)
      known.rules.add(rule)
    }
  }
  return [...found].map(([port, { protocols, families, rules }]) => ({
    port,
    protocols: [...protocols],
    families: [...families],
    rules: [...rules],
    local: namespace.sockets.filter(({ claim }) => claim.port === port && protocols.has(claim.protocol)),
  }))
}

interface Named {
  readonly protocol: Protocol
  readonly port: number
  readonly rules: Set<RuleOrigin>
}

function isPairUsed(
  protocol: Protocol,
  port: number,
  named: ReadonlyMap<string, Named>,
  isUsed: (protocol: Protocol, port: number) => boolean,
): boolean {
  const other: Protocol = protocol === 'tcp' ? 'udp' : 'tcp'
  return named.has(`${other} ${port}`) && isUsed(other, port)
}

/** The single ports, and short ranges, that rules of a person's own accept for this machine. */
function openedPorts(rulesets: readonly Ruleset[]): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>()
  for (const { table, chain, rule } of inputRules(rulesets)) {
    if (!isUsers(rule, table, chain.name) || effectOfRule(rule, table) !== 'accept') continue
    const { protocols, ports } = askedOf(rule)
    for (const [protocol, number] of PROTOCOLS) {
      if (protocols !== undefined && !protocols.some(({ first, last }) => first <= number && number <= last)) continue
      for (const { first, last } of ports ?? []) {
        if (last - first >= LONGEST_RANGE) continue
        for (let port = first; port <= last; port++) {
          const known = found.get(`${protocol} ${port}`) ?? { protocol, port, rules: new Set() }
          found.set(`${protocol} ${port}`, known)
          known.rules.add(rule.origin)
        }
      }
    }
  }
  return found
}

interface PlacedRule {
  readonly table: Table
  readonly chain: Chain
  readonly rule: Rule
}

function inputRules(rulesets: readonly Ruleset[]): readonly PlacedRule[] {
  const program = compile(rulesets)
  const chains = new Set(FAMILIES.flatMap((family) => program.chains(family, 'input')))
  return [
    ...new Map([...chains].flatMap(({ table, chain }) => reachableRules([[table, chain]])).map((placed) => [placed.rule, placed])).values(),
  ]
}

/** Ports that rules send elsewhere. */
function translatedPorts(rulesets: readonly Ruleset[]): PortSet {
  const rules = rulesets.flatMap(({ tables }) => tables.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules)))
  return unionOf(
    rules
      .flatMap((rule) => (actionsOf(rule).some(({ kind }) => TRANSLATING.has(kind)) ? (askedOf(rule).ports ?? []) : []))
      .map((range) => portSet([range.first, range.last])),
  )
}

const TRANSLATING: ReadonlySet<string> = new Set(['dnat', 'redirect', 'tproxy', 'rewrite'])

function isPublished({ containers }: HostModel, protocol: Protocol, port: number): boolean {
  return containers.some(({ claim }) =>
    claim.published.some((one) => one.protocol === protocol && one.hostPorts.first <= port && port <= one.hostPorts.last),
  )
}

/** The ways into the machine's own namespace from beyond it. */
class Door {
  readonly #walks: Walks
  readonly #doors: readonly { readonly address: Address; readonly inbound: string }[]
  readonly #filtered = new Map<string, boolean>()

  constructor(namespace: NamespaceModel, rulesets: readonly Ruleset[]) {
    this.#walks = new Walks(rulesets, describeNamespace(namespace))
    const found = new Map<string, { readonly address: Address; readonly inbound: string }>()
    for (const { address, device } of addressesOf(namespace))
      if (!device.loopback && !isLoopback(address) && !found.has(`${device.name} ${address.family}`))
        found.set(`${device.name} ${address.family}`, { address, inbound: device.name })
    this.#doors = [...found.values()]
  }

  /** The rules among these that let somebody come to the port, who could not come to any port. */
  openedBy(
    protocol: Protocol,
    port: number,
    rules: ReadonlySet<RuleOrigin>,
  ): readonly { readonly family: Family; readonly rule: RuleOrigin }[] {
    return this.#doors.flatMap(({ address, inbound }) => {
      const opened = this.#acceptedBy(protocol, port, address, inbound).filter((rule) => rules.has(rule))
      return opened.length > 0 && this.#isFiltered(protocol, address, inbound)
        ? opened.map((rule) => ({ family: address.family, rule }))
        : []
    })
  }

  #isFiltered(protocol: Protocol, address: Address, inbound: string): boolean {
    const key = `${protocol} ${inbound} ${address.family}`
    const known = this.#filtered.get(key) ?? UNNAMED.some((port) => this.#delivered(protocol, port, address, inbound).length === 0)
    this.#filtered.set(key, known)
    return known
  }

  #acceptedBy(protocol: Protocol, port: number, address: Address, inbound: string): readonly RuleOrigin[] {
    return this.#delivered(protocol, port, address, inbound).flatMap(({ trail }) => {
      const last = trail.findLast((step) => step.kind === 'rule' && step.effect === 'accept' && step.hook === 'input')
      return last?.kind === 'rule' ? [last.origin] : []
    })
  }

  #delivered(protocol: Protocol, port: number, destination: Address, inbound: string) {
    const { family } = destination
    const sources = sourceSet(intersection(FAMILY_ADDRESSES[family], union(INTERNET, PRIVATE)))
    return this.#walks.inbound({ inbound, family, protocol, destination, port, sources }).filter(({ verdict }) => verdict === 'delivered')
  }
}
