import { awsCli } from './aws-cli/index.ts'
import { cloudformation } from './cloudformation/index.ts'
import { compose } from './compose/write/index.ts'
import { diagram, mermaid } from './diagram/index.ts'
import { dotenv } from './dotenv/write/index.ts'
import { fail2ban } from './fail2ban/index.ts'
import { guard } from './guard/index.ts'
import { iptables, nftables } from './netfilter/write/index.ts'
import { nginx } from './nginx/write/index.ts'
import { pm2 } from './pm2/write/index.ts'
import { systemd } from './systemd/write/index.ts'
import { terraform } from './terraform/index.ts'
import { ufw } from './ufw/write/index.ts'
import type { WritableSystem } from './write.ts'

/** Everything that can be written from a policy. */
export const WRITABLE: readonly WritableSystem[] = [
  awsCli,
  cloudformation,
  compose,
  diagram,
  dotenv,
  fail2ban,
  guard,
  iptables,
  mermaid,
  nftables,
  nginx,
  pm2,
  systemd,
  terraform,
  ufw,
]
