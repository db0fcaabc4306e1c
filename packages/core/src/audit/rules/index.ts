import { checkBinding } from './binding.ts'
import type { RuleCheck } from './check.ts'
import { checkClaims } from './claims.ts'
import { checkDeclaredPorts } from './declared-port.ts'
import { checkDocker } from './docker.ts'
import { checkDoors } from './doors.ts'
import { checkFamilies } from './families.ts'
import { checkFiles } from './files.ts'
import { checkGuards } from './guard.ts'
import { checkKnown } from './known.ts'
import { checkNoPolicy } from './no-policy.ts'
import { checkOrigins } from './origins.ts'
import { checkContainerAddresses } from './container-addresses.ts'
import { checkHiddenRules } from './hidden-rules.ts'
import { checkOpenings } from './openings.ts'
import { checkPersistence } from './persistence.ts'
import { checkDebuggers } from './planned-debuggers.ts'
import { checkPorts } from './ports.ts'
import { checkPresence } from './presence.ts'
import { checkProxiedStores } from './proxied-store.ts'
import { checkProxies } from './proxy.ts'
import { checkPublished } from './published.ts'
import { checkReachable } from './reachable.ts'
import { checkUndecided } from './undecided.ts'
import { checkUnmatched } from './unmatched.ts'
import { checkUnreadHosts } from './unread-host.ts'

export const RULE_CHECKS: readonly RuleCheck[] = [
  checkReachable,
  checkClaims,
  checkPresence,
  checkDeclaredPorts,
  checkDoors,
  checkBinding,
  checkUnreadHosts,
  checkProxies,
  checkProxiedStores,
  checkDocker,
  checkPublished,
  checkKnown,
  checkDebuggers,
  checkFamilies,
  checkHiddenRules,
  checkOpenings,
  checkPersistence,
  checkContainerAddresses,
  checkOrigins,
  checkPorts,
  checkFiles,
  checkGuards,
  checkUndecided,
  checkUnmatched,
  checkNoPolicy,
]
