import { guard } from './guard/index.ts'
import { iptables, nftables } from './netfilter/write/index.ts'
import { nginx } from './nginx/write/index.ts'
import type { WritableSystem } from './write.ts'

/** Everything that can be written from a policy. */
export const WRITABLE: readonly WritableSystem[] = [guard, iptables, nftables, nginx]
