import type { Chain, Condition, Expression, Ruleset } from '../../src/evidence/index.ts'

/** The same as `of`, and nothing that an index may look into. */
function opaque(of: Condition): Condition {
  return { kind: 'any', of: [of] }
}

/** The same rules, each of which has to be looked at by itself. */
export function unindexed(rules: readonly Ruleset[]): readonly Ruleset[] {
  const expression = (one: Expression): Expression =>
    one.kind === 'match'
      ? { ...one, when: opaque(one.when) }
      : one.kind === 'branch'
        ? { ...one, branches: one.branches.map((branch) => ({ ...branch, when: opaque(branch.when) })) }
        : one
  const chain = (one: Chain): Chain => ({
    ...one,
    rules: one.rules.map((rule) => ({ ...rule, expressions: rule.expressions.map(expression) })),
  })
  return rules.map((ruleset) => ({
    ...ruleset,
    tables: ruleset.tables.map((table) => ({
      ...table,
      chains: new Map([...table.chains].map(([name, one]) => [name, chain(one)])),
    })),
  }))
}
