import type { Condition, Rule, Ruleset } from '../../evidence/index.ts'
import type { Difference } from '../../systems/index.ts'

/** In which rules for ICMP they differ: of those no packets are followed, so the rules themselves count, wherever they stand. */
export function compareControl(wanted: readonly Ruleset[], there: readonly Ruleset[]): readonly Difference[] {
  const [ours, theirs] = [controlRules(wanted), controlRules(there)]
  return [
    ...[...ours].flatMap(([key, text]) => (theirs.has(key) ? [] : [{ what: 'ICMP', wanted: text }])),
    ...[...theirs].flatMap(([key, text]) => (ours.has(key) ? [] : [{ what: 'ICMP', there: text }])),
  ]
}

/** As their own tool would print them, by what they mean. */
function controlRules(rulesets: readonly Ruleset[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { tables } of rulesets)
    for (const { family, chains } of tables)
      for (const { rules } of chains.values())
        for (const rule of rules) if (isControl(rule)) found.set(`${family} ${meaningOf(rule)}`, rule.origin.text)
  return found
}

function isControl({ expressions }: Rule): boolean {
  return expressions.some((expression) => expression.kind === 'match' && asksForControl(expression.when))
}

function asksForControl(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(asksForControl)
  return condition.kind === 'not' ? asksForControl(condition.of) : condition.kind === 'icmp'
}

function meaningOf({ expressions }: Rule): string {
  return JSON.stringify(expressions, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
