import { pathToFileURL } from 'node:url'
import { type AuditReport, CATALOGUE, type Finding, type Severity } from '@sallyport/core/audit'
import type { FileOrigin, Origin } from '@sallyport/core/evidence'
import type { ArtifactLocation, Log, PhysicalLocation, ReportingConfiguration, Result, Run } from 'sarif'
import { VERSION } from '../version.ts'
import { placeText } from './words.ts'

/** SARIF 2.1.0 §3.27.10: `error`, `warning`, `note`. */
const LEVELS: Readonly<Record<Severity, NonNullable<ReportingConfiguration['level']>>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}
/** What code scanning orders by (0.0 to 10.0, as text). */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '0.0' }

/** A static analysis log (OASIS SARIF 2.1.0), one run a host. `folder`: the absolute path of what was looked at. */
export function sarifReport(reports: readonly AuditReport[], folder: string): string {
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: reports.map((report) => ({ ...runOf(report, folder), ...(reports.length > 1 ? automation(report) : {}) })),
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Viewers replace one run by the next of the same id (§3.17.3). */
function automation({ host }: AuditReport): Pick<Run, 'automationDetails'> {
  return host === undefined ? {} : { automationDetails: { id: `sallyport/${host.name}` } }
}

function runOf(report: AuditReport, folder: string): Run {
  const anchor = anchorOf(report)
  return {
    tool: {
      driver: {
        name: 'sallyport',
        version: VERSION,
        semanticVersion: VERSION,
        rules: CATALOGUE.map((rule) => ({
          id: rule.id,
          shortDescription: { text: rule.title },
          fullDescription: { text: rule.why },
          help: { text: rule.fix },
          defaultConfiguration: { level: LEVELS[rule.severity] },
          properties: { 'security-severity': SECURITY_SEVERITY[rule.severity], tags: ['security'] },
        })),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [BASE]: { uri: `${pathToFileURL(folder).href}/`, description: { text: 'the folder that was looked at' } } },
    results: [
      ...report.findings.map((finding) => result(finding, anchor)),
      ...report.accepted.map(({ finding, by }) => ({
        ...result(finding, anchor),
        suppressions: [{ kind: 'external' as const, status: 'accepted' as const, justification: by.reason }],
      })),
    ],
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: report.gaps.map((gap) => ({
          level: gap.claim.affects.kind === 'nothing' ? 'note' : 'warning',
          message: { text: `Not seen: ${gap.claim.what}` },
        })),
      },
    ],
  }
}

/** Names the folder that relative paths are of (§3.14.14). */
const BASE = 'SRCROOT'

/**
 * Where a finding of the machine alone is shown: viewers drop a result without a physical location. The policy, since it says what should be;
 * else the first file of the folder that anything was seen in; else where a policy would be.
 */
function anchorOf(report: AuditReport): PhysicalLocation {
  const [declared] = report.policy?.files ?? []
  const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 }
  if (declared !== undefined) return { artifactLocation: artifact(declared), region }
  const files = [...report.findings, ...report.accepted.map(({ finding }) => finding)].flatMap(({ places }) =>
    places.flatMap(({ origin }) => fileOf(origin)),
  )
  const starts = report.rows.flatMap((row) => [...row.launches.map(({ origin }) => origin), ...row.planned.map(({ cause }) => cause)])
  const [nearest] = [...files, ...starts.flatMap(fileOf)]
    .map(({ path }) => path)
    .filter((path) => !path.startsWith('/'))
    .toSorted()
  return { artifactLocation: artifact(nearest ?? 'sallyport.yaml'), region }
}

function result(finding: Finding, anchor: PhysicalLocation): Result {
  const files = finding.places.flatMap(({ role, origin }) => fileOf(origin).map((file) => ({ role, file })))
  const [first, ...others] = files
  const elsewhere = finding.places
    .filter(({ origin }) => fileOf(origin).length === 0)
    .map(({ role, origin }) => ({ role, text: placeText(origin) }))
  return {
    ruleId: finding.rule,
    ruleIndex: CATALOGUE.findIndex((rule) => rule.id === finding.rule),
    level: LEVELS[finding.severity],
    message: { text: `${finding.message}. Fix: ${finding.fix}.` },
    locations:
      first === undefined
        ? [
            {
              physicalLocation: anchor,
              logicalLocations: [{ name: finding.service ?? 'machine', fullyQualifiedName: elsewhere[0]?.text ?? 'machine' }],
            },
          ]
        : [physical(first.file)],
    relatedLocations: others.map(({ role, file }, index) => ({ id: index + 1, message: { text: role }, ...physical(file) })),
    partialFingerprints: { 'sallyport/v1': finding.fingerprint },
    properties: { severity: finding.severity, facts: finding.facts, places: elsewhere },
  }
}

function fileOf(origin: Origin): readonly FileOrigin[] {
  if (origin.kind === 'file') return [origin]
  return origin.kind === 'rule' && origin.file !== undefined ? [origin.file] : []
}

function artifact(path: string): ArtifactLocation {
  const uri = encodeURI(path).replace(/[?#]/g, encodeURIComponent)
  return path.startsWith('/') ? { uri } : { uri, uriBaseId: BASE }
}

function physical(origin: FileOrigin): { readonly physicalLocation: PhysicalLocation } {
  const { start, end } = origin.span
  return {
    physicalLocation: {
      artifactLocation: artifact(origin.path),
      region: {
        startLine: start.line,
        startColumn: start.column,
        endLine: end.line,
        endColumn: Math.max(end.column, end.line === start.line ? start.column + 1 : 1),
      },
    },
  }
}
