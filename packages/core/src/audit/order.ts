import { type Finding, SEVERITIES } from './finding.ts'

/** Worst first, then by service and rule, so that the same machine gives the same report. */
export function orderFindings(findings: readonly Finding[]): readonly Finding[] {
  const rank = (finding: Finding): number => SEVERITIES.indexOf(finding.severity)
  return findings.toSorted(
    (a, b) => rank(a) - rank(b) || compare(a.service ?? '', b.service ?? '') || compare(a.rule, b.rule) || compare(a.message, b.message),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
