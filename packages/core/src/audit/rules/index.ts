import type { RuleCheck } from './check.ts'

export const RULE_CHECKS: readonly RuleCheck[] = []
