import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type AuditReport, type Finding, SEVERITIES, type Severity } from '@sallyport/core/audit'
import { EXIT } from '../exit.ts'
import { isFolderRead, lookAtAll, type LookOptions } from './look.ts'

export interface CheckOptions extends LookOptions {
  readonly format: 'text' | 'json' | 'sarif' | 'junit' | 'markdown'
  readonly failOn: Severity | 'never'
  readonly allowUnknown: boolean
  readonly verbose: boolean
  readonly color: boolean
}

/** `sallyport check [folder]`. The answer goes to stdout. */
export async function check(folder: string, options: CheckOptions): Promise<number> {
  const reports = await lookAtAll(folder, options)
  process.stdout.write(await render(reports, folder, options))
  const codes = reports.map((report) => exitCode(report, options))
  return codes.find((code) => code === EXIT.findings) ?? codes.find((code) => code !== EXIT.clean) ?? EXIT.clean
}

async function render(reports: readonly AuditReport[], folder: string, options: CheckOptions): Promise<string> {
  switch (options.format) {
    case 'text': {
      const { textReport } = await import('../report/text.ts')
      const { color, verbose } = options
      return reports.map((report) => textReport(report, { color, verbose, folder: isFolderRead(options) })).join('\n')
    }
    case 'json': {
      const { reportsData } = await import('../report/data.ts')
      return `${JSON.stringify(reportsData(reports), null, 2)}\n`
    }
    case 'sarif': {
      const { sarifReport } = await import('../report/sarif.ts')
      return sarifReport(reports, realpathSync(resolve(folder)))
    }
    case 'junit': {
      const { junitReport } = await import('../report/junit.ts')
      return junitReport(reports, (finding) => isFailing(finding, options) || (finding.rule === 'undecided' && !options.allowUnknown))
    }
    case 'markdown': {
      const { markdownReport } = await import('../report/markdown.ts')
      return markdownReport(reports, isFolderRead(options))
    }
    default:
      return options.format satisfies never
  }
}

function exitCode(report: AuditReport, options: CheckOptions): number {
  if (options.failOn === 'never') return EXIT.clean
  if (report.findings.some((finding) => isFailing(finding, options))) return EXIT.findings
  return report.undecided && !options.allowUnknown ? EXIT.undecided : EXIT.clean
}

function isFailing({ severity }: Finding, { failOn }: CheckOptions): boolean {
  return failOn !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn)
}
