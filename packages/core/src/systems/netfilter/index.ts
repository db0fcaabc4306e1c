export { readIptablesSave } from './iptables/save.ts'
export type { IptablesSource, NetfilterGap, NetfilterReading, NftSource } from './reading.ts'
