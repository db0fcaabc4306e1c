import {
  type Chain,
  type Evidence,
  includesPort,
  type PortRange,
  type Protocol,
  type Rule,
  type RuleOrigin,
  type Ruleset,
  type Socket,
  type Table,
} from '../../evidence/index.ts'
import {
  type Address,
  ALL_SOURCES,
  type Family,
  FAMILIES,
  INTERNET,
  includes,
  isLoopback,
  PRIVATE,
  type SourceSet,
  sourceSet,
  sourcesOverlap,
  union,
} from '../../network/index.ts'
import { addressesOf, type HostModel, type NamespaceModel } from '../host.ts'
import type { Walks } from '../netfilter/index.ts'
import { compile } from '../netfilter/program.ts'
import { rulesetsOf, walksOf } from '../netfilter-host.ts'
import { effectOfRule } from './effects.ts'
import { isUsers } from './owners.ts'
import { askedOf, reachableRules } from './reachable.ts'

/** A port that rules of a person's own let others come to, though nothing there takes their packets. */
export interface Opening {
  /** One, or a short range. */
  readonly ports: PortRange
  readonly protocols: readonly Protocol[]
  readonly families: readonly Family[]
  /** Those that let them in; each once. */
  readonly rules: readonly RuleOrigin[]
  /** Sockets of this machine's own use on the port, bound to loopback. */
  readonly local: readonly Evidence<Socket>[]
}

/** Longer ranges are opened for what comes and goes: calls, transfers. */
const LONGEST_RANGE = 8
/** More than this are not asked about. */
const MOST_ASKED = 64

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
 * no container publishes. Whether the rule lets anybody in is asked of the packet filter as a whole: what is translated before never comes to
 * it. `isMeant`: what is to be there although nothing listens now.
 */
export function unusedOpenings(host: HostModel, isMeant: (protocol: Protocol, port: number) => boolean): readonly Opening[] {
  const namespace = host.namespaces.get(host.own)
  if (namespace === undefined) return []
  const named = openedPorts(rulesetsOf(namespace))
  if (named.size === 0) return []
  const taken = new Set(namespace.sockets.flatMap(({ claim }) => (isLoopback(claim.address) ? [] : [`${claim.protocol} ${claim.port}`])))
  const isUsedAt = (protocol: Protocol, port: number): boolean =>
    isMeant(protocol, port) || isPublished(host, protocol, port) || taken.has(`${protocol} ${port}`)
  // Who opens a range for one of its ports means the range.
  const isUsed = (protocol: Protocol, ports: PortRange): boolean => portsIn(ports).some((port) => isUsedAt(protocol, port))
  const suspects = [...named.values()].filter(
    ({ protocol, ports }) =>
      !portsIn(ports).some((port) => BRIEF[protocol].has(port)) && !isUsed(protocol, ports) && !isPairUsed(protocol, ports, named, isUsed),
  )
  const door = new Door(namespace)
  const found = new Map<string, { ports: PortRange; protocols: Set<Protocol>; families: Set<Family>; rules: Set<RuleOrigin> }>()
  for (const { protocol, ports, rules } of suspects.slice(0, MOST_ASKED)) {
    for (const { family, rule } of door.openedBy(protocol, ports.first, rules)) {
      const key = keyOf(ports)
      const known = found.get(key) ?? { ports, protocols: new Set(), families: new Set(), rules: new Set() }
      found.set(key, known)
      known.protocols.add(protocol)
      known.families.add(family)
      known.rules.add(rule)
    }
  }
  return [...found.values()].map(({ ports, protocols, families, rules }) => ({
    ports,
    protocols: [...protocols],
    families: [...families],
    rules: [...rules],
    local: namespace.sockets.filter(({ claim }) => includesPort(ports, claim.port) && protocols.has(claim.protocol)),
  }))
}

interface Named {
  readonly protocol: Protocol
  readonly ports: PortRange
  readonly rules: Set<RuleOrigin>
}

function keyOf({ first, last }: PortRange): string {
  return `${first}-${last}`
}

function portsIn({ first, last }: PortRange): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Who asks for a port without a protocol gets both, and means the one that is used. */
function isPairUsed(
  protocol: Protocol,
  ports: PortRange,
  named: ReadonlyMap<string, Named>,
  isUsed: (protocol: Protocol, ports: PortRange) => boolean,
): boolean {
  const other: Protocol = protocol === 'tcp' ? 'udp' : 'tcp'
  return named.has(`${other} ${keyOf(ports)}`) && isUsed(other, ports)
}

/** The ports, and short ranges, that rules of a person's own accept for this machine. */
function openedPorts(rulesets: readonly Ruleset[]): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>()
  for (const { table, chain, rule } of inputRules(rulesets)) {
    if (!isUsers(rule, table, chain.name) || effectOfRule(rule, table) !== 'accept') continue
    const { protocols, ports } = askedOf(rule)
    for (const [protocol, number] of PROTOCOLS) {
      if (protocols !== undefined && !includes(protocols, number)) continue
      for (const range of ports ?? []) {
        if (range.last - range.first >= LONGEST_RANGE) continue
        const key = `${protocol} ${keyOf(range)}`
        const known = found.get(key) ?? { protocol, ports: range, rules: new Set() }
        found.set(key, known)
        known.rules.add(rule.origin)
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

function isPublished({ containers }: HostModel, protocol: Protocol, port: number): boolean {
  return containers.some(({ claim }) => claim.published.some((one) => one.protocol === protocol && includesPort(one.hostPorts, port)))
}

/** Who may come from beyond the machine. */
const BEYOND: SourceSet = sourceSet(union(INTERNET, PRIVATE))

/** The ways into the machine's own namespace from beyond it. */
class Door {
  readonly #walks: Walks
  readonly #doors: readonly { readonly address: Address; readonly inbound: string }[]
  readonly #filtered = new Map<string, boolean>()

  constructor(namespace: NamespaceModel) {
    this.#walks = walksOf(namespace)
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

  /** Asked of all senders at once, which is a smaller set than all but those that nobody has; then of those that somebody has. */
  #delivered(protocol: Protocol, port: number, destination: Address, inbound: string) {
    const { family } = destination
    return this.#walks
      .inbound({ inbound, family, protocol, destination, port, sources: ALL_SOURCES })
      .filter(({ verdict, sources }) => verdict === 'delivered' && sourcesOverlap(sources, BEYOND))
  }
}
