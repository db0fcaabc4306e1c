import { evidenceOf } from '../../evidence/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { causes, finding } from './words.ts'

/** `guard-missing` (P8): HTTP services for this machine only, which no proxy fronts, whose source was read and has no guard. */
export function checkGuards({ rows, evidence }: AuditContext): readonly Finding[] {
  const guarded = new Set(evidenceOf(evidence, 'guard-use').flatMap((item) => item.claim.entries))
  return rows.flatMap((row): readonly Finding[] => {
    const service = row.declared
    if (service === undefined || service.http === undefined || row.fronts.length > 0) return []
    if (!service.from.every((source) => source.kind === 'built-in' && source.name === 'loopback')) return []
    const binds = row.planned.flatMap((plan) => plan.bind ?? [])
    if (binds.length === 0 || binds.some((bind) => bind.claim.entries.some((path) => guarded.has(path)))) return []
    return [
      finding({
        rule: 'guard-missing',
        severity: 'medium',
        service: row.name,
        message: `${row.name} is for this machine only, and no check of who asks is seen in its code`,
        places: [...causes(row.planned), { role: 'declared here', origin: service.origins.http }],
        fix: 'put a guard before the handlers that checks peer, proxy headers, Host and Origin (in Node @sallyport/guard; elsewhere LocalhostOnlyMiddleware or its like)',
        key: 'guard',
      }),
    ]
  })
}
