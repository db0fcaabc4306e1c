import { checkBinding } from './binding.ts'
import type { RuleCheck } from './check.ts'
import { checkClaims } from './claims.ts'
import { checkDocker } from './docker.ts'
import { checkFamilies } from './families.ts'
import { checkFiles } from './files.ts'
import { checkGuards } from './guard.ts'
import { checkKnown } from './known.ts'
import { checkOrigins } from './origins.ts'
import { checkPorts } from './ports.ts'
import { checkPresence } from './presence.ts'
import { checkProxies } from './proxy.ts'
import { checkReachable } from './reachable.ts'

export const RULE_CHECKS: readonly RuleCheck[] = [
  checkReachable,
  checkClaims,
  checkPresence,
  checkBinding,
  checkProxies,
  checkDocker,
  checkKnown,
  checkFamilies,
  checkOrigins,
  checkPorts,
  checkFiles,
  checkGuards,
]
