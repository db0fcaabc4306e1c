import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'

/** One or more rules of the catalogue at work. */
export type RuleCheck = (context: AuditContext) => readonly Finding[]
