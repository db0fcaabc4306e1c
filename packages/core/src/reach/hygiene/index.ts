export type { Effect } from './effects.ts'
export { hiddenRules, type HiddenRule, type HidingRule } from './hidden.ts'
