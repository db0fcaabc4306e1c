import { type AuditReport, type Finding, predictedEndpoints, ruleOf, type ServiceRow, type Severity } from '@sallyport/core/audit'
import { show } from '@sallyport/core/evidence'
import pico from 'picocolors'
import { endpointText, placeText, predictedText, reachText, stepText } from './words.ts'

export interface TextOptions {
  readonly color: boolean
  readonly verbose: boolean
}

type Colors = ReturnType<typeof pico.createColors>

/** The report for people: services first, then findings worst first, then what was not seen, then the score. */
export function textReport(report: AuditReport, options: TextOptions): string {
  const colors = pico.createColors(options.color && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true)
  const parts = [
    header(report, colors),
    services(report, colors, options),
    findings(report, colors),
    unseen(report, colors, options),
    score(report, colors),
  ]
  return `${parts.filter((part) => part.length > 0).join('\n\n')}\n`
}

function header(report: AuditReport, colors: Colors): string {
  const where = report.host === undefined ? 'files only' : `this machine (${report.host.name})`
  const policy = report.policy === undefined ? 'no policy' : `policy ${report.policy.name}`
  return colors.bold(`sallyport check: ${where}, ${policy}`)
}

function services(report: AuditReport, colors: Colors, options: TextOptions): string {
  if (report.rows.length === 0) return 'Nothing listens, and no file starts anything that would.'
  return [colors.bold('Services'), ...report.rows.flatMap((row) => serviceLines(report, row, colors, options))].join('\n')
}

function serviceLines(report: AuditReport, row: ServiceRow, colors: Colors, options: TextOptions): readonly string[] {
  const process = row.processes[0]?.claim
  const who =
    row.container === undefined
      ? process === undefined
        ? ''
        : `${process.name}, pid ${process.pid}`
      : `container ${row.container.claim.name}`
  const title = `  ${colors.bold(row.name)}${who === '' ? '' : colors.dim(` (${who})`)}`
  const now = row.now.flatMap((item) => [
    `      ${item.endpoint.protocol} ${endpointText(item.endpoint)}${inside(report, item)}  ${reachText(item)}`,
    ...(options.verbose ? item.ways.flatMap((way) => way.path.map((step) => colors.dim(`          ${stepText(step)}`))) : []),
  ])
  const next = row.next.map((item) => `      ${colors.yellow('after the next start')}  ${nextText(item)}`)
  return [title, ...(now.length === 0 ? absence(report, row, colors) : now), ...next]
}

function nextText(next: ServiceRow['next'][number]): string {
  if (next.kind === 'undecided') return `not known: ${next.reason}  ${placeText(next.plan.cause)}`
  return `${next.reach.endpoint.protocol} ${endpointText(next.reach.endpoint)}  ${reachText(next.reach)}  ${placeText(next.plan.cause)}`
}

/** The namespace, where it is not the machine's own; a container is named in the title. */
function inside(report: AuditReport, { endpoint }: ServiceRow['now'][number]): string {
  const label = report.namespaces.get(endpoint.namespace)
  return label === undefined ? '' : ` in ${label}`
}

/** What the files say of a service that does not run, or whose machine was not looked at. */
function absence(report: AuditReport, row: ServiceRow, colors: Colors): readonly string[] {
  const predicted = predictedEndpoints(row).map((item) => `      ${predictedText(item)}  ${colors.dim(placeText(item.cause))}`)
  const declared = row.declared === undefined ? [] : [`      ${colors.dim(`declared at ${placeText(row.declared.origin)}`)}`]
  const profiles = row.compose?.claim.profiles.map((name) => show(name)) ?? []
  const asked = profiles.length === 0 ? [] : [`      ${colors.dim(`started only with profile ${profiles.join(' or ')}`)}`]
  const lines = [...asked, ...(predicted.length > 0 ? predicted : declared)]
  return report.host === undefined ? lines : [`      ${colors.dim('not running')}`, ...lines]
}

function findings(report: AuditReport, colors: Colors): string {
  if (report.findings.length === 0) return colors.green('No findings.')
  const told = new Set<string>()
  return [colors.bold('Findings'), ...report.findings.map((finding) => findingText(finding, colors, told))].join('\n')
}

const PAINT: Readonly<Record<Severity, (colors: Colors, text: string) => string>> = {
  critical: (colors, text) => colors.bgRed(colors.white(text)),
  high: (colors, text) => colors.red(text),
  medium: (colors, text) => colors.yellow(text),
  low: (colors, text) => colors.cyan(text),
  info: (colors, text) => colors.dim(text),
}

/** Why a rule matters is said with its first finding, and a fix where it differs from the one before. */
function findingText(finding: Finding, colors: Colors, told: Set<string>): string {
  const once = (key: string, lines: readonly string[]): readonly string[] => (told.has(key) ? [] : (told.add(key), lines))
  const lines = [
    `  ${PAINT[finding.severity](colors, finding.severity.toUpperCase().padEnd(8))} ${colors.bold(finding.message)}  ${colors.dim(finding.rule)}`,
    ...finding.places.flatMap(({ role, origin }) => [
      `           ${placeText(origin)}  ${colors.dim(role)}`,
      ...(origin.kind === 'file' && origin.line !== '' ? [`             ${origin.line}`] : []),
      ...(origin.kind === 'rule' ? [`             ${origin.text}`] : []),
    ]),
    ...finding.facts.map((fact) => `           ${fact}`),
    ...once(finding.rule, [`           ${colors.dim('why')} ${ruleOf(finding.rule).why}`]),
    ...once(`${finding.rule} ${finding.fix}`, [`           ${colors.dim('fix')} ${finding.fix}`]),
  ]
  return lines.join('\n')
}

function unseen(report: AuditReport, colors: Colors, options: TextOptions): string {
  const gaps = report.gaps.filter((gap) => options.verbose || gap.claim.affects.kind !== 'nothing')
  if (gaps.length === 0) return ''
  return [colors.bold('Not seen'), ...(options.verbose ? gaps.map((gap) => gapText(gap, colors)) : shortened(gaps, colors))].join('\n')
}

/** So many gaps of one file show what is wrong with it. */
const MOST_OF_A_FILE = 3

/** What is not seen is said once, with its first place; of a file that is full of it, the first few. */
function shortened(gaps: AuditReport['gaps'], colors: Colors): readonly string[] {
  const places = new Map<string, number>()
  const files = new Map<string, number>()
  for (const { claim } of gaps) places.set(claim.what, (places.get(claim.what) ?? 0) + 1)
  const told = new Set<string>()
  const lines = gaps.flatMap((gap) => {
    if (told.has(gap.claim.what)) return []
    told.add(gap.claim.what)
    const file = gap.origin.kind === 'file' ? gap.origin.path : undefined
    const before = file === undefined ? 0 : (files.get(file) ?? 0)
    if (file !== undefined) files.set(file, before + 1)
    if (before >= MOST_OF_A_FILE) return []
    const more = (places.get(gap.claim.what) ?? 1) - 1
    return [`${gapText(gap, colors)}${more > 0 ? colors.dim(` and ${more} more ${more === 1 ? 'place' : 'places'}`) : ''}`]
  })
  const left = [...files].flatMap(([file, count]) =>
    count > MOST_OF_A_FILE ? [`  ${count - MOST_OF_A_FILE} more of ${show(file)}${colors.dim(' (--verbose tells them)')}`] : [],
  )
  return [...lines, ...left]
}

function gapText({ claim, origin }: AuditReport['gaps'][number], colors: Colors): string {
  const remedy = claim.remedy === undefined ? '' : colors.dim(` (${claim.remedy})`)
  return `  ${claim.what}${remedy}  ${colors.dim(placeText(origin))}`
}

function score(report: AuditReport, colors: Colors): string {
  const { value, costs, cap } = report.score
  const sum = costs.map(({ rule, cost, findings: count }) => `  -${cost}  ${rule}${count > 1 ? ` (${count})` : ''}`)
  const capped = cap === undefined ? [] : [`  at most ${cap.value}, because a verdict is ${cap.reason}`]
  return [colors.bold(`Score ${value}/100`), ...sum, ...capped].join('\n')
}
