import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type AuditReport, SEVERITIES, type Severity } from '@sallyport/core/audit'
import { EXIT } from '../exit.ts'
import { look, type LookOptions } from './look.ts'

export interface CheckOptions extends LookOptions {
  readonly format: 'text' | 'json' | 'sarif'
  readonly failOn: Severity | 'never'
  readonly allowUnknown: boolean
  readonly verbose: boolean
  readonly color: boolean
}

/** `sallyport check [folder]`. The answer goes to stdout. */
export async function check(folder: string, options: CheckOptions): Promise<number> {
  const report = await look(folder, options)
  process.stdout.write(await render(report, folder, options))
  return exitCode(report, options)
}

async function render(report: AuditReport, folder: string, options: CheckOptions): Promise<string> {
  switch (options.format) {
    case 'text': {
      const { textReport } = await import('../report/text.ts')
      return textReport(report, { color: options.color, verbose: options.verbose })
    }
    case 'json': {
      const { reportData } = await import('../report/data.ts')
      return `${JSON.stringify(reportData(report), null, 2)}\n`
    }
    case 'sarif': {
      const { sarifReport } = await import('../report/sarif.ts')
      return sarifReport(report, realpathSync(resolve(folder)))
    }
    default:
      return options.format satisfies never
  }
}

export function exitCode(report: AuditReport, options: Pick<CheckOptions, 'failOn' | 'allowUnknown'>): number {
  if (options.failOn === 'never') return EXIT.clean
  const threshold = SEVERITIES.indexOf(options.failOn)
  if (report.findings.some((finding) => SEVERITIES.indexOf(finding.severity) <= threshold)) return EXIT.findings
  return report.undecided && !options.allowUnknown ? EXIT.undecided : EXIT.clean
}
