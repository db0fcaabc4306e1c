import type { Applier } from './application.ts'
import { iptables } from './iptables.ts'
import { nftables } from './nftables.ts'
import { nginx } from './nginx.ts'
import { pm2 } from './pm2/index.ts'
import { ufw } from './ufw.ts'

/** Everything that can be applied. */
export const APPLIERS: readonly Applier[] = [nftables, iptables, ufw, nginx, pm2]

export function applierOf(name: string | undefined): Applier | undefined {
  return APPLIERS.find((each) => each.name === name)
}
