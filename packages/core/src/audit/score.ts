import { type RuleId, ruleOf } from './catalogue.ts'
import { type Finding, SEVERITIES, type Severity } from './finding.ts'

export const SEVERITY_COST: Readonly<Record<Severity, number>> = { critical: 40, high: 20, medium: 10, low: 3, info: 0 }

/** Not an average: one critical finding cannot be outweighed. */
export const SCORE_CAPS = { critical: 39, high: 69, undecided: 89, undeclared: 89 } as const

export interface Score {
  /** 0 to 100. */
  readonly value: number
  /** What each rule that fired took away. */
  readonly costs: readonly { readonly rule: RuleId; readonly cost: number; readonly findings: number }[]
  /** The cap that held, if one did. */
  readonly cap?: { readonly value: number; readonly reason: keyof typeof SCORE_CAPS }
}

/** `findings` are those that no accept entry took away. */
export function computeScore(findings: readonly Finding[]): Score {
  const costs = [...new Set(findings.map((finding) => finding.rule))]
    .map((rule) => {
      const fired = findings.filter((finding) => finding.rule === rule)
      return { rule, cost: ruleCost(rule, fired), findings: fired.length }
    })
    .filter(({ cost }) => cost > 0)
  const sum = Math.max(0, 100 - costs.reduce((total, { cost }) => total + cost, 0))
  const reason = capOf(findings)
  if (reason === undefined || sum <= SCORE_CAPS[reason]) return { value: sum, costs }
  return { value: SCORE_CAPS[reason], costs, cap: { value: SCORE_CAPS[reason], reason } }
}

/** Also what nobody decided leaves a verdict open: who reaches it, or, without a policy, whether that is meant. */
function capOf(findings: readonly Finding[]): keyof typeof SCORE_CAPS | undefined {
  const worst = worstSeverity(findings)
  if (worst === 'critical' || worst === 'high') return worst
  const fired = (rule: RuleId): boolean => findings.some((finding) => finding.rule === rule)
  return fired('undecided') ? 'undecided' : fired('no-policy') ? 'undeclared' : undefined
}

/** The worst finding in full, and all further ones together at most as much again. */
function ruleCost(rule: RuleId, findings: readonly Finding[]): number {
  const flat = ruleOf(rule).flatCost
  if (flat !== undefined) return flat
  const [first = 0, ...further] = findings.map((finding) => SEVERITY_COST[finding.severity]).toSorted((a, b) => b - a)
  return (
    first +
    Math.min(
      first,
      further.reduce((total, cost) => total + cost, 0),
    )
  )
}

export function worstSeverity(findings: readonly Finding[]): Severity | undefined {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity))
}
