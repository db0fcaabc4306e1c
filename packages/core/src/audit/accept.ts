import { show } from '../evidence/index.ts'
import type { Acceptance, Policy } from '../policy/index.ts'
import type { Finding } from './finding.ts'

export interface Accepted {
  readonly finding: Finding
  readonly by: Acceptance
}

/** Takes away the findings that the policy accepts; an entry that has run out, or matches nothing, is a finding itself. */
export function applyAcceptances(
  found: readonly Finding[],
  policy: Policy | undefined,
  now: number,
): { readonly findings: readonly Finding[]; readonly accepted: readonly Accepted[] } {
  const entries = policy?.accept ?? []
  const today = new Date(now).toISOString().slice(0, 10)
  const current = entries.filter((entry) => entry.until === undefined || entry.until.value >= today)
  const accepted: Accepted[] = []
  const findings: Finding[] = []
  for (const finding of found) {
    const entry = current.find((candidate) => matches(candidate, finding))
    if (entry === undefined) findings.push(finding)
    else accepted.push({ finding, by: entry })
  }
  for (const entry of entries) {
    if (!current.includes(entry))
      findings.push(
        about(
          entry,
          'acceptance-expired',
          'medium',
          `The acceptance of ${entry.rule.value} ran out on ${entry.until?.value}`,
          'cure the finding, or decide again and set a new date',
        ),
      )
    else if (!accepted.some((item) => item.by === entry))
      findings.push(
        about(entry, 'acceptance-unused', 'info', `The acceptance of ${entry.rule.value} matches nothing`, 'take the entry out'),
      )
  }
  return { findings, accepted }
}

function matches(entry: Acceptance, finding: Finding): boolean {
  if (entry.rule.value !== finding.rule) return false
  if (entry.service !== undefined && entry.service !== finding.service) return false
  if (entry.path === undefined) return true
  const pattern = globExpression(entry.path)
  return finding.places.some(({ origin }) => origin.kind === 'file' && pattern.test(origin.path))
}

/** `*` is any run of characters but `/`, `**` any run. */
function globExpression(glob: string): RegExp {
  const source = glob.replace(/\*\*|\*|[^*]+/g, (part) =>
    part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`^${source}$`, 's')
}

function about(
  entry: Acceptance,
  rule: 'acceptance-expired' | 'acceptance-unused',
  severity: Finding['severity'],
  message: string,
  fix: string,
): Finding {
  return {
    rule,
    severity,
    ...(entry.service === undefined ? {} : { service: entry.service }),
    message,
    places: [{ role: 'accepted here', origin: entry.origin }],
    fix,
    facts: [show(`reason: ${entry.reason}`)],
    fingerprint: `${rule}|${entry.rule.value}|${entry.service ?? ''}|${entry.path ?? ''}`,
  }
}
