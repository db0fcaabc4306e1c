import type { Hook, Rule, RuleOrigin, Ruleset } from '../../evidence/index.ts'
import { FAMILIES, type Family, type PortSet } from '../../network/index.ts'
import { type AttachedChain, compile } from '../netfilter/program.ts'
import { areOpposite, type Effect, effectOfRule } from './effects.ts'
import { actionsOf, askedOf, conditionsOf, reachableRules } from './reachable.ts'
import { HookWalk, type Hider, type Judged } from './walk.ts'

/** A rule that no packet ever meets: rules before it take all that it asks for. */
export interface HiddenRule {
  readonly rule: RuleOrigin
  readonly effect: Effect | undefined
  readonly hook: Hook
  /** The destination ports that it asks for, where it does so plainly. */
  readonly ports?: PortSet
  /** The fewest rules that take its packets first, in their order. Exactly so up to three; beyond that, none of them can be left out. */
  readonly by: readonly HidingRule[]
  /** Of `by`: does with its packets the opposite of what it would. */
  readonly opposite: HidingRule | undefined
  /** It says word for word what another rule of its chain has said before. */
  readonly repeated: boolean
}

export interface HidingRule {
  readonly rule: RuleOrigin
  readonly effect: Effect | undefined
}

const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting']

/** Connections are tracked from here on (NF_IP_PRI_CONNTRACK in linux/netfilter_ipv4.h): before, the same packet has another state. */
const TRACKER = -200

/**
 * Rules of a person's own that can never match, in any of the families that they ask for and by whichever chain they are reached. Exact over
 * packets as sets; a rule that asks for something unknown is not told of, nor are rules that hide only by what is unknown. What a sender may
 * bring about, a set of addresses that programs change, and what programs write by themselves is nobody's mistake. Near-linear in the rules.
 */
export function hiddenRules(rulesets: readonly Ruleset[]): readonly HiddenRule[] {
  const program = compile(rulesets)
  const judged = new Map<Rule, Judged>()
  for (const family of FAMILIES) {
    const isUnread = program.unread.some(({ families }) => families.includes(family))
    for (const hook of HOOKS)
      for (const group of groupsOf(program.chains(family, hook))) {
        if (isUnread) spare(group, judged)
        else if (!judge(group, family, judged)) return []
      }
  }
  return [...judged].flatMap(([rule, found]) => {
    const hidden = hiddenRule(rule, found)
    return hidden === undefined ? [] : [hidden]
  })
}

/** Chains among which what one drops, the next never sees unchanged. Translation makes other packets of them. */
function groupsOf(chains: readonly AttachedChain[]): readonly (readonly AttachedChain[])[] {
  const groups: AttachedChain[][] = []
  let open: AttachedChain[] | undefined
  for (const attached of chains) {
    const { type, priority, hook } = attached.base
    const alone = type === 'nat' || ((hook === 'prerouting' || hook === 'output') && priority <= TRACKER)
    if (alone) {
      groups.push([attached])
      open = undefined
    } else if (open === undefined) groups.push((open = [attached]))
    else open.push(attached)
  }
  return groups
}

/** False: there is more to follow than is followed, so that nothing can be said of any rule. */
function judge(group: readonly AttachedChain[], family: Family, judged: Map<Rule, Judged>): boolean {
  const chains = group.map(({ table, chain }) => [table, chain] as const)
  const rules = reachableRules(chains).map(({ rule }) => rule)
  const actions = rules.flatMap((rule) => actionsOf(rule).map(({ kind }) => kind))
  // What is written over is another packet from there on.
  if (actions.includes('rewrite')) {
    spare(group, judged)
    return true
  }
  const changes = { marks: actions.includes('set-mark') || actions.includes('unknown'), tracking: actions.includes('notrack') }
  const walk = new HookWalk(family, changes, judged)
  for (const rule of rules) for (const condition of conditionsOf(rule)) walk.space.take(condition)
  return walk.run(group)
}

/** Of these rules nothing can be said, whatever is found of them elsewhere. */
function spare(group: readonly AttachedChain[], judged: Map<Rule, Judged>): void {
  for (const { table, chain, base } of group)
    for (const { rule } of reachableRules([[table, chain]]))
      judged.set(rule, { table, hook: base.hook, alive: true, by: new Map(), same: false })
}

function hiddenRule(rule: Rule, { alive, table, hook, by, same }: Judged): HiddenRule | undefined {
  // What it would do is not known either.
  if (alive || by.size === 0 || actionsOf(rule).some(({ kind }) => kind === 'unknown')) return undefined
  const effect = effectOfRule(rule, table)
  // To return at the end of a chain is what happens anyway.
  if (effect === undefined || effect === 'return') return undefined
  const hiders = [...by.values()].map((hider): HidingRule => ({ rule: hider.rule.origin, effect: hider.effect }))
  if ([rule.origin, ...hiders.map((hider) => hider.rule)].some(namesSet)) return undefined
  const { ports } = askedOf(rule)
  const opposite = hiders.find((hider) => areOpposite(effect, hider.effect))
  return {
    rule: rule.origin,
    effect,
    hook,
    ...(ports === undefined ? {} : { ports }),
    by: hiders,
    opposite,
    repeated: same && isSaidBy(rule, [...by.values()]),
  }
}

/** Of rules that ask for the same. */
function isSaidBy(rule: Rule, [first]: readonly Hider[]): boolean {
  if (first === undefined) return false
  const { origin } = first.rule
  return origin.chain === rule.origin.chain && origin.table === rule.origin.table && actionWords(first.rule) === actionWords(rule)
}

function actionWords(rule: Rule): string {
  const deciding = actionsOf(rule).filter(({ kind }) => kind !== 'no-effect')
  return JSON.stringify(deciding, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
}

/** What a named set holds, programs change while the rules stay. */
function namesSet({ text }: RuleOrigin): boolean {
  return /(?:^|[\s{])@[\w-]|--match-set\b/.test(text)
}
