import type { Action, Chain, Condition, Rule, Table } from '../../evidence/index.ts'
import type { NumberSet, PortSet } from '../../network/index.ts'

export interface ReachableRule {
  readonly table: Table
  readonly chain: Chain
  readonly rule: Rule
}

/** The rules of the chains and of all that they call, each once. */
export function reachableRules(chains: readonly (readonly [Table, Chain])[]): readonly ReachableRule[] {
  const seen = new Set<Chain>()
  const waiting = [...chains]
  const found: ReachableRule[] = []
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const [table, chain] = at
    if (seen.has(chain)) continue
    seen.add(chain)
    for (const rule of chain.rules) {
      found.push({ table, chain, rule })
      for (const action of actionsOf(rule)) {
        const called = action.kind === 'jump' || action.kind === 'goto' ? table.chains.get(action.chain) : undefined
        if (called !== undefined) waiting.push([table, called])
      }
    }
  }
  return found
}

/** Of all branches. */
export function actionsOf({ expressions }: Rule): readonly Action[] {
  return expressions.flatMap((expression): readonly Action[] => {
    if (expression.kind === 'match') return []
    return expression.kind === 'branch' ? expression.branches.flatMap(({ then }) => then) : [expression]
  })
}

/** Of all branches. */
export function conditionsOf({ expressions }: Rule): readonly Condition[] {
  return expressions.flatMap((expression) => {
    if (expression.kind === 'branch') return expression.branches.map(({ when }) => when)
    return expression.kind === 'match' ? [expression.when] : []
  })
}

/** What a rule asks of protocol and destination port, where it asks for it plainly. */
export function askedOf({ expressions }: Rule): { readonly protocols?: NumberSet; readonly ports?: PortSet } {
  const plain = expressions.flatMap((expression) => (expression.kind === 'match' ? membersOf(expression.when) : []))
  const [protocols] = plain.flatMap((condition) => (condition.kind === 'protocol' ? [condition.protocols] : []))
  const [ports] = plain.flatMap((condition) =>
    condition.kind === 'destination-port' || condition.kind === 'original-destination-port' ? [condition.ports] : [],
  )
  return { ...(protocols === undefined ? {} : { protocols }), ...(ports === undefined ? {} : { ports }) }
}

function membersOf(condition: Condition): readonly Condition[] {
  return condition.kind === 'all' ? condition.of.flatMap(membersOf) : [condition]
}
