import type { ReportData } from '../../../packages/cli/src/report/data.ts'

export type Finding = ReportData['findings'][number]

/** `severity rule service` of each finding, in the order of the report. */
export function summary(report: ReportData): readonly string[] {
  return report.findings.map((finding) => `${finding.severity} ${finding.rule} ${finding.service ?? '-'}`)
}

export function rulesOf(report: ReportData): ReadonlySet<string> {
  return new Set(report.findings.map((finding) => finding.rule))
}

export function findings(report: ReportData, rule: string, service?: string): readonly Finding[] {
  return report.findings.filter((finding) => finding.rule === rule && (service === undefined || finding.service === service))
}

/** `PATH:LINE` of every place that a finding names. */
export function placesOf(finding: Finding): readonly string[] {
  return finding.places.flatMap(({ file, line }) => (file === null || line === null ? [] : [`${file}:${line}`]))
}
