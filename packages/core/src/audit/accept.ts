import { pathGlob, show } from '../evidence/index.ts'
import { type Acceptance, type Policy, THIS_HOST } from '../policy/policy.ts'
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
  const entries = (policy?.accept ?? []).map((entry): Entry => ({ ...entry, takes: scopeOf(entry, policy) }))
  const today = new Date(now).toISOString().slice(0, 10)
  const current = entries.filter((entry) => entry.until === undefined || entry.until.value >= today)
  const accepted: Accepted[] = []
  const findings: Finding[] = []
  for (const finding of found) {
    const entry = current.find((candidate) => candidate.takes(finding))
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

interface Entry extends Acceptance {
  readonly takes: (finding: Finding) => boolean
}

/** What an entry says of the findings that it takes; all of it has to hold. */
function scopeOf({ rule, service, host, path }: Acceptance, policy: Policy | undefined): Entry['takes'] {
  const glob = path === undefined ? undefined : pathGlob(path)
  // What no service declares was seen on this machine.
  const here = [THIS_HOST, ...(policy?.hosts.size === 1 ? policy.hosts.keys() : [])]
  return (finding) => {
    if (rule.value !== finding.rule) return false
    if (service !== undefined && service !== finding.service) return false
    if (host !== undefined && !(policy?.services.get(finding.service ?? '')?.hosts ?? here).includes(host)) return false
    if (glob === undefined) return true
    // That the policy declares the service is no place where it goes wrong.
    const paths = finding.places.flatMap(({ origin }) => (origin.kind === 'file' ? [origin.path] : []))
    const causes = paths.filter((file) => policy?.files.includes(file) !== true)
    return (causes.length > 0 ? causes : paths).some((file) => glob.matches(file))
  }
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
    changes: [],
    facts: [show(`reason: ${entry.reason}`)],
    fingerprint: `${rule}|${entry.rule.value}|${entry.service ?? ''}|${entry.path ?? ''}`,
  }
}
