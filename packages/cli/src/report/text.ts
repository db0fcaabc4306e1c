import {
  type AuditReport,
  type Finding,
  predictedEndpoints,
  ruleOf,
  type ServiceRow,
  type Severity,
  throughProxies,
} from '@sallyport/core/audit'
import { show } from '@sallyport/core/evidence'
import pico from 'picocolors'
import type { EndpointReach } from '@sallyport/core/reach'
import { throughText, wholeReachText } from './through.ts'
import { addressedText, alike, senderText, stepLines, verdictText } from './ways.ts'
import {
  counted,
  elsewhereText,
  endpointText,
  IF_LET_THROUGH,
  noFindingsText,
  nothingText,
  placeText,
  predictedText,
  reachText,
  runnerText,
  upstreamsOf,
} from './words.ts'
import { columns, wrap } from './wrap.ts'

export interface TextOptions {
  readonly color: boolean
  readonly verbose: boolean
  /** Whether the files of a folder were read. */
  readonly folder: boolean
}

type Colors = ReturnType<typeof pico.createColors>

/** The report for people: services first, then findings worst first, then what was not seen, then the score. */
export function textReport(report: AuditReport, options: TextOptions): string {
  const colors = pico.createColors(options.color && process.env['NO_COLOR'] === undefined && process.stdout.isTTY === true)
  const parts = [
    header(report, colors),
    services(report, colors, options),
    findings(report, colors, options),
    accepted(report, colors),
    unseen(report, colors, options),
    score(report, colors),
  ]
  return `${parts.filter((part) => part.length > 0).join('\n\n')}\n`
}

function header(report: AuditReport, colors: Colors): string {
  const policy = report.policy === undefined ? 'no policy' : `policy ${show(report.policy.name)}`
  return colors.bold(`sallyport check: ${whereText(report)}, ${policy}`)
}

function whereText({ host }: AuditReport): string {
  if (host === undefined) return 'files only'
  return host.capturedAt === undefined ? `this machine (${host.name})` : `${host.name} as of ${new Date(host.capturedAt).toISOString()}`
}

function services(report: AuditReport, colors: Colors, options: TextOptions): string {
  if (report.rows.length === 0) return nothingText(report, options.folder)
  const unseen = upstreamsOf(
    report.rows.flatMap((row) => [...row.now, ...row.next.flatMap((next) => (next.kind === 'reach' ? next.reach : []))]),
  )
  const condition =
    unseen.length === 0 ? [] : wrap(`${IF_LET_THROUGH}: by ${unseen.join(', or by ')}, which cannot be seen from here`, 2, columns())
  return [
    colors.bold('Services'),
    ...report.rows.flatMap((row) => serviceLines(report, row, colors, options)),
    ...condition.map((line) => colors.dim(line)),
  ].join('\n')
}

function serviceLines(report: AuditReport, row: ServiceRow, colors: Colors, options: TextOptions): readonly string[] {
  const who = runnerText(row)
  const title = `  ${colors.bold(row.name)}${who === undefined || who === `container ${row.name}` ? '' : colors.dim(` (${who})`)}`
  const now = row.now.flatMap((item) => [
    `      ${item.endpoint.protocol} ${endpointText(item.endpoint)}${inside(report, item)}  ${wholeReachText(report, row, item)}`,
    ...(options.verbose ? pathLines(item).map((line) => colors.dim(line)) : []),
  ])
  const next = row.next.map((item) => `      ${colors.yellow('after the next start')}  ${nextText(item)}`)
  return [title, ...(now.length === 0 ? absence(report, row, colors) : now), ...next]
}

/** Every way that differs, and what is kept out. */
function pathLines({ ways, blocked }: EndpointReach): readonly string[] {
  return [...alike(ways), ...alike(blocked)].flatMap(([item]) => [
    `          from ${senderText(item)}, ${addressedText(item)}: ${verdictText(item)}`,
    ...stepLines(item).map((line) => `            ${line}`),
  ])
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
  const endpoints = predictedEndpoints(row)
  const predicted = endpoints.map((item) => `      ${predictedText(item)}  ${colors.dim(placeText(item.cause))}`)
  const elsewhere = elsewhereText(report, row)
  const declared =
    row.declared === undefined
      ? []
      : [`      ${elsewhere === undefined ? '' : `${elsewhere}  `}${colors.dim(`declared at ${placeText(row.declared.origin)}`)}`]
  const asking = row.containers.map(({ claim }) => claim.profiles)
  const profiles = asking.every((names) => names.length > 0) ? [...new Set(asking.flat())].map((name) => show(name)) : []
  const asked = profiles.length === 0 ? [] : [`      ${colors.dim(`started only with profile ${profiles.join(' or ')}`)}`]
  const through = throughProxies(report, row, undefined)
  const also = endpoints.some(({ exposure }) => exposure === 'every-interface' || exposure === 'address') ? 'also ' : ''
  const requests =
    through === undefined ? [] : [`      ${also}${throughText(through)}  ${colors.dim(placeText(through.weakest.front.origin))}`]
  const lines = [...asked, ...(predicted.length > 0 ? predicted : declared), ...requests]
  return report.host === undefined || elsewhere !== undefined ? lines : [`      ${colors.dim('not running')}`, ...lines]
}

function findings(report: AuditReport, colors: Colors, options: TextOptions): string {
  if (report.findings.length === 0) return colors.green(noFindingsText(report))
  const page: Page = {
    colors,
    told: new Set(),
    verbose: options.verbose,
    width: columns(),
    upstreams: upstreamsOf(report.rows.flatMap((row) => row.now)),
  }
  return [colors.bold('Findings'), ...report.findings.map((finding) => findingText(finding, page))].join('\n')
}

/** What the text of all findings has in common. */
interface Page {
  readonly colors: Colors
  /** What has been said already. */
  readonly told: Set<string>
  readonly verbose: boolean
  readonly width: number
  readonly upstreams: readonly string[]
}

const PAINT: Readonly<Record<Severity, (colors: Colors, text: string) => string>> = {
  critical: (colors, text) => colors.bgRed(colors.white(text)),
  high: (colors, text) => colors.red(text),
  medium: (colors, text) => colors.yellow(text),
  low: (colors, text) => colors.cyan(text),
  info: (colors, text) => colors.dim(text),
}

/** Why a rule matters is said with its first finding, and a fix where it differs from the one before. */
function findingText(finding: Finding, { colors, told, verbose, width, upstreams }: Page): string {
  const once = (key: string, lines: readonly string[]): readonly string[] => (told.has(key) ? [] : (told.add(key), lines))
  // What stands before the machine is said under the services.
  const short = (text: string): string =>
    upstreams.reduce((rest, upstream) => rest.replaceAll(`if ${upstream} lets it through`, IF_LET_THROUGH), text)
  const labelled = (label: string, text: string): readonly string[] =>
    wrap(`${label} ${text}`, INDENT, width).map((line, index) => (index === 0 ? line.replace(label, colors.dim(label)) : line))
  const [first = '', ...rest] = wrap(short(finding.message), INDENT, width)
  const places = finding.places.map(({ role, origin }) =>
    [
      `           ${placeText(origin)}  ${colors.dim(role)}`,
      ...(origin.kind === 'file' && origin.line !== '' ? [`             ${origin.line}`] : []),
      ...(origin.kind === 'rule' ? [`             ${origin.text}`] : []),
    ].join('\n'),
  )
  const facts = finding.facts.map((fact) => wrap(short(fact), INDENT, width).join('\n'))
  const title = [first.slice(INDENT), ...rest].map((line) => colors.bold(line))
  title[title.length - 1] += `  ${colors.dim(finding.rule)}`
  return [
    `  ${PAINT[finding.severity](colors, finding.severity.toUpperCase().padEnd(8))} ${title[0]}`,
    ...title.slice(1),
    ...(verbose ? places : few(places, 'place')),
    ...(verbose ? facts : few(facts, 'line')),
    ...once(finding.why ?? finding.rule, labelled('why', finding.why ?? ruleOf(finding.rule).why)),
    ...once(`${finding.rule} ${finding.fix}`, labelled('fix', finding.fix)),
  ].join('\n')
}

/** Under the severity. */
const INDENT = 11

/** So many lines of a list are still read. */
const MOST_OF_A_LIST = 8

function few(lines: readonly string[], what: string): readonly string[] {
  if (lines.length <= MOST_OF_A_LIST + 1) return lines
  return [
    ...lines.slice(0, MOST_OF_A_LIST),
    `           and ${counted(lines.length - MOST_OF_A_LIST, `more ${what}`)} (--verbose tells them)`,
  ]
}

/** What the policy accepts is still listed, with who decided it and why. */
function accepted(report: AuditReport, colors: Colors): string {
  if (report.accepted.length === 0) return ''
  const width = columns()
  const lines = report.accepted.flatMap(({ finding, by }) => {
    const [place] = finding.places
    const who = [...(by.by === undefined ? [] : [`by ${show(by.by)}`]), ...(by.until === undefined ? [] : [`until ${by.until.value}`])]
    const title = wrap(`${finding.message}  ${finding.rule}`, INDENT, width).map((line) => line.slice(INDENT))
    return [
      `  ${colors.dim(finding.severity.toUpperCase().padEnd(8))} ${title.join(`\n${' '.repeat(INDENT)}`)}`,
      ...(place === undefined ? [] : [`           ${placeText(place.origin)}  ${colors.dim(place.role)}`]),
      ...wrap(`accepted ${[...who, `at ${placeText(by.origin)}`].join(', ')}: ${show(by.reason)}`, INDENT, width),
    ]
  })
  return [colors.bold('Accepted'), ...lines].join('\n')
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
  const alike = groups(gaps, ({ claim }) => claim.what)
  const files = groups(
    [...alike.values()].flatMap(([first]) => first ?? []),
    ({ origin }) => (origin.kind === 'file' ? origin.path : undefined),
  )
  const told = new Set([...files].flatMap(([file, list]) => (file === undefined ? list : list.slice(0, MOST_OF_A_FILE))))
  const lines = [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined || !told.has(first)) return []
    return [`${gapText(first, colors)}${others.length > 0 ? colors.dim(` and ${counted(others.length, 'more place')}`) : ''}`]
  })
  const left = [...files].flatMap(([file, { length }]) =>
    file !== undefined && length > MOST_OF_A_FILE
      ? [`  ${length - MOST_OF_A_FILE} more of ${show(file)}${colors.dim(' (--verbose tells them)')}`]
      : [],
  )
  return [...lines, ...left]
}

function groups<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const found = new Map<K, T[]>()
  for (const item of items) {
    const group = found.get(keyOf(item))
    if (group === undefined) found.set(keyOf(item), [item])
    else group.push(item)
  }
  return found
}

function gapText({ claim, origin }: AuditReport['gaps'][number], colors: Colors): string {
  const remedy = claim.remedy === undefined ? '' : colors.dim(` (${claim.remedy})`)
  return `  ${claim.what}${remedy}  ${colors.dim(placeText(origin))}`
}

const CAP_WORDS: Readonly<Record<NonNullable<AuditReport['score']['cap']>['reason'], string>> = {
  critical: 'a finding is critical',
  high: 'a finding is high',
  undecided: 'a verdict that matters is undecided',
  undeclared: 'no policy says what is meant to be reached',
}

function score(report: AuditReport, colors: Colors): string {
  const { value, costs, cap } = report.score
  const sum = costs.map(({ rule, cost, findings: count }) => `  -${cost}  ${rule}${count > 1 ? ` (${count})` : ''}`)
  const capped = cap === undefined ? [] : [`  at most ${cap.value}, because ${CAP_WORDS[cap.reason]}`]
  const unseen =
    report.elsewhere.size === 0
      ? []
      : [
          `  of what was looked at: ${counted(report.elsewhere.size, 'service')} ${report.elsewhere.size === 1 ? 'runs' : 'run'} on other hosts`,
        ]
  return [colors.bold(`Score ${value}/100`), ...sum, ...capped, ...unseen].join('\n')
}
