import type { Action, Condition, Expression, Rule } from '../../evidence/index.ts'
import { type AddressSet, ALL_ADDRESSES, intersection, sourceAddresses } from '../../network/index.ts'
import { regionOf } from './condition.ts'
import type { State } from './state.ts'
import type { NetfilterHost } from './types.ts'

/** What such rules do with a packet. */
export type End = 'accept' | 'drop' | 'reject' | 'return'

const ENDS: ReadonlySet<Expression['kind']> = new Set<End>(['accept', 'drop', 'reject', 'return'])

export type EndAction = Action & { readonly kind: End }

/** A rule whose conditions the source alone, or nothing known, decides. */
export interface PlainRule {
  readonly position: number
  readonly rule: Rule
  readonly conditions: readonly Condition[]
  readonly action: EndAction | undefined
}

/** A rule as packets of one family and protocol meet it. */
export interface Read extends PlainRule {
  /** Who may get to its end. */
  readonly addresses: AddressSet
  /** For each condition that cannot be decided, who is asked. Where there is one, nobody surely ends here. */
  readonly doubts: readonly { readonly condition: Condition; readonly addresses: AddressSet }[]
}

/** How a rule of a stretch would be one; `undefined`: it asks for more than the source, or does more than end packets. */
export function plainRule(rule: Rule, position: number): PlainRule | undefined {
  const conditions: Condition[] = []
  for (const expression of rule.expressions) {
    if (expression.kind === 'no-effect') continue
    if (isEnd(expression)) return { position, rule, conditions, action: expression }
    if (expression.kind !== 'match' || !(isFixed(expression.when) || isOpenEnded(expression.when))) return undefined
    conditions.push(expression.when)
  }
  return { position, rule, conditions, action: undefined }
}

function isEnd(expression: Expression): expression is EndAction {
  return ENDS.has(expression.kind)
}

/** Whether the source decides, of packets of one family and protocol. */
function isFixed(condition: Condition): boolean {
  switch (condition.kind) {
    case 'source':
    case 'family':
    case 'protocol':
      return true
    case 'not':
      return isFixed(condition.of)
    case 'all':
      return condition.of.every(isFixed)
    default:
      return false
  }
}

/** Whether it may hold for some and is sure for nobody. */
function isOpenEnded(condition: Condition): boolean {
  if (condition.kind === 'not') return condition.of.kind === 'unknown'
  return condition.kind === 'unknown' || (condition.kind === 'all' && condition.of.every((one) => isFixed(one) || isOpenEnded(one)))
}

/** `state`: of any packet of the family and protocol, whose source has not been translated. */
export function readPlain(plain: PlainRule, state: State, host: NetfilterHost): Read {
  let addresses: AddressSet = ALL_ADDRESSES
  const doubts: { condition: Condition; addresses: AddressSet }[] = []
  for (const condition of plain.conditions) {
    const { may, must } = regionOf(condition, state, host)
    const asked = sourceAddresses(may)
    if (asked !== ALL_ADDRESSES) addresses = addresses === ALL_ADDRESSES ? asked : intersection(addresses, asked)
    if (may !== must) doubts.push({ condition, addresses })
  }
  return { ...plain, addresses, doubts }
}
