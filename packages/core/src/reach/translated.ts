import type { Action, Chain, Condition, Expression, Hook, Protocol, Ruleset, Table } from '../evidence/index.ts'
import {
  type Address,
  ALL_PORTS,
  type Family,
  formatPortSet,
  hasAddress,
  includes,
  intersection,
  isEmpty,
  NO_PORTS,
  otherPorts,
  positionOf,
  type PortSet,
  sameSet,
  unionOf,
} from '../network/index.ts'

const NUMBERS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 }

/** A range of ports that is mapped one to one: `from + n` becomes `to + n`, for `count` ports. */
export interface Shift {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** What the rules of a namespace do to the destination of packets that come in. */
export interface Translated {
  /** The ports whose packets they may send to another address, port or socket: these and perhaps more. */
  readonly ports: PortSet
  readonly shifts: readonly Shift[]
}

/** What a packet is sent to. */
export interface SentTo {
  readonly address: Address
  /** The namespace takes packets for it (`addrtype LOCAL`). */
  readonly local: boolean
}

const known = new WeakMap<Ruleset, Map<string, Translated>>()

/** The hooks by which packets begin: those that came in, or those of the namespace's own, which may come back by lo. */
const FIRST: Readonly<Record<Begun, ReadonlySet<Hook>>> = {
  received: new Set<Hook>(['ingress', 'prerouting']),
  sent: new Set<Hook>(['output', 'ingress', 'prerouting']),
}

export type Begun = 'received' | 'sent'

/** Of packets to any address, or to one, which only holds where nothing `rewrites`. Equal sets of ports for several addresses are one and the same. */
export function translatedBy(ruleset: Ruleset, protocol: Protocol, to?: SentTo, begun: Begun = 'received'): Translated {
  const cached = known.get(ruleset) ?? new Map<string, Translated>()
  known.set(ruleset, cached)
  const all = lookUp(cached, `${begun} ${protocol}`, () => ({
    ports: portsOf(ruleset, protocol, undefined, begun),
    shifts: ruleset.tables.flatMap((table) => [...table.chains.values()].flatMap(shifts)),
  }))
  if (to === undefined || isEmpty(all.ports)) return all
  return lookUp(cached, `${begun} ${protocol} ${positionOf(to.address)} ${to.local}`, () => {
    const ports = portsOf(ruleset, protocol, to, begun)
    return lookUp(cached, `${begun} ${protocol} at ${formatPortSet(ports).join()}`, () =>
      sameSet(ports, all.ports) ? all : { ...all, ports },
    )
  })
}

function lookUp(cached: Map<string, Translated>, key: string, find: () => Translated): Translated {
  const found = cached.get(key) ?? find()
  cached.set(key, found)
  return found
}

function portsOf({ tables }: Ruleset, protocol: Protocol, to: SentTo | undefined, begun: Begun): PortSet {
  return unionOf(tables.map((table) => tablePorts(table, protocol, to, begun)))
}

/** Whether a packet may have another destination when the rules of a nat chain are asked than it was sent to. */
export function rewrites({ tables }: Ruleset): boolean {
  const writes = (expression: Expression): boolean =>
    expression.kind === 'branch' ? expression.branches.some(({ then }) => then.some(writes)) : expression.kind === 'rewrite'
  return tables.some(({ chains }) => [...chains.values()].some(({ rules }) => rules.some(({ expressions }) => expressions.some(writes))))
}

/** The ports that become one of these, those themselves among them, by as many mappings one after another as there are. */
export function mappedOnto(ports: ReadonlySet<number>, shifts: readonly Shift[]): ReadonlySet<number> {
  const found = new Set(ports)
  // What is added meanwhile is looked at too.
  for (const port of found) for (const { from, to, count } of shifts) if (port >= to && port < to + count) found.add(from + port - to)
  return found
}

/** Jumps beyond are not followed (NFT_JUMP_STACK_SIZE): what lies there may do anything. */
const DEEPEST = 16

const OTHER_FAMILY: Readonly<Record<Family, string>> = { 4: 'ip6', 6: 'ip' }

function tablePorts(table: Table, protocol: Protocol, to: SentTo | undefined, begun: Begun): PortSet {
  if (to !== undefined && table.family === OTHER_FAMILY[to.address.family]) return NO_PORTS
  const entered = [...table.chains.values()].filter(({ base }) => base !== undefined && FIRST[begun].has(base.hook))
  const inNat = new ChainPorts(table, protocol, true, to)
  // Behind a nat chain a packet may have another destination already.
  const elsewhere = new ChainPorts(table, protocol, false, undefined)
  return unionOf(entered.map((chain) => (chain.base?.type === 'nat' ? inNat : elsewhere).of(chain, 0)))
}

/** For each chain of a table the ports of the packets that it may send elsewhere. */
class ChainPorts {
  readonly #table: Table
  readonly #protocol: Protocol
  readonly #nat: boolean
  readonly #to: SentTo | undefined
  readonly #known = new Map<string, PortSet>()

  constructor(table: Table, protocol: Protocol, nat: boolean, to: SentTo | undefined) {
    this.#table = table
    this.#protocol = protocol
    this.#nat = nat
    this.#to = to
  }

  of(chain: Chain, depth: number): PortSet {
    if (depth > DEEPEST) return ALL_PORTS
    const before = this.#known.get(chain.name)
    if (before !== undefined) return before
    // A circle adds nothing that is not in it already.
    this.#known.set(chain.name, NO_PORTS)
    const all = unionOf(chain.rules.map(({ expressions }) => this.#ofRule(expressions, depth)))
    this.#known.set(chain.name, all)
    return all
  }

  #ofRule(expressions: readonly Expression[], depth: number): PortSet {
    let asked: PortSet = ALL_PORTS
    const found: PortSet[] = []
    for (const expression of expressions) {
      if (expression.kind === 'match') asked = intersection(asked, conditionPorts(expression.when, this.#protocol, this.#to))
      else if (expression.kind === 'branch')
        for (const { when, then } of expression.branches) {
          const here = intersection(asked, conditionPorts(when, this.#protocol, this.#to))
          for (const action of then) found.push(intersection(here, this.#ofAction(action, depth)))
        }
      else found.push(intersection(asked, this.#ofAction(expression, depth)))
      if (isEmpty(asked)) break
    }
    return unionOf(found)
  }

  #ofAction(action: Action, depth: number): PortSet {
    switch (action.kind) {
      case 'dnat':
      case 'redirect':
      case 'tproxy':
      case 'rewrite':
        return ALL_PORTS
      case 'unknown':
        return this.#nat ? ALL_PORTS : NO_PORTS
      case 'jump':
      case 'goto': {
        const chain = this.#table.chains.get(action.chain)
        return chain === undefined ? NO_PORTS : this.of(chain, depth + 1)
      }
      default:
        return NO_PORTS
    }
  }
}

/** The ports for which the condition may hold, of packets to that address. */
function conditionPorts(condition: Condition, protocol: Protocol, to: SentTo | undefined): PortSet {
  switch (condition.kind) {
    case 'all':
      return condition.of.reduce<PortSet>((all, one) => intersection(all, conditionPorts(one, protocol, to)), ALL_PORTS)
    case 'any':
      return unionOf(condition.of.map((one) => conditionPorts(one, protocol, to)))
    case 'not':
      if (condition.of.kind === 'destination')
        return to !== undefined && hasAddress(condition.of.addresses, to.address) ? NO_PORTS : ALL_PORTS
      return condition.of.kind === 'destination-port' ? otherPorts(condition.of.ports) : ALL_PORTS
    case 'destination':
      return to === undefined || hasAddress(condition.addresses, to.address) ? ALL_PORTS : NO_PORTS
    case 'address-type':
      return to?.local === false && condition.of === 'destination' && condition.types.every((type) => type === 'local')
        ? NO_PORTS
        : ALL_PORTS
    case 'destination-port':
      return condition.ports
    case 'protocol':
      return includes(condition.protocols, NUMBERS[protocol]) ? ALL_PORTS : NO_PORTS
    default:
      return ALL_PORTS
  }
}

function shifts({ rules }: Chain): readonly Shift[] {
  const of = (expression: Expression): readonly Shift[] => {
    if (expression.kind === 'branch') return expression.branches.flatMap(({ then }) => then.flatMap(of))
    if (expression.kind !== 'dnat') return []
    const { base, ports } = expression.to
    return base === undefined || ports === undefined ? [] : [{ from: base, to: ports.first, count: ports.last - ports.first + 1 }]
  }
  return rules.flatMap(({ expressions }) => expressions.flatMap(of))
}
