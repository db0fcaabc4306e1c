export { type StaleAddress, staleAddresses } from './containers.ts'
export type { Effect } from './effects.ts'
export { hiddenRules, type HiddenRule, type HidingRule } from './hidden.ts'
export { type Opening, unusedOpenings } from './openings.ts'
