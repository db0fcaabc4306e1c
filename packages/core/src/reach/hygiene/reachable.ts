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
  const actions: Action[] = []
  for (const expression of expressions) {
    if (expression.kind === 'branch') for (const { then } of expression.branches) actions.push(...then)
    else if (expression.kind !== 'match') actions.push(expression)
  }
  return actions
}

/** Of all branches. */
export function conditionsOf({ expressions }: Rule): readonly Condition[] {
  const conditions: Condition[] = []
  for (const expression of expressions) {
    if (expression.kind === 'branch') for (const { when } of expression.branches) conditions.push(when)
    else if (expression.kind === 'match') conditions.push(expression.when)
  }
  return conditions
}

interface Asked {
  protocols?: NumberSet
  ports?: PortSet
}

/** What a rule asks of protocol and destination port, where it asks for it plainly. */
export function askedOf({ expressions }: Rule): Readonly<Asked> {
  const asked: Asked = {}
  for (const expression of expressions) if (expression.kind === 'match') gather(expression.when, asked)
  return asked
}

function gather(condition: Condition, asked: Asked): void {
  if (condition.kind === 'all') for (const member of condition.of) gather(member, asked)
  else if (condition.kind === 'protocol') asked.protocols ??= condition.protocols
  else if (condition.kind === 'destination-port' || condition.kind === 'original-destination-port') asked.ports ??= condition.ports
}
