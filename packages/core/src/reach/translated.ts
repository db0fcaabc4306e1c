import type { Action, Chain, Condition, Expression, Protocol, Ruleset, Table } from '../evidence/index.ts'
import { ALL_PORTS, includes, intersection, isEmpty, NO_PORTS, otherPorts, type PortSet, unionOf } from '../network/index.ts'

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

const known = new WeakMap<Ruleset, Map<Protocol, Translated>>()

export function translatedBy(ruleset: Ruleset, protocol: Protocol): Translated {
  const cached = known.get(ruleset) ?? new Map<Protocol, Translated>()
  known.set(ruleset, cached)
  const found = cached.get(protocol) ?? {
    ports: unionOf(ruleset.tables.map((table) => tablePorts(table, protocol))),
    shifts: ruleset.tables.flatMap((table) => [...table.chains.values()].flatMap(shifts)),
  }
  cached.set(protocol, found)
  return found
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

function tablePorts(table: Table, protocol: Protocol): PortSet {
  const entered = [...table.chains.values()].filter(({ base }) => base?.hook === 'prerouting' || base?.hook === 'ingress')
  const inNat = new ChainPorts(table, protocol, true)
  const elsewhere = new ChainPorts(table, protocol, false)
  return unionOf(entered.map((chain) => (chain.base?.type === 'nat' ? inNat : elsewhere).of(chain, 0)))
}

/** For each chain of a table the ports of the packets that it may send elsewhere. */
class ChainPorts {
  readonly #table: Table
  readonly #protocol: Protocol
  readonly #nat: boolean
  readonly #known = new Map<string, PortSet>()

  constructor(table: Table, protocol: Protocol, nat: boolean) {
    this.#table = table
    this.#protocol = protocol
    this.#nat = nat
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
      if (expression.kind === 'match') asked = intersection(asked, conditionPorts(expression.when, this.#protocol))
      else if (expression.kind === 'branch')
        for (const { when, then } of expression.branches) {
          const here = intersection(asked, conditionPorts(when, this.#protocol))
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

/** The ports for which the condition may hold. */
function conditionPorts(condition: Condition, protocol: Protocol): PortSet {
  switch (condition.kind) {
    case 'all':
      return condition.of.reduce<PortSet>((all, one) => intersection(all, conditionPorts(one, protocol)), ALL_PORTS)
    case 'any':
      return unionOf(condition.of.map((one) => conditionPorts(one, protocol)))
    case 'not':
      return condition.of.kind === 'destination-port' ? otherPorts(condition.of.ports) : ALL_PORTS
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
