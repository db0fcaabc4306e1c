import { type Condition, type Expression, show } from '../../evidence/index.ts'
import { all, any } from './conditions.ts'

const EXPECTED = show(
  'a connection that a helper of the connection tracker expects (of FTP, SIP …) is related to another from its first packet on',
)

/**
 * Rules of a ruleset that gives connections a helper, or has some expected. The first packet of a connection is then `related` instead of
 * `new` where what another one said announced it (init_conntrack in nf_conntrack_core.c), which no plain packet is.
 */
export function withExpected(expressions: readonly Expression[]): readonly Expression[] {
  return expressions.map((expression): Expression => {
    if (expression.kind === 'match') return { ...expression, when: perhapsExpected(expression.when) }
    if (expression.kind !== 'branch') return expression
    return { ...expression, branches: expression.branches.map((branch) => ({ ...branch, when: perhapsExpected(branch.when) })) }
  })
}

function perhapsExpected(condition: Condition): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map(perhapsExpected) }
    case 'not':
      return { ...condition, of: perhapsExpected(condition.of) }
    case 'ct-state': {
      const [isNew, isRelated] = (['new', 'related'] as const).map((state) => condition.states.includes(state))
      if (isNew === isRelated) return condition
      const expected = (plain: boolean): Condition => ({ kind: 'circumstance', plain, text: EXPECTED })
      return isRelated ? any(condition, expected(false)) : all(condition, expected(true))
    }
    default:
      return condition
  }
}
