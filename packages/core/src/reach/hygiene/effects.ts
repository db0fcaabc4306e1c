import type { Action, Rule, Table } from '../../evidence/index.ts'
import { actionsOf } from './reachable.ts'

/** What a rule does with the packets that it takes. `refuse`: drops or rejects them. */
export type Effect = 'accept' | 'refuse' | 'return' | 'translate' | 'call' | 'change' | 'log'

const EFFECTS: Readonly<Record<Exclude<Action['kind'], 'no-effect'>, Effect>> = {
  accept: 'accept',
  drop: 'refuse',
  reject: 'refuse',
  return: 'return',
  dnat: 'translate',
  snat: 'translate',
  masquerade: 'translate',
  redirect: 'translate',
  jump: 'call',
  goto: 'call',
  notrack: 'change',
  'set-mark': 'change',
  rewrite: 'change',
  queue: 'change',
  tproxy: 'change',
  unknown: 'change',
}

export function effectOf(action: Action): Effect | undefined {
  return action.kind === 'no-effect' ? undefined : EFFECTS[action.kind]
}

const LOG = /^(?:-j )?(?:NF)?LOG\b|^log\b/i

/** What a person would say that the rule does; a jump to a chain that only accepts or refuses does that. `undefined`: it counts, or nothing. */
export function effectOfRule(rule: Rule, table: Table): Effect | undefined {
  const actions = actionsOf(rule)
  const effects = actions.flatMap((action) =>
    action.kind === 'jump' || action.kind === 'goto' ? effectOfCall(action.chain, table) : (effectOf(action) ?? []),
  )
  // A verdict map does one with some packets and another with others.
  if (rule.expressions.some(({ kind }) => kind === 'branch') && new Set(effects).size > 1) return 'call'
  const last = effects.at(-1)
  if (last !== undefined) return last
  return actions.some((action) => action.kind === 'no-effect' && LOG.test(action.text)) ? 'log' : undefined
}

function effectOfCall(name: string, { chains }: Table): Effect {
  const rules = chains.get(name)?.rules ?? []
  const [only] = rules[0]?.expressions ?? []
  return rules.length === 1 &&
    rules[0]?.expressions.length === 1 &&
    (only?.kind === 'accept' || only?.kind === 'drop' || only?.kind === 'reject')
    ? (EFFECTS[only.kind] ?? 'call')
    : 'call'
}

/** What the one would keep out, the other lets in or lets go on, or the other way round. */
export function areOpposite(hidden: Effect | undefined, hider: Effect | undefined): boolean {
  return (hidden === 'accept' && hider === 'refuse') || (hidden === 'refuse' && (hider === 'accept' || hider === 'return'))
}
