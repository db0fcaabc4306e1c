import type { Chain, Condition, Expression, Protocol, Ruleset, Table } from '../evidence/index.ts'
import { includes } from '../network/index.ts'

/** A range of ports that all go the same way is asked about by this many of its first ports. */
const PORTS_PER_RANGE = 16

const NUMBERS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 }

const known = new WeakMap<Ruleset, Map<Protocol, ReadonlySet<number>>>()

/** The destination ports that rules translate, so that what listens behind a translation is asked about although nothing here is bound to the port. */
export function translatedPorts(ruleset: Ruleset, protocol: Protocol): ReadonlySet<number> {
  const cached = known.get(ruleset) ?? new Map<Protocol, ReadonlySet<number>>()
  known.set(ruleset, cached)
  const found = cached.get(protocol) ?? new Set(ruleset.tables.flatMap((table) => tablePorts(table, protocol)))
  cached.set(protocol, found)
  return found
}

function tablePorts(table: Table, protocol: Protocol): readonly number[] {
  const leading = new Set(
    [...table.chains.values()].filter((chain) => actions(chain).some((kind) => TRANSLATING.has(kind))).map((chain) => chain.name),
  )
  if (leading.size === 0) return []
  // The port may be asked for in the rule that jumps to the chain that translates.
  for (let before = -1; before !== leading.size; ) {
    before = leading.size
    for (const chain of table.chains.values()) if (jumps(chain).some((target) => leading.has(target))) leading.add(chain.name)
  }
  return [...leading].flatMap((name) => {
    const rules = table.chains.get(name)?.rules ?? []
    return rules.filter((rule) => mayBe(rule.expressions, protocol)).flatMap((rule) => rule.expressions.flatMap(ports))
  })
}

const TRANSLATING: ReadonlySet<string> = new Set(['dnat', 'redirect', 'tproxy'])

function flat(chain: Chain): readonly Expression[] {
  return chain.rules.flatMap((rule) =>
    rule.expressions.flatMap((item) => (item.kind === 'branch' ? item.branches.flatMap((branch) => branch.then) : [item])),
  )
}

function actions(chain: Chain): readonly string[] {
  return flat(chain).map((item) => item.kind)
}

function jumps(chain: Chain): readonly string[] {
  return flat(chain).flatMap((item) => (item.kind === 'jump' || item.kind === 'goto' ? [item.chain] : []))
}

function mayBe(expressions: readonly Expression[], protocol: Protocol): boolean {
  return expressions.every(
    (item) => item.kind !== 'match' || item.when.kind !== 'protocol' || includes(item.when.protocols, NUMBERS[protocol]),
  )
}

function ports(expression: Expression): readonly number[] {
  if (expression.kind === 'branch')
    return expression.branches.flatMap((branch) => [...conditionPorts(branch.when), ...branch.then.flatMap(targetPorts)])
  return expression.kind === 'match' ? conditionPorts(expression.when) : targetPorts(expression)
}

/** A rule that translates every port to one still has to be asked about by some port: the one that it translates to will do. */
function targetPorts(expression: Expression): readonly number[] {
  if (expression.kind === 'dnat') return expression.to.ports === undefined ? [] : [expression.to.ports.first]
  return expression.kind === 'redirect' && expression.ports !== undefined ? [expression.ports.first] : []
}

function conditionPorts(condition: Condition): readonly number[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(conditionPorts)
    case 'destination-port':
    case 'original-destination-port':
      return condition.ports.flatMap(({ first, last }) =>
        Array.from({ length: Math.min(PORTS_PER_RANGE, last - first + 1) }, (_, index) => first + index),
      )
    default:
      return []
  }
}
