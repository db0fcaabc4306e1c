export { readIptablesSave } from './iptables/save.ts'
export { joinRulesets, type JoinedRulesets, type NetfilterReadings } from './join.ts'
export { readNftJson } from './nft/ruleset.ts'
export type { IptablesSource, NetfilterGap, NetfilterReading, NftSource } from './reading.ts'
