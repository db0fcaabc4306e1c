import { type AuditReport, predictedEndpoints, type ServiceRow, throughProxies } from '@sallyport/core/audit'
import { throughText, wholeReachText } from './through.ts'
import { elsewhereText, endpointText, noFindingsText, nothingText, placeText, predictedText, runnerText } from './words.ts'

/** The report as GitHub Flavored Markdown, for a comment or a job's summary: score, findings worst first, then who reaches what. `folder`: whether the files of one were read. */
export function markdownReport(reports: readonly AuditReport[], folder: boolean): string {
  return `${reports.map((report) => one(report, folder)).join('\n\n')}\n`
}

function one(report: AuditReport, folder: boolean): string {
  const { host, policy, score } = report
  const where = host === undefined ? 'files only' : host.name
  const about = policy === undefined ? 'no policy' : `policy ${policy.name}`
  const cap = score.cap === undefined ? '' : ` (at most ${score.cap.value})`
  return [
    `## Sallyport: ${escaped(`${where}, ${about}`)}: ${score.value}/100${cap}`,
    ...findings(report),
    ...accepted(report),
    ...services(report, folder),
    ...unseen(report),
  ].join('\n\n')
}

function findings(report: AuditReport): readonly string[] {
  if (report.findings.length === 0) return [noFindingsText(report)]
  return report.findings.map(({ severity, rule, message, places, fix }) =>
    [
      `- **${severity}** ${escaped(message)} (${code(rule)})`,
      ...places.map(({ role, origin }) => `  - ${code(placeText(origin))} ${escaped(role)}`),
      `  - fix: ${escaped(fix)}`,
    ].join('\n'),
  )
}

function accepted({ accepted: found }: AuditReport): readonly string[] {
  if (found.length === 0) return []
  return ['### Accepted', ...found.map(({ finding, by }) => `- ${escaped(finding.message)} (${code(finding.rule)}): ${escaped(by.reason)}`)]
}

function services(report: AuditReport, folder: boolean): readonly string[] {
  if (report.rows.length === 0) return [nothingText(report, folder)]
  const lines = report.rows.flatMap((row) => rowLines(report, row).map((cells) => `| ${cells.map(escaped).join(' | ')} |`))
  return ['### Services', ['| service | listens now | who reaches it, or would |', '| --- | --- | --- |', ...lines].join('\n')]
}

function rowLines(report: AuditReport, row: ServiceRow): readonly (readonly string[])[] {
  const who = runnerText(row)
  const name = who === undefined || who === `container ${row.name}` ? row.name : `${row.name} (${who})`
  if (row.now.length > 0)
    return row.now.map((reach) => [name, `${reach.endpoint.protocol} ${endpointText(reach.endpoint)}`, wholeReachText(report, row, reach)])
  const elsewhere = elsewhereText(report, row)
  if (elsewhere !== undefined) return [[name, '', elsewhere]]
  const state = report.host === undefined ? '' : 'not running'
  const through = throughProxies(report, row, undefined)
  const requests = through === undefined ? '' : `; ${throughText(through)}`
  const predicted = predictedEndpoints(row).map((item) => [name, state, `${predictedText(item)} (${placeText(item.cause)})${requests}`])
  return predicted.length > 0 ? predicted : [[name, state, 'declared']]
}

function unseen({ gaps }: AuditReport): readonly string[] {
  const told = gaps.filter(({ claim }) => claim.affects.kind !== 'nothing')
  if (told.length === 0) return []
  return ['### Not seen', told.map(({ claim, origin }) => `- ${escaped(claim.what)} ${code(placeText(origin))}`).join('\n')]
}

/** Everything that Markdown or HTML would take for its own; a line stays one line. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>#|~&@]/g, (character) => (character === '<' ? '&lt;' : character === '&' ? '&amp;' : `\\${character}`))
    .replaceAll('\n', ' ')
}

/** A code span, whatever is in it (CommonMark 0.31 §6.1); a bar would end a table's cell. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${fence}${padding}${text.replaceAll('\n', ' ').replaceAll('|', '\\|')}${padding}${fence}`
}
