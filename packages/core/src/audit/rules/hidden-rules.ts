import type { RuleOrigin } from '../../evidence/index.ts'
import { includes, type PortSet } from '../../network/index.ts'
import { type Effect, type HiddenRule, hiddenRules, type HidingRule, type Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { RuleId } from '../catalogue.ts'
import type { Finding, Place, Severity } from '../finding.ts'
import { fromBeyond } from './intent.ts'
import { finding } from './words.ts'

/** `firewall-rule-contradicted`, `firewall-rule-hidden`, `firewall-rule-repeated`: rules of the machine's own packet filter that no packet meets. */
export function checkHiddenRules(context: AuditContext): readonly Finding[] {
  const own = context.host?.namespaces.get(context.host.own)
  if (own === undefined) return []
  const hidden = hiddenRules(own.filters.map(({ claim }) => claim.ruleset))
  const groups = new Map<string, Told[]>()
  for (const one of hidden) {
    const told: Told = {
      ...one,
      id: idOf(one),
      opens: one.opposite === undefined || one.effect !== 'refuse' ? [] : openedBy(one.opposite, one.ports, context),
    }
    const key = groupOf(told)
    groups.set(key, [...(groups.get(key) ?? []), told])
  }
  return [...groups.values()].map(told)
}

interface Told extends HiddenRule {
  readonly id: RuleId
  /** Services that others reach because the packets are let in. */
  readonly opens: readonly string[]
}

function idOf({ opposite, repeated }: HiddenRule): RuleId {
  return repeated ? 'firewall-rule-repeated' : opposite === undefined ? 'firewall-rule-hidden' : 'firewall-rule-contradicted'
}

/** What is accepted leaves its mark on the way; what is only sent back is let in by whatever comes next, at the ports that the rule would have closed. */
function openedBy({ rule, effect }: HidingRule, ports: PortSet | undefined, { rows }: AuditContext): readonly string[] {
  const isThrough = (way: Way): boolean =>
    effect === 'return'
      ? ports !== undefined
      : way.path.some((step) => step.kind === 'netfilter' && step.step.kind === 'rule' && step.step.origin === rule)
  const isOpened = (way: Way): boolean =>
    way.certainty === 'open' && (ports === undefined || includes(ports, way.at.port)) && isThrough(way)
  return rows.filter(({ now }) => now.some(({ ways }) => fromBeyond(ways).some(isOpened))).map(({ name }) => name)
}

/** What one cause hides in one chain is one thing to look at, and what ufw writes for each family and protocol is one rule of the user's. */
function groupOf({ id, rule, effect, by, opens }: Told): string {
  if (id === 'firewall-rule-repeated') return `${id} ${chainOf(rule)}`
  return [id, opens.join(), chainOf(rule), effect, ...by.map((hider) => `${chainOf(hider.rule)} ${plain(hider.rule.text)}`)].join('|')
}

function chainOf({ table, chain }: RuleOrigin): string {
  return `${table} ${chain.replace(/^ufw6-/, 'ufw-')}`
}

/** The same for both families, and for TCP and UDP. */
function plain(text: string): string {
  return text.replace('ufw6-', 'ufw-').replace(/-p (tcp|udp) -m \1\b/, '-p *')
}

function severityOf({ id, effect, opens }: Told): Severity {
  if (id !== 'firewall-rule-contradicted') return 'info'
  return effect === 'refuse' && opens.length > 0 ? 'medium' : 'low'
}

/** So many rules are shown, of each side. */
const MOST_SHOWN = 8

function told(group: readonly Told[]): Finding {
  const first = group[0] as Told
  const { id, by, opposite, opens } = first
  const rules = group.map(({ rule }) => rule)
  const hiders = [...new Map(group.flatMap((one) => one.by).map((hider) => [hider.rule, hider])).values()]
  return finding({
    rule: id,
    severity: severityOf(first),
    service: opens[0],
    message: messageOf(id, rules, first, hiders),
    places: [
      ...rules
        .slice(0, MOST_SHOWN)
        .map((rule): Place => ({ role: id === 'firewall-rule-repeated' ? 'said again' : 'can never match', origin: rule })),
      ...hiders
        .slice(0, MOST_SHOWN)
        .map(
          ({ rule, effect }): Place => ({ role: id === 'firewall-rule-repeated' ? 'said first' : ROLES[effect ?? 'change'], origin: rule }),
        ),
    ],
    fix: fixOf(id, opposite !== undefined && by.length === 1),
    key: rules
      .slice(0, 3)
      .map((rule) => `${chainOf(rule)} ${plain(rule.text)}`)
      .join(' '),
  })
}

function messageOf(id: RuleId, rules: readonly RuleOrigin[], { effect, opposite, by, opens }: Told, hiders: readonly HidingRule[]): string {
  const one = rules.length === 1
  const subject = capitalized(rulesWords(rules))
  if (id === 'firewall-rule-repeated')
    return `${subject} ${one ? 'says' : 'say'} again what ${rulesWords(hiders.map(({ rule }) => rule))} ${hiders.length === 1 ? 'has' : 'have'} said before`
  const does = `${subject} can never match: ${rulesWords(hiders.map(({ rule }) => rule))}, before ${one ? 'it' : 'them'}, ${hiders.length === 1 ? 'takes' : 'take'} all of ${one ? 'its' : 'their'} packets`
  if (opposite === undefined) return does
  const done = effect === 'accept' ? 'refused' : opposite.effect === 'return' ? 'sent back, to whatever comes next' : 'accepted'
  return `${does}; ${one ? 'it' : 'they'} would ${effect === 'accept' ? 'accept' : 'refuse'} them, and ${by.length === 1 ? 'they' : 'some'} are ${done}${opens.length === 0 ? '' : `: ${opens.join(', ')} can be reached`}`
}

/** `rule 3 of INPUT`, `rules 3, 4 of ufw-user-input and 3, 4 of ufw6-user-input`. */
function rulesWords(rules: readonly RuleOrigin[]): string {
  const chains = new Map<string, number[]>()
  for (const { chain, index } of rules) chains.set(chain, [...(chains.get(chain) ?? []), index])
  const parts = [...chains].map(([chain, indexes]) => {
    const shown = indexes.slice(0, MOST_SHOWN).join(', ')
    return `${shown}${indexes.length > MOST_SHOWN ? ` and ${indexes.length - MOST_SHOWN} more` : ''} of ${chain}`
  })
  return `${rules.length === 1 ? 'rule' : 'rules'} ${parts.join(' and ')}`
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

const ROLES: Readonly<Record<Effect, string>> = {
  accept: 'accepts the packets first',
  refuse: 'refuses the packets first',
  return: 'sends the packets back first',
  translate: 'translates the packets first',
  call: 'takes the packets first',
  change: 'takes the packets first',
  log: 'takes the packets first',
}

function fixOf(id: RuleId, isPlain: boolean): string {
  if (id === 'firewall-rule-repeated') return 'take the repetition out'
  if (id === 'firewall-rule-hidden') return 'take it out, or put it before the rules that take its packets'
  return isPlain
    ? 'decide which of the two is meant: put the one that is before the other (iptables -I, ufw insert 1, nft insert), and take the other out'
    : 'put it before the rules that take its packets (iptables -I, ufw insert 1, nft insert), or take it out'
}
